"""Keeps what is to be reviewed, and what was decided: in the chat, and by REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.feedback.domain.replying import answer
from services.feedback.domain.reviews.item import (
    AGAIN_AFTER,
    LONGEST_NOTE,
    MOST,
    Choice,
    Item,
    Kind,
    Reviewed,
    item_id,
)
from services.feedback.domain.reviews.ranking import due
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.counting import day_in
from services.feedback.domain.suggestions.finding import number_in
from shared.clock import as_stored
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.webinars import SessionRated, WebinarEnded
from shared.decision import Decision, Phrase
from shared.errors import Conflict

SHOWN: Final = 5
SESSION_AFTER: Final = dt.timedelta(days=30)
"""When a session is looked at: once those who were there have rated it, and it may be held again."""
_BEST_RATING: Final = 5
_CHOICES: Final[Mapping[Choice, tuple[str, ...]]] = {
    Choice.KEEP: ("रखें", "रखो", "rakhein", "rakhen", "rakho", "keep"),
    Choice.CHANGE: ("बदलें", "बदलो", "badlein", "badlen", "badlo", "change"),
    Choice.RETIRE: ("हटाएँ", "हटाएं", "हटाओ", "hatayein", "hatayen", "hatao", "retire", "remove"),
}
CHOICES: Final = {word: choice for choice, words in _CHOICES.items() for word in words}
"""By what an admin writes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be reviewed."""

    kind: Kind
    ref: str
    title: str
    due_on: dt.date
    usefulness: float | None = None
    """From 0 to 1, by what its own service knows."""
    ratings: int = 1
    """How many have said so."""


def decide_review(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Show an admin what is due, or take what they have decided of it."""
    if not scene.admin:
        return answer(scene, event, Phrase("ask.admins_only"), "review_refused")
    today = day_in(now, scene.zone)
    if not command.words:
        return _list(scene, event, today)
    number, choice = (
        number_in(command.words[0].lstrip("rR")),
        CHOICES.get(" ".join(command.words[1:2]).casefold()),
    )
    found = next((each for each in items_of(scene) if each.number == number and not each.retired), None)
    if found is None or choice is None:
        return answer(scene, event, Phrase("review.how"), "review_refused")
    note = " ".join(command.words[2:])[:LONGEST_NOTE] or None
    after = review(found, choice, scene.member.now, now, today, note=note)
    said = Phrase(
        "review.noted", {"number": found.number, "title": found.title, "choice": Phrase(f"review.{choice}")}
    )
    return answer(with_item(scene, after), event, said, "item_reviewed")


def review(
    item: Item,
    choice: Choice,
    by: str,
    now: dt.datetime,
    today: dt.date,
    *,
    note: str | None = None,
    next_due: dt.date | None = None,
) -> Item:
    """Return the item after somebody has decided what becomes of it."""
    return item.reviewed(Reviewed(choice, by, as_stored(now), note), next_due or today + AGAIN_AFTER)


def put(scene: Scene, wish: Wish) -> Decision[Scene]:
    """Put something on the list, or say of it what is known by now; what was decided of it stays.

    Raises:
        Conflict: there are too many.
    """
    key = item_id(scene.scope, wish.kind, wish.ref)
    known = scene.reviews.get(key)
    if known is None:
        scene, known = _new(scene, key, wish.kind, wish.title, wish.due_on)
    useful = (wish.ratings, wish.usefulness * wish.ratings) if wish.usefulness is not None else (0, 0.0)
    ratings, total = useful if wish.usefulness is not None else (known.ratings, known.total)
    item = replace(
        known, title=wish.title, due_on=wish.due_on.isoformat(), ratings=ratings, total=total, retired=False
    )
    return Decision(with_item(scene, item), note="review_planned")


def with_session(scene: Scene, event: Envelope[WebinarEnded]) -> Scene:
    """Return the scene in which a session that is over is to be reviewed, unless there is too much."""
    session = event.data
    key = item_id(scene.scope, Kind.SESSION, session.webinar_id)
    if scene.reviews.get(key) is not None or len(scene.community.reviews) >= MOST:
        return scene
    day = day_in(session.ended_at, scene.zone) + SESSION_AFTER
    scene, item = _new(scene, key, Kind.SESSION, session.title, day)
    return with_item(scene, item)


def with_rating(scene: Scene, event: Envelope[SessionRated]) -> Scene:
    """Return the scene in which somebody has said how useful a session was."""
    item = scene.reviews.get(item_id(scene.scope, Kind.SESSION, event.data.webinar_id))
    if item is None:
        return scene
    return with_item(scene, item.rated((event.data.rating - 1) / (_BEST_RATING - 1)))


def items_of(scene: Scene) -> list[Item]:
    """Return what the community reviews."""
    return [each for each in scene.reviews.values() if each is not None and each.scope == scene.scope]


def with_item(scene: Scene, item: Item) -> Scene:
    """Return the scene with that item; the community has those that are not retired."""
    waiting = scene.community.reviews - {item.item_id} | (frozenset() if item.retired else {item.item_id})
    community = scene.community
    if waiting != community.reviews:
        community = replace(community, reviews=waiting)
    return replace(scene, community=community, reviews={**scene.reviews, item.item_id: item})


def _new(scene: Scene, key: str, kind: Kind, title: str, due_on: dt.date) -> tuple[Scene, Item]:
    if len(scene.community.reviews) >= MOST:
        raise Conflict("There is too much to review.")
    number = scene.community.next_review
    community = replace(scene.community, next_review=number + 1)
    item = Item(key, scene.scope, number, kind, title, due_on.isoformat())
    return replace(scene, community=community), item


def _list(scene: Scene, event: Envelope[MessageReceived], today: dt.date) -> Decision[Scene]:
    found = due(items_of(scene), today)
    if not found:
        return answer(scene, event, Phrase("review.none"), "reviews_shown")
    lines = tuple(
        Phrase("review.line", {"number": each.number, "title": each.title, "useful": _useful(each)})
        for each in found[:SHOWN]
    )
    return answer(scene, event, Phrase("review.list", {"lines": lines}), "reviews_shown")


def _useful(item: Item) -> Phrase:
    if item.usefulness is None:
        return Phrase("review.unrated")
    return Phrase("review.useful", {"percent": round(100 * item.usefulness), "n": item.ratings})
