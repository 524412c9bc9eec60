from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.private import Door, Open, door_to
from services.gateway.domain.standing import WINDOW, Standing
from shared.contracts.gateway import SendClass

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
CLASSES = [SendClass.REPLY, SendClass.SAFETY, SendClass.REMINDER, SendClass.DIGEST]

doors = st.lists(
    st.builds(
        Door,
        st.uuids().map(str),
        near=st.booleans(),
        standing=st.builds(
            Standing,
            st.none() | st.integers(0, 48).map(lambda hours: NOW - hours * HOUR),
            silenced=st.booleans(),
        ),
        window=st.booleans(),
        template=st.booleans(),
    ),
    max_size=5,
)


def door(
    name: str = "a",
    hours: float | None = 1,
    *,
    near: bool = True,
    silenced: bool = False,
    window: bool = True,
    template: bool = False,
) -> Door:
    last = None if hours is None else NOW - hours * HOUR
    return Door(name, near, Standing(last, silenced=silenced), window, template)


@pytest.mark.parametrize("send_class", CLASSES)
def test_within_the_window_it_goes_to_the_direct_chat(send_class):
    assert door_to([door()], send_class, NOW) == Open("a")


@pytest.mark.parametrize("send_class", CLASSES)
def test_outside_the_window_of_no_class_more_than_a_template_is_sent(send_class):
    assert door_to([door(hours=24)], send_class, NOW) == "window_closed"
    assert door_to([door(hours=24, template=True)], send_class, NOW) == Open("a", template=True)


def test_where_a_channel_has_no_window_a_year_ago_is_soon_enough():
    assert door_to([door(hours=24 * 365, window=False)], SendClass.REMINDER, NOW) == Open("a")


def test_nobody_is_written_to_who_has_never_written_to_us():
    assert door_to([], SendClass.REPLY, NOW) == "no_private_way"
    assert door_to([door(hours=None, window=False, template=True)], SendClass.REPLY, NOW) == "no_private_way"


def test_b8_04_a_stop_on_one_number_holds_on_every_other_but_not_for_what_was_asked_for():
    both = [door("a"), door("b", near=False, silenced=True)]
    for send_class in (SendClass.REMINDER, SendClass.DIGEST, SendClass.UNKNOWN):
        assert door_to(both, send_class, NOW) == "opted_out"
    for send_class in (SendClass.REPLY, SendClass.SAFETY):
        assert door_to(both, send_class, NOW) == Open("a")


def test_the_nearest_comes_first_and_then_where_they_wrote_last():
    far = [door("old", 3, near=False), door("new", 2, near=False)]
    assert door_to(far, SendClass.REPLY, NOW) == Open("new")
    assert door_to([*far, door("near", 20)], SendClass.REPLY, NOW) == Open("near")
    assert door_to([*far, door("near", 30, template=True)], SendClass.REPLY, NOW) == Open("new")


@given(doors, st.sampled_from(CLASSES))
def test_what_is_found_takes_the_message(found, send_class):
    way = door_to(found, send_class, NOW)
    if isinstance(way, str):
        assert way in {"no_private_way", "window_closed", "opted_out"}
        return
    (chosen,) = [each for each in found if each.chat_id == way.chat_id]
    assert chosen.standing.last_inbound is not None
    asked_for = send_class in {SendClass.REPLY, SendClass.SAFETY}
    assert asked_for or not chosen.standing.silenced
    if way.template:
        assert chosen.template
    else:
        assert not chosen.window or NOW - chosen.standing.last_inbound < WINDOW
