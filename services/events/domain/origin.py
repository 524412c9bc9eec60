"""From what a session has come: so its effect can be shown where it began."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.webinars import OriginKind


@dataclass(frozen=True, slots=True)
class Origin:
    """Something that members want or speak of, of which an admin has made a session."""

    kind: OriginKind
    origin_id: str
    """By which its own service knows it."""
    title: str | None = None
