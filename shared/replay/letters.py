"""The dead letters of one service: what stands on its topic, with what was done about each."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shared.contracts.topics import dead_letter_topic, replay_topic
from shared.errors import Conflict, NotFound, StoreUnavailable
from shared.observability.logs import get_logger
from shared.observability.metrics import LETTERS_DROPPED, LETTERS_REPLAYED
from shared.replay.letter import Letter, Opened, State, letter_of, order_of
from shared.replay.marks import Marks
from shared.replay.query import Query, Summary, stagger
from shared.replay.refused import Refused
from shared.store.client import Database
from shared.store.unit_of_work import Session
from shared.stream.retry import REPLAYED, retry_record
from shared.stream.runtime import Runtime

log = get_logger(__name__)

IN_ONE: Final = 100
"""Letters of one transaction."""

BYTES_IN_ONE: Final = 8_000_000
"""Bytes of one transaction, or one letter where it is larger: a hundred of the largest would not fit."""

ATTEMPTS: Final = 4

_CODE = re.compile("[a-z_]{1,40}")
"""What a reason of ours looks like; another one is no label of a metric."""

Progress = Callable[[int], None]
Write = Callable[[Session, Sequence[Opened]], Awaitable[frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Found:
    """Letters that a query takes."""

    letters: tuple[Letter, ...]
    more: bool
    """Whether there are others behind them."""
    summary: Summary
    """Of all that the query takes, whatever the limit."""
    passed_over: Mapping[str, str]
    """By letter that was named and is not taken, why: its state, or `not_found`."""


@dataclass(slots=True)
class Report:
    """What became of letters that something was to be done about."""

    done: list[Letter] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """By letter, why nothing was done about it."""
    last: dt.datetime | None = None
    """Before when the last of them is not handled, where they were spread over time."""


class Letters:
    """Lists, replays and drops. Every write is one transaction, so nothing is ever half done."""

    def __init__(self, runtime: Runtime, database: Database) -> None:
        self._runtime = runtime
        self._marks = Marks(database)
        self._refused = Refused(database, runtime.service)
        self.service: Final = runtime.service

    @property
    def now(self) -> dt.datetime:
        """The time of the service."""
        return self._runtime.clock.now()

    async def find(self, query: Query, *, limit: int, after: str | None = None) -> Found:
        """Return up to `limit` letters that `query` takes, oldest first, from behind the letter `after` on.

        Raises:
            LogUnavailable: the log does not answer.
            StoreUnavailable: the database does not answer.
        """
        first = order_of(after) if after is not None else None
        summary, found, more = Summary(), list[Letter](), False
        passed_over = dict.fromkeys(query.ids, "not_found")
        async for page in self._pages():
            for each in await self._marked(page, query):
                if not query.allows(each.letter):
                    if query.ids:
                        passed_over[each.letter.id] = str(each.letter.state)
                    continue
                passed_over.pop(each.letter.id, None)
                summary.add(each.letter)
                if first is not None and order_of(each.letter.id) <= first:
                    continue
                if len(found) < limit:
                    found.append(each.letter)
                else:
                    more = True
        return Found(tuple(found), more, summary, passed_over)

    async def read(self, ids: Collection[str]) -> AsyncGenerator[Opened]:
        """Yield the letters of these ids with their records, in order; those that are gone are left out.

        Raises:
            LogUnavailable: the log does not answer.
            StoreUnavailable: the database does not answer.
        """
        if not ids:
            # A query without ids would mean every letter.
            return
        query = Query(ids=frozenset(ids), any_state=True)
        missing = set(ids)
        async with contextlib.aclosing(self._pages()) as pages:
            async for page in pages:
                for each in await self._marked(page, query):
                    missing.discard(each.letter.id)
                    yield each
                if not missing:
                    return

    async def open(self, letter_id: str) -> Opened:
        """Return one letter with its record.

        Raises:
            Invalid: no letter can have this id.
            NotFound: there is none.
            LogUnavailable: the log does not answer.
            StoreUnavailable: the database does not answer.
        """
        async with contextlib.aclosing(self.read([letter_id])) as found:
            async for each in found:
                return each
        raise NotFound("There is no such letter, or it is no longer kept.")

    async def replay(
        self,
        letters: Sequence[Letter],
        *,
        consumers: Collection[str],
        by: str,
        rate: float | None = None,
        progress: Progress = lambda _: None,
    ) -> Report:
        """Let `letters` be handled again by the consumers that set them aside.

        Mark and record are written together; the relay of the running service publishes the record. A letter
        about which somebody has done something since it was found is left alone.

        Args:
            letters: as they were found.
            consumers: who is there to handle them; for another one nobody would.
            by: who asks for it.
            rate: how many a second are handled at most.
            progress: called with how many were done about.

        Raises:
            Invalid: the rate is none.
            LogUnavailable: the log does not answer.
            StoreUnavailable: the database does not answer; what was done before stays done.
        """
        report = Report()
        times = dict(zip([each.id for each in letters], stagger(self.now, rate, len(letters)), strict=True))
        for each in letters:
            if not each.refused and each.consumer not in consumers:
                report.failed[each.id] = "no_consumer"
        wanted = {each.id: each for each in letters if each.id not in report.failed}

        async def write(session: Session, chunk: Sequence[Opened]) -> frozenset[str]:
            refused = [each.letter for each in chunk if each.letter.refused]
            cleared = await self._refused.try_again(session, refused) if refused else frozenset()
            taken = await self._unchanged(session, chunk, wanted)
            await self._marks.put(
                session, [each.letter for each in taken], State.REPLAYED, by=by, now=self.now
            )
            topic = replay_topic(self.service)
            rows = [
                retry_record(
                    each.record,
                    topic=topic,
                    consumer=each.letter.consumer or "",
                    attempts=0,
                    not_before=times[each.letter.id],
                    reason=REPLAYED,
                )
                for each in taken
            ]
            await self._runtime.outbox.add(session, rows)
            return cleared | {each.letter.id for each in taken}

        try:
            await self._in_chunks(wanted, write, report, progress)
        finally:
            # Whatever came between: what is done is done, and told.
            self._runtime.outbox.filled.set()
            for reason, count in _reasons(report).items():
                LETTERS_REPLAYED.labels(self.service, reason).inc(count)
                log.info("letters.replayed", service=self.service, reason=reason, count=count, actor=by)
        report.last = max((times[each.id] for each in report.done), default=None) if rate else None
        return report

    async def drop(
        self, letters: Sequence[Letter], *, by: str, progress: Progress = lambda _: None
    ) -> Report:
        """Let nobody handle `letters` any more; on the log they stay until its retention removes them.

        Raises:
            LogUnavailable: the log does not answer.
            StoreUnavailable: the database does not answer; what was done before stays done.
        """
        report = Report()

        async def write(session: Session, chunk: Sequence[Opened]) -> frozenset[str]:
            refused = [each.letter for each in chunk if each.letter.refused]
            deleted = await self._refused.delete(session, refused) if refused else frozenset()
            taken = await self._unchanged(session, chunk, wanted)
            await self._marks.put(
                session, [each.letter for each in taken], State.DROPPED, by=by, now=self.now
            )
            return deleted | {each.letter.id for each in taken}

        wanted = {each.id: each for each in letters}
        try:
            await self._in_chunks(wanted, write, report, progress)
        finally:
            for reason, count in _reasons(report).items():
                LETTERS_DROPPED.labels(self.service, reason).inc(count)
                log.warning("letters.dropped", service=self.service, reason=reason, count=count, actor=by)
        return report

    async def _in_chunks(
        self,
        wanted: Mapping[str, Letter],
        write: Write,
        report: Report,
        progress: Progress,
    ) -> None:
        found: set[str] = set()
        async for chunk in _chunks(self.read(wanted)):
            done = await self._transact(chunk, write)
            for each in chunk:
                found.add(each.letter.id)
                if each.letter.id in done:
                    report.done.append(each.letter)
                else:
                    report.failed[each.letter.id] = "changed"
            progress(len(chunk))
        report.failed |= {each: "gone" for each in wanted if each not in found}

    async def _transact(self, chunk: Sequence[Opened], write: Write) -> frozenset[str]:
        for _ in range(ATTEMPTS):
            try:
                return await self._runtime.unit_of_work.run(lambda session: write(session, chunk))
            except Conflict:
                # Somebody else has marked one of them in this moment; what they did is seen the next time.
                continue
        raise StoreUnavailable("The letters changed again and again while they were being marked.")

    async def _unchanged(
        self, session: Session, chunk: Sequence[Opened], wanted: Mapping[str, Letter]
    ) -> list[Opened]:
        """Return those of `chunk` about which nothing was done since they were found."""
        letters = [each for each in chunk if not each.letter.refused]
        marks = await self._marks.of([each.letter.id for each in letters], session) if letters else {}
        return [
            Opened(wanted[each.letter.id], each.record)
            for each in letters
            if marks.get(each.letter.id) == wanted[each.letter.id].mark
        ]

    async def _pages(self) -> AsyncGenerator[Sequence[Opened]]:
        browsing = self._runtime.backend.browse(dead_letter_topic(self.service).name)
        try:
            async for records in browsing:
                yield [Opened(letter_of(record), record) for record in records]
        finally:
            # Whoever has seen enough leaves early, and a connection may be open behind it.
            if isinstance(browsing, AsyncGenerator):
                await browsing.aclose()
        async for rows in self._refused.pages():
            yield rows

    async def _marked(self, page: Sequence[Opened], query: Query) -> list[Opened]:
        """Return the letters of `page` that `query` matches, with their marks."""
        matching = [each for each in page if query.matches(each.letter)]
        ids = [each.letter.id for each in matching if not each.letter.refused]
        marks = await self._marks.of(ids) if ids else {}
        return [
            Opened(replace(each.letter, mark=marks.get(each.letter.id)), each.record) for each in matching
        ]


async def _chunks(letters: AsyncIterator[Opened]) -> AsyncIterator[list[Opened]]:
    chunk: list[Opened] = []
    size = 0
    async for each in letters:
        if chunk and (len(chunk) == IN_ONE or size + each.letter.size > BYTES_IN_ONE):
            yield chunk
            chunk, size = [], 0
        chunk.append(each)
        size += each.letter.size
    if chunk:
        yield chunk


def _reasons(report: Report) -> Counter[str]:
    return Counter(each.reason if _CODE.fullmatch(each.reason) else "other" for each in report.done)
