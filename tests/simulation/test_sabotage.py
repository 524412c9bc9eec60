"""A simulation that finds nothing in a broken runtime would prove nothing about a sound one."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.errors import ConnectionFailure

from shared.store.mailboxes import Inbox, Outbox
from shared.store.parking import Parking
from shared.store.timers import Timers
from shared.store.unit_of_work import UnitOfWork
from shared.stream.lanes import Lanes
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.watermark import Watermark
from tests.simulation import driver
from tests.simulation.run import simulate
from tests.simulation.store import Store

SEEDS = 200

Sabotage = Callable[[pytest.MonkeyPatch], None]


def commit_before_the_transaction(patch: pytest.MonkeyPatch) -> None:
    join, handle = Processor._join, Processor._handle

    async def remember(self: Any) -> Any:
        self.sabotaged = await join(self)
        return self.sabotaged

    async def early(self: Any, records: Any) -> Any:
        await self.sabotaged.commit({record.source: record.next_offset for record in records})
        return await handle(self, records)

    patch.setattr(Processor, "_join", remember)
    patch.setattr(Processor, "_handle", early)


def an_inbox_that_forgets(patch: pytest.MonkeyPatch) -> None:
    async def add(*_: Any) -> None: ...

    patch.setattr(Inbox, "add", add)


def rows_deleted_before_they_are_sent(patch: pytest.MonkeyPatch) -> None:
    publish = Relay._publish

    async def late(self: Any, rows: Any) -> None:
        await self._runtime.outbox.delete([row.id for row in rows])
        await publish(self, rows)

    patch.setattr(Relay, "_publish", late)


def rows_in_any_order(patch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count()
    patch.setattr(Outbox, "_next_id", lambda *_: f"{next(numbers) * 7919 % 1_000_003:020d}")


def a_watermark_that_is_too_high(patch: pytest.MonkeyPatch) -> None:
    def finish(self: Any, offset: int) -> None:
        self._next = max(self._next or 0, offset + 1)

    patch.setattr(Watermark, "finish", finish)


def lanes_that_overtake(patch: pytest.MonkeyPatch) -> None:
    put, numbers = Lanes.put, itertools.count()
    patch.setattr(Lanes, "put", lambda self, _, item: put(self, str(next(numbers)).encode(), item))


def writes_outside_the_transaction(patch: pytest.MonkeyPatch) -> None:
    attempt = UnitOfWork._attempt

    async def singly(self: Any, session: Any, work: Any) -> Any:
        return await attempt(self, session, lambda given: work(None))

    patch.setattr(UnitOfWork, "_attempt", singly)


def transactions_without_a_snapshot(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Store, "_snapshot", lambda self, _: self._commits)


def a_broken_commit_taken_for_done(patch: pytest.MonkeyPatch) -> None:
    commit = driver.Session.commit_transaction

    async def once(self: Any) -> None:
        with contextlib.suppress(ConnectionFailure):
            await commit(self)

    patch.setattr(driver.Session, "commit_transaction", once)


def nobody_waits_for_what_is_retried(patch: pytest.MonkeyPatch) -> None:
    async def hold_up(*_: Any) -> None: ...

    patch.setattr(Parking, "hold_up", hold_up)


def a_queue_that_nobody_calls_up(patch: pytest.MonkeyPatch) -> None:
    async def waiting(*_: Any) -> list[Any]:
        return []

    patch.setattr(Parking, "waiting", waiting)


def held_up_keys_that_are_never_learnt(patch: pytest.MonkeyPatch) -> None:
    async def keys(*_: Any) -> frozenset[bytes]:
        return frozenset()

    patch.setattr(Parking, "keys", keys)


def timers_that_are_not_taken_away(patch: pytest.MonkeyPatch) -> None:
    async def remove(*_: Any) -> None: ...

    patch.setattr(Timers, "remove", remove)


def timers_that_are_not_set(patch: pytest.MonkeyPatch) -> None:
    apply = Timers.apply

    async def lossy(self: Any, session: Any, changes: Any) -> None:
        await apply(self, None, changes)  # type: ignore[arg-type]

    patch.setattr(Timers, "apply", lossy)


@pytest.mark.parametrize(
    ("sabotage", "finding"),
    [
        (commit_before_the_transaction, "tally committed .* is not done"),
        (an_inbox_that_forgets, "twice"),
        (rows_deleted_before_they_are_sent, "never published"),
        (rows_in_any_order, "another order"),
        (a_watermark_that_is_too_high, "sender committed .* is not done"),
        (lanes_that_overtake, "first sent in the order"),
        (writes_outside_the_transaction, "is not done|twice"),
        (transactions_without_a_snapshot, "went back"),
        (a_broken_commit_taken_for_done, "is not done"),
        (nobody_waits_for_what_is_retried, "order"),
        (a_queue_that_nobody_calls_up, "lost|is not done|come to rest"),
        (held_up_keys_that_are_never_learnt, "order"),
        (timers_that_are_not_taken_away, "fired twice"),
        (timers_that_are_not_set, "vanished|fired"),
    ],
)
def test_a_sabotaged_runtime_is_found_out(
    monkeypatch: pytest.MonkeyPatch, sabotage: Sabotage, finding: str
) -> None:
    sabotage(monkeypatch)
    found: set[str] = set()
    for seed in range(SEEDS):
        violations = simulate(seed).violations
        if any(re.search(finding, each) for each in violations):
            return
        found |= set(violations)
    pytest.fail(f"{SEEDS} simulations found nothing of the kind, only {sorted(found)[:5]}")
