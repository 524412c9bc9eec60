from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from services.simulator.domain.changes import Webhook
from services.simulator.domain.faults import Mischief
from services.simulator.hooks import Hook
from shared.clock import Clock
from shared.errors import TransientError
from shared.http.client import HttpClient
from shared.observability.logs import get_logger

log = get_logger(__name__)

LANES = 32
"""Webhooks under way at the same time."""


class Dispatcher:
    """Delivers webhooks, those of one lane in order, until each is acknowledged or too old.

    A refused webhook lets the next ones of its lane pass, as WhatsApp does: one that the gateway can never
    take would otherwise silence the chat for a day and a half.
    """

    name = "simulator.webhooks"

    def __init__(
        self,
        client: HttpClient,
        hooks: Mapping[str, Hook],
        clock: Clock,
        mischief: Mischief,
    ) -> None:
        self._client = client
        self._hooks = hooks
        self._clock = clock
        self._mischief = mischief
        self._lanes: dict[str, deque[Webhook]] = {}
        self._ready: asyncio.Queue[str | None] = asyncio.Queue()
        self._later: dict[int, asyncio.TimerHandle] = {}
        self._released = asyncio.Event()
        self._released.set()
        self._stopping = False
        self._settled: Callable[[Webhook, bool], None] = lambda _webhook, _delivered: None
        self._refused: Callable[[Webhook], None] = lambda _webhook: None
        self.counts: Counter[str] = Counter()

    def report_to(self, settled: Callable[[Webhook, bool], None], refused: Callable[[Webhook], None]) -> None:
        """Name who is told when a webhook is done with (delivered or not) and when it has to wait."""
        self._settled, self._refused = settled, refused

    @property
    def waiting(self) -> int:
        """Webhooks not acknowledged yet."""
        return self.counts["added"] - self.counts["delivered"] - self.counts["dropped"]

    def add(self, webhooks: Iterable[Webhook]) -> None:
        """Deliver `webhooks` too, but for those of an account that is no longer there."""
        for each in webhooks:
            if each.account not in self._hooks:
                continue
            self.counts["added"] += 1
            self._enqueue(each)

    def hold(self, held: bool) -> None:  # noqa: FBT001 - the setting itself
        """Keep webhooks back, or let them go."""
        if held:
            self._released.clear()
        else:
            self._released.set()

    def forget(self) -> None:
        """Drop everything that waits."""
        for timer in self._later.values():
            timer.cancel()
        self._later.clear()
        # A lane that a worker is busy with stays, empty, until the worker comes back to it.
        for lane in self._lanes.values():
            lane.clear()
        self.counts.clear()

    async def run(self) -> None:
        """Deliver until stopped, then finish what is under way."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(LANES):
                workers.create_task(self._work())

    def stop(self) -> None:
        """Ask `run` to finish; what waits is delivered after the next start."""
        self._stopping = True
        self._released.set()
        for timer in self._later.values():
            timer.cancel()
        for _ in range(LANES):
            self._ready.put_nowait(None)

    async def post(self, account: str, body: bytes, signed: bytes | None) -> int | None:
        """Post `body` once, now, and return the status, or None where no answer came.

        Args:
            account: whose webhook is called.
            body: what is posted.
            signed: what the signature is of; None leaves it out.
        """
        hook = self._hooks[account]
        try:
            headers = hook.headers(signed, self._clock.now())
            return (await self._client.post(hook.url, body, headers)).status
        except TransientError:
            return None

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts that have a webhook."""
        return frozenset(self._hooks)

    def _enqueue(self, webhook: Webhook) -> None:
        self._later.pop(webhook.id, None)
        lane = self._lanes.get(webhook.lane)
        if lane is None:
            self._lanes[webhook.lane] = deque([webhook])
            self._ready.put_nowait(webhook.lane)
        else:
            lane.append(webhook)

    async def _work(self) -> None:
        while True:
            name = await self._ready.get()
            await self._released.wait()
            if name is None or self._stopping:
                return
            lane = self._lanes[name]
            if lane:
                await self._deliver(lane.popleft())
            if lane:
                self._ready.put_nowait(name)
            else:
                del self._lanes[name]

    async def _deliver(self, webhook: Webhook) -> None:
        hook = self._hooks[webhook.account]
        copies = max(1, self._mischief.plan.duplicate)
        posting = (self.post(webhook.account, webhook.body, webhook.body) for _ in range(copies))
        answers = await asyncio.gather(*posting)
        self.counts["posted"] += copies
        if any(hook.taken(each) for each in answers):
            self.counts["delivered"] += 1
            self._settled(webhook, True)
            return
        self.counts["refused"] += 1
        tried = replace(webhook, attempts=webhook.attempts + 1)
        gap = hook.redelivery.gap(tried.attempts, webhook.created, self._clock.now())
        if gap is None:
            self.counts["dropped"] += 1
            log.warning("simulator.webhook.dropped", webhook=webhook.id, attempts=tried.attempts)
            self._settled(webhook, False)
            return
        if webhook.attempts == 0:
            log.info("simulator.webhook.refused", webhook=webhook.id, status=answers[0], seconds=gap)
        self._refused(tried)
        if not self._stopping:
            self._later[webhook.id] = asyncio.get_running_loop().call_later(gap, self._enqueue, tried)
