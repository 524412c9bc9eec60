"""So many dead letters that the fault must be ours: the consumer stands still until somebody has looked."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest

from shared import patience
from shared.contracts.gateway import MessageSend
from shared.contracts.topics import INBOUND, dead_letter_topic, replay_topic
from shared.errors import PermanentError
from shared.log.record import NewRecord, Partition, Record
from shared.observability.metrics import REGISTRY
from shared.stream import effects as effects_module
from shared.stream import processor as module
from shared.stream import relay
from shared.stream.effects import Effect, Effects
from shared.stream.failure import IN_A_ROW
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.retry import REPLAYED, retry_record
from tests.support import events
from tests.support.streams import Bench, eventually, running, turns
from tests.support.tally import POISON, Tallies, hearing

CHAT, OTHER = events.chat_id(1), events.chat_id(2)
DLQ = dead_letter_topic("moderation").name


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(effects_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.02,))
    monkeypatch.setattr(relay, "OFFER_SECONDS", 0.0)


def processor(place: Bench) -> Processor:
    return Processor(hearing(Tallies(place.database)), place.runtime())


async def said(place: Bench, *texts: str, chat: str = CHAT, start: int = 0) -> None:
    await place.log.append(
        [events.record(events.received(start + n, chat=chat, text=text)) for n, text in enumerate(texts)]
    )


async def rows(place: Bench, topic: str = DLQ) -> list[dict[str, Any]]:
    return await place.database["_outbox"].find({"topic": topic}).sort("_id", 1).to_list()


def committed(place: Bench, chat: str = CHAT) -> int:
    group = place.log._groups["tally"]  # type: ignore[attr-defined]
    return int(group.committed.get(Partition(INBOUND.name, crc32(chat.encode()) % INBOUND.partitions), 0))


def is_halted(place: Bench):
    async def reached() -> bool:
        return any("halted" in problem for problem in place.health.unready().values())

    return reached


async def heard(place: Bench, chat: str) -> int:
    return len((await Tallies(place.database).of(chat)).heard)


async def test_after_twenty_in_a_row_a_partition_is_not_read_on(place: Bench) -> None:
    await said(place, *[POISON] * 45)
    await said(place, "a", "b", chat=OTHER, start=100)
    async with running(processor(place)):
        await eventually(is_halted(place), "the halt")

        async def others() -> bool:
            return await heard(place, OTHER) == 2

        await eventually(others, "the other chats")
        await said(place, "c", start=200)
        await said(place, "d", chat=OTHER, start=300)

        async def more() -> bool:
            return await heard(place, OTHER) == 3

        await eventually(more, "the other chats, later too")
    assert len(await rows(place)) == IN_A_ROW
    assert committed(place) == IN_A_ROW, "what was not handled is not committed"
    assert REGISTRY.get_sample_value("chaupal_partitions_halted", {"consumer": "tally"}) == 1
    assert await heard(place, CHAT) == 0


async def test_once_the_fault_is_mended_a_restart_goes_on_where_it_stopped(
    one_place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said(one_place, *[POISON] * 30)
    async with running(processor(one_place)):
        await eventually(is_halted(one_place), "the halt")
    monkeypatch.setattr("tests.support.tally.POISON", "not this any more")
    async with running(processor(one_place)):

        async def rest() -> bool:
            return await heard(one_place, CHAT) == 30 - IN_A_ROW

        await eventually(rest, "the rest")
    assert len(await rows(one_place)) == IN_A_ROW


async def test_poison_among_many_good_records_halts_nothing(one_place: Bench) -> None:
    texts = [POISON if n % 50 == 0 else "a" for n in range(400)]
    await said(one_place, *texts)
    async with running(processor(one_place)):

        async def all_done() -> bool:
            return await heard(one_place, CHAT) == 392

        await eventually(all_done, "all of it")
    assert len(await rows(one_place)) == 8
    assert not await is_halted(one_place)()


async def test_when_a_second_partition_goes_bad_all_stand_still(one_place: Bench) -> None:
    await said(one_place, *[POISON] * 30)
    await said(one_place, *[POISON] * 30, chat=OTHER, start=100)
    third = events.chat_id(3)
    async with running(processor(one_place)):

        async def both() -> bool:
            return len(await rows(one_place)) == 2 * IN_A_ROW

        await eventually(both, "both halts")
        await said(one_place, "a", chat=third, start=200)
        await turns(200)
    assert await heard(one_place, third) == 0


async def test_a_replay_of_letters_that_fail_again_halts_nothing(one_place: Bench) -> None:
    again = []
    for number in range(40):
        new = events.record(events.received(number, chat=CHAT, text=POISON))
        again.append(
            retry_record(
                Record(DLQ, 0, number, new.key, new.value, new.headers),
                topic=replay_topic("moderation"),
                consumer="tally",
                attempts=0,
                not_before=events.NOW,
                reason=REPLAYED,
            )
        )
    await one_place.log.append(again)
    async with running(processor(one_place)):

        async def all_back() -> bool:
            return len(await rows(one_place)) == 40

        await eventually(all_back, "all of them, set aside again")
    assert not await is_halted(one_place)()


async def test_while_the_log_refuses_dead_letters_no_more_are_made(
    one_place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, refusing = one_place.log.append, True

    async def picky(records: list[NewRecord]) -> None:
        if refusing and any(record.topic == DLQ for record in records):
            raise PermanentError("The topic takes nothing.")
        await append(records)

    monkeypatch.setattr(one_place.log, "append", picky)
    await said(one_place, POISON)
    publisher, consumer = Relay(one_place.runtime(), one_place.database), processor(one_place)
    async with running(publisher, consumer):

        async def refused() -> bool:
            return bool((await rows(one_place)) and (await rows(one_place))[0].get("refused"))

        monkeypatch.setattr(relay, "OFFER_SECONDS", 3600.0)
        await eventually(refused, "the refusal")
        await said(one_place, "a", POISON, "b", start=10)

        async def stands_still() -> bool:
            return "log_unavailable" in one_place.health.unready().values()

        await eventually(stands_still, "the pause")
        assert committed(one_place) == 1, "nothing is committed that is not kept somewhere"
        refusing = False
        monkeypatch.setattr(relay, "OFFER_SECONDS", 0.0)

        async def goes_on() -> bool:
            return await heard(one_place, CHAT) == 2 and not await rows(one_place)

        await eventually(goes_on, "the rest")


async def test_a_bug_met_by_every_command_stops_the_effects(one_place: Bench) -> None:
    async def act(_: Any) -> None:
        raise KeyError("bug")

    commands = [events.record(events.send(n, chat=CHAT)) for n in range(60)]
    await one_place.log.append(commands)
    async with running(Effects(Effect("sender", (MessageSend,), act), one_place.runtime())):
        await eventually(is_halted(one_place), "the halt")
    assert len(await rows(one_place)) == IN_A_ROW
    group = one_place.log._groups["sender"]  # type: ignore[attr-defined]
    assert sum(group.committed.values()) == IN_A_ROW
