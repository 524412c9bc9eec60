"""The index of messages: remembered in passing, written a moment later, found at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from typing import Protocol

from services.gateway.domain.known import Known, Whereabouts
from shared.errors import PermanentError
from shared.observability.health import Health
from shared.observability.logs import get_logger
from shared.observability.metrics import MESSAGE_INDEX_DROPPED
from shared.patience import Abandoned, Patience

log = get_logger(__name__)

CAPACITY = 20_000
"""Entries that wait for a database that is away, some 15 MB. Beyond, new ones are dropped and counted."""

BATCH = 500
LINGER_SECONDS = 0.1
IDLE_SECONDS = 5.0
"""How often the loop shows that it is alive while nothing happens."""


class Kept(Protocol):
    """Where the index is kept."""

    async def add(self, messages: Sequence[Known]) -> None:
        """Keep `messages`; those that are kept already stay as they are."""
        ...

    async def find(self, message_id: str) -> Known | None:
        """Return the message with this id."""
        ...

    async def chats_of(self, message_ids: Collection[str]) -> dict[str, Whereabouts]:
        """Return the chats of those of `message_ids` that are known."""
        ...


class MessageIndex:
    """Says which message an id of ours stands for.

    A webhook is answered once the log has it, and never waits for this. What a crash or a full buffer loses
    cannot be quoted, deleted or fetched later, and nothing worse.
    """

    def __init__(self, kept: Kept, health: Health, capacity: int = CAPACITY) -> None:
        self._kept = kept
        self._capacity = capacity
        self._waiting: dict[str, Known] = {}
        self._writing: dict[str, Known] = {}
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._check = health.check("index of messages")
        self._patience = Patience("gateway.messages", self._check)
        self._stopping = False
        self._dropping = False

    @property
    def name(self) -> str:
        """`index of messages`."""
        return self._check.name

    def remember(self, known: Known) -> None:
        """Put a message into the index; the first that is said of it stays. It never waits."""
        key = known.message_id
        if key in self._waiting or key in self._writing:
            return
        if known.excessive:
            MESSAGE_INDEX_DROPPED.labels("excessive").inc()
            return
        if len(self._waiting) + len(self._writing) >= self._capacity:
            self._drop("full", 1)
            return
        self._waiting[key] = known
        self._some.set()
        if len(self._waiting) >= BATCH:
            self._enough.set()

    async def find(self, message_id: str) -> Known | None:
        """Return the message with this id, None where it is not known or not any more.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return self._at_hand(message_id) or await self._kept.find(message_id)

    async def chats_of(self, message_ids: Collection[str]) -> dict[str, Whereabouts]:
        """Return the chats of those of `message_ids` that are known.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found = {
            each: Whereabouts(known.chat_id, known.chat_kind, known.message_id)
            for each in message_ids
            if (known := self._at_hand(each) or self._called(each)) is not None
        }
        others = [each for each in message_ids if each not in found]
        return found | (await self._kept.chats_of(others) if others else {})

    def stop(self) -> None:
        """Write what waits, then return."""
        self._stopping = True
        self._patience.give_up()
        self._some.set()
        self._enough.set()

    async def run(self) -> None:
        """Write until stopped; it is stopped after everything that remembers."""
        self._check.ok()
        with contextlib.suppress(Abandoned):
            while not self._stopping or self._waiting:
                self._check.beat()
                await _within(self._some, IDLE_SECONDS)
                if self._waiting:
                    await _within(self._enough, LINGER_SECONDS)
                await self._write()
        self._drop("not_written", len(self._waiting) + len(self._writing))

    async def _write(self) -> None:
        keys = list(self._waiting)[:BATCH]
        # Out of one place and into the other without an await between: it can be found all the time.
        self._writing = {key: self._waiting.pop(key) for key in keys}
        if not self._stopping:
            if not self._waiting:
                self._some.clear()
            if len(self._waiting) < BATCH:
                self._enough.clear()
        if not self._writing:
            return
        try:
            await self._patience.insist(lambda: self._kept.add(list(self._writing.values())))
        except PermanentError:
            log.exception("message_index.refused", count=len(self._writing))
            self._drop("refused", len(self._writing))
        self._writing = {}
        self._dropping = False

    def _at_hand(self, message_id: str) -> Known | None:
        return self._waiting.get(message_id) or self._writing.get(message_id)

    def _called(self, alias: str) -> Known | None:
        """Return the one message at hand that `alias` may mean; which of several it means nobody can tell."""
        found = [
            each for place in (self._waiting, self._writing) for each in place.values() if each.alias == alias
        ]
        return found[0] if len(found) == 1 else None

    def _drop(self, reason: str, count: int) -> None:
        if not count:
            return
        MESSAGE_INDEX_DROPPED.labels(reason).inc(count)
        if not self._dropping:
            # Once, and not for each of thousands, until something could be written again.
            log.error("message_index.dropping", reason=reason, count=count)
            self._dropping = True


async def _within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
