"""What a group hears of a contest: each piece of news once, and in several messages where it is long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from services.rewards.domain.contests.contest import Contest
from services.rewards.domain.post import Post
from services.rewards.domain.scene import Scene
from shared.contracts.gateway import SendClass
from shared.decision import Moment, Parameter, Phrase, Say
from shared.ids import deterministic_id

HEARD_FOR: Final = dt.timedelta(days=2)
"""A channel that is down for so long keeps the news from nobody."""
MOST_LINES: Final = 20
"""Of one message; a text names no more members than it has numbers for."""
MOST_LETTERS: Final = 3000
"""Of what is filled into one message."""


def news(contest: Contest, phrase: Phrase, what: str, *, page: int = 0, mentions: Sequence[str] = ()) -> Say:
    """Return a piece of news, under an id by which answers to it are known."""
    return Say(
        contest.chat_id,
        phrase,
        contest.language,
        send_class=SendClass.REMINDER,
        valid_for=HEARD_FOR,
        mentions=tuple(mentions),
        event_id=deterministic_id("contest", contest.contest_id, what, str(page)),
    )


def answerable(scene: Scene, contest: Contest, said: Sequence[Say]) -> Scene:
    """Return the scene in which answers to these messages are answers to the contest."""
    for each in said:
        if each.event_id is not None:
            scene = scene.with_post(Post(each.event_id, announces=contest.contest_id))
    return scene


def pages(texts: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Return which of these lines go into which message, by their indices."""
    found: list[list[int]] = [[]]
    letters = 0
    for index, text in enumerate(texts):
        if found[-1] and (len(found[-1]) >= MOST_LINES or letters + len(text) > MOST_LETTERS):
            found.append([])
            letters = 0
        found[-1].append(index)
        letters += len(text)
    return tuple(map(tuple, found))


def of(contest: Contest, **more: Parameter) -> dict[str, Parameter]:
    """Return what texts about a contest are filled with."""
    return {
        "number": contest.number,
        "title": contest.title,
        "submissions": Moment(contest.submissions_until, contest.zone),
        "votes": Moment(contest.votes_until, contest.zone),
        **more,
    }
