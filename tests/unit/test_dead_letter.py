from __future__ import annotations

import pytest

from shared.contracts.envelope import decode, encode
from shared.errors import Conflict, PermanentError, Undecodable, UnknownType, UnknownVersion
from shared.log.record import Record
from shared.stream.dead_letter import dead_letter, position_id, reason_of
from shared.version import VERSION
from tests.support import events

VALUE, HEADERS = encode(events.received(1))
RECORD = Record("gateway.inbound.v1", 3, 42, b"\xff\x00key", VALUE, HEADERS)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Undecodable("x"), "undecodable"),
        (UnknownType("x"), "unknown_type"),
        (UnknownVersion("x"), "unknown_version"),
        (PermanentError("x"), "permanent"),
        (KeyError("x"), "domain_error"),
        (Conflict("x"), "domain_error"),
    ],
)
def test_the_reason_is_a_stable_code(error, reason):
    assert reason_of(error) == reason
    letter = dead_letter(RECORD, "moderation", "moderation", error, now=events.NOW)
    assert letter.headers["x-dlq-reason"] == reason.encode()


def test_a_record_is_set_aside_untouched():
    letter = dead_letter(RECORD, "moderation", "moderation.rules", Undecodable("Broken."), now=events.NOW)
    assert letter.topic == "moderation.dlq.v1"
    assert (letter.key, letter.value) == (RECORD.key, RECORD.value)
    own = {name: value for name, value in letter.headers.items() if not name.startswith("x-dlq-")}
    assert own == RECORD.headers
    assert decode(letter.value, letter.headers) == events.received(1)


def test_why_and_where_from_stand_beside_it():
    letter = dead_letter(RECORD, "moderation", "moderation.rules", Undecodable("Broken."), now=events.NOW)
    why = {name: value.decode() for name, value in letter.headers.items() if name.startswith("x-dlq-")}
    assert why == {
        "x-dlq-consumer": "moderation.rules",
        "x-dlq-reason": "undecodable",
        "x-dlq-error": "Undecodable: Broken.",
        "x-dlq-topic": "gateway.inbound.v1",
        "x-dlq-partition": "3",
        "x-dlq-offset": "42",
        "x-dlq-attempts": "1",
        "x-dlq-version": VERSION,
        "x-dlq-at": "2026-11-05T06:30:00+00:00",
    }


def test_x05_the_message_of_a_foreign_error_is_not_kept():
    letter = dead_letter(RECORD, "moderation", "m", KeyError("Asha, +91 98765 43210"), now=events.NOW)
    assert letter.headers["x-dlq-error"] == b"KeyError: The handler raised."


def test_a_second_time_says_where_it_failed_last():
    once = dead_letter(RECORD, "moderation", "m", Undecodable("Broken."), now=events.NOW)
    again = Record(once.topic, 0, 7, once.key, once.value, once.headers)
    twice = dead_letter(again, "moderation", "m", KeyError(), now=events.NOW)
    assert twice.headers["x-dlq-topic"] == b"moderation.dlq.v1"
    assert set(twice.headers) == set(once.headers)


def test_a_place_is_remembered_by_its_name():
    assert position_id(RECORD) == "gateway.inbound.v1/3/42"
