"""Which offset may be committed when records finish in any order."""

from __future__ import annotations

import heapq


class Watermark:
    """The largest offset below which everything is done.

    Committing anything higher would lose a record that is still being worked on if the process died now.
    """

    def __init__(self) -> None:
        self._open: list[int] = []
        self._done: set[int] = set()
        self._next: int | None = None

    def begin(self, offset: int) -> None:
        """Say that work on `offset` has begun; offsets begin in rising order."""
        heapq.heappush(self._open, offset)

    def finish(self, offset: int) -> None:
        """Say that work on `offset` is done."""
        self._done.add(offset)
        while self._open and self._open[0] in self._done:
            finished = heapq.heappop(self._open)
            self._done.discard(finished)
            self._next = finished + 1

    @property
    def next_offset(self) -> int | None:
        """What may be committed; None while nothing contiguous is done."""
        return self._next

    @property
    def in_flight(self) -> int:
        """How many offsets have begun and cannot be committed yet."""
        return len(self._open)
