"""Which states a decision about a strategy, or about what it is judged by, is made on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.feedback.domain.reviews.item import Kind, item_id
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.metrics import (
    ATTENDANCE_RATIO,
    SESSION_ATTENDANCE,
    SESSION_RATING,
    THANKS,
)
from services.feedback.domain.strategies.registered import reading_key
from services.feedback.domain.subjects import ChatSubject
from services.feedback.scenes import Stores, tallied
from shared.contracts.webinars import SessionRated, WebinarEnded
from shared.stream import keys
from shared.stream.keys import SoFar
from shared.stream.subscription import Bundle, Part


def around_session(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a session that is over, or rated; its subject is the event."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.nobody),
            "tallies": Part(stores.tallies, _session, many=True),
            "strategies": Part(stores.strategies, _registered, many=True),
            "reviews": Part(stores.reviews, _reviewed, many=True),
        },
    )


def around_award(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of points that somebody was given; its subject is the entry of the ledger."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, _scope_named),
            "member": Part(stores.members, keys.nobody),
            "tallies": Part(stores.tallies, _thanked, many=True),
        },
    )


def around_registering(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a strategy that a REST client registers; see `ChatSubject`."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.nobody),
            "suggestions": Part(stores.suggestions, _carried_out, many=True),
            "strategies": Part(stores.strategies, _made, many=True),
        },
    )


def around_strategy(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a strategy and the facts it is judged by; its subject has scope and id."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, _scope_named),
            "member": Part(stores.members, keys.nobody),
            "strategies": Part(stores.strategies, _registered, many=True),
            "readings": Part(stores.readings, _judged_by, many=True),
        },
    )


def _session(subject: object, so_far: SoFar) -> Collection[str]:
    measured = (
        (ATTENDANCE_RATIO, SESSION_ATTENDANCE) if isinstance(subject, WebinarEnded) else (SESSION_RATING,)
    )
    return tallied(so_far["community"].scope, getattr(subject, "webinar_id", ""), *measured)


def _reviewed(subject: object, so_far: SoFar) -> Collection[str]:
    return (item_id(so_far["community"].scope, Kind.SESSION, getattr(subject, "webinar_id", "")),)


def _thanked(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    return tallied(subject.scope, subject.day, THANKS)


def _scope_named(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.scope,)


def _registered(subject: object, so_far: SoFar) -> Collection[str]:
    # A rating is counted, and nothing is judged by it before its time.
    return () if isinstance(subject, SessionRated) else tuple(sorted(so_far["community"].strategies))


def _made(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(sorted({each.item_id for each in so_far["community"].measured.values()}))


def _judged_by(subject: Any, so_far: SoFar) -> Collection[str]:
    found = so_far["strategies"].get(subject.strategy_id)
    return (reading_key(found),) if found is not None else ()


def _carried_out(subject: ChatSubject, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.suggestion_id,) if subject.suggestion_id else ()
