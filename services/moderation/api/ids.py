"""The ids of cases that requests carry."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Path as PathParameter
from pydantic import StringConstraints

CASE_PATTERN = r"^(community:[A-Za-z0-9_-]{1,64}|chat:c_[0-9a-f]{20})#[0-9]{1,9}$"

CaseId: TypeAlias = Annotated[str, StringConstraints(pattern=CASE_PATTERN)]
CasePath: TypeAlias = Annotated[
    str,
    PathParameter(
        pattern=CASE_PATTERN,
        examples=["community:seo-batch-7#1043"],
        description="A case: its scope, `#` (in a path `%23`) and its number.",
    ),
]
