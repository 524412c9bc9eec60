"""Where a command goes that cannot be done: behind another one, into a retry tier, or aside."""

from __future__ import annotations

from shared.contracts.topics import RETRY_TIERS, dead_letter_topic, retry_topic
from shared.errors import InTurn, RetriesExhausted, Undecodable
from shared.log.record import NewRecord, Record
from shared.store.parking import Parked
from shared.store.unit_of_work import Session
from shared.stream.dead_letter import dead_letter, position_id, reason_of
from shared.stream.failure import Fate, Limits, classify, next_tier, waiting_tier
from shared.stream.item import What, place_of, rest_of
from shared.stream.report import Report
from shared.stream.retry import REPLAYED, Retried, retried, retry_record
from shared.stream.runtime import Runtime


class Detour:
    """The ways of one effects loop around a command that fails."""

    def __init__(self, consumer: str, runtime: Runtime, report: Report, *, ordered: bool) -> None:
        self._consumer = consumer
        self._runtime = runtime
        self._report = report
        self._ordered = ordered
        self._limits = Limits()
        self.held_up: frozenset[bytes] = frozenset()
        """Keys of which a command may be resting."""

    @property
    def halted(self) -> bool:
        """Whether so many commands were set aside that nothing more is done until somebody has looked."""
        return bool(self._limits.halted)

    async def learn(self) -> None:
        """Ask which keys are held up: whoever had these partitions before may have held up others.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        self.held_up = await self._runtime.parking.keys(self._consumer)

    def done(self, record: Record) -> None:
        """Count a command that was done."""
        if not _replayed(_about(record)):
            self._limits.tell(record.source, dead=False)

    async def park(self, record: Record) -> bool:
        """Put `record` behind the one that holds up its key; return False where none does any more.

        Raises:
            StoreUnavailable: the database does not answer.
        """

        async def work(session: Session) -> bool:
            if await self._handled(session, position_id(record)):
                return True
            if not await self._runtime.parking.add(session, self._consumer, [record]):
                return False
            await self._runtime.inbox.add(session, self._consumer, [position_id(record)])
            return True

        parked = await self._runtime.unit_of_work.run(work)
        if parked:
            self._report.counted(What.PARKED)
        else:
            self.held_up -= {record.key}
        return parked

    async def next_behind(self, settled: Record) -> Parked | None:
        """Return who waits directly behind `settled`; where nobody does, let its key pass again.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        parking, key = self._runtime.parking, settled.key

        async def work(session: Session) -> tuple[Parked | None, bool]:
            heads = await parking.heads(session, self._consumer, [key])
            # Another one of the key may be resting by now, and who waits waits for that one.
            if heads.get(key) != _event_id(settled):
                return None, False
            if waiting := await parking.waiting(session, self._consumer, key, 1):
                return waiting[0], False
            await parking.give_up(session, self._consumer, key)
            return None, True

        found, passes = await self._runtime.unit_of_work.run(work)
        if passes:
            self.held_up -= {key}
        return found

    async def leave(self, parked: Parked) -> None:
        """Take a command that was done out of the queue of its key.

        Raises:
            StoreUnavailable: the database does not answer.
        """

        async def work(session: Session) -> None:
            await self._runtime.parking.remove(session, [parked.id])

        await self._runtime.unit_of_work.run(work)

    async def known(self, record: Record) -> What | None:
        """Return what became of `record`, which comes back, if it did so before.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        place = place_of(record, _about(record), parked=False)
        ways = {place: What.DUPLICATE, rest_of(place): What.RETRIED}

        async def work(session: Session) -> frozenset[str]:
            return await self._runtime.inbox.seen(session, self._consumer, ways)

        seen = await self._runtime.unit_of_work.run(work)
        if found := next((what for where, what in ways.items() if where in seen), None):
            self._report.counted(What.DUPLICATE)
        return found

    async def fail(
        self, record: Record, error: Exception, parked: Parked | None = None, behind: Record | None = None
    ) -> What:
        """Put `record` into the next retry tier, or aside; return which of them.

        Who waits for their turn rests as long as that takes, and it counts as no attempt.

        Args:
            record: what could not be done.
            error: why.
            parked: its place in the queue of its key, where it has waited in one.
            behind: what it has waited for there.

        Raises:
            LogUnavailable: it would be set aside, and the log refuses what was set aside before.
            StoreUnavailable: the database does not answer.
        """
        about = None if parked else _about(record)
        attempts = about.attempts if about else 0
        tier, tries = _rest(error, attempts)
        holds_up = tier is not None and self._ordered and about is None
        if tier is not None:
            row = self._to_tier(record, tier, tries, error)
        else:
            if classify(error) is Fate.RETRY:
                error = RetriesExhausted(f"Tried {attempts + 1} times, at last: {reason_of(error)}.")
            row = dead_letter(
                record,
                self._runtime.service,
                self._consumer,
                error,
                now=self._runtime.clock.now(),
                about=about,
            )
        place = place_of(record, about, parked=parked is not None)
        instead_of = _event_id(behind) if behind else None

        async def work(session: Session) -> bool:
            if await self._handled(session, place):
                return False
            if tier is None:
                await self._runtime.outbox.must_take(session, dead_letter_topic(self._runtime.service).name)
            await self._runtime.inbox.add(
                session, self._consumer, [place if tier is None else rest_of(place)]
            )
            await self._runtime.outbox.add(session, [row])
            if holds_up:
                await self._runtime.parking.hold_up(
                    session, self._consumer, record.key, _event_id(record), instead_of
                )
            await self._runtime.parking.remove(session, [parked.id] if parked else [])
            return True

        if await self._runtime.unit_of_work.run(work):
            self._runtime.outbox.filled.set()
            self._tell(tier, error)
        if holds_up:
            self.held_up |= {record.key}
        if tier is None and not _replayed(about):
            self._limits.tell(record.source, dead=True)
            self._report.halted(self._limits.halted)
        return What.SET_ASIDE if tier is None else What.RETRIED

    def _to_tier(self, record: Record, tier: str, tries: int, error: Exception) -> NewRecord:
        return retry_record(
            record,
            topic=retry_topic(self._runtime.service, tier),
            consumer=self._consumer,
            attempts=tries,
            not_before=self._runtime.clock.now() + RETRY_TIERS[tier],
            reason=reason_of(error),
        )

    def _tell(self, tier: str | None, error: Exception) -> None:
        if tier is None:
            self._report.counted(What.SET_ASIDE)
            self._report.set_aside(reason_of(error))
        else:
            self._report.counted(What.RETRIED)
            self._report.rests(tier)

    async def _handled(self, session: Session, place: str) -> bool:
        """Return whether the record at `place` was put elsewhere before, by whichever process."""
        ways = [place, rest_of(place)]
        return bool(await self._runtime.inbox.seen(session, self._consumer, ways))


def _rest(error: Exception, attempts: int) -> tuple[str | None, int]:
    """Return in which tier a record rests, None for none, and how many attempts it has had by then."""
    if isinstance(error, InTurn):
        return waiting_tier(error.seconds), attempts
    return next_tier(attempts) if classify(error) is Fate.RETRY else None, attempts + 1


def _about(record: Record) -> Retried | None:
    try:
        return retried(record)
    except Undecodable:
        return None


def _replayed(about: Retried | None) -> bool:
    return about is not None and about.reason == REPLAYED


def _event_id(record: Record) -> str:
    return record.headers.get("ce_id", b"").decode("utf-8", "replace")
