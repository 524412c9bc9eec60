"""Versions of what can be replaced, as ETags: who has read one version does not undo another by mistake."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Header

from shared.errors import Invalid

MAX_DIGITS = 10
"""Of a version: far above any, and far below what Python refuses to read as a number."""

IfMatch: TypeAlias = Annotated[
    str | None,
    Header(description="The ETag of the version this replaces; refused, 412, if another came between."),
]


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def version_in(if_match: str | None) -> int | None:
    """Return the version that a client has read, None where it does not say.

    Raises:
        Invalid: it names no version.
    """
    if if_match is None:
        return None
    version = if_match.strip().removeprefix("W/").strip('"')
    if not version.isascii() or not version.isdigit() or len(version) > MAX_DIGITS:
        raise Invalid('If-Match takes the ETag of a version, such as "3".')
    return int(version)
