from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

import pytest
from cloudevents.core.bindings import kafka as binding
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts import gateway
from shared.contracts.envelope import (
    MAX_ID,
    REGISTRY,
    Envelope,
    decode,
    encode,
    follow,
    originate,
    peek,
)
from shared.contracts.gateway import MessageReceived
from shared.errors import Undecodable, UnknownType, UnknownVersion
from tests.support import events
from tests.support.any_event import BUILDERS, TIME, WORD, maybe

ENVELOPES = st.builds(
    Envelope,
    id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=MAX_ID),
    source=WORD,
    time=TIME,
    correlation_id=WORD,
    partition_key=WORD,
    data=st.one_of(*BUILDERS.values()),
    causation_id=maybe(WORD),
    traceparent=maybe(WORD),
)


def test_every_registered_type_has_a_builder_here():
    assert set(BUILDERS) == set(REGISTRY.values())


@given(ENVELOPES)
@settings(deadline=None)
def test_what_was_encoded_is_decoded_as_it_was(envelope):
    value, headers = encode(envelope)
    assert decode(value, headers) == envelope
    assert peek(headers) == (envelope.type, envelope.data.VERSION)


@pytest.mark.parametrize("model", BUILDERS, ids=lambda model: model.TYPE)
@given(data=st.data())
@settings(deadline=None, max_examples=5)
def test_each_type_comes_back_as_itself(model, data):
    envelope = originate(
        data.draw(BUILDERS[model]), event_id="id", source="/test", key="key", time=events.NOW
    )
    decoded = decode(*encode(envelope))
    assert type(decoded.data) is model
    assert decoded == envelope


class TestCloudEvents:
    """Our records, read and written by the reference implementation."""

    @given(envelope=ENVELOPES)
    @settings(deadline=None, max_examples=50)
    def test_the_sdk_reads_what_we_write(self, envelope):
        value, headers = encode(envelope)
        message = binding.KafkaMessage(headers, envelope.partition_key.encode(), value)
        event = binding.from_binary(message, JSONFormat(), CloudEvent)
        assert event.get_id() == envelope.id
        assert event.get_source() == envelope.source
        assert event.get_type() == envelope.type
        assert event.get_specversion() == "1.0"
        assert event.get_time() == envelope.time
        assert event.get_datacontenttype() == "application/json"
        assert event.get_dataschema() == f"urn:chaupal:{envelope.type}:{envelope.data.VERSION}"
        assert event.get_extension("partitionkey") == envelope.partition_key
        assert event.get_extension("correlationid") == envelope.correlation_id
        assert event.get_extension("causationid") == envelope.causation_id
        assert event.get_data() == json.loads(value)

    @given(envelope=ENVELOPES)
    @settings(deadline=None, max_examples=50)
    def test_we_read_what_the_sdk_writes(self, envelope):
        value, headers = encode(envelope)
        key = envelope.partition_key.encode()
        event = binding.from_binary(binding.KafkaMessage(headers, key, value), JSONFormat(), CloudEvent)
        theirs = binding.to_binary(event, JSONFormat())
        assert decode(theirs.value, theirs.headers) == envelope
        assert theirs.key == envelope.partition_key


VALUE, HEADERS = encode(events.received(1))
REQUIRED = [
    "ce_specversion",
    "ce_type",
    "ce_dataschema",
    "ce_id",
    "ce_source",
    "ce_time",
    "ce_correlationid",
    "ce_partitionkey",
]


