"""A small consumer with real state: it writes down what it heard in each chat and answers with the count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pymongo import ReplaceOne

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, MessageSend, SendClass
from shared.decision import Decision, Emit
from shared.store.client import Database
from shared.store.unit_of_work import Session
from shared.stream.subscription import Handler, States, Subscription

POISON = "a message that no rule survives"
HUGE = "a message whose state no document holds"
MORE_THAN_A_DOCUMENT = 17 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tally:
    """What was heard in one chat, in order, and what was said there."""

    chat_id: str
    heard: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    note: str = ""


class Tallies:
    def __init__(self, database: Database) -> None:
        self._collection = database["tallies"]
        self.loads = 0

    async def load(self, session: Session | None, keys: Collection[str]) -> Mapping[str, Tally]:
        self.loads += 1
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        known = {str(each["_id"]): _to_tally(each) async for each in found}
        return {key: known.get(key) or Tally(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Tally]) -> None:
        await self._collection.bulk_write(
            [
                ReplaceOne(
                    {"_id": key},
                    {"heard": tally.heard, "answers": tally.answers, "note": tally.note},
                    upsert=True,
                )
                for key, tally in changed.items()
            ],
            session=session,
        )

    async def of(self, chat: str) -> Tally:
        return (await self.load(None, [chat]))[chat]


def hear(tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
    if event.data.text == POISON:
        raise ValueError(f"{event.data.member_id} wrote {event.data.text}")
    heard = (*tally.heard, event.data.message_id)
    note = "x" * MORE_THAN_A_DOCUMENT if event.data.text == HUGE else ""
    answer = MessageSend(
        chat_id=event.data.chat_id,
        text=str(len(heard)),
        send_class=SendClass.REPLY,
        not_after=now + dt.timedelta(hours=1),
    )
    return Decision(
        replace(tally, heard=heard, note=note), emit=(Emit(answer, event.data.chat_id),), note="heard"
    )


def answered(tally: Tally, event: Envelope[MessageSend], now: dt.datetime) -> Decision[Tally]:
    return Decision(replace(tally, answers=(*tally.answers, event.id)))


def hearing(tallies: States[Tally], consumer: str = "tally") -> Subscription:
    handler = Handler(MessageReceived, key=lambda data: data.chat_id, states=tallies, decide=hear)
    return Subscription(consumer, "moderation", (handler,))


def answering(tallies: States[Tally], consumer: str = "tally.answers") -> Subscription:
    """The side that reads the answers: what it writes down shows each answer's effect."""
    handler = Handler(
        MessageSend, key=lambda data: f"answers to {data.chat_id}", states=tallies, decide=answered
    )
    return Subscription(consumer, "moderation", (handler,))


def _to_tally(document: Mapping[str, object]) -> Tally:
    heard, answers = document["heard"], document["answers"]
    assert isinstance(heard, list)
    assert isinstance(answers, list)
    return Tally(str(document["_id"]), tuple(heard), tuple(answers), str(document["note"]))
