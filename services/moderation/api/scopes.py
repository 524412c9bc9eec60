"""How clients name whose policy they mean."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from fastapi import Path, Query
from pydantic import StringConstraints

SCOPE: Final = r"^(c_[0-9a-f]{20}|community:[a-z0-9][a-z0-9_-]{0,63})$"

ScopeName: TypeAlias = Annotated[str, StringConstraints(pattern=SCOPE)]
ScopePath: TypeAlias = Annotated[
    str,
    Path(
        pattern=SCOPE,
        description="A chat, from GET /gateway/v1/chats, or `community:` and its name.",
        examples=["community:seo-batch-7"],
    ),
]
ScopeQuery: TypeAlias = Annotated[
    str, Query(pattern=SCOPE, description="A chat, or `community:` and the name of one.")
]


def inner(name: str) -> str:
    """Return the scope that a client means."""
    return name if name.startswith("community:") else f"chat:{name}"


def outer(scope: str) -> str:
    """Return how clients name a scope."""
    return scope.removeprefix("chat:")
