"""Scopes by name: within what strikes, cases, experts and versions of rules count."""

from __future__ import annotations

_COMMUNITY = "community:"
_CHAT = "chat:"


def community_of(scope: str) -> str | None:
    """Return the community whose scope it is, None for the scope of a single chat."""
    return scope.removeprefix(_COMMUNITY) if scope.startswith(_COMMUNITY) else None


def chat_of(scope: str) -> str | None:
    """Return the chat whose scope it is, None for the scope of a community."""
    return scope.removeprefix(_CHAT) if scope.startswith(_CHAT) else None


def version_key(scope: str, version: int) -> str:
    """Return under which key a version of a scope's policy is kept."""
    return f"{scope}|{version}"
