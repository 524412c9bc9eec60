"""Dead letters in the tests: how they come about, and a service that can be mended."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.topics import INBOUND, OUTBOUND, again_topics, dead_letter_topic, replay_topic
from shared.decision import Decision
from shared.errors import Undecodable
from shared.log.record import NewRecord, Record
from shared.replay.letter import Letter
from shared.replay.letters import Letters
from shared.replay.query import Query
from shared.stream.dead_letter import dead_letter
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.subscription import Handler, Subscription
from tests.support import events
from tests.support.events import NOW
from tests.support.streams import Bench, eventually, running
from tests.support.tally import POISON, Tallies, Tally, hear

DLQ, REPLAY = dead_letter_topic("moderation").name, replay_topic("moderation").name
CHAT = events.chat_id(1)
BY = "asha"


def desk(place: Bench) -> Letters:
    return Letters(place.runtime(), place.database)


async def open_letters(place: Bench, **query: Any) -> tuple[Letter, ...]:
    return (await desk(place).find(Query(**query), limit=10_000)).letters


def as_it_is(tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
    return hear(tally, event, now)


def mended(tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
    return hear(tally, dataclasses.replace(event, data=event.data.model_copy(update={"text": "mended"})), now)


def processor(place: Bench, decide: Callable[..., Decision[Tally]]) -> Processor:
    handler = Handler(MessageReceived, lambda data: data.chat_id, Tallies(place.database), decide)
    return Processor(Subscription("tally", "moderation", (handler,)), place.runtime())


def quiet(place: Bench, consumer: str = "tally") -> Callable[[], Awaitable[bool]]:
    """Tell whether everything is published, handled and committed."""
    topics = {INBOUND.name, OUTBOUND.name, *(topic.name for topic in again_topics("moderation"))}

    async def settled() -> bool:
        group = place.log._groups.get(consumer)  # type: ignore[attr-defined]
        if group is None or await place.database["_outbox"].count_documents({"refused": None}):
            return False
        read = {each for each in group.ends if each.topic in topics}
        if consumer == "tally":
            read = {each for each in read if each.topic != OUTBOUND.name}
        else:
            read = {each for each in read if each.topic != INBOUND.name}
        return all(group.committed.get(each, 0) == group.ends[each] for each in read)

    return settled


async def work(place: Bench, decide: Callable[..., Decision[Tally]] = as_it_is) -> None:
    """Run the service until nothing is left to do."""
    async with running(processor(place, decide), Relay(place.runtime(), place.database)):
        await eventually(quiet(place), "the end of all work")


async def poisoned(place: Bench, *numbers: int, chats: int = 1) -> None:
    """Let events become letters, as a bug in the handler would."""
    records = [
        events.record(events.received(number, chat=events.chat_id(1 + number % chats), text=POISON))
        for number in numbers
    ]
    await place.log.append(records)
    await work(place)
    assert len(await open_letters(place)) == len(numbers)


async def heard(place: Bench, chat: str = CHAT) -> list[str]:
    return list((await Tallies(place.database).of(chat)).heard)


async def outbox(place: Bench) -> list[dict[str, Any]]:
    return await place.database["_outbox"].find().sort("_id", 1).to_list()


async def replay(place: Bench, letters: Sequence[Letter], **how: Any) -> Any:
    return await desk(place).replay(letters, consumers={"tally", "sender"}, by=BY, **how)


def letter_record(number: int, *, consumer: str = "tally", chat: str = CHAT) -> NewRecord:
    """Return a letter as it is set aside, made without running anything."""
    new = events.record(events.received(number, chat=chat))
    record = Record(new.topic, 0, number, new.key, new.value, new.headers)
    return dead_letter(record, "moderation", consumer, Undecodable("No."), now=NOW)
