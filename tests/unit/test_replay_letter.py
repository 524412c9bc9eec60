from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.topics import dead_letter_topic
from shared.errors import Undecodable
from shared.log.record import SET_ASIDE, Record
from shared.replay.letter import (
    MAX_TEXT,
    UNKNOWN,
    Mark,
    Opened,
    Origin,
    State,
    is_letter_id,
    letter_of,
    order_of,
    printable,
)
from shared.replay.views import body_view, detail_view, letter_view
from shared.stream.dead_letter import dead_letter
from tests.support import events
from tests.support.events import NOW

OURS = [
    f"{SET_ASIDE}{name}" for name in ("consumer", "reason", "error", "topic", "partition", "offset", "at")
]
HEADERS = st.dictionaries(
    st.one_of(
        st.sampled_from(
            [*OURS, f"{SET_ASIDE}attempts", f"{SET_ASIDE}version", "ce_type", "ce_id", "ce_correlationid"]
        ),
        st.text(max_size=20),
    ),
    st.one_of(
        st.binary(max_size=40),
        st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.sampled_from(
            [b"9" * 5000, b"-1", b"\xd9\xa1", b"0001-01-01T00:00:00+23:59", b"2026-11-05T06:30:00", b"NaN"]
        ),
        st.datetimes(timezones=st.just(dt.UTC)).map(lambda at: at.isoformat().encode()),
    ),
)
RECORDS = st.builds(
    Record,
    st.just(dead_letter_topic("moderation").name),
    st.integers(0, 11),
    st.integers(0, 2**62),
    st.binary(max_size=2000),
    st.binary(max_size=100),
    HEADERS,
)


def record(headers: Mapping[str, bytes] | None = None) -> Record:
    new = events.record(events.received(1))
    aside = dead_letter(
        Record(new.topic, 3, 4711, new.key, new.value, new.headers),
        "moderation",
        "moderation",
        Undecodable("No."),
        now=NOW,
    )
    return Record(aside.topic, 0, 17, aside.key, aside.value, {**aside.headers, **(headers or {})})


def test_a_letter_says_what_happened():
    mark = Mark(State.REPLAYED, NOW, "asha", 2)
    letter = letter_of(record(), mark)
    event = events.received(1)
    assert (letter.id, letter.state, letter.refused) == ("0-17", State.REPLAYED, False)
    assert (letter.consumer, letter.reason) == ("moderation", "undecodable")
    assert letter.error == "Undecodable: No."
    assert letter.origin == Origin("gateway.inbound.v1", 3, 4711)
    assert str(letter.origin) == "gateway.inbound.v1/3/4711"
    assert letter.at == NOW
    assert letter.attempts == 1
    assert (letter.type, letter.event_id, letter.correlation_id) == (event.type, event.id, event.id)
    assert letter.key == event.partition_key
    assert letter.size > len(record().value)


def test_a_letter_of_which_nothing_is_known_is_a_letter_all_the_same():
    letter = letter_of(Record("moderation.dlq.v1", 0, 0, b"", b"", {}))
    assert (letter.id, letter.reason, letter.state) == ("0-0", UNKNOWN, State.OPEN)
    assert (letter.consumer, letter.origin, letter.at, letter.type) == (None, None, None, None)


@given(RECORDS)
def test_whatever_the_headers_are_a_letter_can_be_read_and_printed(one: Record):
    letter = letter_of(one)
    assert is_letter_id(letter.id)
    assert letter.at is None or letter.at.tzinfo is not None
    assert letter.attempts >= 1
    texts = [letter.consumer, letter.reason, letter.error, letter.type, letter.event_id, letter.key]
    assert all(text is None or _safe(text) for text in texts)
    assert letter_view(letter).model_dump_json()


@given(st.binary(max_size=3000))
def test_what_is_printed_steers_no_terminal_and_is_bounded(data: bytes):
    shown = printable(data)
    assert _safe(shown)
    assert len(shown) <= MAX_TEXT + 1


def _safe(text: str) -> bool:
    text.encode()
    return all(
        each in "\u200c\u200d" or unicodedata.category(each) not in {"Cc", "Cf", "Cs"} for each in text
    )


def test_hindi_is_printed_as_it_is():
    assert printable("क्षेत्र र्‍य".encode()) == "क्षेत्र र्‍य"


def test_letters_are_sorted_as_they_stand_with_refused_rows_behind():
    ids = ["outbox-00000000000000000002-ab", "0-10", "1-0", "0-9", "outbox-00000000000000000001-ab"]
    assert sorted(ids, key=order_of) == [
        *("0-9", "0-10", "1-0"),
        *("outbox-00000000000000000001-ab", "outbox-00000000000000000002-ab"),
    ]


@given(st.text(max_size=30))
def test_what_is_no_id_is_told_apart(text: str):
    assert not is_letter_id(f"x{text}")
    assert not is_letter_id(f"{text}\n")


def test_what_members_wrote_is_shown_only_where_it_is_asked_for():
    value = events.record(events.received(1, text="Asha ने लिखा")).value
    plain = body_view(value, body=False)
    assert plain.fields is not None
    assert {"text", "chat_id"} <= set(plain.fields)
    assert plain.content is None
    assert "Asha" not in plain.model_dump_json()
    assert "Asha ने लिखा" in (body_view(value, body=True).content or "")


def test_a_value_of_any_kind_is_shown():
    for value in (
        b"",
        b"\xff",
        b"[1]",
        b"null",
        b"[" * 100_000,
        b'{"a":"\\ud800"}',
        b'{"' + b"x" * 900 + b'":1}',
    ):
        view = body_view(value, body=True)
        assert view.size == len(value)
        assert view.model_dump_json()


def test_of_a_thousand_hostile_headers_some_are_shown():
    noisy = record({f"x-{number}": b"\x1b[2J" for number in range(1000)})
    view = detail_view(Opened(letter_of(noisy), noisy), body=False)
    assert len(view.headers) <= 50
    assert "\x1b" not in "".join(view.headers.values())
