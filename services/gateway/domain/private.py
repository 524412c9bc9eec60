"""How one member alone is written to: in a direct chat that they have begun, as its channel lets us."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.gateway.domain.outgoing import OPTED_OUT, RESTRICTED, UNDELIVERABLE, WINDOW_CLOSED
from services.gateway.domain.standing import Standing
from shared.contracts.gateway import SendClass

NO_PRIVATE_WAY = "no_private_way"
"""Code of a decision of ours: there is no direct chat with this person that they have begun."""

NOT_PRIVATELY = frozenset({WINDOW_CLOSED, OPTED_OUT, UNDELIVERABLE, RESTRICTED})
"""Codes of answers that are about the direct chat alone: elsewhere the same may be said."""


ASKED_FOR = frozenset({SendClass.REPLY, SendClass.SAFETY})
"""Classes that answer something a person has done just now: a stop is no wish not to hear of a case."""


@dataclass(frozen=True, slots=True)
class Door:
    """A direct chat with somebody."""

    chat_id: str
    near: bool
    """Whether it is on the account of the chat they are known from."""
    standing: Standing
    window: bool
    """Whether its channel takes nothing but templates 24 hours after their last message."""
    template: bool
    """Whether there is a template that could be sent there."""


@dataclass(frozen=True, slots=True)
class Open:
    """A direct chat that takes the message now."""

    chat_id: str
    template: bool = False
    """Whether it takes nothing but the template."""


def door_to(doors: Sequence[Door], send_class: SendClass, now: dt.datetime) -> Open | str:
    """Return where one person alone is written to, or the reason why nowhere.

    Nobody is written to first: a number that begins chats with people who never wrote to it is what gets
    banned, and an official one may not without their consent. Nearest first, then where they wrote last.

    Args:
        doors: all direct chats with them.
        send_class: why it is sent; what was not asked for does not go to who said stop, on whichever number.
        now: the time.
    """
    if send_class not in ASKED_FOR and any(each.standing.silenced for each in doors):
        return OPTED_OUT
    begun = [(at, each) for each in doors if (at := each.standing.last_inbound) is not None]
    if not begun:
        return NO_PRIVATE_WAY
    ordered = [each for _, each in sorted(begun, key=lambda pair: (pair[1].near, pair[0]), reverse=True)]
    for each in ordered:
        if not each.window or each.standing.window_open(now):
            return Open(each.chat_id)
    return next((Open(each.chat_id, template=True) for each in ordered if each.template), WINDOW_CLOSED)
