"""What people write: numbered messages in a few chats, some of them twice, some of them hard to bear."""

from __future__ import annotations

import asyncio
import dataclasses
from random import Random
from typing import TYPE_CHECKING

from shared.contracts.topics import INBOUND, Topic
from shared.errors import LogUnavailable
from shared.log.record import NewRecord
from tests.simulation.application import ALWAYS
from tests.support import events
from tests.support.tally import POISON

if TYPE_CHECKING:
    from tests.simulation.world import World


def narrowed(topic: Topic, partitions: int) -> Topic:
    """Return `topic` with no more than so many partitions."""
    return dataclasses.replace(topic, partitions=min(partitions, topic.partitions))


async def write(world: World, random: Random) -> None:
    """Write everything, in bursts, each burst again until the log has it."""
    chats = random.randint(1, 3)
    left = _messages(random, chats, random.randint(8, 24))
    while left:
        await asyncio.sleep(random.random() ** 3 * 3.0)
        size = random.randint(1, 8)
        burst, left = left[:size], left[size:]
        while True:
            try:
                await world.log.append(burst)
            except LogUnavailable:
                world.trace.add("the log did not take a burst")
                await asyncio.sleep(0.3)
            else:
                break


def _messages(random: Random, chats: int, count: int) -> list[NewRecord]:
    records: list[NewRecord] = []
    for number in range(count):
        chat = events.chat_id(random.randrange(chats))
        records.append(_message(random, number, chat))
        if random.random() < 0.12:
            # Delivered again by the provider, at once or much later.
            records.append(records[random.randrange(len(records))])
    return records


def _message(random: Random, number: int, chat: str) -> NewRecord:
    text = "hello"
    match random.randrange(24):
        case 0:
            text = POISON
        case 1:
            return dataclasses.replace(events.record(events.received(number, chat=chat)), value=b"{")
        case 2:
            return dataclasses.replace(events.record(events.joined(number, chat=chat)), topic=INBOUND.name)
        case 3 | 4 | 5:
            text = f"flaky {random.choice([1, 2, 4, 6, 9, ALWAYS])}"
        case 6 | 7:
            text = f"wake {random.randrange(3)} {random.random() * 8:.3f}"
        case 8:
            text = f"cancel {random.randrange(3)}"
    return events.record(events.received(number, chat=chat, text=text))
