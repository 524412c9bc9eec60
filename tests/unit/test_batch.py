from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from services.moderation.app import NAME
from shared.contracts.envelope import decode
from shared.contracts.gateway import MessageReceived, MessageSend
from shared.contracts.topics import INBOUND, OUTBOUND
from shared.decision import Decision, Emit, Phrase, Say
from shared.errors import PermanentError, Undecodable, UnknownType, UnknownVersion
from shared.i18n import Catalogue, Language
from shared.log.record import NewRecord, Record
from shared.replies import Speaker
from shared.stream.item import read
from shared.stream.rows import rows_of, to_record
from shared.stream.subscription import Handler, Subscription
from tests.support import events
from tests.unit.test_i18n import SERVICES

LATER = events.NOW + dt.timedelta(hours=2)


@pytest.fixture(scope="module")
def speaker() -> Speaker:
    catalogue = Catalogue.load(SERVICES / NAME / "locale")
    return Speaker(catalogue, Language.HI, ZoneInfo("Asia/Kolkata"))


def opened(row: NewRecord):
    return decode(row.value, row.headers)


def test_facts_come_before_words_each_on_its_topic_under_its_key(speaker):
    cause = events.received(1)
    decision = Decision(
        None,
        emit=(Emit(events.joined(1).data, "k1"), Emit(events.received(2).data, "k2")),
        say=(Say(events.chat_id(7), Phrase("help.line.help")),),
    )
    rows = rows_of(decision, cause, "moderation", speaker, LATER)
    assert [opened(row).type for row in rows] == ["member.joined", "message.received", "message.send"]
    assert [row.topic for row in rows] == ["gateway.chats.v1", INBOUND.name, OUTBOUND.name]
    assert [row.key for row in rows] == [b"k1", b"k2", events.chat_id(7).encode()]
    assert {opened(row).causation_id for row in rows} == {cause.id}
    assert {opened(row).correlation_id for row in rows} == {cause.correlation_id}


def test_x03_deciding_again_makes_the_same_rows_with_the_same_ids(speaker):
    decision = Decision(
        None,
        emit=(Emit(events.joined(1).data, "k1"),),
        say=(
            Say(events.chat_id(7), Phrase("help.line.help")),
            Say(events.chat_id(7), Phrase("help.line.help")),
        ),
    )
    first, again = (rows_of(decision, events.received(1), "m", speaker, at) for at in (events.NOW, LATER))
    assert [opened(row).id for row in first] == [opened(row).id for row in again]
    assert len({opened(row).id for row in first}) == 3
    other = rows_of(decision, events.received(2), "m", speaker, events.NOW)
    assert not {opened(row).id for row in first} & {opened(row).id for row in other}


def test_a_reply_is_valid_from_the_question_on_however_late_it_is_made(speaker):
    decision = Decision(None, say=(Say("c_" + "0" * 20, Phrase("help.line.help")),))
    (row,) = rows_of(decision, events.received(1), "m", speaker, LATER)
    command = opened(row).data
    assert isinstance(command, MessageSend)
    assert command.not_after == events.NOW + dt.timedelta(minutes=10)


def test_words_without_a_catalogue_are_a_mistake_found_by_their_record():
    decision = Decision(None, say=(Say("c", Phrase("help")),))
    with pytest.raises(PermanentError, match="catalogue"):
        rows_of(decision, events.received(1), "m", None, LATER)


def test_a_phrase_that_does_not_exist_is_a_mistake_found_by_its_record(speaker):
    decision = Decision(None, say=(Say("c", Phrase("no.such.text")),))
    with pytest.raises(PermanentError):
        rows_of(decision, events.received(1), "m", speaker, LATER)


SUBSCRIPTION = Subscription(
    "m",
    "moderation",
    (Handler(MessageReceived, lambda data: data.chat_id, None, lambda state, _e, _n: Decision(state)),),  # type: ignore[arg-type]
)


def at(new: NewRecord, **headers: bytes) -> Record:
    return Record(new.topic, 0, 5, new.key, new.value, {**new.headers, **headers})


def test_what_concerns_the_consumer_is_read():
    item = read(at(to_record(events.received(1))), SUBSCRIPTION)
    assert item is not None
    assert item.envelope == events.received(1)
    assert item.handler is SUBSCRIPTION.handlers[0]
    assert item.ids == {events.received(1).id, "gateway.inbound.v1/0/5", "gateway.inbound.v1/0/5/rests"}


def test_a_known_type_that_does_not_concern_it_is_skipped_even_when_broken():
    assert read(at(to_record(events.joined(1))), SUBSCRIPTION) is None
    assert read(dataclasses.replace(at(to_record(events.joined(1))), value=b"{"), SUBSCRIPTION) is None


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"ce_type": b"message.sung"}, UnknownType),
        ({"ce_dataschema": b"urn:chaupal:message.received:99"}, UnknownVersion),
        ({"ce_id": b""}, Undecodable),
        ({"ce_specversion": b"2.0"}, Undecodable),
    ],
)
def test_what_cannot_be_read_becomes_an_item_with_its_problem(headers, error):
    item = read(at(to_record(events.received(1)), **headers), SUBSCRIPTION)
    assert item is not None
    assert isinstance(item.problem, error)
    assert item.ids == {"gateway.inbound.v1/0/5", "gateway.inbound.v1/0/5/rests"}
