from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.facts import report_id
from services.gateway.domain.hop import Detour, What, in_order, reports_of
from services.gateway.trail import TRAVELLED, hop_of
from shared.contracts.envelope import follow
from shared.contracts.gateway import MessageAccepted
from shared.contracts.topics import INBOUND, TOPICS, UNPARSED, dead_letter_topic, retry_topic
from shared.errors import Undecodable
from shared.log.record import NewRecord, Record
from shared.observability.tracing import root_traceparent
from shared.stream.dead_letter import dead_letter
from shared.stream.retry import retry_record
from tests.support import events
from tests.support.events import NOW

SEEN = NOW + dt.timedelta(hours=1)
EVENT = events.received(1, text="मेरा राज़ canary")
TEXT = "मेरा राज़ canary"


def at(record: NewRecord, offset: int = 7) -> Record:
    return Record(record.topic, 3, offset, record.key, record.value, record.headers)


RECORD = at(events.record(EVENT))


def with_headers(**changed: bytes | None) -> Record:
    headers = {**RECORD.headers, **{name.replace("__", "-"): value for name, value in changed.items()}}
    return replace(RECORD, headers={name: value for name, value in headers.items() if value is not None})


def test_everything_is_read_but_private_input():
    assert UNPARSED.name not in TRAVELLED
    assert {topic.name for topic in TOPICS if not topic.private} <= set(TRAVELLED)
    assert {dead_letter_topic("moderation").name, retry_topic("gateway", "5m").name} <= set(TRAVELLED)


def test_the_headers_tell_what_happened():
    traced = at(events.record(replace(EVENT, traceparent=root_traceparent(EVENT.id), causation_id="cause")))
    hop = hop_of(traced, SEEN)
    assert hop is not None
    assert (hop.topic, hop.partition, hop.offset) == (INBOUND.name, 3, 7)
    assert (hop.correlation_id, hop.event_id, hop.causation_id) == (EVENT.id, EVENT.id, "cause")
    assert (hop.type, hop.what, hop.by, hop.at) == ("message.received", What.RECEIVED, "test", NOW)
    assert hop.span == root_traceparent(EVENT.id)[36:52]


def test_neither_text_nor_key_is_kept():
    hop = hop_of(replace(RECORD, key=b"919876543210"), SEEN)
    assert TEXT not in str(hop)
    assert "919876543210" not in str(hop)
    assert EVENT.data.chat_id not in str(hop)
    assert EVENT.data.member_id not in str(hop)


def test_a_body_that_nobody_can_read_is_not_even_tried():
    assert hop_of(replace(RECORD, value=b"\xff{"), SEEN) == hop_of(RECORD, SEEN)


@pytest.mark.parametrize("name", ["ce_id", "ce_correlationid", "ce_type", "ce_source", "ce_time"])
@pytest.mark.parametrize(
    "value",
    [
        *(None, b"", b"\xff\xfe", b"x" * 129, b"x" * 1_000_000, b"a\x00b", b"a\nb", b"two words"),
        *("मेरा राज़".encode(), "\u202e".encode(), b'{"$gt":""}'),
    ],
    ids=lambda each: ascii(each)[:20],
)
def test_what_has_no_ids_of_ours_is_no_hop(name, value):
    assert hop_of(with_headers(**{name: value}), SEEN) is None


@pytest.mark.parametrize("value", [b"yesterday", b"2026-11-05T06:30:00", b"0001-01-01T00:00:00+23:59", b"1"])
def test_a_time_that_is_none_is_no_hop(value):
    assert hop_of(with_headers(ce_time=value), SEEN) is None


@pytest.mark.parametrize(
    "value", [b"", b"\xff", b"x" * 5000, b"00-1-2-03", "नमस्ते".encode()], ids=lambda v: v[:8]
)
def test_what_is_only_extra_is_left_out_where_it_is_broken(value):
    hop = hop_of(with_headers(ce_traceparent=value, ce_causationid=b"two words"), SEEN)
    assert hop is not None
    assert (hop.span, hop.causation_id) == (None, None)


def test_what_was_set_aside_says_by_whom_when_and_why():
    later = NOW + dt.timedelta(seconds=5)
    error = Undecodable("The data is broken.")
    letter = dead_letter(RECORD, "moderation", "moderation.rules", error, now=later)
    hop = hop_of(at(letter), SEEN)
    assert hop is not None
    assert (hop.what, hop.by, hop.at) == (What.SET_ASIDE, "moderation.rules", later)
    assert hop.set_aside == Detour("moderation.rules", "undecodable", 1)
    assert hop.type == "message.received"


def test_what_is_tried_again_says_by_whom_and_when():
    due = NOW + dt.timedelta(minutes=5)
    again = retry_record(
        RECORD,
        topic=retry_topic("moderation", "5m"),
        consumer="moderation.rules",
        attempts=2,
        not_before=due,
        reason="not_yet",
    )
    hop = hop_of(at(again), SEEN)
    assert hop is not None
    assert (hop.what, hop.by, hop.at) == (What.RETRIED, "moderation.rules", due)
    assert hop.retried == Detour("moderation.rules", "not_yet", 2)


@pytest.mark.parametrize("attempts", [b"many", b"9" * 5000, b"-1", "٣".encode(), b""], ids=lambda v: v[:6])
def test_numbers_that_are_none_are_left_out(attempts):
    hop = hop_of(with_headers(**{"x-retry-consumer": b"c", "x-retry-attempts": attempts}), SEEN)
    assert hop is not None
    assert hop.retried == Detour("c", None, None)
    assert hop.at == SEEN


def test_hops_of_one_instant_stand_in_the_order_of_a_trip():
    send = events.send(1)
    accepted = follow(
        send,
        MessageAccepted(send_id=send.id, chat_id=send.data.chat_id, accepted_at=NOW),
        consumer="gateway.sender",
        ordinal=0,
        key=send.partition_key,
        time=NOW,
    )
    hops = [hop_of(at(events.record(each)), SEEN) for each in (accepted, send, EVENT)]
    found = in_order([each for each in hops if each is not None])
    assert [each.what for each in found] == [What.RECEIVED, What.SAID, What.ACCEPTED]


def test_the_id_of_a_report_tells_what_it_says():
    chat = Chat("c_1", "cloud_api", "main", "group", "group-1", None, None)
    delivery = Delivery("send", "c_1", provider_id="wamid.X=", members={"m_1": Stage.READ})
    known = reports_of(delivery, chat)
    assert known[report_id("cloud_api", "main", "wamid.X=", "read", "m_1")] is What.READ
    assert known[report_id("cloud_api", "main", "wamid.X=", "delivered", "")] is What.DELIVERED
    assert report_id("cloud_api", "main", "wamid.Y=", "read", "m_1") not in known
    assert not reports_of(replace(delivery, provider_id=None), chat)
