"""When messages arrive and when people look at them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT


@dataclass(frozen=True, slots=True)
class Pace:
    """How quick phones and people are."""

    delivered_after: float = 0.15
    """Seconds until phones have a message."""
    read_after: float = 1.2
    """Seconds until the first people have read it."""
    read_waves: int = 2
    """Into how many groups readers fall: in a busy chat not everybody looks at once."""
    read: bool = True
    """Whether anybody reads at all."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Something that will become of a message."""

    after: float
    status: Status
    who: tuple[str, ...] = ()


def stages(message: Message, pace: Pace, *, reorder: bool = False) -> list[Stage]:
    """Return what will become of `message`, soonest first.

    Args:
        message: something that was just said, or that was on its way when the process ended.
        pace: how quick everybody is.
        reorder: let the latest status be reported first, which WhatsApp allows itself.
    """
    ours = message.author == BOT
    if message.kind is Kind.NOTE or message.history or (message.kind is Kind.REACTION and not ours):
        return []
    people = tuple(each for each in message.receipts if each != BOT)
    start = [Stage(0.0, Status.SENT, people if len(people) == 1 else ())] if ours else []
    if message.failure is not None:
        unfailed = message.missing(Status.FAILED)
        return [*start, Stage(pace.delivered_after, Status.FAILED, unfailed)] if unfailed else start
    plan = [*start, *_arrivals(message, pace)]
    if reorder:
        plan = [
            Stage(each.after, late.status, late.who) for each, late in zip(plan, reversed(plan), strict=True)
        ]
    return plan


def _arrivals(message: Message, pace: Pace) -> list[Stage]:
    plan: list[Stage] = []
    undelivered = _people(message.missing(Status.DELIVERED))
    if undelivered:
        plan.append(Stage(pace.delivered_after, Status.DELIVERED, undelivered))
    unread = _people(message.missing(Status.READ)) if pace.read else ()
    count = min(max(1, pace.read_waves), len(unread))
    waves = ((pace.read_after * (number + 1), unread[number::count]) for number in range(count))
    return [*plan, *(Stage(after, Status.READ, who) for after, who in waves)]


def _people(who: Collection[str]) -> tuple[str, ...]:
    return tuple(each for each in who if each != BOT)
