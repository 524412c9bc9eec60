"""Phrases that several texts are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.rewards.domain.merit import Kind
from services.rewards.domain.rules import POINTS
from shared.decision import Phrase


def listed(phrases: Sequence[Phrase]) -> Phrase:
    """Return the phrases one behind the other, with commas; there is at least one."""
    first, *rest = phrases
    return Phrase("list.more", {"first": first, "rest": listed(rest)}) if rest else first


def kinds(of: Iterable[Kind]) -> Phrase:
    """Return what points are made of; there is at least one kind."""
    return listed([_kind(each) for each in of])


def _kind(kind: Kind) -> Phrase:
    name = kind.action if kind.action in POINTS else "other"
    return Phrase(f"kind.{name}", {"n": kind.count, "points": kind.points})


class Mentions:
    """Members whom a text names, each numbered when it is named first."""

    def __init__(self) -> None:
        self.members: list[str] = []

    def who(self, member_id: str) -> Phrase:
        """Return what names a member in the text."""
        if member_id not in self.members:
            self.members.append(member_id)
        return Phrase(f"who.{self.members.index(member_id) + 1}")
