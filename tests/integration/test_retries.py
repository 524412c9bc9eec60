"""A record that fails for now comes back, and who comes after it in its chat waits for it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared import patience
from shared.contracts import topics
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, MessageSend
from shared.contracts.topics import INBOUND, OUTBOUND, again_topics, dead_letter_topic, replay_topic
from shared.decision import Decision
from shared.errors import InTurn, NotYet, TransientError
from shared.log.record import Partition, Record
from shared.stream import effects as effects_module
from shared.stream import processor as processor_module
from shared.stream.effects import Effect, Effects
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.retry import REPLAYED, retry_record
from shared.stream.subscription import Handler, Subscription
from tests.support import events
from tests.support.streams import Bench, eventually, everything, running
from tests.support.tally import Tallies, Tally, hear

CHAT, OTHER = events.chat_id(1), events.chat_id(2)
DLQ = dead_letter_topic("moderation").name
TIERS = [topic.name for topic in again_topics("moderation")[:3]]


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(processor_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(processor_module, "IN_PLACE", ())
    monkeypatch.setattr(effects_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.02,))
    for tier in topics.RETRY_TIERS:
        monkeypatch.setitem(topics.RETRY_TIERS, tier, dt.timedelta(0))


class Moody:
    """Hears as the tally does, except that some messages fail for now, so many times."""

    def __init__(self, **failures: int) -> None:
        self.left = Counter(failures)
        self.tried: list[str] = []
        self.error: TransientError = NotYet("Not now.", 3600.0)
        self.before: Callable[[], None] = lambda: None

    def hear(self, tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
        text = event.data.text or ""
        self.tried.append(text)
        if self.left[text] > 0:
            self.left[text] -= 1
            raise TransientError("Not now.")
        return hear(tally, event, now)

    async def act(self, command: Envelope[MessageSend]) -> None:
        self.before()
        self.tried.append(command.data.text)
        if self.left[command.data.text] > 0:
            self.left[command.data.text] -= 1
            raise self.error


def table(place: Bench, moody: Moody, *, ordered: bool = True) -> Subscription:
    handler = Handler(
        MessageReceived, key=lambda data: data.chat_id, states=Tallies(place.database), decide=moody.hear
    )
    return Subscription("tally", "moderation", (handler,), ordered=ordered)


def processor(place: Bench, moody: Moody, *, ordered: bool = True) -> list[Any]:
    runtime = place.runtime()
    hears = Processor(table(place, moody, ordered=ordered), runtime)
    # It asks the inbox anyhow: a guess that has to be made again would use up the moods.
    hears._look_first = 10**6
    return [Relay(runtime, place.database), hears]


def effects(place: Bench, moody: Moody, *, ordered: bool = True) -> list[Any]:
    runtime = place.runtime()
    effect = Effect("sender", (MessageSend,), moody.act, ordered=ordered)
    return [Relay(runtime, place.database), Effects(effect, runtime)]


async def said(place: Bench, *texts: str, chat: str = CHAT, start: int = 0) -> None:
    await place.log.append(
        [events.record(events.received(start + n, chat=chat, text=text)) for n, text in enumerate(texts)]
    )


async def told(place: Bench, *texts: str, chat: str = CHAT, start: int = 0) -> None:
    await place.log.append(
        [events.record(events.send(start + n, chat=chat, text=text)) for n, text in enumerate(texts)]
    )


async def heard(place: Bench, chat: str = CHAT) -> list[str]:
    return list((await Tallies(place.database).of(chat)).heard)


def hears(place: Bench, *numbers: int, chat: str = CHAT):
    async def reached() -> bool:
        found = await heard(place, chat)
        return sorted(found) == sorted(events.message_id(n) for n in numbers)

    return reached


def settled(place: Bench, consumer: str):
    """Tell whether the log and the outbox are empty and nobody waits in a queue."""
    mine = {INBOUND.name, OUTBOUND.name, *(topic.name for topic in again_topics("moderation"))}

    def read_to_its_end() -> dict[Partition, int] | None:
        group = place.log._groups.get(consumer)  # type: ignore[attr-defined]
        if group is None:
            return None
        ends = {
            each: end for each, end in group.ends.items() if each.topic in mine and each in group._partitions
        }
        return ends if all(group.committed.get(each, 0) == end for each, end in ends.items()) else None

    async def reached() -> bool:
        before = read_to_its_end()
        if before is None:
            return False
        waiting = [await place.database[name].count_documents({}) for name in ("_outbox", "_parked")]
        # What went from the outbox to the log while we counted was seen in neither place.
        return waiting == [0, 0] and read_to_its_end() == before

    return reached


async def letters(place: Bench) -> list[Record]:
    return await everything(place.log, DLQ)


class TestProcessor:
    async def test_a_record_that_fails_for_now_has_its_effect_later_and_once(self, place: Bench) -> None:
        moody = Moody(slow=2)
        await said(place, "slow")
        async with running(*processor(place, moody)):
            await eventually(hears(place, 0), "the effect")
            await eventually(settled(place, "tally"), "the end")
        assert moody.tried == ["slow"] * 3
        assert not await letters(place)
        tiers = [len(await everything(place.log, name)) for name in TIERS]
        assert tiers == [1, 1, 0]

    async def test_x03_who_comes_after_it_in_its_chat_waits_and_other_chats_do_not(
        self, one_place: Bench
    ) -> None:
        moody = Moody(slow=3)
        await said(one_place, "a", "slow", "b", "c")
        await said(one_place, "d", "e", chat=OTHER, start=10)
        async with running(*processor(one_place, moody)):
            await eventually(hears(one_place, 0, 1, 2, 3), "the chat")
            await said(one_place, "f", start=20)
            await eventually(settled(one_place, "tally"), "the end")
        assert await heard(one_place) == [events.message_id(n) for n in (0, 1, 2, 3, 20)]
        assert await heard(one_place, OTHER) == [events.message_id(n) for n in (10, 11)]
        assert moody.tried.index("d") < len(moody.tried) - 1 - moody.tried[::-1].index("slow")

    async def test_one_that_waited_may_fail_for_now_too_and_the_order_stays(self, one_place: Bench) -> None:
        moody = Moody(slow=2, slower=3)
        await said(one_place, "slow", "a", "slower", "b", "slow", "c")
        async with running(*processor(one_place, moody)):
            await eventually(settled(one_place, "tally"), "the end")
        assert await heard(one_place) == [events.message_id(n) for n in range(6)]

    async def test_after_its_last_tier_it_is_set_aside_and_the_others_go_on(self, place: Bench) -> None:
        moody = Moody(never=99)
        await said(place, "never", "a", "b")
        async with running(*processor(place, moody)):
            await eventually(settled(place, "tally"), "the end")
        assert await heard(place) == [events.message_id(n) for n in (1, 2)]
        (letter,) = await letters(place)
        assert letter.headers["x-dlq-reason"] == b"retries_exhausted"
        assert letter.headers["x-dlq-attempts"] == b"4"
        assert letter.headers["x-dlq-topic"] == INBOUND.name.encode()
        assert moody.tried.count("never") == 4

    async def test_where_order_does_not_matter_nobody_waits(self, one_place: Bench) -> None:
        moody = Moody(slow=1)
        await said(one_place, "slow", "a")
        async with running(*processor(one_place, moody, ordered=False)):
            await eventually(settled(one_place, "tally"), "the end")
        assert await heard(one_place) == [events.message_id(1), events.message_id(0)]

    async def test_x03_everything_delivered_again_in_the_middle_of_it_changes_nothing(
        self, one_place: Bench
    ) -> None:
        moody = Moody(slow=1)
        await said(one_place, "slow", "a", "b")
        async with running(*processor(one_place, moody)):
            await eventually(settled(one_place, "tally"), "the end")
        one_place.log._groups["tally"].committed.clear()  # type: ignore[attr-defined]
        async with running(*processor(one_place, moody)):
            await said(one_place, "c", start=9)
            await eventually(hears(one_place, 0, 1, 2, 9), "the new one")
            await eventually(settled(one_place, "tally"), "the end")
        assert await heard(one_place) == [events.message_id(n) for n in (0, 1, 2, 9)]

    async def test_x03_whoever_takes_over_lets_the_others_wait_as_well(self, one_place: Bench) -> None:
        moody = Moody(slow=1)
        relay, first = processor(one_place, moody)
        await said(one_place, "slow", "a")

        async def parked() -> bool:
            return await one_place.database["_parked"].count_documents({}) == 2

        async with running(first):
            await eventually(parked, "the queue")
        await said(one_place, "b", "c", start=5)
        _, second = processor(one_place, moody)
        async with running(second):
            await eventually(lambda: _count(one_place, 4), "the longer queue")
            async with running(relay):
                await eventually(settled(one_place, "tally"), "the end")
        assert await heard(one_place) == [events.message_id(n) for n in (0, 1, 5, 6)]

    async def test_a_replayed_record_does_not_hold_up_its_chat(self, one_place: Bench) -> None:
        moody = Moody(slow=1)
        envelope = events.received(0, chat=CHAT, text="slow")
        new = events.record(envelope)
        stored = Record(DLQ, 0, 0, new.key, new.value, new.headers)
        again = retry_record(
            stored,
            topic=replay_topic("moderation"),
            consumer="tally",
            attempts=0,
            not_before=events.NOW,
            reason=REPLAYED,
        )
        await one_place.log.append([again])
        async with running(*processor(one_place, moody)):
            await eventually(settled(one_place, "tally"), "the end")
        assert await heard(one_place) == [events.message_id(0)]

    async def test_what_is_meant_for_another_consumer_is_passed_over(self, one_place: Bench) -> None:
        moody = Moody()
        new = events.record(events.received(0, chat=CHAT))
        other = retry_record(
            Record(INBOUND.name, 0, 0, new.key, new.value, new.headers),
            topic=again_topics("moderation")[0],
            consumer="somebody else",
            attempts=1,
            not_before=events.NOW,
            reason="transient",
        )
        garbled = replace(
            other, headers={**other.headers, "x-retry-consumer": b"tally", "x-not-before": b"?"}
        )
        await one_place.log.append([other, garbled])
        async with running(*processor(one_place, moody)):
            await eventually(settled(one_place, "tally"), "the end")
        assert not moody.tried
        assert [each.headers["x-dlq-reason"] for each in await letters(one_place)] == [b"undecodable"]


class TestEffects:
    async def test_a_command_that_fails_for_now_is_done_later(self, place: Bench) -> None:
        moody = Moody(slow=2)
        await told(place, "slow")
        async with running(*effects(place, moody)):
            await eventually(settled(place, "sender"), "the end")
        assert moody.tried == ["slow"] * 3

    async def test_x03_who_comes_after_it_in_its_chat_waits_and_other_chats_do_not(
        self, one_place: Bench
    ) -> None:
        moody = Moody(slow=3, slower=1)
        await told(one_place, "a", "slow", "b", "slower", "c")
        await told(one_place, "d", chat=OTHER, start=10)
        async with running(*effects(one_place, moody)):
            await eventually(settled(one_place, "sender"), "the end")
        done = [text for text in moody.tried if not text.startswith("slow") and text != "d"]
        assert done == ["a", "b", "c"]
        order = [
            text for n, text in enumerate(moody.tried) if text != "d" and text not in moody.tried[n + 1 :]
        ]
        assert order == ["a", "slow", "b", "slower", "c"]

    async def test_after_its_last_tier_it_is_set_aside_and_the_others_go_on(self, one_place: Bench) -> None:
        moody = Moody(never=99)
        await told(one_place, "never", "a")
        async with running(*effects(one_place, moody)):
            await eventually(settled(one_place, "sender"), "the end")
        assert moody.tried == ["never"] * 4 + ["a"]
        assert [each.headers["x-dlq-reason"] for each in await letters(one_place)] == [b"retries_exhausted"]

    async def test_who_waits_for_their_turn_is_never_set_aside_however_often(self, one_place: Bench) -> None:
        moody = Moody(turn=10)
        moody.error = InTurn("Others are before it.", 3600.0)
        await told(one_place, "turn", "a")
        await told(one_place, "b", chat=OTHER, start=10)
        moody.before = lambda: one_place.clock.advance(dt.timedelta(milliseconds=1))
        async with running(*effects(one_place, moody)):
            await eventually(settled(one_place, "sender"), "the end")
        assert [text for text in moody.tried if text != "b"] == ["turn"] * 11 + ["a"]
        assert await letters(one_place) == []

    async def test_x03_a_chat_with_many_commands_that_wait_leaves_room_for_others(
        self, one_place: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(effects_module, "CROWD", 3)
        monkeypatch.setattr(effects_module, "IN_FLIGHT", 8)
        moody = Moody(a0=1)
        moody.error = NotYet("Not now.", 50.0)
        names = [f"a{number}" for number in range(20)]
        await told(one_place, *names)
        await told(one_place, "b", chat=OTHER, start=100)
        async with running(*effects(one_place, moody)):
            await eventually(settled(one_place, "sender"), "the end")
        assert [text for text in moody.tried if text != "b"] == ["a0", *names]
        assert await letters(one_place) == []

    async def test_where_order_does_not_matter_nobody_waits(self, one_place: Bench) -> None:
        moody = Moody(slow=1)
        await told(one_place, "slow", "a")
        async with running(*effects(one_place, moody, ordered=False)):
            await eventually(settled(one_place, "sender"), "the end")
        assert moody.tried == ["slow", "a", "slow"]


async def _count(place: Bench, wanted: int) -> bool:
    return await place.database["_parked"].count_documents({}) == wanted