class TestBrokenRecords:
    @pytest.mark.parametrize("name", REQUIRED)
    @pytest.mark.parametrize(
        ("broken", "what"),
        [(None, "missing"), (b"", "empty"), (b"\xff\xfe", "not UTF-8")],
        ids=["missing", "empty", "not UTF-8"],
    )
    def test_a_header_that_cannot_be_read_is_named(self, name, broken, what):
        headers = {each: value for each, value in HEADERS.items() if each != name}
        if broken is not None:
            headers[name] = broken
        with pytest.raises(Undecodable) as refused:
            decode(VALUE, headers)
        assert name in refused.value.sentence
        assert what in refused.value.sentence

    def test_nothing_at_all_is_undecodable(self):
        with pytest.raises(Undecodable):
            decode(b"", {})

    @pytest.mark.parametrize("version", [b"0.3", b"1.1", b"1", b" 1.0"])
    def test_another_version_of_cloudevents_is_undecodable(self, version):
        with pytest.raises(Undecodable, match=r"1\.0"):
            decode(VALUE, {**HEADERS, "ce_specversion": version})

    @pytest.mark.parametrize("name", [b"message.sung", b"message.received ", "संदेश".encode()])
    def test_a_type_nobody_knows_is_told_from_a_broken_record(self, name):
        with pytest.raises(UnknownType):
            decode(VALUE, {**HEADERS, "ce_type": name})

    @pytest.mark.parametrize(
        "schema",
        [
            "urn:chaupal:message.received:2",
            "urn:chaupal:message.received:",
            "urn:chaupal:message.received:-1",
            "urn:chaupal:message.received:1.0",
            "urn:chaupal:message.received:१",
            "urn:chaupal:message.received:²",
            "urn:chaupal:member.joined:1",
            "https://example.org/schema",
            "urn:chaupal:message.received:" + "9" * 5000,
        ],
    )
    def test_a_version_nobody_knows_is_told_from_a_broken_record(self, schema):
        with pytest.raises(UnknownVersion):
            decode(VALUE, {**HEADERS, "ce_dataschema": schema.encode()})

    @pytest.mark.parametrize(
        "value",
        [
            b"",
            b"null",
            b"[]",
            b"{",
            b"\xff\xfe",
            b"\x00",
            b'"text"',
            b"NaN",
            b"[" * 2**20,
            b'{"a":' * 2**17,
            b'{"chat_id": NaN}',
            b"1e999999",
            b'{"text": "\\ud800"}',
        ],
        ids=lambda value: value[:12].decode("latin-1"),
    )
    def test_a_value_that_is_no_event_is_undecodable(self, value):
        with pytest.raises(Undecodable):
            decode(value, HEADERS)

    @pytest.mark.parametrize("deep", [b"[" * 2**20, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 2**17])
    def test_nesting_in_a_field_nobody_reads_is_undecodable_or_ignored_but_never_a_crash(self, deep):
        value = VALUE[:-1] + b',"later":' + deep + b"}"
        with pytest.raises(Undecodable):
            decode(value, HEADERS)

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("chat_id", "919876543210@s.whatsapp.net"),
            ("member_id", "m_919876543210"),
            ("message_id", "wamid.HBgM"),
            ("sent_at", "2026-11-05T10:00:00"),
            ("sent_at", "yesterday"),
            ("text", "x" * 65_537),
            ("text", 7),
            ("forwarded", "perhaps"),
        ],
    )
    def test_a_field_that_breaks_the_contract_is_undecodable_and_not_quoted(self, field, wrong):
        data = {**json.loads(VALUE), field: wrong}
        with pytest.raises(Undecodable) as refused:
            decode(json.dumps(data).encode(), HEADERS)
        assert str(wrong)[:20] not in refused.value.sentence
        if isinstance(wrong, str):
            assert wrong[:20] not in str(refused.value.__cause__)

    @pytest.mark.parametrize(
        "time", [b"2026-11-05T10:00:00", b"soon", b"99999999999999999999999999", b"2026-13-01T00:00:00Z"]
    )
    def test_a_time_without_a_zone_or_sense_is_undecodable(self, time):
        with pytest.raises(Undecodable):
            decode(VALUE, {**HEADERS, "ce_time": time})

    def test_an_endless_id_is_undecodable(self):
        assert decode(VALUE, {**HEADERS, "ce_id": b"x" * MAX_ID}).id == "x" * MAX_ID
        with pytest.raises(Undecodable, match="too long"):
            decode(VALUE, {**HEADERS, "ce_id": b"x" * (MAX_ID + 1)})

    @given(st.binary(max_size=200), st.dictionaries(st.sampled_from(REQUIRED), st.binary(max_size=20)))
    @settings(deadline=None)
    def test_only_declared_errors_escape(self, value, broken):
        # Whatever else is raised here fails the test.
        with contextlib.suppress(Undecodable, UnknownType, UnknownVersion):
            assert decode(value, {**HEADERS, **broken}).type in {name for name, _ in REGISTRY}


class TestEvolution:
    def test_a_field_from_the_future_is_ignored(self):
        later = json.dumps({**json.loads(VALUE), "mood": {"happy": [1, 2]}, "mood.$": None}).encode()
        assert decode(later, HEADERS) == decode(VALUE, HEADERS)

    def test_a_header_from_the_future_is_ignored(self):
        assert decode(VALUE, {**HEADERS, "ce_mood": b"\xff"}) == decode(VALUE, HEADERS)

    @pytest.mark.parametrize(
        ("model", "field"),
        [
            (gateway.MessageReceived, "chat_kind"),
            (gateway.MessageReceived, "kind"),
            (gateway.MessageSend, "send_class"),
            (gateway.DeliveryReported, "status"),
        ],
    )
    @given(data=st.data())
    @settings(deadline=None, max_examples=5)
    def test_an_enum_value_from_the_future_reads_as_unknown(self, model, field, data):
        value, headers = encode(
            originate(data.draw(BUILDERS[model]), event_id="1", source="/t", key="k", time=events.NOW)
        )
        later = json.dumps({**json.loads(value), field: "hologram"}).encode()
        assert getattr(decode(later, headers).data, field) == "unknown"

    def test_what_is_absent_takes_no_room(self):
        value, _ = encode(events.received(1))
        assert "reply_to" not in json.loads(value)

    def test_an_event_cannot_be_changed(self):
        with pytest.raises(ValidationError):
            events.received(1).data.text = "other"  # type: ignore[misc]


class TestFollowing:
    def test_the_same_cause_makes_the_same_event(self):
        cause = events.received(1)
        first, again = (
            follow(cause, events.send(1).data, consumer="c", ordinal=0, key="k", time=at)
            for at in (events.NOW, events.NOW + dt.timedelta(days=1))
        )
        assert first.id == again.id

    @pytest.mark.parametrize(
        "other",
        [
            {"cause": events.received(2)},
            {"consumer": "d"},
            {"ordinal": 1},
        ],
        ids=["cause", "consumer", "ordinal"],
    )
    def test_another_cause_consumer_or_ordinal_makes_another_event(self, other):
        usual: dict[str, Any] = {"cause": events.received(1), "consumer": "c", "ordinal": 0}

        def made(cause: Envelope[MessageReceived], consumer: str, ordinal: int) -> str:
            data = events.send(1).data
            return follow(cause, data, consumer=consumer, ordinal=ordinal, key="k", time=events.NOW).id

        assert made(**usual) != made(**{**usual, **other})

    def test_it_is_traced_to_what_started_it(self):
        start = events.received(1)
        second = follow(start, events.send(1).data, consumer="c", ordinal=0, key="k", time=events.NOW)
        third = follow(second, events.send(2).data, consumer="d", ordinal=0, key="k", time=events.NOW)
        assert third.correlation_id == start.id
        assert third.causation_id == second.id
