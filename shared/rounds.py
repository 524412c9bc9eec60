"""Work that comes round again and again until the process stops."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Awaitable, Callable

from shared.observability.health import Health
from shared.patience import Abandoned, Patience

BREATH_SECONDS = 10.0
"""A rest of hours is taken in pieces, so that it does not look like standing still."""

JITTER = 0.1
"""How much of a rest is left to chance, either way: processes started together need not all ask at once."""


class Rounds:
    """A loop that does one thing, rests, and does it again; what is away is waited for."""

    def __init__(
        self,
        name: str,
        health: Health,
        work: Callable[[Rounds], Awaitable[None]],
        seconds: float,
        *,
        first_after: float = 0.0,
    ) -> None:
        """Do `work` every `seconds`, about.

        Args:
            name: what the loop is called in logs and metrics.
            health: where it says how it is doing.
            work: is given this loop, to tell it that it gets on, and to rest.
            seconds: how long to rest.
            first_after: how long to rest before the first time.
        """
        self._check = health.check(name)
        self._patience = Patience(name, self._check)
        self._work = work
        self._seconds = seconds
        self._first_after = first_after
        self._stopping = False
        self._soon = False

    @property
    def name(self) -> str:
        """What it is called in logs and metrics."""
        return self._check.name

    def stop(self) -> None:
        """Do it no more, and end what is at work at its next step."""
        self._stopping = True
        self._patience.give_up()

    def soon(self) -> None:
        """Go round again within `BREATH_SECONDS`."""
        self._soon = True

    def get_on(self) -> None:
        """Say that the work gets on.

        Raises:
            Abandoned: `stop` was called.
        """
        self._check.beat()
        if self._stopping:
            raise Abandoned

    async def rest(self, seconds: float) -> None:
        """Wait for a few seconds in the middle of the work.

        Raises:
            Abandoned: `stop` was called.
        """
        await self._patience.rest(seconds)

    async def run(self) -> None:
        """Go round until stopped."""
        with contextlib.suppress(Abandoned):
            # Nothing that comes round again keeps a process from being ready.
            self._check.ok()
            await self._rest(self._first_after)
            while True:
                self.get_on()
                self._soon = False
                await self._patience.insist(lambda: self._work(self))
                self._check.ok()
                spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter, not a secret
                await self._rest(self._seconds * spread)

    async def _rest(self, seconds: float) -> None:
        while seconds > 0 and not self._soon:
            await self._patience.rest(min(seconds, BREATH_SECONDS))
            seconds -= BREATH_SECONDS
