"""News to everybody who has, is offered or waits for a seat: each once, and in steps where they are many."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.events.domain.facts import emit, of_webinar
from services.events.domain.replying import of
from services.events.domain.roll import Roll, Seat
from services.events.domain.scene import Scene
from services.events.domain.webinar import Webinar
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import SendClass
from shared.contracts.webinars import News, NewsDue
from shared.decision import Decision, Emit, Phrase, Say
from shared.ids import deterministic_id

AT_ONCE: Final = 250
"""People who are told something by one decision; more are told in steps, each in its own transaction."""

CONCERNED: Final = frozenset({Seat.CONFIRMED, Seat.WAITING, Seat.OFFERED})
HAVING: Final = frozenset({Seat.CONFIRMED})

NEWS_VALID_FOR: Final = dt.timedelta(days=2)


def news(webinar: Webinar, what: News) -> Emit:
    """Return the note by which everybody concerned will be told."""
    return emit(webinar, NewsDue(**of_webinar(webinar), news=what, version=webinar.version))


def next_of(roll: Roll, seats: frozenset[Seat], after: str | None) -> tuple[str, ...]:
    """Return the next people with such seats, by their ids, behind the one who was told last."""
    having = (member for member, each in roll.entries.items() if each.seat in seats)
    return tuple(sorted(member for member in having if after is None or member > after)[:AT_ONCE])


def decide_news_due(scene: Scene, event: Envelope[NewsDue], now: dt.datetime) -> Decision[Scene]:
    """Tell the next of those concerned, and go on with the others; what newer news overtook is dropped."""
    del now
    data = event.data
    webinar = scene.webinars.get(data.webinar_id)
    if webinar is None or webinar.version != data.version or data.news is News.UNKNOWN:
        return Decision(scene)
    roll = scene.roll(webinar)
    chosen = next_of(roll, CONCERNED, data.after)
    more = len(chosen) == AT_ONCE
    going_on = (emit(webinar, data.model_copy(update={"after": chosen[-1]})),) if more else ()
    phrase = Phrase(f"news.{data.news}", of(webinar, reason=webinar.reason or ""))
    said = Say(
        webinar.chat_id, phrase, webinar.language, send_class=SendClass.REMINDER, valid_for=NEWS_VALID_FOR
    )
    return Decision(
        scene,
        emit=going_on,
        say=tuple(
            replace(
                said,
                chat_id=roll.entries[member].chat_id or webinar.chat_id,
                privately_to=member,
                event_id=deterministic_id(
                    "news", webinar.webinar_id, data.news, str(webinar.version), member
                ),
            )
            for member in chosen
        ),
        note="told",
    )
