"""A survey: one question to some members, and what they have answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

LONGEST_QUESTION: Final = 300
LONGEST_OPTION: Final = 60
LONGEST_TEXT: Final = 500
MOST_OPTIONS: Final = 10
MOST_ASKED: Final = 500
"""Members that one survey is sent to: all at once, and enough for an interval of a few points."""
MOST_TEXTS: Final = 500


class Kind(StrEnum):
    """What is asked."""

    NPS = "nps"
    """How likely one is to recommend it, from 0 to 10."""
    CSAT = "csat"
    """How satisfied one is, from 1 to 5."""
    CHOICE = "choice"
    """One of some answers."""
    CHOICES = "choices"
    """Some of them."""
    TEXT = "text"
    """In one's own words."""


SCALES: Final[Mapping[Kind, tuple[int, int]]] = {Kind.NPS: (0, 10), Kind.CSAT: (1, 5)}


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey."""

    survey_id: str
    scope: str
    number: int
    """By which it is named: P3."""
    chat_id: str
    """The group whose members are asked, and which hears what came of it."""
    kind: Kind
    question: str
    anonymous: bool
    opened_by: str
    opened_at: dt.datetime
    closes_at: dt.datetime
    options: tuple[str, ...] = ()
    language: str | None = None
    invited: frozenset[str] = frozenset()
    """Members it was sent to, by the ids under which they stood."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many it did not reach, by why: codes of the gateway."""
    reminded: bool = False
    closed_at: dt.datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it takes answers."""
        return self.closed_at is None

    def without(self, reason: str) -> Survey:
        """Return the survey that did not reach one more member."""
        return replace(self, skipped={**self.skipped, reason: self.skipped.get(reason, 0) + 1})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person has said."""

    values: tuple[int, ...] = ()
    """On a scale, or which of the options, from 1."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody has said who may be known."""

    person: str
    """Who stands behind the id today."""
    at: dt.datetime
    message_id: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Responses:
    """All answers to one survey.

    Anonymous ones are only counted, and texts kept in the order of their letters: neither says who, or when.
    """

    survey_id: str
    respondents: int = 0
    """How many have answered anonymously."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How often each value was given, anonymously."""
    texts: tuple[str, ...] = ()
    """What was written, anonymously."""
    named: Mapping[str, Named] = field(default_factory=dict)
    """By the id that was told."""

    def anonymously(self, answer: Answer) -> Responses:
        """Return the responses with one more that nobody is behind."""
        counts = dict(self.counts)
        for value in answer.values:
            counts[str(value)] = counts.get(str(value), 0) + 1
        texts = self.texts
        if answer.text and len(texts) < MOST_TEXTS:
            texts = tuple(sorted((*texts, answer.text)))
        return replace(self, respondents=self.respondents + 1, counts=counts, texts=texts)

    def by(self, member_id: str, named: Named) -> Responses:
        """Return the responses with what a member has said, unless they have said something else since."""
        known = self.named.get(member_id)
        if known is not None and (known.at, known.message_id) > (named.at, named.message_id):
            return self
        return replace(self, named={**self.named, member_id: named})

    def standing_for(self, person: str, ids: Collection[str]) -> Responses:
        """Return the responses among which those under `ids` are that person's."""
        named = {
            name: replace(each, person=person) if name in ids else each for name, each in self.named.items()
        }
        return self if named == self.named else replace(self, named=named)

    @property
    def total(self) -> tuple[int, dict[int, int], tuple[str, ...]]:
        """How many answered, how often each value, and what was written; of one person the latest counts."""
        latest: dict[str, Named] = {}
        for each in self.named.values():
            if each.person not in latest or (latest[each.person].at, latest[each.person].message_id) < (
                each.at,
                each.message_id,
            ):
                latest[each.person] = each
        counts = {int(value): count for value, count in self.counts.items()}
        texts = list(self.texts)
        for each in latest.values():
            for value in each.answer.values:
                counts[value] = counts.get(value, 0) + 1
            if each.answer.text:
                texts.append(each.answer.text)
        return self.respondents + len(latest), counts, tuple(sorted(texts))


@dataclass(frozen=True, slots=True)
class Receipts:
    """Which links to one survey were used: that somebody has answered, and nothing of what."""

    survey_id: str
    used: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation that was sent, by the id of its command."""

    survey_id: str


def survey_id(scope: str, number: int) -> str:
    """Return the id of the survey that a scope calls P`number`."""
    return f"{scope}#P{number}"
