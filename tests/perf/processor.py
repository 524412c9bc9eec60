"""How fast the processor folds batches into transactions, beside a bare loop with the same writes."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pymongo import ReplaceOne

from shared.clock import SystemClock
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import ChatKind, MessageKind, MessageReceived
from shared.contracts.moderation import PolicyChanged
from shared.contracts.topics import TOPICS
from shared.decision import Decision, Emit
from shared.ids import deterministic_id, random_id
from shared.log.memory import MemoryStorage, memory_log
from shared.log.record import NewRecord
from shared.observability.health import Health
from shared.store.client import Database, Document, Mongo, connect, database
from shared.store.migrations import migrate
from shared.store.unit_of_work import Session, UnitOfWork
from shared.stream.processor import BATCH, Processor
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime
from shared.stream.subscription import Handler, Subscription

EVENTS = 20_000
CHATS = 500


@dataclass(frozen=True, slots=True)
class Tally:
    """The least state there is."""

    chat_id: str
    count: int = 0


class Tallies:
    """Keeps tallies, and says when enough of them have been counted."""

    def __init__(self, collection_of: Database) -> None:
        self._collection = collection_of["tallies"]

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Tally]:
        """Return the tally of every chat."""
        found = self._collection.find({"_id": {"$in": list(keys)}}, session=session)
        counts = {str(each["_id"]): int(str(each["count"])) async for each in found}
        return {key: Tally(key, counts.get(key, 0)) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Tally]) -> None:
        """Store tallies."""
        writes = [_counted(key, tally.count) for key, tally in changed.items()]
        await self._collection.bulk_write(writes, ordered=False, session=session)


def decide(tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
    """Count, and say so in an event: one state change and one fact for every message."""
    fact = PolicyChanged(
        chat_id=tally.chat_id, version=tally.count + 1, languages=("hi",), changed_by=event.id, changed_at=now
    )
    return Decision(replace(tally, count=tally.count + 1), emit=(Emit(fact, tally.chat_id),))


async def measure_processor(mongo_url: str) -> float:
    """Return the events per second of the real processor over a log in memory."""
    mongo, place = await _fresh(mongo_url)
    clock = SystemClock()
    storage = MemoryStorage()
    log = memory_log(storage)
    await log.ensure_topics(TOPICS)
    records = _records()
    for start in range(0, EVENTS, 500):
        await log.append(records[start : start + 500])
    runtime = Runtime.of("bench", backend=log, mongo=mongo, database=place, clock=clock, health=Health())
    tallies = Tallies(place)
    handler = Handler(MessageReceived, lambda message: message.chat_id, tallies, decide)
    processor = Processor(Subscription("bench", "moderation", (handler,)), runtime)
    began = time.perf_counter()
    running = asyncio.create_task(processor.run())
    # A processor that fails ends the measurement, instead of being waited for.
    while not running.done() and sum(storage.positions["bench"].values()) < EVENTS:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    seconds = time.perf_counter() - began
    processor.stop()
    await running
    total = [
        each
        async for each in await place["tallies"].aggregate(
            [{"$group": {"_id": None, "n": {"$sum": "$count"}}}]
        )
    ]
    if int(str(total[0]["n"])) != EVENTS or await place["_outbox"].count_documents({}) != EVENTS:
        raise RuntimeError("the processor lost or doubled events")
    await log.stop()
    await _drop(mongo, place)
    return EVENTS / seconds


async def measure_bare(mongo_url: str) -> float:
    """Return the events per second of nothing but the same writes in transactions of the same size."""
    mongo, place = await _fresh(mongo_url)
    unit_of_work = UnitOfWork(mongo)
    records = _records()
    counts: dict[str, int] = {}
    began = time.perf_counter()
    for start in range(0, EVENTS, BATCH):
        batch = records[start : start + BATCH]
        now = dt.datetime.now(dt.UTC)
        inbox: list[Document] = [{"_id": f"bench|{uuid.uuid4()}", "at": now} for _ in batch]
        for record in batch:
            counts[record.key.decode()] = counts.get(record.key.decode(), 0) + 1
        touched = {record.key.decode() for record in batch}
        states = [_counted(key, counts[key]) for key in touched]
        outbox: list[Document] = [
            {
                "topic": record.topic,
                "key": record.key,
                "value": record.value,
                "headers": dict(record.headers),
                "at": now,
            }
            for record in batch
        ]

        async def write(
            session: Session,
            inbox: list[Document] = inbox,
            states: list[ReplaceOne[Document]] = states,
            outbox: list[Document] = outbox,
        ) -> None:
            await place["_inbox"].insert_many(inbox, ordered=False, session=session)
            await place["tallies"].bulk_write(states, ordered=False, session=session)
            await place["_outbox"].insert_many(outbox, session=session)

        await unit_of_work.run(write)
    seconds = time.perf_counter() - began
    await _drop(mongo, place)
    return EVENTS / seconds


def _counted(key: str, count: int) -> ReplaceOne[Document]:
    document: Document = {"count": count}
    return ReplaceOne({"_id": key}, document, upsert=True)


def _records() -> list[NewRecord]:
    now = dt.datetime.now(dt.UTC)
    chats = [random_id("c") for _ in range(CHATS)]
    members = [random_id("m") for _ in range(CHATS)]
    records = []
    for number in range(EVENTS):
        message_id = deterministic_id("bench", str(number))
        data = MessageReceived(
            chat_id=chats[number % CHATS],
            chat_kind=ChatKind.GROUP,
            message_id=message_id,
            member_id=members[number * 7 % CHATS],
            sent_at=now,
            kind=MessageKind.TEXT,
            text="आज का सवाल: title tag कितना लंबा हो?",
        )
        records.append(
            to_record(originate(data, event_id=message_id, source="/bench", key=data.chat_id, time=now))
        )
    return records


async def _fresh(mongo_url: str) -> tuple[Mongo, Database]:
    mongo = connect(mongo_url, application="bench")
    place = database(mongo, f"bench_{uuid.uuid4().hex[:10]}")
    await migrate(place, SystemClock())
    await place.create_collection("tallies")
    return mongo, place


async def _drop(mongo: Mongo, place: Database) -> None:
    await mongo.drop_database(place.name)
    await mongo.close()
