"""What would become of dead letters if they were handled again, found out without doing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.topics import replay_topic
from shared.log.record import NewRecord, Record
from shared.store.unit_of_work import Session
from shared.stream.batch import Fold
from shared.stream.dead_letter import reason_of
from shared.stream.effects import Effects
from shared.stream.failure import Fate, Limits, classify
from shared.stream.item import Item, Outcome, Result, What, read
from shared.stream.processor import Processor
from shared.stream.retry import REPLAYED, retry_record
from shared.stream.subscription import Subscription

NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would become of one record."""

    record: Record
    outcome: str
    """applied, duplicate, skipped, retried:<tier>, dead_lettered:<reason>, or would_act."""
    emits: tuple[NewRecord, ...] = ()
    """What would be published."""


class _RolledBack(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


async def rehearse(loop: Processor | Effects, records: Sequence[Record]) -> list[Rehearsal]:
    """Return what would become of `records`, in order, if they were replayed now.

    An effects loop is not asked to act, so whether that would work is not known.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    if isinstance(loop, Effects):
        return [Rehearsal(record, loop.would(record)) for record in records]
    fold = loop.fold
    items = [_replayed(record, fold, place) for place, record in enumerate(records)]
    wanted = [item for item in items if item is not None]
    try:
        results = await _dress(fold, wanted)
    except Exception as error:
        if classify(error) is Fate.PAUSE:
            raise
        # The store refuses one of them; seen singly, the others tell the truth again.
        results = [await _singly(fold, item) for item in wanted]
    by_place = {result.item.record.offset: result for result in results}
    return [_told(record, by_place.get(place)) for place, record in enumerate(records)]


async def _dress(fold: Fold, items: Sequence[Item]) -> list[Result]:
    now = fold.runtime.clock.now()

    async def work(session: Session) -> None:
        raise _RolledBack(await fold.apply(session, items, now, Limits(), look_first=True))

    try:
        await fold.runtime.unit_of_work.run(work)
    except _RolledBack as rolled_back:
        return rolled_back.outcome.results
    return []


async def _singly(fold: Fold, item: Item) -> Result:
    try:
        (result,) = await _dress(fold, [item])
    except Exception as error:
        if classify(error) is Fate.PAUSE:
            raise
        return Result(item, What.SET_ASIDE, reason_of(error))
    return result


def _replayed(record: Record, fold: Fold, place: int) -> Item | None:
    subscription: Subscription = fold.subscription
    topic = replay_topic(subscription.service)
    # A time that no replay has: it must not be taken for one that the inbox remembers.
    new = retry_record(
        record, topic=topic, consumer=subscription.consumer, attempts=0, not_before=NEVER, reason=REPLAYED
    )
    return read(Record(new.topic, -1, place, new.key, new.value, new.headers), subscription)


def _told(record: Record, result: Result | None) -> Rehearsal:
    if result is None:
        return Rehearsal(record, "skipped")
    if result.what is What.APPLIED:
        return Rehearsal(record, str(result.what), result.rows)
    return Rehearsal(record, f"{result.what}:{result.reason}" if result.reason else str(result.what))
