"""Looks at a run while it goes on: how far it is, whether commits run ahead, how long faults last."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from shared.errors import DependencyAway
from shared.log.record import Partition
from shared.store.client import Database
from tests.chaos import ledger
from tests.chaos.load import Load
from tests.chaos.views import View
from tests.support.oracle import History, Reply, Sample, Stamp

EVERY_SECONDS = 0.2
LOOK_SECONDS = 5.0


@dataclass(slots=True)
class _Mark:
    """A fault, and how things stood when they could first be looked at behind it."""

    at: float
    back: Callable[[], bool] | None
    behind: dict[Partition, int] | None = None
    effects: int = 0


class Watch:
    """Samples of one run."""

    def __init__(self, view: View, database: Database, load: Load) -> None:
        self._view = view
        self._database = database
        self._load = load
        self._poisoned = load.poisoned
        self._stamps: dict[Partition, list[Stamp | None]] = {}
        """What stands at each offset; None where nothing must come of it."""
        self._ends: Mapping[Partition, int] = {}
        self._committed: Mapping[Partition, int] = {}
        self._checked: dict[Partition, int] = {}
        self._marks: list[_Mark] = []
        self.samples: list[Sample] = []
        self.recoveries: list[float] = []
        """After each fault, the seconds until every partition that had work to do went on."""
        self.effects = 0
        self.stall = 0.0
        """The longest time between two effects that followed each other."""
        self._grew_at = 0.0

    async def forever(self) -> None:
        """Look until cancelled; while something is away there is nothing to see."""
        while True:
            with contextlib.suppress(PyMongoError, DependencyAway, KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.look()
            await asyncio.sleep(EVERY_SECONDS)

    def fault(self, back: Callable[[], bool] | None = None, *, at: float | None = None) -> None:
        """Say that something has just been done to the run.

        Args:
            at: when, on the monotonic clock, if that was before now.
            back: tells whether what was hit is there again; all is well once there is a new effect then.
                Without it all is well once every partition that had work to do has gone on, which is more,
                and with a long lag takes a while without any fault.
        """
        self._marks.append(_Mark(time.monotonic() if at is None else at, back))

    async def progress(self, effects: int) -> None:
        """Return once so many effects have been seen."""
        while self.effects < effects:  # noqa: ASYNC110 - a database sets no event here
            await asyncio.sleep(EVERY_SECONDS / 4)

    async def look(self) -> None:
        """Take one sample of every partition."""
        began = time.monotonic()
        self._ends = await self._view.ends(ledger.INBOUND)
        # First the commits, then the effects: those can only have become more.
        self._committed = committed = await self._view.committed(ledger.CONSUMER, ledger.INBOUND)
        await self._read_inputs(committed)
        heard = await effects_of(self._database, ledger.ACCOUNTS)
        before, self.effects = self.effects, sum(map(len, heard.values()))
        if self.effects > before:
            self.stall = max(self.stall, began - self._grew_at if before else 0.0)
            self._grew_at = began
        done = {(chat, n) for chat, numbers in heard.items() for n in numbers}
        for partition, to in committed.items():
            self._sample(partition, to, done)
        self._recover(began)

    def _sample(self, partition: Partition, committed: int, done: set[Stamp]) -> None:
        since = self._checked.get(partition, 0)
        stamps = self._stamps.get(partition, [])
        processed = committed
        for offset in range(since, min(committed, len(stamps))):
            stamp = stamps[offset]
            if stamp is not None and stamp not in done:
                processed = offset
                break
        self.samples.append(Sample(f"{partition.topic}/{partition.number}", committed, processed))
        self._checked[partition] = processed

    async def _read_inputs(self, committed: Mapping[Partition, int]) -> None:
        known = {partition: len(stamps) for partition, stamps in self._stamps.items()}
        if all(known.get(partition, 0) >= to for partition, to in committed.items()):
            return
        for record in await self._view.read(ledger.INBOUND, known):
            stamp = self._load.stamp(record)
            stamps = self._stamps.setdefault(record.source, [])
            if record.offset == len(stamps):
                stamps.append(None if stamp in self._poisoned else stamp)

    async def uncommitted(self) -> int:
        """Return how many inputs have an effect and will be delivered again as things stand now."""
        committed = await self._view.committed(ledger.CONSUMER, ledger.INBOUND)
        heard = await effects_of(self._database, ledger.ACCOUNTS)
        settled: set[Stamp | None] = set()
        waiting: set[Stamp | None] = set()
        for record in await self._view.read(ledger.INBOUND, {}):
            below = record.offset < committed[record.source]
            (settled if below else waiting).add(self._load.stamp(record))
        # A copy whose original is settled was not delivered yet at all.
        return len((waiting - settled) & {(chat, n) for chat, numbers in heard.items() for n in numbers})

    def _recover(self, began: float) -> None:
        now = time.monotonic()
        for mark in list(self._marks):
            if mark.at > began:
                continue
            if mark.behind is None:
                mark.behind = {each: at for each, at in self._committed.items() if at < self._ends[each]}
                mark.effects = self.effects
                if not mark.behind:
                    self._marks.remove(mark)
            elif self._went_on(mark):
                self.recoveries.append(now - mark.at)
                self._marks.remove(mark)

    def _went_on(self, mark: _Mark) -> bool:
        if mark.back is not None:
            return mark.back() and self.effects > mark.effects
        return all(self._committed[each] > at for each, at in (mark.behind or {}).items())


async def effects_of(database: Database, collection: str) -> dict[str, tuple[int, ...]]:
    """Return, by chat, the numbers in a collection of accounts."""
    found = await database[collection].find({}).to_list()
    return {account.chat_id: account.heard for account in map(ledger.account_of, found)}


async def history(view: View, database: Database, load: Load, watch: Watch | None) -> History:
    """Return what came of `load`, for the oracle."""
    accounts = [ledger.account_of(each) async for each in database[ledger.ACCOUNTS].find({})]
    letters = await view.read(ledger.DEAD_LETTERS, {})
    return History(
        effects={each.chat_id: each.heard for each in accounts},
        balances={each.chat_id: each.points for each in accounts},
        dead=load.dead(letters),
        replies=[
            Reply(record.headers["ce_id"].decode(), record.key.decode(), ledger.answered(record.value))
            for record in await view.read(ledger.OUTBOUND, {})
        ],
        downstream=await effects_of(database, ledger.ANSWERS),
        samples=watch.samples if watch else (),
    )
