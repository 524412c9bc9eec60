"""Finding letters and giving them up; and rows that the log has refused."""

from __future__ import annotations

from typing import Any

import pytest

from shared import patience
from shared.contracts.topics import OUTBOUND, dead_letter_topic
from shared.errors import PermanentError
from shared.observability.metrics import REGISTRY
from shared.replay.letter import State
from shared.replay.marks import MIGRATION
from shared.replay.plan import plan
from shared.replay.query import Query
from shared.store.migrations import migrate
from shared.stream import effects as effects_module
from shared.stream import processor as module
from shared.stream.relay import Relay
from tests.support import events
from tests.support.events import NOW
from tests.support.letters import (
    BY,
    CHAT,
    DLQ,
    desk,
    heard,
    letter_record,
    mended,
    open_letters,
    outbox,
    poisoned,
    replay,
    work,
)
from tests.support.streams import Bench, everything


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


class TestDrop:
    async def test_a_dropped_letter_is_counted_stays_on_the_log_and_stays_dropped(self, place: Bench) -> None:
        labels = {"service": "moderation", "reason": "domain_error"}
        before = REGISTRY.get_sample_value("chaupal_letters_dropped_total", labels) or 0.0
        await poisoned(place, 1, 2)
        one, two = await open_letters(place)
        report = await desk(place).drop([one], by=BY)
        assert [each.id for each in report.done] == [one.id]
        assert REGISTRY.get_sample_value("chaupal_letters_dropped_total", labels) == before + 1
        assert await open_letters(place) == (two,)
        assert [each.id for each in await open_letters(place, again=True)] == [two.id]
        assert len(await everything(place.log, DLQ)) == 2
        (kept, _) = await open_letters(place, any_state=True)
        assert kept.mark is not None
        assert (kept.state, kept.mark.by, kept.mark.at, kept.mark.times) == (State.DROPPED, BY, NOW, 0)

    async def test_named_a_dropped_letter_is_replayed_after_all(self, one_place: Bench) -> None:
        await poisoned(one_place, 1)
        (letter,) = await open_letters(one_place)
        await desk(one_place).drop([letter], by=BY)
        found = await desk(one_place).find(Query(ids=frozenset({letter.id})), limit=10)
        assert (found.letters, found.passed_over) == ((), {letter.id: "dropped"})
        await replay(one_place, await open_letters(one_place, ids=frozenset({letter.id}), again=True))
        await work(one_place, mended)
        assert await heard(one_place) == [events.message_id(1)]

    async def test_marks_are_forgotten_after_the_letters(self, one_place: Bench) -> None:
        indexes = await one_place.database["_letters"].index_information()
        (ttl,) = [each["expireAfterSeconds"] for each in indexes.values() if "expireAfterSeconds" in each]
        assert ttl > dead_letter_topic("moderation").retention.total_seconds()


class TestFinding:
    async def test_pages_hold_every_letter_once_and_the_summary_is_of_all(self, place: Bench) -> None:
        await place.log.append([letter_record(number) for number in range(7)])
        seen: list[str] = []
        after: str | None = None
        while True:
            found = await desk(place).find(Query(), limit=3, after=after)
            assert found.summary.total == 7
            seen += [each.id for each in found.letters]
            after = seen[-1]
            if not found.more:
                break
        assert seen == [f"0-{number}" for number in range(7)]

    async def test_nothing_named_is_nothing_and_not_everything(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(0)])
        assert [each async for each in desk(one_place).read([])] == []
        for report in (await replay(one_place, []), await desk(one_place).drop([], by=BY)):
            assert (report.done, report.failed) == ([], {})
        assert (await plan(desk(one_place), [], [])).letters == []
        assert len(await open_letters(one_place)) == 1

    async def test_what_was_named_and_is_not_there_is_told(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(0)])
        found = await desk(one_place).find(Query(ids=frozenset({"0-0", "0-9"})), limit=10)
        assert [each.id for each in found.letters] == ["0-0"]
        assert found.passed_over == {"0-9": "not_found"}

    async def test_it_reads_beside_the_process_that_owns_the_log(self, place: Bench) -> None:
        await place.log.append([letter_record(0)])
        opened = await desk(place).open("0-0")
        assert opened.record.value == letter_record(0).value
        assert opened.letter.reason == "undecodable"


class TestRefusedRows:
    async def refused(self, place: Bench, count: int = 2) -> None:
        runtime = place.runtime()

        async def write(session: Any) -> None:
            await runtime.outbox.add(
                session, [events.record(events.send(number, chat=CHAT)) for number in range(count)]
            )

        await runtime.unit_of_work.run(write)
        for row in await runtime.outbox.next(10):
            await runtime.outbox.refuse(row.id, PermanentError.code)

    async def test_they_are_found_beside_the_letters(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(0)])
        await self.refused(one_place)
        letters = await open_letters(one_place)
        assert [each.refused for each in letters] == [False, True, True]
        row = letters[1]
        assert (row.consumer, row.reason, row.type) == ("moderation.relay", "permanent", "message.send")
        assert (await desk(one_place).open(row.id)).record.topic == OUTBOUND.name
        planned = (await plan(desk(one_place), [row], [])).letters[0]
        assert planned.outcome == "would_publish"
        assert planned.emits[0].headers["ce_id"] == events.send(0, chat=CHAT).id.encode()

    async def test_the_relay_tries_them_again(self, place: Bench) -> None:
        await self.refused(place)
        relay = Relay(place.runtime(), place.database)
        assert await relay.publish_all() == 0
        report = await replay(place, await open_letters(place))
        assert len(report.done) == 2
        assert await relay.publish_all() == 2
        assert await open_letters(place) == ()
        assert len(await everything(place.log, OUTBOUND.name)) == 2

    async def test_dropped_they_are_gone_and_counted(self, one_place: Bench) -> None:
        labels = {"service": "moderation", "reason": "permanent"}
        before = REGISTRY.get_sample_value("chaupal_letters_dropped_total", labels) or 0.0
        await self.refused(one_place)
        one, two = await open_letters(one_place)
        await desk(one_place).drop([one], by=BY)
        assert await open_letters(one_place) == (two,)
        assert len(await outbox(one_place)) == 1
        assert REGISTRY.get_sample_value("chaupal_letters_dropped_total", labels) == before + 1
        report = await desk(one_place).drop([one], by=BY)
        assert report.failed == {one.id: "gone"}
