from __future__ import annotations

import datetime as dt

import pytest

from services.gateway.channels.contract import Capability
from services.gateway.domain.policy import Verdict, judge, needs_noise, needs_standing
from services.gateway.domain.standing import Standing
from shared.contracts.gateway import ChatKind, SendClass

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
OPEN, SHUT = Standing(last_inbound=NOW), Standing(last_inbound=NOW - DAY)
CLOUD = frozenset({Capability.TEXT, Capability.TEMPLATES, Capability.WINDOW})
BRIDGE = frozenset({Capability.TEXT})
ASKED_FOR = (SendClass.REPLY, SendClass.SAFETY)
UNASKED = (SendClass.REMINDER, SendClass.DIGEST, SendClass.UNKNOWN)


def verdict(
    send_class: SendClass = SendClass.REMINDER,
    kind: ChatKind = ChatKind.DIRECT,
    capabilities: frozenset[Capability] = CLOUD,
    standing: Standing = OPEN,
    heard: int = 0,
    *,
    fallback: bool = False,
) -> Verdict:
    return judge(
        send_class, kind, capabilities, standing, NOW, heard=heard, noise_per_hour=6, fallback=fallback
    )


@pytest.mark.parametrize("send_class", ASKED_FOR)
@pytest.mark.parametrize("kind", list(ChatKind))
def test_what_was_asked_for_is_never_held_back(send_class, kind):
    silenced = Standing(silenced=True)
    assert verdict(send_class, kind, standing=silenced, heard=100) is Verdict.SEND
    assert not needs_standing(send_class, kind, CLOUD)
    assert not needs_noise(send_class, kind)


@pytest.mark.parametrize("send_class", UNASKED)
def test_b8_04_what_nobody_asked_for_is_not_sent_to_who_said_stop(send_class):
    silenced = Standing(last_inbound=NOW, silenced=True)
    assert verdict(send_class, standing=silenced, fallback=True) is Verdict.SILENCED
    assert needs_standing(send_class, ChatKind.DIRECT, BRIDGE)


def test_outside_the_window_a_template_goes_out_or_nothing():
    assert verdict(standing=SHUT) is Verdict.CLOSED
    assert verdict(standing=SHUT, fallback=True) is Verdict.SEND_FALLBACK
    assert verdict(standing=Standing()) is Verdict.CLOSED
    assert verdict(standing=SHUT, kind=ChatKind.GROUP) is Verdict.CLOSED
    assert verdict(standing=SHUT, capabilities=BRIDGE) is Verdict.SEND


def test_a_group_hears_so_much_an_hour_and_no_more():
    group = ChatKind.GROUP
    assert verdict(kind=group, heard=5) is Verdict.SEND
    assert verdict(kind=group, heard=6) is Verdict.TOO_MUCH
    assert verdict(heard=6) is Verdict.SEND
    assert needs_noise(SendClass.DIGEST, group)
    assert not needs_noise(SendClass.DIGEST, ChatKind.DIRECT)


def test_a_verdict_that_drops_is_the_reason():
    dropping = {each for each in Verdict if each.drops}
    assert dropping == {"window_closed", "opted_out", "noise_budget"}
