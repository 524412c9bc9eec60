"""What other services tell of that is rewarded: each kind of fact says who did what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from services.rewards.domain.booking import Occasion
from services.rewards.domain.claiming import claim_id, claimed
from services.rewards.domain.periods import day_of
from services.rewards.domain.rules import ATTENDED, HOSTED
from services.rewards.domain.scene import Scene
from services.rewards.domain.week import Claim
from shared.contracts.envelope import Envelope
from shared.contracts.webinars import AttendanceRecorded, AttendanceWithdrawn, WebinarEnded
from shared.decision import Decision


@dataclass(frozen=True, slots=True)
class Deed:
    """What a fact says that somebody did, in the terms of rewards."""

    action: str
    key: str
    """Names it among all deeds of its kind: told again, it is the same."""
    member_id: str
    at: dt.datetime
    """When it was done: it counts for the day of that, whenever it is told or taken back."""
    chat_id: str
    giver: str | None = None
    about: str | None = None
    topic: str | None = None
    stands: bool = True
    """Whether it was done, or is taken back."""
    told_at: dt.datetime | None = None
    """When that was said; the latest word counts."""


Reading = Callable[[Any], Deed | None]


def attended(fact: AttendanceRecorded) -> Deed:
    """Read that somebody was at a session."""
    return Deed(
        ATTENDED,
        f"{fact.webinar_id}|{fact.member_id}",
        fact.member_id,
        fact.session_at or fact.recorded_at,
        fact.chat_id,
        told_at=fact.recorded_at,
    )


def not_attended(fact: AttendanceWithdrawn) -> Deed:
    """Read that somebody was not at a session after all."""
    return Deed(
        ATTENDED,
        f"{fact.webinar_id}|{fact.member_id}",
        fact.member_id,
        fact.session_at or fact.withdrawn_at,
        fact.chat_id,
        told_at=fact.withdrawn_at,
        stands=False,
    )


def hosted(fact: WebinarEnded) -> Deed | None:
    """Read that somebody ran a session to which people came."""
    if fact.host is None or fact.attended < 1:
        return None
    return Deed(HOSTED, fact.webinar_id, fact.host, fact.session_at or fact.ended_at, fact.chat_id)


READINGS: Final[dict[type[Any], Reading]] = {
    AttendanceRecorded: attended,
    AttendanceWithdrawn: not_attended,
    WebinarEnded: hosted,
}
"""A further kind of fact needs a line here and in the table of the consumer, and its worth in the rules."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A fact as the subject of a decision, read once."""

    chat_id: str
    deed: Deed | None


def telling(fact: Any) -> Telling:
    """Return what a fact says that somebody did, and where."""
    return Telling(fact.chat_id, READINGS[type(fact)](fact))


def decide_fact(scene: Scene, event: Envelope[Any], now: dt.datetime) -> Decision[Scene]:
    """Reward who did what the fact tells of, or take the reward back."""
    del now
    deed = READINGS[type(event.data)](event.data)
    if deed is None:
        return Decision(scene, note="not_rewarded")
    claim = Claim(
        claim_id(deed.action, deed.key),
        deed.action,
        deed.member_id,
        deed.at,
        day_of(deed.at, scene.zone),
        event.id,
        deed.chat_id,
        deed.giver,
        deed.giver,
        deed.about,
        deed.topic,
        stands=deed.stands,
        as_of=deed.told_at,
    )
    return claimed(scene, claim, scene.member.now, Occasion(event.id, event.time), f"claimed_{deed.action}")
