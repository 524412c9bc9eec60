"""A proxy that knows Kafka's protocol well enough to let a broker report errors that it did not have."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from tests.support.fault_proxy import FaultProxy, Talk


class Api(IntEnum):
    """Requests whose answers can be changed."""

    PRODUCE = 0
    OFFSET_COMMIT = 8


class Code(IntEnum):
    """Errors of Kafka's."""

    NOT_LEADER_OR_FOLLOWER = 6
    REQUEST_TIMED_OUT = 7
    MESSAGE_TOO_LARGE = 10
    NOT_ENOUGH_REPLICAS = 19
    ILLEGAL_GENERATION = 22
    REBALANCE_IN_PROGRESS = 27


FIRST_FLEXIBLE = {Api.PRODUCE: 9, Api.OFFSET_COMMIT: 8}
"""From this version on the answers are laid out in another way, which no client of ours speaks."""


@dataclass
class _Plan:
    code: Code
    left: int


class KafkaProxy(FaultProxy):
    """A proxy in front of a broker.

    The broker has done what it was asked: only what it says of it is changed. So a producer that sends again
    shows whether the broker knows a batch that it has already.
    """

    def __init__(self, target_port: int, *, port: int = 0) -> None:
        super().__init__(target_port, port=port)
        self._plans: dict[Api, _Plan] = {}
        self.changed: Counter[tuple[Api, Code]] = Counter()
        """How many answers said something else than the broker."""

    def fail(self, api: Api, code: Code, times: int = 1) -> None:
        """Let the next `times` answers to `api` report `code` for every partition."""
        self._plans[api] = _Plan(code, times)

    def _talk(self) -> Talk:
        return _KafkaTalk(self._changed)

    def _changed(self, api: Api, version: int, frame: bytearray) -> None:
        plan = self._plans.get(api)
        if plan is None or not plan.left or version >= FIRST_FLEXIBLE[api]:
            return
        plan.left -= 1
        self.changed[api, plan.code] += 1
        for place in _error_codes(api, version, frame):
            struct.pack_into(">h", frame, place, plan.code)


class _KafkaTalk(Talk):
    """One connection: Kafka answers in the order in which it was asked."""

    def __init__(self, change: Callable[[Api, int, bytearray], None]) -> None:
        self._change = change
        self._asked = bytearray()
        self._answered = bytearray()
        self._waiting: dict[int, tuple[Api, int]] = {}

    def asked(self, chunk: bytes) -> bytes:
        self._asked += chunk
        while frame := _take_frame(self._asked):
            key, version, correlation = struct.unpack_from(">hhi", frame, 4)
            if key in set(Api):
                self._waiting[correlation] = Api(key), version
        return chunk

    def answered(self, chunk: bytes) -> bytes:
        self._answered += chunk
        through = bytearray()
        while frame := _take_frame(self._answered):
            (correlation,) = struct.unpack_from(">i", frame, 4)
            if asked := self._waiting.pop(correlation, None):
                self._change(*asked, frame)
            through += frame
        return bytes(through)


def _take_frame(buffer: bytearray) -> bytearray | None:
    """Remove a whole frame, its length in front, from `buffer` and return it."""
    if len(buffer) < 4:
        return None
    end = 4 + int.from_bytes(buffer[:4], "big")
    if len(buffer) < end:
        return None
    frame = buffer[:end]
    del buffer[:end]
    return frame


class _Cursor:
    """Walks through an answer; behind its length and correlation id."""

    def __init__(self, frame: bytearray) -> None:
        self._frame = frame
        self.place = 8

    def int32(self) -> int:
        (number,) = struct.unpack_from(">i", self._frame, self.place)
        self.place += 4
        return int(number)

    def skip(self, size: int) -> None:
        self.place += size

    def string(self) -> None:
        (size,) = struct.unpack_from(">h", self._frame, self.place)
        self.place += 2 + max(0, size)


def _error_codes(api: Api, version: int, frame: bytearray) -> list[int]:
    """Return where in `frame` the error codes of the partitions stand."""
    cursor, places = _Cursor(frame), []
    if api is Api.OFFSET_COMMIT and version >= 3:
        cursor.skip(4)  # how long the client is throttled
    for _ in range(cursor.int32()):
        cursor.string()
        for _ in range(cursor.int32()):
            cursor.skip(4)  # which partition
            places.append(cursor.place)
            cursor.skip(2)
            if api is Api.PRODUCE:
                _skip_rest_of_produced(cursor, version)
    return places


def _skip_rest_of_produced(cursor: _Cursor, version: int) -> None:
    cursor.skip(8)  # the first offset
    if version >= 2:
        cursor.skip(8)  # when it was appended
    if version >= 5:
        cursor.skip(8)  # where the log begins
    if version >= 8:
        for _ in range(cursor.int32()):
            cursor.skip(4)
            cursor.string()
        cursor.string()
