from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulator.domain.messages import Kind, Message, Status, advance
from services.simulator.domain.people import BOT
from services.simulator.domain.receipts import Pace, stages

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PEOPLE = ("919999900001", "919999900002", "919999900003")
STATUSES = st.sampled_from(Status)


def message(author: str = BOT, **changes: object) -> Message:
    others = [each for each in (*PEOPLE, BOT) if each != author]
    fields = {
        "id": "wamid.1",
        "chat": "group",
        "seq": 1,
        "author": author,
        "at": NOW,
        "kind": Kind.TEXT,
        "text": "नमस्ते",
        "receipts": dict.fromkeys(others, Status.SENT),
    }
    return Message(**{**fields, **changes})  # type: ignore[arg-type]


@given(st.lists(STATUSES, min_size=1))
def test_reports_in_any_order_lead_to_the_same_status(reports: list[Status]):
    def after(order: list[Status]) -> Status:
        have = order[0]
        for each in order[1:]:
            have = advance(have, each)
        return have

    assert after(reports) is after(reports[::-1]) is after(sorted(reports))


@given(STATUSES, STATUSES)
def test_a_status_never_goes_backwards(have: Status, new: Status):
    assert advance(advance(have, new), have) is advance(have, new)


def test_read_before_delivered_stays_read():
    assert advance(Status.READ, Status.DELIVERED) is Status.READ


def test_what_was_received_has_not_failed():
    assert advance(Status.DELIVERED, Status.FAILED) is Status.DELIVERED
    assert advance(Status.SENT, Status.FAILED) is Status.FAILED


def test_ticks_are_what_everybody_has_reached():
    one_behind = message().reached(PEOPLE, Status.DELIVERED).reached(PEOPLE[:2], Status.READ)
    assert one_behind.ticks is Status.DELIVERED
    assert one_behind.reached(PEOPLE, Status.READ).ticks is Status.READ


def test_ticks_say_failed_when_anybody_was_not_reached():
    assert message().reached(PEOPLE, Status.READ).ticks is Status.READ
    assert (
        message().reached(PEOPLE[:1], Status.FAILED).reached(PEOPLE[1:], Status.READ).ticks is Status.FAILED
    )


def test_a_message_to_nobody_is_sent():
    assert message(receipts={}).ticks is Status.SENT


def test_a_stranger_cannot_reach_a_message():
    assert message().reached(["919999900099"], Status.READ) == message()


def test_an_empty_emoji_takes_the_reaction_away():
    twice = message().reacted("a", "👍").reacted("a", "🙏").reacted("b", "👍")
    assert twice.reactions == {"a": "🙏", "b": "👍"}
    assert twice.reacted("a", "").reactions == {"b": "👍"}


def test_a_bot_message_is_sent_then_delivered_to_all_then_read_in_waves():
    plan = stages(message(), Pace(delivered_after=1, read_after=5, read_waves=2))
    assert [(each.after, each.status, each.who) for each in plan] == [
        (0, Status.SENT, ()),
        (1, Status.DELIVERED, PEOPLE),
        (5, Status.READ, (PEOPLE[0], PEOPLE[2])),
        (10, Status.READ, (PEOPLE[1],)),
    ]


def test_reordered_statuses_keep_their_times_and_swap_their_meaning():
    plan = stages(message(), Pace(read_waves=1), reorder=True)
    assert [each.status for each in plan] == [Status.READ, Status.DELIVERED, Status.SENT]
    assert [each.after for each in plan] == sorted(each.after for each in plan)


def test_more_waves_than_readers_are_not_needed():
    assert len(stages(message(), Pace(read_waves=50))) == 2 + len(PEOPLE)


def test_nobody_reads_when_told_not_to():
    assert {each.status for each in stages(message(), Pace(read=False))} == {Status.SENT, Status.DELIVERED}


def test_only_what_is_missing_is_expected_after_a_restart():
    half = message().reached(PEOPLE, Status.DELIVERED).reached(PEOPLE[:2], Status.READ)
    assert [each.who for each in stages(half, Pace()) if each.after] == [PEOPLE[2:]]


def test_a_doomed_message_fails_once():
    doomed = message(failure=131026)
    assert [each.status for each in stages(doomed, Pace())] == [Status.SENT, Status.FAILED]
    assert [each.status for each in stages(doomed.reached(PEOPLE, Status.FAILED), Pace())] == [Status.SENT]


def test_a_members_message_reaches_people_and_leaves_the_bot_to_the_webhook():
    plan = stages(message(author=PEOPLE[0]), Pace(read_waves=1))
    assert [(each.status, each.who) for each in plan] == [
        (Status.DELIVERED, PEOPLE[1:]),
        (Status.READ, PEOPLE[1:]),
    ]


@pytest.mark.parametrize(
    "quiet", [{"history": True}, {"kind": Kind.NOTE}, {"kind": Kind.REACTION, "author": PEOPLE[0]}]
)
def test_nothing_becomes_of_history_notes_and_members_reactions(quiet: dict[str, object]):
    assert stages(message(**quiet), Pace()) == []  # type: ignore[arg-type]
