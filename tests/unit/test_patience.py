from __future__ import annotations

import asyncio

import pytest

from shared import patience as module
from shared.errors import (
    LogUnavailable,
    PermanentError,
    ProviderUnavailable,
    StoreUnavailable,
    TransientError,
)
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY
from shared.patience import Abandoned, Patience
from tests.support.streams import turns


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", (0.0, 0.001))


def paused(name: str) -> float | None:
    return REGISTRY.get_sample_value("chaupal_consumer_paused", {"consumer": name})


class Flaky:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


async def test_work_is_done_again_until_what_it_depends_on_is_back():
    check = Health().check("consumer c")
    check.ok()
    seen: list[str | None] = []

    async def between() -> None:
        seen.append(check.problem)

    work = Flaky(StoreUnavailable("away"), StoreUnavailable("away"), LogUnavailable("away"))
    assert await Patience("c1", check).insist(work, between=between) == "done"
    assert work.tries == 4
    assert seen == ["store_unavailable", "store_unavailable", "log_unavailable"]
    assert check.problem is None
    assert paused("c1") == 0.0


async def test_readiness_is_off_while_it_waits(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", (60.0,))
    health = Health()
    check = health.check("consumer c")
    patience = Patience("c2", check)
    waiting = asyncio.create_task(patience.insist(Flaky(StoreUnavailable("away"))))
    await turns()
    assert health.unready() == {"consumer c": "store_unavailable"}
    assert paused("c2") == 1.0
    patience.give_up()
    with pytest.raises(Abandoned):
        await waiting


async def test_a_failure_that_waiting_does_not_mend_is_passed_on():
    for error in (PermanentError("broken"), TransientError("busy"), KeyError("bug")):
        work = Flaky(error)
        with pytest.raises(type(error)):
            await Patience("c3", Health().check("c")).insist(work)
        assert work.tries == 1


async def test_work_that_became_somebody_elses_is_left_to_them():
    work = Flaky(*[StoreUnavailable("away")] * 9)
    idled = 0

    async def between() -> None:
        nonlocal idled
        idled += 1

    with pytest.raises(Abandoned):
        await Patience("c4", Health().check("c")).insist(
            work, between=between, abandon=lambda: work.tries == 3
        )
    assert work.tries == 3
    # Once it is known that the group has moved on, the member must not wait for the group.
    assert idled == 2


async def test_a_loop_that_stops_tries_once_more_and_does_not_wait():
    patience = Patience("c5", Health().check("c"))
    patience.give_up()
    assert await patience.insist(Flaky()) == "done"
    work = Flaky(StoreUnavailable("away"))
    with pytest.raises(Abandoned):
        await patience.insist(work)
    assert work.tries == 1


async def test_a_rest_leaves_readiness_on_and_ends_with_the_loop():
    health = Health()
    check = health.check("consumer c")
    check.ok()
    patience = Patience("c6", check)
    await patience.rest(0.001)
    resting = asyncio.create_task(patience.rest(60.0))
    await turns()
    assert not health.unready()
    patience.give_up()
    with pytest.raises(Abandoned):
        await resting


async def test_a_success_does_not_end_the_pause_of_work_that_still_waits(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", (60.0,))
    health = Health()
    check = health.check("consumer c")
    patience = Patience("c8", check)
    waiting = asyncio.create_task(patience.insist(Flaky(StoreUnavailable("away"))))
    await turns()
    assert await patience.insist(Flaky()) == "done"
    assert health.unready() == {"consumer c": "store_unavailable"}
    patience.give_up()
    with pytest.raises(Abandoned):
        await waiting
    assert await patience.insist(Flaky()) == "done"
    assert not health.unready()
    assert paused("c8") == 0.0


async def test_a_provider_that_refuses_one_account_leaves_readiness_on():
    check = Health().check("consumer c")
    check.ok()
    seen: list[str | None] = []

    async def between() -> None:
        seen.append(check.problem)
        assert paused("c9") == 1.0

    await Patience("c9", check).insist(Flaky(ProviderUnavailable("refused")), between=between)
    assert seen == [None]
    assert paused("c9") == 0.0


async def test_a_loop_that_waits_is_alive():
    check = Health().check("consumer c")
    await Patience("c7", check).insist(Flaky(StoreUnavailable("away")))
    assert check.beaten is not None
