"""The ids that requests carry."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from fastapi import Depends, Path

from shared.http.app import requires
from shared.http.keys import Actor

READ: Final = "feedback:read"
WRITE: Final = "feedback:write"

SCOPE: Final = r"(community:[A-Za-z0-9_-]{1,64}|chat:c_[0-9a-f]{20})"
SUGGESTION: Final = rf"^{SCOPE}#S[0-9]{{1,9}}$"
SURVEY: Final = rf"^{SCOPE}#P[0-9]{{1,9}}$"

SuggestionPath: TypeAlias = Annotated[
    str,
    Path(
        pattern=SUGGESTION,
        examples=["community:seo-batch-7#S34"],
        description="A suggestion: its scope, `#S` (in a path `%23S`) and its number.",
    ),
]
Writer: TypeAlias = Annotated[Actor, Depends(requires(WRITE))]
