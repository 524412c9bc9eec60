from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure

from shared.errors import StoreUnavailable
from shared.store.client import Mongo
from shared.store.unit_of_work import UnitOfWork
from tests.simulation import driver
from tests.simulation.store import LIFETIME_SECONDS, Store


class Time:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Breaking(driver.Straight):
    """A line that breaks at the first commits, before or after they have happened."""

    def __init__(self, *, after: bool, times: int = 1) -> None:
        self._after = after
        self._left = times

    async def call(self, what: str, work: driver.Operation, waits: Callable[[], bool] | None = None) -> Any:
        if what != "commit" or self._left <= 0:
            return await super().call(what, work, waits)
        self._left -= 1
        if self._after:
            await super().call(what, work, waits)
        raise AutoReconnect("connection reset")


@pytest.mark.parametrize("after", [False, True])
async def test_a_commit_whose_answer_is_lost_is_asked_for_again(*, after: bool) -> None:
    store, runs = Store(Time()), 0
    line = Breaking(after=after)

    async def work(session: Any) -> None:
        nonlocal runs
        runs += 1
        await driver.Database(store, line)["c"].insert_one({"_id": "1"}, session=session)

    await UnitOfWork(cast("Mongo", driver.Client(store, line))).run(work)
    assert store.get("c", "1") == {"_id": "1"}
    assert runs == 1


async def test_a_commit_that_nobody_answers_is_the_environments_fault(monkeypatch) -> None:
    monkeypatch.setattr("shared.store.unit_of_work.COMMIT_SECONDS", 0.01)
    store, line = Store(Time()), Breaking(after=False, times=10**6)

    async def work(session: Any) -> None:
        await driver.Database(store, line)["c"].insert_one({"_id": "1"}, session=session)

    with pytest.raises(StoreUnavailable):
        await UnitOfWork(cast("Mongo", driver.Client(store, line))).run(work)


def test_a_transaction_is_ended_by_the_database_and_lets_go_of_what_it_wrote() -> None:
    time = Time()
    store = Store(time)
    abandoned = store.begin()
    store.insert("c", {"_id": "1"}, abandoned)
    assert store.locked("c", "1")
    time.seconds += LIFETIME_SECONDS + 1
    assert not store.locked("c", "1")
    store.insert("c", {"_id": "1"})
    with pytest.raises(OperationFailure) as error:
        store.commit(abandoned)
    assert error.value.has_error_label("TransientTransactionError")


def test_an_error_ends_the_transaction_it_happens_in() -> None:
    store = Store(Time())
    store.insert("c", {"_id": "1"})
    transaction = store.begin()
    store.insert("c", {"_id": "2"}, transaction)
    with pytest.raises(DuplicateKeyError):
        store.insert("c", {"_id": "1"}, transaction)
    with pytest.raises(OperationFailure):
        store.commit(transaction)
    assert store.get("c", "2") is None


def test_a_commit_happens_once() -> None:
    commits: list[int] = []
    store = Store(Time(), lambda changes: commits.append(len(changes)))
    transaction = store.begin()
    store.insert("c", {"_id": "1"}, transaction)
    store.commit(transaction)
    store.commit(transaction)
    assert commits == [1]
