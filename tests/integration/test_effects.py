from __future__ import annotations

import asyncio
import dataclasses
from collections import defaultdict
from typing import Any

import pytest

from shared import patience
from shared.contracts.actions import ChatRestrict
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import MessageSend
from shared.contracts.topics import OUTBOUND, dead_letter_topic
from shared.errors import NotYet, ProviderUnavailable, StoreUnavailable
from shared.log.record import NewRecord
from shared.observability.metrics import REGISTRY
from shared.stream import effects as module
from shared.stream.effects import Effect, Effects
from tests.support import events
from tests.support.streams import Bench, eventually, running, turns

DLQ = dead_letter_topic("moderation").name


class Acts:
    """What is done about each command, as a test tells it: stand still, refuse once, break."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.held: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.errors: defaultdict[str, list[Exception]] = defaultdict(list)
        self.hold: set[str] = set()

    async def __call__(self, command: Envelope[MessageSend]) -> None:
        text = command.data.text
        self.begun.append(text)
        if text in self.hold:
            await self.held[text].wait()
        if self.errors[text]:
            raise self.errors[text].pop(0)
        self.done.append(text)

    def finished(self, count: int):
        async def reached() -> bool:
            return len(self.done) >= count

        return reached


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.02,))


def effects(place: Bench, acts: Acts) -> Effects:
    return Effects(Effect("sender", (MessageSend,), acts), place.runtime())


def command(number: int, chat: int = 1, text: str | None = None) -> NewRecord:
    return events.record(events.send(number, chat=events.chat_id(chat), text=text or str(number)))


def committed(place: Bench) -> int:
    group = place.log._groups.get("sender")  # type: ignore[attr-defined]
    return sum(group.committed.values()) if group else 0


def commits(place: Bench, count: int):
    async def reached() -> bool:
        return committed(place) >= count

    return reached


async def test_commands_of_a_chat_are_done_in_order_and_committed(place: Bench) -> None:
    acts = Acts()
    await place.log.append([command(n, chat=n % 3) for n in range(60)])
    async with running(effects(place, acts)):
        await eventually(commits(place, 60), "all commits")
    for chat in range(3):
        assert [each for each in acts.done if int(each) % 3 == chat] == [str(n) for n in range(chat, 60, 3)]
    async with running(effects(place, acts)):
        await turns()
    assert len(acts.done) == 60


async def test_a_slow_chat_delays_nobody_and_nothing_beyond_it_is_committed(one_place: Bench) -> None:
    acts = Acts()
    acts.hold = {"0"}
    # In one partition, so that the slow one stands before the others in it.
    keys = [n for n in range(200) if one_place.log._place([command(0, n)])[0].partition == 0][:3]  # type: ignore[attr-defined]
    for partition in one_place.log._ends:  # type: ignore[attr-defined]
        one_place.log._ends[partition] = 0  # type: ignore[attr-defined]
    slow, quick, other = keys
    await one_place.log.append([command(0, slow), command(1, quick), command(2, other), command(3, slow)])
    async with running(effects(one_place, acts)):
        await eventually(acts.finished(2), "the quick chats")
        await turns()
        assert sorted(acts.done) == ["1", "2"]
        assert committed(one_place) == 0
        acts.held["0"].set()
        await eventually(commits(one_place, 4), "all commits")
    assert acts.done.index("0") < acts.done.index("3")


async def test_what_cannot_be_done_yet_is_done_later_before_what_follows_it(one_place: Bench) -> None:
    acts = Acts()
    acts.errors["0"] = [NotYet("The provider said rate_limited.", 0.01) for _ in range(3)]
    await one_place.log.append([command(0), command(1)])
    async with running(effects(one_place, acts)):
        await eventually(commits(one_place, 2), "all commits")
        assert not one_place.health.unready()
    assert acts.begun == ["0", "0", "0", "0", "1"]
    assert acts.done == ["0", "1"]


@pytest.mark.parametrize("away", [ProviderUnavailable("Refused."), StoreUnavailable("Away.")])
async def test_x02_while_something_is_away_the_command_waits_and_others_go_on(
    one_place: Bench, away: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.3,))
    acts = Acts()
    acts.errors["0"] = [away]
    await one_place.log.append([command(0)])

    def paused() -> float | None:
        return REGISTRY.get_sample_value("chaupal_consumer_paused", {"consumer": "sender"})

    async def waits() -> bool:
        return paused() == 1.0

    async with running(effects(one_place, acts)):
        await eventually(waits, "the pause")
        await one_place.log.append([command(n, chat=2) for n in range(1, 4)])
        await eventually(acts.finished(3), "the others")
        # What they achieved does not end the pause of the one that waits. A provider that refuses one
        # account does not make the process unfit for the webhooks of the others.
        ready_meanwhile = isinstance(away, ProviderUnavailable)
        assert paused() == 1.0
        assert (not one_place.health.unready()) is ready_meanwhile
        await eventually(commits(one_place, 4), "all commits")
        assert not one_place.health.unready()
        assert paused() == 0.0
    assert acts.done == ["1", "2", "3", "0"]
    assert not await one_place.database["_outbox"].count_documents({})


async def test_a_command_that_can_never_be_done_is_set_aside_once(place: Bench) -> None:
    acts = Acts()
    acts.errors["1"] = [KeyError("Asha"), KeyError("Asha")]
    broken = dataclasses.replace(command(2), value=b"{")
    await place.log.append([command(0), command(1), broken, command(3)])
    for _ in range(2):
        async with running(effects(place, acts)):
            await eventually(commits(place, 4), "all commits")
        # As if the commit had been lost.
        place.log._groups["sender"].committed.clear()  # type: ignore[attr-defined]
    rows: list[Any] = await place.database["_outbox"].find({"topic": DLQ}).sort("_id", 1).to_list()
    assert sorted(row["headers"]["x-dlq-reason"] for row in rows) == [b"domain_error", b"undecodable"]
    assert acts.done == ["0", "3", "0", "3"]


async def test_types_that_are_no_such_command_are_passed_over(one_place: Bench) -> None:
    acts = Acts()
    stray = dataclasses.replace(events.record(events.joined(1)), topic=OUTBOUND.name)
    await one_place.log.append([stray, command(1)])
    async with running(effects(one_place, acts)):
        await eventually(commits(one_place, 2), "all commits")
    assert acts.done == ["1"]


async def test_a_stop_lets_what_is_at_work_finish_and_leaves_the_rest_uncommitted(one_place: Bench) -> None:
    acts = Acts()
    acts.hold = {"1"}
    await one_place.log.append([command(n) for n in range(5)])
    loop = effects(one_place, acts)
    async with running(loop) as (task,):
        await eventually(commits(one_place, 1), "the first commit")

        async def at_work() -> bool:
            return acts.begun == ["0", "1"]

        await eventually(at_work, "the second command")
        loop.stop()
        await turns()
        assert not task.done()
        acts.held["1"].set()
    assert acts.done == ["0", "1"]
    assert committed(one_place) == 2
    again = Acts()
    async with running(effects(one_place, again)):
        await eventually(commits(one_place, 5), "all commits")
    assert again.done == ["2", "3", "4"]


async def test_a_stop_does_not_let_what_stands_behind_a_postponed_command_overtake_it(
    one_place: Bench,
) -> None:
    acts = Acts()
    acts.errors["0"] = [NotYet("The provider said rate_limited.", 60.0)]
    await one_place.log.append([command(0), command(1)])
    async with running(effects(one_place, acts)):

        async def postponed() -> bool:
            return acts.begun == ["0"]

        await eventually(postponed, "the first try")
        await turns()
    assert acts.begun == ["0"]
    assert committed(one_place) == 0
    async with running(effects(one_place, acts)):
        await eventually(commits(one_place, 2), "all commits")
    assert acts.done == ["0", "1"]


async def test_memory_is_bounded_however_much_waits(
    one_place: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IN_FLIGHT", 10)
    acts = Acts()
    acts.hold = {str(n) for n in range(50)}
    await one_place.log.append([command(n, chat=n) for n in range(50)])
    async with running(effects(one_place, acts)):

        async def full() -> bool:
            return len(acts.begun) == 10

        await eventually(full, "a full house")
        for _ in range(5):
            await turns()
        assert len(acts.begun) == 10
        for number in range(50):
            acts.held[str(number)].set()
        await eventually(commits(one_place, 50), "all commits")


async def test_a_failure_of_its_own_ends_the_loop_although_others_wait(one_place: Bench) -> None:
    acts = Acts()
    acts.errors["0"] = [NotYet("Wait.", 3600.0)]
    acts.errors["1"] = [KeyError("bug")]
    runtime = one_place.runtime()
    loop = Effects(Effect("sender", (MessageSend,), acts), runtime)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    loop._detour.fail = broken  # type: ignore[method-assign, assignment]
    await one_place.log.append([command(0, chat=1), command(1, chat=2)])
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10):
            await loop.run()
    assert committed(one_place) == 0


async def test_partitions_are_handed_over_after_what_is_at_work_on_them(one_place: Bench) -> None:
    acts = Acts()
    acts.hold = {"0"}
    await one_place.log.append([command(0)])
    async with running(effects(one_place, acts)):

        async def at_work() -> bool:
            return acts.begun == ["0"]

        await eventually(at_work, "the command")
        joining = asyncio.create_task(one_place.log.subscribe("sender", [OUTBOUND.name]))
        await turns()
        assert not joining.done()
        acts.held["0"].set()
        newcomer = await joining
        assert committed(one_place) == 1
        await newcomer.close()
    assert acts.done == ["0"]


async def test_commands_of_several_types_are_done_in_one_order_per_chat(place: Bench) -> None:
    done: list[str] = []

    async def act(wanted: Envelope[EventModel]) -> None:
        done.append(f"{wanted.type} {wanted.id[-1]}")

    def restrict(number: int) -> NewRecord:
        data = ChatRestrict(chat_id=events.chat_id(1), admins_only=True, not_after=events.NOW)
        wanted = originate(
            data, event_id=events.message_id(number), source="/tests", key=data.chat_id, time=events.NOW
        )
        return events.record(wanted)

    both: tuple[type[EventModel], ...] = (MessageSend, ChatRestrict)
    await place.log.append([restrict(number) if number % 2 else command(number) for number in range(6)])
    async with running(Effects(Effect("sender", both, act), place.runtime())):
        await eventually(commits(place, 6), "all commits")
    assert [each.partition(" ")[0] for each in done] == ["message.send", "chat.restrict"] * 3


async def test_commands_of_a_type_it_does_not_name_are_passed_over(place: Bench) -> None:
    acts = Acts()
    data = ChatRestrict(chat_id=events.chat_id(1), admins_only=True, not_after=events.NOW)
    foreign = originate(
        data, event_id=events.message_id(9), source="/tests", key=data.chat_id, time=events.NOW
    )
    await place.log.append([events.record(foreign), command(1)])
    async with running(effects(place, acts)):
        await eventually(commits(place, 2), "all commits")
    assert acts.done == ["1"]


async def test_all_processes_together_have_one_share_of_the_whole(place):
    async def act(_: Any) -> None:
        raise AssertionError

    loops = [Effects(Effect("sender", (MessageSend,), act), place.runtime()) for _ in range(2)]
    async with running(loops[0]):

        async def alone() -> bool:
            return loops[0].share == 1.0

        await eventually(alone, "the whole")
        async with running(loops[1]):

            async def divided() -> bool:
                return loops[0].share < 1.0 and sum(each.share for each in loops) == pytest.approx(1.0)

            await eventually(divided, "the division")
