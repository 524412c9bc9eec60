"""What a scenario is, and the list of all there are.

A scenario is a coroutine that is given a `World`, does harm to it, and leaves what it finds in its report:

    @scenario("P2", "kill -9 between transaction and commit", short=True)
    async def killed_before_commit(world: World) -> None:
        load = world.load(600)                      # numbered messages, 5 % duplicates, 0.1 % poison
        await world.prefill(load)                   # or world.feed(load, per_second) while workers run
        async with world.watching(load) as watch:   # commits and effects, looked at five times a second
            worker = await world.worker("after_txn_before_commit:kill9@2", ready=False)
            await worker.ended()
            watch.fault()                           # from here on the recovery is measured
            await world.worker()
            await world.judge(load)                 # waits for the end of all work, then asks the oracle
        world.report.expect(..., "what was found instead")
        world.report.note("what else was measured")

It stands in a module that `MODULES` in `tests/chaos/__main__.py` names. Servers, databases and processes are
its own, and are ended behind it. It is never tried again: one that passes at times is a bug, here or there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tests.chaos.world import World

LogKind = Literal["local", "kafka"]
Run = Callable[["World"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which things go wrong."""

    id: str
    """Its row in the fault catalogue, such as P1; behind a dot the log, where it runs on several."""
    fault: str
    """What is done, in a few words."""
    run: Run
    log: LogKind = "local"
    seconds: float = 90.0
    """When it is ended by force."""
    short: bool = False
    """Whether it is quick enough to run with every test run."""
    transaction_seconds: int = 3
    """How long mongod keeps what a dead process had open; 10 in production, where nobody waits for a test."""

    def is_named(self, names: Sequence[str]) -> bool:
        """Tell whether `names` asks for it: by its whole id, or by the part before the dot."""
        return self.id in names or self.id.partition(".")[0] in names


_ALL: list[Scenario] = []


def scenario(
    name: str,
    fault: str,
    *,
    logs: Sequence[LogKind] = ("local",),
    seconds: float = 90.0,
    short: bool = False,
    transaction_seconds: int = 3,
) -> Callable[[Run], Run]:
    """Register the decorated coroutine, once for each of `logs`."""

    def register(run: Run) -> Run:
        for log in logs:
            identity = name if len(logs) == 1 else f"{name}.{log}"
            if any(each.id == identity for each in _ALL):
                raise ValueError(f"there are two scenarios {identity}")
            _ALL.append(Scenario(identity, fault, run, log, seconds, short, transaction_seconds))
        return run

    return register


def scenarios(only: Sequence[str] = (), *, short: bool = False) -> list[Scenario]:
    """Return what has been registered: what `only` names, or all; with `short` the quick ones of these.

    Raises:
        KeyError: `only` names one that does not exist.
    """
    for name in only:
        if not any(each.is_named([name]) for each in _ALL):
            raise KeyError(name)
    return [each for each in _ALL if (not only or each.is_named(only)) and (each.short or not short)]
