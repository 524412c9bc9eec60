from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.envelope import decode, encode
from shared.contracts.topics import again_topics, replay_topic, retry_topic
from shared.errors import Undecodable
from shared.log.record import Partition, Record
from shared.stream.dead_letter import dead_letter
from shared.stream.retry import REPLAYED, original_headers, retried, retry_record, split_due
from tests.support import events

VALUE, HEADERS = encode(events.received(1))
RECORD = Record("gateway.inbound.v1", 3, 42, b"key", VALUE, HEADERS)
LATER = events.NOW + dt.timedelta(seconds=30)
TIER = retry_topic("moderation", "30s")
AGAIN = frozenset(topic.name for topic in again_topics("moderation"))


def returned(record: Record = RECORD, *, not_before: dt.datetime = LATER, offset: int = 0) -> Record:
    new = retry_record(
        record, topic=TIER, consumer="tally", attempts=1, not_before=not_before, reason="transient"
    )
    return Record(new.topic, 1, offset, new.key, new.value, new.headers)


def test_a_record_comes_back_untouched_with_whose_turn_it_is_and_when() -> None:
    back = returned()
    assert (back.topic, back.key, back.value) == (TIER.name, RECORD.key, RECORD.value)
    assert original_headers(back.headers) == RECORD.headers
    assert decode(back.value, back.headers) == events.received(1)
    about = retried(back)
    assert (about.consumer, about.attempts, about.not_before, about.reason) == (
        "tally",
        1,
        LATER,
        "transient",
    )
    assert (about.topic, about.partition, about.offset) == ("gateway.inbound.v1", 3, 42)


def test_where_it_first_stood_is_kept_through_every_tier_and_through_being_set_aside() -> None:
    twice = returned(returned())
    assert (retried(twice).topic, retried(twice).partition, retried(twice).offset) == (
        "gateway.inbound.v1",
        3,
        42,
    )
    letter = dead_letter(twice, "moderation", "tally", Undecodable("x"), now=events.NOW, about=retried(twice))
    assert (letter.headers["x-dlq-topic"], letter.headers["x-dlq-offset"]) == (b"gateway.inbound.v1", b"42")
    assert letter.headers["x-dlq-attempts"] == b"2"
    stored = Record(letter.topic, 0, 5, letter.key, letter.value, letter.headers)
    replayed = retry_record(
        stored,
        topic=replay_topic("moderation"),
        consumer="tally",
        attempts=0,
        not_before=events.NOW,
        reason=REPLAYED,
    )
    assert replayed.headers["x-retry-offset"] == b"42"
    assert not [name for name in replayed.headers if name.startswith("x-dlq-")]


@pytest.mark.parametrize(
    "broken",
    [
        {"x-retry-consumer": None},
        {"x-not-before": None},
        {"x-not-before": b"tomorrow"},
        {"x-not-before": b"2026-11-05T06:30:00"},
        {"x-not-before": b"\xff"},
        {"x-retry-attempts": b"many"},
        {"x-retry-attempts": b"9" * 5000},
        {"x-retry-partition": b""},
        {"x-retry-offset": "१२x".encode()},
    ],
)
def test_a_record_that_does_not_say_whose_turn_it_is_cannot_be_read(broken: dict[str, bytes | None]) -> None:
    headers = {**returned().headers, **{k: v for k, v in broken.items() if v is not None}}
    for name in [name for name, value in broken.items() if value is None]:
        del headers[name]
    record = Record(TIER.name, 0, 0, b"", b"", headers)
    with pytest.raises(Undecodable):
        retried(record)
    assert split_due([record], AGAIN, events.NOW) == ([record], {}), "it is set aside at once"


@given(st.dictionaries(st.text(max_size=20), st.binary(max_size=20), max_size=5))
def test_no_headers_make_it_fail_in_another_way(headers: dict[str, bytes]) -> None:
    ours = {f"x-retry-{name}": value for name, value in headers.items()} | {"x-not-before": b"\x00"}
    with pytest.raises(Undecodable):
        retried(Record(TIER.name, 0, 0, b"", b"", ours))


class TestWhoseTimeHasCome:
    def test_a_record_rests_and_so_does_all_behind_it(self) -> None:
        first, second = returned(offset=7), returned(not_before=events.NOW, offset=8)
        ready, resting = split_due([RECORD, first, second], AGAIN, events.NOW)
        assert ready == [RECORD]
        assert resting == {Partition(TIER.name, 1): (7, 30.0)}

    def test_what_stands_before_it_is_ready(self) -> None:
        first, second = returned(not_before=events.NOW, offset=7), returned(offset=8)
        ready, resting = split_due([first, second], AGAIN, events.NOW)
        assert ready == [first]
        assert resting == {Partition(TIER.name, 1): (8, 30.0)}

    def test_a_resting_partition_keeps_no_other_waiting(self) -> None:
        first, second = returned(offset=7), returned(offset=8)
        ready, resting = split_due([first, second, RECORD], AGAIN, events.NOW)
        assert ready == [RECORD]
        assert len(resting) == 1

    def test_a_part_of_a_second_is_waited_for_too(self) -> None:
        almost = LATER - dt.timedelta(seconds=0.5)
        assert split_due([returned()], AGAIN, almost)[1] == {Partition(TIER.name, 1): (0, 0.5)}

    def test_at_the_very_instant_it_is_ready(self) -> None:
        assert split_due([returned()], AGAIN, LATER) == ([returned()], {})

    def test_only_topics_that_bring_records_back_let_them_rest(self) -> None:
        forged = Record("gateway.inbound.v1", 1, 0, b"key", VALUE, returned().headers)
        assert split_due([forged], AGAIN, events.NOW) == ([forged], {})
