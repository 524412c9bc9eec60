"""Events as they happen in the tests: numbered, so that each is told apart and made again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TypeVar

from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import (
    ChatKind,
    MemberJoined,
    MessageKind,
    MessageReceived,
    MessageSend,
    SendClass,
)
from shared.ids import deterministic_id
from shared.log.record import NewRecord
from shared.stream.rows import to_record

DataT = TypeVar("DataT", bound=EventModel)

NOW = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)


def chat_id(number: int) -> str:
    return f"c_{number:020x}"


def member_id(number: int) -> str:
    return f"m_{number:020x}"


def message_id(number: int) -> str:
    return str(uuid.UUID(int=number))


def received(number: int, *, chat: str | None = None, text: str = "नमस्ते") -> Envelope[MessageReceived]:
    data = MessageReceived(
        chat_id=chat or chat_id(0),
        chat_kind=ChatKind.GROUP,
        message_id=message_id(number),
        member_id=member_id(1),
        sent_at=NOW,
        kind=MessageKind.TEXT,
        text=text,
    )
    return _originate(data, data.chat_id, number)


def joined(number: int, *, chat: str | None = None) -> Envelope[MemberJoined]:
    data = MemberJoined(
        chat_id=chat or chat_id(0), chat_kind=ChatKind.GROUP, member_id=member_id(1), joined_at=NOW
    )
    return _originate(data, data.chat_id, number)


def send(number: int, *, chat: str | None = None, text: str = "नमस्ते") -> Envelope[MessageSend]:
    data = MessageSend(
        chat_id=chat or chat_id(0),
        text=text,
        send_class=SendClass.REPLY,
        not_after=NOW + dt.timedelta(minutes=10),
    )
    return _originate(data, data.chat_id, number)


def record(envelope: Envelope[EventModel]) -> NewRecord:
    return to_record(envelope)


def _originate(data: DataT, key: str, number: int) -> Envelope[DataT]:
    event_id = deterministic_id("test", data.TYPE, key, str(number))
    return originate(data, event_id=event_id, source="/chaupal/test", key=key, time=NOW)
