"""Runs backtests beside everything else, in slices, and looks at history as a whole.

Jobs are kept in memory: a backtest changes no collection, its result can be had again from the same history,
and after a restart whoever asked simply asks again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter, deque
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Final, Protocol

from services.moderation.domain.cases.case import Case
from services.moderation.domain.history.backtest import Backtest, PolicyOf, Report, as_it_was, candidate
from services.moderation.domain.history.fairness import Fairness, Monitor
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.policy.document import DEFAULT, Policy
from services.moderation.domain.room import RECENT
from services.moderation.domain.scopes import version_key
from shared.errors import ChaupalError, Conflict
from shared.ids import random_id
from shared.observability.logs import get_logger
from shared.tasks import end

log = get_logger(__name__)

AT_ONCE: Final = 2
"""Backtests that run at the same time: each takes what live messages leave of one core."""
KEPT: Final = 20
SLICE: Final = 50
"""Rows judged before others get their turn: some 50 ms."""
EXAMPLES: Final = 5


class History(Protocol):
    """Where judgements are kept."""

    def between(
        self, scope: str, start: dt.datetime, end: dt.datetime, chat_id: str | None = None
    ) -> AsyncIterator[Judged]:
        """Yield what was judged, each chat in its order."""
        ...

    async def before(self, chat_id: str, seq: int, limit: int) -> list[Judged]:
        """Return the last judgements of a chat before `seq`, the oldest first."""
        ...

    async def count(self, scope: str, start: dt.datetime, end: dt.datetime) -> int:
        """Return how many judgements there are."""
        ...


class Cases(Protocol):
    """Where cases are kept."""

    async def of(self, case_ids: Collection[str]) -> dict[str, Case]:
        """Return cases by their ids."""
        ...


class Versions(Protocol):
    """Where published policies are kept."""

    async def find(self, key: str) -> Policy | None:
        """Return the version under `<scope>|<version>`."""
        ...


@dataclass(frozen=True, slots=True)
class Period:
    """A part of history."""

    scope: str
    """Within what strikes count: where history is kept."""
    start: dt.datetime
    end: dt.datetime
    chat_id: str | None = None
    """The only chat it is about, where it is about one."""


@dataclass(slots=True)
class Job:
    """A backtest, and how far it has come."""

    job_id: str
    total: int
    """Of the whole scope; a single chat has fewer, and is done before."""
    done: int = 0
    report: Report | None = None
    """None while it runs."""
    failed: str | None = None
    """The code of what went wrong."""

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.report is None and self.failed is None


@dataclass(slots=True)
class Shadowed:
    """What a rule that is tried out would have hit."""

    count: int = 0
    examples: deque[Judged] = field(default_factory=lambda: deque(maxlen=EXAMPLES))


class Backtests:
    """Runs backtests, and answers what takes a look at all of a period."""

    def __init__(self, history: History, cases: Cases, versions: Versions, detectors: Detectors) -> None:
        self._history = history
        self._cases = cases
        self._versions = versions
        self._detectors = detectors
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, period: Period, policy: Policy | None) -> Job:
        """Return a job that judges `period` under `policy`, or as it was judged where there is none.

        Raises:
            Conflict: too many are running.
            StoreUnavailable: the database does not answer.
        """
        total = await self._history.count(period.scope, period.start, period.end)
        if sum(job.running for job in self._jobs.values()) >= AT_ONCE:
            raise Conflict(f"{AT_ONCE} backtests are running; wait for one of them to end.")
        job = Job(random_id("b"), total)
        self._jobs[job.job_id] = job
        for old in [each for each, kept in self._jobs.items() if not kept.running][:-KEPT]:
            del self._jobs[old]
        task = asyncio.create_task(self._run(job, period, policy), name=f"backtest {job.job_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def find(self, job_id: str) -> Job | None:
        """Return a job, None where there is none, or none any more."""
        return self._jobs.get(job_id)

    async def close(self) -> None:
        """End what is running."""
        await end(*self._tasks)

    async def fairness(self, period: Period) -> Fairness:
        """Return how groups of messages were treated.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        cases: dict[str, Case] = {}
        monitor = Monitor(cases)
        async for rows in self._slices(period):
            cases |= await self._cases.of([row.case for row in rows if row.case])
            for row in rows:
                monitor.add(row)
            cases.clear()
        return monitor.result()

    async def shadowed(self, period: Period) -> dict[str, Shadowed]:
        """Return what rules that are only tried out have hit, by rule, with the latest examples.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found: dict[str, Shadowed] = {}
        async for rows in self._slices(period):
            for row in rows:
                for rule in Counter(hit.rule for hit in row.hits if hit.shadow):
                    shadowed = found.setdefault(rule, Shadowed())
                    shadowed.count += 1
                    shadowed.examples.append(row)
        return found

    async def _run(self, job: Job, period: Period, policy: Policy | None) -> None:
        try:
            job.report = await self._report(job, period, policy)
        except ChaupalError as error:
            job.failed = error.code
            log.warning("backtest.failed", job=job.job_id, code=error.code)
        except Exception:
            job.failed = "internal"
            log.exception("backtest.failed", job=job.job_id, code="internal")

    async def _report(self, job: Job, period: Period, policy: Policy | None) -> Report:
        cases: dict[str, Case] = {}
        known: dict[str, Policy] = {}
        policy_of: PolicyOf = candidate(policy) if policy else as_it_was(known, DEFAULT)
        run = Backtest(policy_of, self._detectors, cases, period.start)
        chats: set[str] = set()
        async for rows in self._slices(period):
            cases |= await self._cases.of([row.case for row in rows if row.case])
            for row in rows:
                await self._know(known, row)
                if row.chat_id not in chats:
                    chats.add(row.chat_id)
                    for earlier in await self._history.before(row.chat_id, row.seq, RECENT):
                        run.add(earlier)
                run.add(row)
            cases.clear()
            job.done += len(rows)
            await asyncio.sleep(0)
        return run.report()

    async def _know(self, known: dict[str, Policy], row: Judged) -> None:
        key = version_key(row.policy_scope, row.policy_version)
        if key not in known:
            known[key] = await self._versions.find(key) or DEFAULT

    async def _slices(self, period: Period) -> AsyncIterator[list[Judged]]:
        rows: list[Judged] = []
        async for row in self._history.between(period.scope, period.start, period.end, period.chat_id):
            rows.append(row)
            if len(rows) == SLICE:
                yield rows
                rows = []
        if rows:
            yield rows
