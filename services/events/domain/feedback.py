"""How those who were at a session found it: numbers, and of whom they are only that there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from shared.decision import Phrase

ENOUGH: Final = 10
"""Ratings from which an average says something of a session, and nothing of one person."""

HIGHEST: Final = 5


@dataclass(frozen=True, slots=True)
class Rating:
    """What many said, from 1 to 5."""

    total: int = 0
    count: int = 0
    asked: int = 0
    """How many could have said something."""

    @property
    def average(self) -> float | None:
        """The mean; None for as long as too few have said something."""
        return self.total / self.count if self.count >= ENOUGH else None

    @property
    def share(self) -> int:
        """How many of those who were asked have answered, in per cent."""
        return round(100 * self.count / self.asked) if self.asked else 0

    def rated(self, rating: int) -> Rating:
        """Return the rating with one more."""
        return replace(self, total=self.total + rating, count=self.count + 1)

    def of_more(self, people: int) -> Rating:
        """Return the rating with that many more who can say something."""
        return replace(self, asked=self.asked + people)

    def after(self, before: Rating, now: Rating) -> Rating:
        """Return the rating after one that is a part of it has changed."""
        return Rating(
            self.total + now.total - before.total,
            self.count + now.count - before.count,
            self.asked + now.asked - before.asked,
        )

    @property
    def phrase(self) -> Phrase:
        """The rating in words: how many have said something, and what, once they are enough."""
        average = self.average
        if average is None:
            return Phrase("rating.few", {"n": self.count})
        return Phrase("rating.shown", {"average": f"{average:.1f}", "n": self.count, "share": self.share})


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was said of one webinar."""

    webinar_id: str
    rating: Rating = Rating()
    asked: frozenset[str] = frozenset()
    """Members who were asked, or have said something unasked."""
    rated: frozenset[str] = frozenset()
    """Members who have said something; what each of them said is not kept."""
