"""What members say of one suggestion: that they are for it, and that they want to hear what becomes of it.

Every word is kept by the id under which it was said, with the person who stands behind that id. Of one
person's words the latest counts, so a vote is one vote in whatever order, however often and under however
many ids it is heard of, and who turns out to be two persons after all has said what each of them has said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

MOST: Final = 5000
"""Voices on one suggestion: as many members as the largest communities of WhatsApp have."""
MOST_FOLLOWERS: Final = 500
"""Who may ask for news of one suggestion: all of them are told at once."""


@dataclass(frozen=True, slots=True)
class Word:
    """A yes or a no."""

    at: dt.datetime
    message_id: str
    """Of the message that says so; empty where it follows from a merger."""
    yes: bool

    @property
    def order(self) -> tuple[dt.datetime, str]:
        """By what the later of two words is known, in whatever order they are heard of."""
        return self.at, self.message_id


@dataclass(frozen=True, slots=True)
class Voice:
    """What was said under one id."""

    person: str
    """Who stands behind that id today."""
    support: Word | None = None
    news: Word | None = None


@dataclass(frozen=True, slots=True)
class Voices:
    """All that members say of one suggestion."""

    suggestion_id: str
    voices: Mapping[str, Voice] = field(default_factory=dict)
    """By the id that was told."""

    @property
    def supporters(self) -> frozenset[str]:
        """The people who are for it."""
        return _saying_yes((each.person, each.support) for each in self.voices.values())

    @property
    def followers(self) -> frozenset[str]:
        """The people who want to hear what becomes of it."""
        return _saying_yes((each.person, each.news) for each in self.voices.values())

    def person_of(self, member_id: str) -> str:
        """Return who stands behind an id today, as far as is known here."""
        voice = self.voices.get(member_id)
        return voice.person if voice is not None else member_id

    def heard(
        self, member_id: str, person: str, *, support: Word | None = None, news: Word | None = None
    ) -> Voices:
        """Return the voices after a member has said something, unless they have said something else since."""
        known = self.voices.get(member_id) or Voice(person)
        voice = Voice(person, _later(known.support, support), _later(known.news, news))
        return replace(self, voices={**self.voices, member_id: voice})

    def standing_for(self, person: str, ids: Collection[str]) -> Voices:
        """Return the voices among which those under `ids` are that person's."""
        voices = {
            name: replace(each, person=person) if name in ids else each for name, each in self.voices.items()
        }
        return self if voices == self.voices else replace(self, voices=voices)

    def joined_by(self, others: Voices, at: dt.datetime) -> Voices:
        """Return the voices among which everybody is for this who was for either suggestion."""
        joined, yes = self, Word(at, "", yes=True)
        supporters, followers = others.supporters - self.supporters, others.followers - self.followers
        for person in sorted(supporters | followers):
            # Under an id of theirs, so that it stays with whoever that id is.
            name = min(name for name, each in others.voices.items() if each.person == person)
            joined = joined.heard(
                name,
                person,
                support=yes if person in supporters else None,
                news=yes if person in followers else None,
            )
        return joined


def _later(known: Word | None, new: Word | None) -> Word | None:
    if known is None or new is None:
        return known or new
    return max(known, new, key=lambda each: each.order)


def _saying_yes(words: Iterable[tuple[str, Word | None]]) -> frozenset[str]:
    latest: dict[str, Word] = {}
    for person, word in words:
        if word is not None and (person not in latest or latest[person].order < word.order):
            latest[person] = word
    return frozenset(person for person, word in latest.items() if word.yes)
