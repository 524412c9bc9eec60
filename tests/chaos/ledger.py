"""The consumers the scenarios run: one keeps a balance per chat and answers, the other reads the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pymongo import ReplaceOne

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, MessageSend, SendClass
from shared.contracts.topics import dead_letter_topic, topic_of
from shared.decision import Decision, Emit
from shared.store.client import Database, Document
from shared.store.unit_of_work import Session
from shared.stream.subscription import Handler, Subscription

SERVICE = "moderation"
"""Whose name it bears: dead letters have a topic per service, and the registry knows no other."""

CONSUMER = "ledger"
READER = "ledger.answers"
ACCOUNTS, ANSWERS = "accounts", "answers"

INBOUND, OUTBOUND = topic_of(MessageReceived).name, topic_of(MessageSend).name
DEAD_LETTERS = dead_letter_topic(SERVICE).name


@dataclass(frozen=True, slots=True)
class Account:
    """What came of the messages of one chat, in the order in which it came."""

    chat_id: str
    heard: tuple[int, ...] = ()
    points: int = 0


class Accounts:
    """Keeps accounts in one collection."""

    def __init__(self, database: Database, collection: str) -> None:
        self._collection = database[collection]

    async def load(self, session: Session | None, keys: Collection[str]) -> Mapping[str, Account]:
        """Return the account of every key."""
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        known = {str(each["_id"]): account_of(each) async for each in found}
        return {key: known.get(key) or Account(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Account]) -> None:
        """Store accounts."""
        writes: list[ReplaceOne[Document]] = [
            ReplaceOne({"_id": key}, {"heard": account.heard, "points": account.points}, upsert=True)
            for key, account in changed.items()
        ]
        await self._collection.bulk_write(writes, ordered=False, session=session)


def account_of(document: Mapping[str, object]) -> Account:
    """Return the account that a document holds."""
    heard = document["heard"]
    assert isinstance(heard, list)
    return Account(str(document["_id"]), tuple(heard), int(str(document["points"])))


def enter(account: Account, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Account]:
    """Enter what a message is worth, and answer with its number; what is no number is nobody's to read."""
    n, points = map(int, (event.data.text or "").split(maxsplit=2)[:2])
    after = replace(account, heard=(*account.heard, n), points=account.points + points)
    answer = MessageSend(
        chat_id=event.data.chat_id,
        text=f"{n} {after.points}",
        send_class=SendClass.REPLY,
        not_after=now + dt.timedelta(hours=1),
    )
    return Decision(after, emit=(Emit(answer, event.data.chat_id),))


def read(account: Account, event: Envelope[MessageSend], now: dt.datetime) -> Decision[Account]:
    """Write down which answer was read."""
    return Decision(replace(account, heard=(*account.heard, int(event.data.text.split()[0]))))


def answered(value: bytes) -> int:
    """Return which message an answer on the log answers."""
    return int(MessageSend.model_validate_json(value).text.split()[0])


def entering(database: Database) -> Subscription:
    """Return the consumer that answers."""
    states = Accounts(database, ACCOUNTS)
    handler = Handler(MessageReceived, key=lambda data: data.chat_id, states=states, decide=enter)
    return Subscription(CONSUMER, SERVICE, (handler,))


def reading(database: Database) -> Subscription:
    """Return the consumer that reads the answers."""
    states = Accounts(database, ANSWERS)
    handler = Handler(MessageSend, key=lambda data: data.chat_id, states=states, decide=read)
    return Subscription(READER, SERVICE, (handler,))
