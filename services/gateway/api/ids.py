"""Ids as parts of a path: anything else than an id is refused before anybody looks for it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Path

ChatPath: TypeAlias = Annotated[
    str, Path(pattern="^c_[0-9a-f]{20}$", examples=["c_4f1d0c9be2a7d3581f06"], description="A chat.")
]
MemberPath: TypeAlias = Annotated[
    str, Path(pattern="^m_[0-9a-f]{20}$", examples=["m_9a3c51e07bd24f6812aa"], description="A member.")
]
