"""The questions that are put to a session, and who wants which of them answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

MOST: Final = 200
"""Questions of one session: nobody reads more, and a decision loads them all."""

OPEN_EACH: Final = 5
"""Questions of one member that wait for an answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question."""

    number: int
    """By which members name it, within its session."""
    member_id: str
    """Who asks; for their own news, and shown to nobody."""
    text: str
    at: dt.datetime
    votes: frozenset[str] = frozenset()
    """Who wants it answered, beside its author."""
    answered_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """The questions of one webinar."""

    webinar_id: str
    questions: tuple[Question, ...] = ()

    def of(self, number: int) -> Question | None:
        """Return the question of that number, None where there is none."""
        return next((each for each in self.questions if each.number == number), None)

    @property
    def wanted(self) -> tuple[Question, ...]:
        """What waits for an answer, the most wanted first, and of equal ones the first asked."""
        waiting = (each for each in self.questions if each.answered_at is None)
        return tuple(sorted(waiting, key=lambda each: (-len(each.votes), each.number)))

    def open_of(self, member_ids: frozenset[str]) -> int:
        """Return how many questions of a member wait for an answer."""
        return sum(each.member_id in member_ids for each in self.wanted)

    def like(self, text: str) -> Question | None:
        """Return the question that waits and says the same, None where there is none."""
        folded = _folded(text)
        return next((each for each in self.wanted if _folded(each.text) == folded), None)

    def asked(self, member_id: str, text: str, at: dt.datetime) -> tuple[Board, Question]:
        """Return the board with a new question on it."""
        question = Question(len(self.questions) + 1, member_id, text, at)
        return replace(self, questions=(*self.questions, question)), question

    def with_question(self, question: Question) -> Board:
        """Return the board with that question in place of the one of its number."""
        questions = (question if each.number == question.number else each for each in self.questions)
        return replace(self, questions=tuple(questions))


def _folded(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())
