from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
from typing import Any

import pytest

from deploy.local.mongod import LocalMongod
from shared import patience
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.topics import INBOUND, dead_letter_topic
from shared.decision import Decision
from shared.errors import Conflict, StoreUnavailable
from shared.log.record import NewRecord
from shared.observability.metrics import REGISTRY
from shared.stream import processor as module
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.subscription import Handler, Subscription
from tests.support import events
from tests.support.streams import Bench, bench, eventually, running, take
from tests.support.tally import HUGE, POISON, Tallies, Tally, hear, hearing

CHAT, OTHER = events.chat_id(1), events.chat_id(2)
HEARING = hearing(None)  # type: ignore[arg-type]
DLQ = dead_letter_topic("moderation").name


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.1,))


async def append(place: Bench, *envelopes: Envelope[EventModel]) -> None:
    await place.log.append([events.record(each) for each in envelopes])


def idle(place: Bench, consumer: str = "tally"):
    """Tell whether all that stands in the log is done and committed."""

    async def committed() -> bool:
        group = place.log._groups.get(consumer)  # type: ignore[attr-defined]
        return group is not None and all(
            group.committed.get(each, 0) == end
            for each, end in group.ends.items()
            if each.topic == INBOUND.name
        )

    return committed


async def heard(place: Bench, chat: str = CHAT) -> list[str]:
    return list((await Tallies(place.database).of(chat)).heard)


async def outbox(place: Bench) -> list[dict[str, Any]]:
    return await place.database["_outbox"].find().sort("_id", 1).to_list()


async def letters(place: Bench) -> list[dict[str, Any]]:
    return [row for row in await outbox(place) if row["topic"] == DLQ]


def processor(place: Bench, tallies: Tallies | None = None) -> Processor:
    return Processor(hearing(tallies or Tallies(place.database)), place.runtime())


def applied(outcome: str) -> float:
    labels = {"consumer": "tally", "outcome": outcome}
    return REGISTRY.get_sample_value("chaupal_records_handled_total", labels) or 0.0


class TestBatches:
    async def test_each_event_changes_the_state_once_and_in_order(self, place: Bench) -> None:
        numbers = range(60)
        await append(place, *(events.received(n, chat=(CHAT, OTHER)[n % 2]) for n in numbers))
        async with running(processor(place)):
            await eventually(idle(place), "the end of the log")
        assert await heard(place, CHAT) == [events.message_id(n) for n in numbers if n % 2 == 0]
        assert await heard(place, OTHER) == [events.message_id(n) for n in numbers if n % 2]
        assert len(await outbox(place)) == 60

    async def test_a_batch_loads_and_saves_each_state_once(self, one_place: Bench) -> None:
        tallies = Tallies(one_place.database)
        await append(one_place, *(events.received(n, chat=CHAT) for n in range(100)))
        async with running(processor(one_place, tallies)):
            await eventually(idle(one_place), "the end of the log")
        assert tallies.loads == 1
        assert await heard(one_place) == [events.message_id(n) for n in range(100)]

    async def test_answers_of_a_chat_wait_in_the_order_they_were_decided(self, one_place: Bench) -> None:
        await append(one_place, *(events.received(n, chat=CHAT) for n in range(20)))
        async with running(processor(one_place)):
            await eventually(idle(one_place), "the end of the log")
        texts = [row["value"] for row in await outbox(one_place)]
        assert [f'"text":"{n + 1}"'.encode() in text for n, text in enumerate(texts)] == [True] * 20

    async def test_x03_a_record_that_comes_again_changes_nothing(self, place: Bench) -> None:
        before = applied("duplicate")
        await append(place, *(events.received(n, chat=CHAT) for n in range(5)))
        async with running(processor(place)):
            await eventually(idle(place), "the end of the log")
        rows = await outbox(place)
        # Redelivered by the provider, and replayed beside something new.
        await append(place, *(events.received(n, chat=CHAT) for n in (0, 1, 5, 2, 3, 4, 5)))
        async with running(processor(place)):
            await eventually(idle(place), "the end of the log")
        assert await heard(place) == [events.message_id(n) for n in range(6)]
        assert len(await outbox(place)) == len(rows) + 1
        assert applied("duplicate") == before + 6

    async def test_x03_a_batch_that_was_stored_and_not_committed_is_recognised(self, place: Bench) -> None:
        await append(place, *(events.received(n, chat=CHAT) for n in range(5)))
        async with running(processor(place)):
            await eventually(idle(place), "the end of the log")
        group = place.log._groups["tally"]  # type: ignore[attr-defined]
        group.committed.clear()
        await append(place, events.received(9, chat=CHAT))
        async with running(processor(place)):
            await eventually(idle(place), "the end of the log")
        assert await heard(place) == [events.message_id(n) for n in (0, 1, 2, 3, 4, 9)]
        assert len(await outbox(place)) == 6

    async def test_types_that_do_not_concern_it_are_passed_over(self, one_place: Bench) -> None:
        before = applied("skipped")
        stray = dataclasses.replace(events.record(events.joined(1)), topic=INBOUND.name)
        await one_place.log.append([stray, events.record(events.received(1, chat=CHAT))])
        async with running(processor(one_place)):
            await eventually(idle(one_place), "the end of the log")
        assert await heard(one_place) == [events.message_id(1)]
        assert not await letters(one_place)
        assert applied("skipped") == before + 1

    async def test_a_batch_of_nothing_that_concerns_it_is_committed(self, one_place: Bench) -> None:
        stray = dataclasses.replace(events.record(events.joined(1)), topic=INBOUND.name)
        await one_place.log.append([stray])
        async with running(processor(one_place)):
            await eventually(idle(one_place), "the end of the log")
        assert not await outbox(one_place)


