"""The ids that requests carry."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from fastapi import Depends, Path, Query
from pydantic import StringConstraints

from shared.http.app import requires
from shared.http.keys import Actor

READ: Final = "rewards:read"
WRITE: Final = "rewards:write"

SCOPE: Final = r"^(community:[A-Za-z0-9_-]{1,64}|chat:c_[0-9a-f]{20})$"
MEMBER: Final = r"^m_[0-9a-f]{20}$"
PERIOD: Final = r"^(all|newcomers|[0-9]{4}-(W[0-9]{2}|Q[1-4]|[0-9]{2}))$"

MemberName: TypeAlias = Annotated[str, StringConstraints(pattern=MEMBER)]
ScopeName: TypeAlias = Annotated[str, StringConstraints(pattern=SCOPE)]
ScopePath: TypeAlias = Annotated[
    str, Path(pattern=SCOPE, examples=["community:seo-batch-7"], description="Within what points count.")
]
ScopeQuery: TypeAlias = Annotated[
    str, Query(pattern=SCOPE, examples=["community:seo-batch-7"], description="Within what points count.")
]
MemberPath: TypeAlias = Annotated[str, Path(pattern=MEMBER, description="A member.")]
PeriodPath: TypeAlias = Annotated[
    str,
    Path(
        pattern=PERIOD,
        examples=["2026-W47", "2026-11", "2026-Q4", "all", "newcomers"],
        description="A week, a month, a season, all time, or those who have come lately.",
    ),
]
Writer: TypeAlias = Annotated[Actor, Depends(requires(WRITE))]
