"""Dead letters on real logs and a real database: replayed once, never half, and never against a decision."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import secrets
from typing import Any

import pytest

from shared import patience
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageSend
from shared.contracts.topics import INBOUND, OUTBOUND
from shared.errors import Invalid, NotFound, StoreUnavailable
from shared.log.kafka import KafkaLog
from shared.log.record import Record
from shared.replay.marks import MIGRATION
from shared.replay.plan import plan
from shared.store.migrations import migrate
from shared.stream import effects as effects_module
from shared.stream import processor as module
from shared.stream.effects import Effect, Effects
from shared.stream.relay import Relay
from shared.stream.retry import retried
from tests.support import events
from tests.support.events import NOW
from tests.support.letters import (
    BY,
    CHAT,
    DLQ,
    REPLAY,
    desk,
    heard,
    letter_record,
    mended,
    open_letters,
    outbox,
    poisoned,
    processor,
    quiet,
    replay,
    work,
)
from tests.support.streams import Bench, bench, eventually, everything, running
from tests.support.tally import POISON


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(effects_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.05,))


@pytest.fixture
async def place(place: Bench) -> Bench:
    await migrate(place.database, place.clock, [MIGRATION])
    return place


@pytest.fixture
async def one_place(one_place: Bench) -> Bench:
    await migrate(one_place.database, one_place.clock, [MIGRATION])
    return one_place


class TestReplay:
    async def test_d07_after_a_fix_letters_take_effect_once_and_a_second_run_finds_nothing(
        self, place: Bench
    ) -> None:
        await poisoned(place, *range(6))
        assert await heard(place) == []
        letters = await open_letters(place)
        report = await replay(place, letters)
        assert [each.id for each in report.done] == [each.id for each in letters]
        assert not report.failed
        await work(place, mended)
        assert await heard(place) == [events.message_id(n) for n in range(6)]
        assert await open_letters(place) == ()

    async def test_d07_replayed_again_they_are_absorbed(self, place: Bench) -> None:
        await poisoned(place, *range(6), chats=2)
        await replay(place, await open_letters(place))
        await work(place, mended)
        before = [await heard(place, events.chat_id(chat)) for chat in (1, 2)]
        said = len(await everything(place.log, OUTBOUND.name))
        for times in (2, 3):
            letters = await open_letters(place, again=True)
            assert len(letters) == 6
            await replay(place, letters)
            await work(place, mended)
            marks = [each.mark for each in await open_letters(place, again=True)]
            assert {(mark.times, mark.by) for mark in marks if mark} == {(times, BY)}
        assert [await heard(place, events.chat_id(chat)) for chat in (1, 2)] == before
        assert len(await everything(place.log, OUTBOUND.name)) == said

    async def test_the_replayed_record_is_the_original_and_says_whose_it_is(self, place: Bench) -> None:
        await poisoned(place, 1)
        (letter,) = await open_letters(place)
        await replay(place, [letter])
        (row,) = await outbox(place)
        original = events.record(events.received(1, chat=CHAT, text=POISON))
        assert (row["topic"], row["key"], row["value"]) == (REPLAY, original.key, original.value)
        told = retried(Record(REPLAY, 0, 0, row["key"], row["value"], row["headers"]))
        assert (told.consumer, told.attempts, told.not_before) == ("tally", 0, NOW)
        assert told.topic == INBOUND.name
        own = {name: each for name, each in row["headers"].items() if not name.startswith("x-")}
        assert own == original.headers

    async def test_what_still_cannot_be_read_becomes_a_new_letter_and_no_loop(self, place: Bench) -> None:
        good = events.record(events.received(1, chat=CHAT))
        await place.log.append([dataclasses.replace(good, value=b"{")])
        await work(place)
        (letter,) = await open_letters(place)
        await replay(place, [letter])
        await work(place, mended)
        (second,) = await open_letters(place)
        assert second.id != letter.id
        assert (second.reason, second.origin) == ("undecodable", letter.origin)
        assert len(await everything(place.log, DLQ)) == 2

    async def test_a_crash_in_between_leaves_nothing_half(
        self, one_place: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await poisoned(one_place, 1, 2)
        letters = await open_letters(one_place)
        add = one_place.runtime().outbox.add

        async def crash(session: Any, records: Any) -> None:
            await add(session, records)
            raise StoreUnavailable("The process dies here.")

        with monkeypatch.context() as patched:
            patched.setattr(one_place.runtime().outbox, "add", crash)
            with pytest.raises(StoreUnavailable):
                await replay(one_place, letters)
        assert await outbox(one_place) == []
        assert await open_letters(one_place) == letters
        await replay(one_place, letters)
        await work(one_place, mended)
        assert await heard(one_place) == [events.message_id(1), events.message_id(2)]

    async def test_after_a_crash_among_many_the_same_command_does_the_rest(
        self, one_place: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await one_place.log.append([letter_record(number) for number in range(250)])
        add, calls = one_place.runtime().outbox.add, 0

        async def crash(session: Any, records: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise StoreUnavailable("The process dies here.")
            await add(session, records)

        done: list[int] = []
        with monkeypatch.context() as patched:
            patched.setattr(one_place.runtime().outbox, "add", crash)
            with pytest.raises(StoreUnavailable):
                await replay(one_place, await open_letters(one_place), progress=done.append)
        assert done == [100, 100]
        assert len(await outbox(one_place)) == 200
        rest = await open_letters(one_place)
        assert [each.id for each in rest] == [f"0-{number}" for number in range(200, 250)]
        await replay(one_place, rest)
        rows = await outbox(one_place)
        assert [row["headers"]["ce_id"] for row in rows] == [
            letter_record(number).headers["ce_id"] for number in range(250)
        ]

    async def test_two_operators_at_once_replay_each_letter_once(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(number) for number in range(150)])
        letters = await open_letters(one_place)
        reports = await asyncio.gather(*(replay(one_place, letters) for _ in range(4)))
        assert sum(len(report.done) for report in reports) == 150
        assert {why for report in reports for why in report.failed.values()} == {"changed"}
        rows = await outbox(one_place)
        assert len({row["headers"]["ce_id"] for row in rows}) == len(rows) == 150

    async def test_nothing_is_handed_to_a_consumer_that_is_not_there(self, one_place: Bench) -> None:
        odd = dataclasses.replace(letter_record(2), headers={})
        await one_place.log.append([letter_record(1, consumer="renamed"), odd, letter_record(3)])
        report = await replay(one_place, await open_letters(one_place))
        assert report.failed == {"0-0": "no_consumer", "0-1": "no_consumer"}
        assert [each.id for each in await open_letters(one_place)] == ["0-0", "0-1"]

    async def test_a_letter_that_is_no_longer_kept_is_told(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(1), letter_record(2)])
        letters = await open_letters(one_place)
        storage = one_place.log._storage  # type: ignore[attr-defined]
        (partition,) = [each for each in storage.records if each.topic == DLQ]
        del storage.records[partition][1]
        report = await replay(one_place, letters)
        assert report.failed == {"0-1": "gone"}
        with pytest.raises(NotFound):
            await desk(one_place).open("0-1")

    async def test_a_rate_is_kept_by_the_time_before_which_none_is_handled(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(number) for number in range(110)])
        report = await replay(one_place, await open_letters(one_place), rate=10.0)
        assert report.last == NOW + dt.timedelta(seconds=10.9)
        times = [
            dt.datetime.fromisoformat(row["headers"]["x-not-before"].decode())
            for row in await outbox(one_place)
        ]
        assert times == [NOW + dt.timedelta(seconds=number / 10) for number in range(110)]

    async def test_a_rate_that_makes_no_sense_changes_nothing(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(1)])
        with pytest.raises(Invalid):
            await replay(one_place, await open_letters(one_place), rate=-1.0)
        assert len(await open_letters(one_place)) == 1

    async def test_slowly_replayed_letters_are_handled_when_their_time_has_come(self, place: Bench) -> None:
        await poisoned(place, 1, 2)
        await replay(place, await open_letters(place), rate=1 / 60)

        async def first() -> bool:
            return len(await heard(place)) == 1

        async with running(processor(place, mended), Relay(place.runtime(), place.database)):
            await eventually(first, "the first letter")
        place.clock.advance(dt.timedelta(seconds=61))
        await work(place, mended)
        assert await heard(place) == [events.message_id(1), events.message_id(2)]

    async def test_commands_of_an_effect_are_acted_on_once(self, place: Bench) -> None:
        acted: list[str] = []
        fail = [KeyError("bug"), None]

        async def act(command: Envelope[MessageSend]) -> None:
            if (error := fail.pop(0) if fail else None) is not None:
                raise error
            acted.append(command.data.text)

        def sender() -> Effects:
            return Effects(Effect("sender", (MessageSend,), act), place.runtime())

        await place.log.append([events.record(events.send(1, chat=CHAT, text="one"))])
        for _ in range(2):
            async with running(sender(), Relay(place.runtime(), place.database)):
                await eventually(quiet(place, "sender"), "the end of all work")
            if letters := await open_letters(place):
                (planned,) = (await plan(desk(place), letters, [sender()])).letters
                assert (planned.outcome, planned.emits, acted) == ("would_act", (), [])
                await replay(place, letters)
        async with running(sender(), Relay(place.runtime(), place.database)):
            await eventually(quiet(place, "sender"), "the end of all work")
        assert acted == ["one"]


@pytest.mark.kafka
async def test_on_kafka_letters_are_replayed_beside_the_service(mongo_url: str, kafka_bootstrap: str) -> None:
    # The topics of the broker are shared: what is ours is told apart by its ids.
    async with bench(mongo_url, kafka_bootstrap) as place:
        await migrate(place.database, place.clock, [MIGRATION])
        ours = [letter_record(number, chat=f"c_{secrets.token_hex(10)}") for number in range(3)]
        keys = {each.key for each in ours}
        await place.log.append(ours)
        beside = dataclasses.replace(place, log=KafkaLog(kafka_bootstrap, "dlq"))
        mine = [each for each in await open_letters(beside) if each.key.encode() in keys]
        assert len(mine) == 3
        report = await replay(beside, mine)
        assert len(report.done) == 3
        assert await Relay(place.runtime(), place.database).publish_all() == 3
        back = [each for each in await everything(place.log, REPLAY) if each.key in keys]
        assert {each.value for each in back} == {each.value for each in ours}
        assert {retried(each).consumer for each in back} == {"tally"}
        assert not {each.key.encode() for each in await open_letters(beside)} & keys