class TestSettingAside:
    async def test_an_event_that_breaks_its_handler_is_set_aside_and_its_neighbours_are_applied(
        self, place: Bench
    ) -> None:
        await append(
            place,
            *(events.received(n, chat=CHAT, text=POISON if n in {1, 3} else "hello") for n in range(5)),
        )
        async with running(processor(place)):
            await eventually(idle(place), "the end of the log")
        assert await heard(place) == [events.message_id(n) for n in (0, 2, 4)]
        found = await letters(place)
        assert [row["headers"]["x-dlq-reason"] for row in found] == [b"domain_error"] * 2
        assert b"wrote" not in found[0]["headers"]["x-dlq-error"]

    @pytest.mark.parametrize(
        ("reason", "value", "headers"),
        [
            ("undecodable", b"{", {}),
            ("undecodable", b"", {}),
            ("undecodable", b"[" * 900_000, {}),
            ("undecodable", None, {"ce_id": b"\xff"}),
            ("undecodable", None, {"ce_specversion": b""}),
            ("unknown_type", None, {"ce_type": b"message.sung"}),
            ("unknown_version", None, {"ce_dataschema": b"urn:chaupal:message.received:2"}),
            ("unknown_version", None, {"ce_dataschema": b"urn:chaupal:message.received:" + b"9" * 5000}),
            ("undecodable", None, {"with\0nul": b"", "ce_time": b"soon"}),
        ],
    )
    async def test_what_cannot_be_read_is_set_aside_untouched(
        self, one_place: Bench, reason: str, value: bytes | None, headers: dict[str, bytes]
    ) -> None:
        good = events.record(events.received(1, chat=CHAT))
        bad = NewRecord(
            good.topic, good.key, value if value is not None else good.value, {**good.headers, **headers}
        )
        after = events.record(events.received(2, chat=CHAT))
        await one_place.log.append([good, bad, after])
        async with running(processor(one_place)):
            await eventually(idle(one_place), "the end of the log")
        assert await heard(one_place) == [events.message_id(1), events.message_id(2)]
        (letter,) = await letters(one_place)
        assert letter["headers"]["x-dlq-reason"] == reason.encode()
        assert (letter["key"], letter["value"]) == (bad.key, bad.value)
        own = {name: each for name, each in letter["headers"].items() if not name.startswith("x-dlq-")}
        assert own == {name.replace("\0", "\\0"): each for name, each in bad.headers.items()}

    async def test_a_record_without_any_header_is_set_aside(self, one_place: Bench) -> None:
        await one_place.log.append(
            [NewRecord(INBOUND.name, b"", b"hello"), events.record(events.received(1))]
        )
        async with running(processor(one_place)):
            await eventually(idle(one_place), "the end of the log")
        assert len(await letters(one_place)) == 1

    async def test_a_state_that_no_document_holds_is_found_among_its_neighbours(
        self, one_place: Bench
    ) -> None:
        await append(
            one_place,
            *(
                events.received(n, chat=events.chat_id(n), text=HUGE if n == 5 else "hello")
                for n in range(12)
            ),
        )
        async with running(processor(one_place)):
            await eventually(idle(one_place), "the end of the log")
        for n in range(12):
            assert await heard(one_place, events.chat_id(n)) == ([] if n == 5 else [events.message_id(n)])
        (letter,) = await letters(one_place)
        assert letter["headers"]["x-dlq-reason"] == b"permanent"
        assert letter["key"] == events.chat_id(5).encode()

    async def test_a_record_set_aside_is_not_set_aside_again_when_it_is_redelivered(
        self, one_place: Bench
    ) -> None:
        await append(one_place, events.received(1, chat=CHAT, text=POISON))
        for _ in range(2):
            async with running(processor(one_place)):
                await eventually(idle(one_place), "the end of the log")
            one_place.log._groups["tally"].committed.clear()  # type: ignore[attr-defined]
        assert len(await letters(one_place)) == 1

    async def test_after_a_fix_the_same_event_is_handled_when_it_is_replayed(self, one_place: Bench) -> None:
        await append(one_place, events.received(1, chat=CHAT, text=POISON))
        async with running(processor(one_place)):
            await eventually(idle(one_place), "the end of the log")

        def fixed(tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
            data = event.data.model_copy(update={"text": "fixed"})
            return hear(tally, dataclasses.replace(event, data=data), now)

        (letter,) = await letters(one_place)
        again = NewRecord(INBOUND.name, letter["key"], letter["value"], letter["headers"])
        await one_place.log.append([again, again])
        handler = Handler(MessageReceived, lambda data: data.chat_id, Tallies(one_place.database), fixed)
        async with running(Processor(Subscription("tally", "moderation", (handler,)), one_place.runtime())):
            await eventually(idle(one_place), "the end of the log")
        assert await heard(one_place) == [events.message_id(1)]

    async def test_letters_reach_the_topic_of_the_service(self, place: Bench) -> None:
        await append(place, events.received(1, chat=CHAT, text=POISON))
        runtime = place.runtime()
        loops = (Relay(runtime, place.database), Processor(hearing(Tallies(place.database)), runtime))
        consumer = await place.log.subscribe("look", [DLQ])
        async with running(*loops):
            (letter,) = await take(consumer, 1)
        await consumer.close()
        original = events.record(events.received(1, chat=CHAT, text=POISON))
        assert (letter.key, letter.value) == (original.key, original.value)
        assert letter.headers["x-dlq-topic"] == INBOUND.name.encode()


class TestConcurrency:
    async def test_requests_and_events_on_one_state_lose_nothing(self, one_place: Bench) -> None:
        tallies = Tallies(one_place.database)
        runtime = one_place.runtime()
        desk = Desk("tally", tallies, runtime, None)  # type: ignore[arg-type]

        def add(number: int):
            def decide(tally: Tally, now: dt.datetime) -> Decision[Tally]:
                return Decision(dataclasses.replace(tally, heard=(*tally.heard, f"asked {number}")))

            return decide

        async def ask(number: int) -> None:
            # A busy state may turn a request away; the caller is told and asks again.
            while True:
                with contextlib.suppress(StoreUnavailable):
                    await desk.decide(CHAT, add(number))
                    return

        async with running(Processor(hearing(tallies), runtime)):
            for n in range(40):
                await append(one_place, events.received(n, chat=CHAT))
                if n % 4 == 0:
                    await asyncio.gather(*(ask(n + each) for each in range(4)))
            await eventually(idle(one_place), "the end of the log")
        found = await heard(one_place)
        assert sorted(found) == sorted(
            [events.message_id(n) for n in range(40)] + [f"asked {n}" for n in range(40)]
        )
        assert [each for each in found if "-" in each] == [events.message_id(n) for n in range(40)]

    async def test_x03_two_members_that_are_given_the_same_records_apply_each_once(
        self, mongo_url: str
    ) -> None:
        # As after a rebalance in which the former owner was too slow to notice.
        async with bench(mongo_url, "memory") as one, bench(mongo_url, "memory") as other:
            twin = dataclasses.replace(one, log=other.log)
            envelopes = [events.received(n, chat=events.chat_id(n % 3)) for n in range(30)]
            await append(one, *envelopes)
            await append(other, *envelopes)
            async with running(processor(one), processor(twin)):
                await eventually(idle(one), "the end of one log")
                await eventually(idle(other), "the end of the other log")
            for chat in range(3):
                found = await heard(one, events.chat_id(chat))
                assert found == [events.message_id(n) for n in range(30) if n % 3 == chat]
            assert len(await outbox(one)) == 30
            assert not await letters(one)

    async def test_a_rebalance_waits_for_the_batch_in_flight(self, one_place: Bench) -> None:
        began, go_on = asyncio.Event(), asyncio.Event()

        class Slow(Tallies):
            async def save(self, session, changed) -> None:
                began.set()
                await go_on.wait()
                await super().save(session, changed)

        slow = Processor(hearing(Slow(one_place.database)), one_place.runtime())
        await append(one_place, *(events.received(n, chat=CHAT) for n in range(5)))
        async with running(slow):
            await began.wait()
            joining = asyncio.create_task(one_place.log.subscribe("tally", [INBOUND.name]))
            await asyncio.sleep(0)
            assert not joining.done()
            go_on.set()
            second = await joining
            # What the first had in flight it has also committed: the newcomer does not see it.
            group = one_place.log._groups["tally"]  # type: ignore[attr-defined]
            assert sum(group.committed.values()) == 5
            await second.close()
        assert await heard(one_place) == [events.message_id(n) for n in range(5)]

    async def test_a_second_opinion_of_the_store_ends_in_a_letter_not_in_a_crash(
        self, one_place: Bench
    ) -> None:
        class Contrary(Tallies):
            async def save(self, session, changed) -> None:
                if CHAT in changed:
                    raise Conflict("Somebody else has written this document first.")
                await super().save(session, changed)

        await append(one_place, events.received(1, chat=CHAT), events.received(2, chat=OTHER))
        async with running(processor(one_place, Contrary(one_place.database))):
            await eventually(idle(one_place), "the end of the log")
        assert await heard(one_place, OTHER) == [events.message_id(2)]
        (letter,) = await letters(one_place)
        assert letter["key"] == CHAT.encode()

    async def test_stopping_finishes_and_commits_the_batch_in_flight(self, one_place: Bench) -> None:
        began, go_on = asyncio.Event(), asyncio.Event()

        class Slow(Tallies):
            async def save(self, session, changed) -> None:
                began.set()
                await go_on.wait()
                await super().save(session, changed)

        await append(one_place, *(events.received(n, chat=CHAT) for n in range(5)))
        async with running(processor(one_place, Slow(one_place.database))) as (task,):
            await began.wait()
            asyncio.get_running_loop().call_later(0.01, go_on.set)
        assert task.done()
        assert await idle(one_place)()
        assert await heard(one_place) == [events.message_id(n) for n in range(5)]


@pytest.mark.parametrize("kind", ["memory", "local"])
async def test_x02_while_the_database_is_away_it_waits_and_then_goes_on_without_a_restart(
    mongod: LocalMongod, kind: str
) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    class Interrupted(Tallies):
        async def save(self, session, changed) -> None:
            if not go_on.is_set():
                began.set()
                await go_on.wait()
            await super().save(session, changed)

    async with bench(mongod.url, kind) as place:
        health = place.health

        async def ready() -> bool:
            return not health.unready()

        async def paused() -> bool:
            return not await ready()

        async with running(processor(place, Interrupted(place.database))) as (task,):
            await eventually(ready, "readiness")
            await append(place, *(events.received(n, chat=CHAT) for n in range(5)))
            await began.wait()
            await asyncio.to_thread(mongod.kill)
            go_on.set()
            await eventually(paused, "readiness off")
            assert health.unready() == {"consumer tally": "store_unavailable"}
            assert not health.alive()
            await asyncio.to_thread(mongod.start)
            await eventually(idle(place), "the end of the log")
            await eventually(ready, "readiness")
            assert not task.done()
        assert await heard(place) == [events.message_id(n) for n in range(5)]
        assert not await letters(place)
        assert len(await outbox(place)) == 5
