"""A plan is what a run then does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable, Sequence

import pytest

from shared import patience
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.topics import OUTBOUND
from shared.decision import Decision
from shared.log.record import NewRecord, Record
from shared.replay.marks import MIGRATION
from shared.replay.plan import Plan, plan
from shared.store.migrations import migrate
from shared.stream import effects as effects_module
from shared.stream import processor as module
from tests.support import events
from tests.support.letters import desk, letter_record, mended, open_letters, outbox, processor, replay, work
from tests.support.streams import Bench, everything
from tests.support.tally import POISON, Tally, hear


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


class TestPlan:
    @pytest.mark.parametrize("seed", range(5))
    async def test_what_the_plan_says_is_what_the_run_does(self, one_place: Bench, seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311 - not a secret
        numbers = rng.sample(range(100), 14)
        handled = numbers[:3]
        chats = [rng.randrange(3) for _ in range(100)]

        def event(number: int, text: str = POISON) -> NewRecord:
            return events.record(events.received(number, chat=events.chat_id(chats[number]), text=text))

        def still_poisoned(number: int) -> bool:
            return number % 5 == 0

        def fixed(tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
            if still_poisoned(int(event.data.message_id.replace("-", ""), 16)):
                return hear(tally, event, now)
            return mended(tally, event, now)

        broken = dataclasses.replace(event(numbers[0]), value=b"{")
        await one_place.log.append([event(number) for number in numbers] + [broken])
        await work(one_place)
        first = await open_letters(one_place)
        # Some were handled meanwhile, as by an earlier replay; and one stands there twice.
        await replay(one_place, [each for each in first if each.event_id in self.ids(event, handled)])
        await work(one_place, fixed)
        letters = await open_letters(one_place, again=True)
        # Two replays of one letter at the same instant are one.
        one_place.clock.advance(dt.timedelta(seconds=1))
        said = {each.headers["ce_id"] for each in await everything(one_place.log, OUTBOUND.name)}

        planned = await plan(desk(one_place), letters, [processor(one_place, fixed)])
        assert await open_letters(one_place, again=True) == letters
        assert not await outbox(one_place)

        await replay(one_place, letters)
        await work(one_place, fixed)
        new = [
            each
            for each in await everything(one_place.log, OUTBOUND.name)
            if each.headers["ce_id"] not in said
        ]
        assert self.by_key(new) == self.by_key(self.emitted(planned))
        assert planned.outcomes.keys() >= {"applied", "duplicate", "dead_lettered:undecodable"}
        dead = sum(count for outcome, count in planned.outcomes.items() if outcome.startswith("dead"))
        assert len(await open_letters(one_place)) == dead

    def ids(self, event: Callable[[int], NewRecord], numbers: Sequence[int]) -> set[str]:
        return {event(number).headers["ce_id"].decode() for number in numbers}

    def emitted(self, planned: Plan) -> list[NewRecord]:
        return [each for letter in planned.letters for each in letter.emits]

    def by_key(
        self, records: Sequence[NewRecord | Record]
    ) -> dict[bytes, list[tuple[str, bytes, dict[str, bytes]]]]:
        found = defaultdict(list)
        for each in records:
            found[each.key].append((each.topic, each.value, dict(each.headers)))
        return dict(found)

    async def test_a_letter_whose_consumer_is_not_there_is_told(self, one_place: Bench) -> None:
        await one_place.log.append([letter_record(1, consumer="renamed"), letter_record(2)])
        planned = await plan(desk(one_place), await open_letters(one_place), [processor(one_place, mended)])
        assert [each.outcome for each in planned.letters] == ["no_consumer", "applied"]

    async def test_a_plan_of_too_much_says_that_it_leaves_some_out(
        self, one_place: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await one_place.log.append([letter_record(number) for number in range(5)])
        letters = await open_letters(one_place)
        monkeypatch.setattr("shared.replay.plan.MOST_BYTES", 2 * letters[0].size)
        planned = await plan(desk(one_place), letters, [processor(one_place, mended)])
        assert (len(planned.letters), planned.more) == (2, True)
