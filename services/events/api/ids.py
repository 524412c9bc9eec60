"""The ids that requests carry."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from fastapi import Path
from pydantic import StringConstraints

SCOPE: Final = r"(community:[A-Za-z0-9_-]{1,64}|chat:c_[0-9a-f]{20})"
WEBINAR: Final = rf"^{SCOPE}#[0-9]{{1,9}}$"

ChatName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^c_[0-9a-f]{20}$")]
MemberName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^m_[0-9a-f]{20}$")]
ScopePath: TypeAlias = Annotated[
    str, Path(pattern=f"^{SCOPE}$", examples=["community:seo-batch-7"], description="Whose sessions.")
]
MemberPath: TypeAlias = Annotated[str, Path(pattern=r"^m_[0-9a-f]{20}$", description="A member.")]
WebinarPath: TypeAlias = Annotated[
    str,
    Path(
        pattern=WEBINAR,
        examples=["community:seo-batch-7#12"],
        description="A session: its scope, `#` (in a path `%23`) and its number.",
    ),
]
