from __future__ import annotations

import dataclasses

import pytest

from shared.decision import REPLY_VALID_FOR, Decision, Emit, Phrase, Say
from tests.support import events


def test_a_decision_that_decides_nothing_says_and_stores_nothing():
    state = object()
    decision = Decision(state)
    assert decision.state is state
    assert not decision.emit
    assert not decision.say
    assert decision.note is None


@pytest.mark.parametrize(
    "value", [Decision(1), Say("c", Phrase("help")), Emit(events.received(1).data, "k"), Phrase("p")]
)
def test_what_was_decided_cannot_be_changed(value):
    field = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, None)


def test_a_reply_is_worth_saying_for_some_minutes():
    assert Say("c", Phrase("help")).valid_for == REPLY_VALID_FOR
    assert 60 <= REPLY_VALID_FOR.total_seconds() <= 3600
