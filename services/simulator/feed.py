from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any

WAITING = 1000
"""News a slow page may fall behind; then it is told to load everything afresh."""

News = Mapping[str, Any]
STALE: News = {"type": "stale"}


class Feed:
    """Tells the pages that are open, and everybody who waits for a message, what is new."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[News]] = set()
        self._changed: dict[str, asyncio.Event] = {}

    @property
    def watched(self) -> bool:
        """Whether a page is open: without one, news need not be composed."""
        return bool(self._pages)

    def publish(self, news: Iterable[News]) -> None:
        """Send `news` to every page."""
        for each in news:
            for page in self._pages:
                _offer(page, each)

    def stir(self, chats: Iterable[str]) -> None:
        """Wake those who wait for something in `chats`."""
        for chat in chats:
            changed = self._changed.pop(chat, None)
            if changed is not None:
                changed.set()

    async def change(self, chat: str, seconds: float) -> bool:
        """Return True when something changes in `chat`, or False after `seconds`."""
        changed = self._changed.setdefault(chat, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await changed.wait()
        return changed.is_set()

    @contextlib.contextmanager
    def _subscribed(self) -> Any:
        page: asyncio.Queue[News] = asyncio.Queue(WAITING)
        self._pages.add(page)
        try:
            yield page
        finally:
            self._pages.discard(page)

    async def follow(self, heartbeat: float) -> AsyncGenerator[News | None]:
        """Yield news as it comes, and None after each `heartbeat` seconds of silence."""
        with self._subscribed() as page:
            while True:
                try:
                    async with asyncio.timeout(heartbeat):
                        news = await page.get()
                except TimeoutError:
                    yield None
                else:
                    yield news


def _offer(page: asyncio.Queue[News], news: News) -> None:
    try:
        page.put_nowait(news)
    except asyncio.QueueFull:
        while not page.empty():
            page.get_nowait()
        page.put_nowait(STALE)
