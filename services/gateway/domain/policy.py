"""Whether a message may go out now, and in which form: what nobody asked for gives way."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from services.gateway.domain.outgoing import OPTED_OUT, WINDOW_CLOSED, Capability
from services.gateway.domain.standing import Standing
from shared.contracts.gateway import ChatKind, SendClass

LOW = frozenset({SendClass.REMINDER, SendClass.DIGEST, SendClass.UNKNOWN})
"""Classes of messages that nobody asked for just now and nobody is harmed without."""

NOISE_BUDGET = "noise_budget"
NOISE_PERIOD = dt.timedelta(hours=1)


class Verdict(StrEnum):
    """What is done about a message."""

    SEND = "send"
    SEND_FALLBACK = "send_fallback"
    """Nothing but a template would be taken."""
    CLOSED = WINDOW_CLOSED
    SILENCED = OPTED_OUT
    TOO_MUCH = NOISE_BUDGET

    @property
    def drops(self) -> bool:
        """Whether the message is not sent; then the verdict is the reason."""
        return self not in {Verdict.SEND, Verdict.SEND_FALLBACK}


def needs_standing(send_class: SendClass, kind: ChatKind, capabilities: frozenset[Capability]) -> bool:
    """Return whether it must be known how the chat stands to us.

    A reply does not ask: it follows from a message that has just opened the window, and may be quicker than
    our own note of that message. Where it is late after all, the provider refuses it.
    """
    return send_class in LOW and (kind is ChatKind.DIRECT or Capability.WINDOW in capabilities)


def needs_noise(send_class: SendClass, kind: ChatKind) -> bool:
    """Return whether it must be known how much the chat has heard from us."""
    return send_class in LOW and kind is ChatKind.GROUP


def judge(
    send_class: SendClass,
    kind: ChatKind,
    capabilities: frozenset[Capability],
    standing: Standing,
    now: dt.datetime,
    *,
    heard: int,
    noise_per_hour: int,
    fallback: bool,
) -> Verdict:
    """Return what is done about a message of this class.

    Args:
        send_class: why it is sent.
        kind: how many people the chat has.
        capabilities: what the channel can do there.
        standing: how the chat stands to us.
        now: the time.
        heard: how many messages of these classes it has had within the last hour.
        noise_per_hour: how many of them it may have.
        fallback: whether there is a template to send instead.
    """
    if send_class not in LOW:
        return Verdict.SEND
    if kind is ChatKind.DIRECT and standing.silenced:
        return Verdict.SILENCED
    if kind is ChatKind.GROUP and heard >= noise_per_hour:
        return Verdict.TOO_MUCH
    if Capability.WINDOW in capabilities and not standing.window_open(now):
        return Verdict.SEND_FALLBACK if fallback else Verdict.CLOSED
    return Verdict.SEND
