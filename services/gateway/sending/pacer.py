"""Decides when each message may go: buckets per account and person, and rests the provider asks for."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.gateway.domain.pacing import HOUR, Brake, Bucket, Pace, jitter

PAIRS_KEPT = 10_000
"""Buckets of persons that are kept; one that is full again is forgotten first."""

BOOKED_KEPT = 2_000
NOW = 0.001
"""Seconds that are not worth waiting for."""

PROBE_SECONDS = 2.0
"""How often one message is tried while a provider refuses an account: hundreds of chats would be a storm."""

BULK_REST_SECONDS = 900.0
"""For how long nothing that nobody asked for is sent once people have complained."""

RESTRICTED_REST_SECONDS = 24 * HOUR
"""The same once WhatsApp itself has warned the number: going on is how it gets banned."""

LONG_SECONDS = 60.0
"""After a provider has refused an account for so long, its messages make room for those of others."""


@dataclass(slots=True)
class _Account:
    pace: Pace
    bucket: Bucket = field(default_factory=Bucket)
    brake: Brake = field(default_factory=Brake)
    hour: deque[float] = field(default_factory=deque)
    """When each message of the last hour went out."""
    began: float | None = None
    """When the first message of all went out."""
    refused_until: float | None = None
    refused_since: float = 0.0
    bulk_from: float = 0.0


class Pacer:
    """Holds what this process has sent lately. It is in memory: after a restart every bucket is full."""

    def __init__(
        self,
        paces: Mapping[str, Pace],
        began: Mapping[str, dt.datetime] | None = None,
        share: Callable[[], float] = lambda: 1.0,
    ) -> None:
        """Keep to `paces`.

        Args:
            paces: how fast each account may send, all processes together.
            began: when each account sent its first message; one that is missing begins with the next.
            share: which part of all chats is this process's now, and so which part of every pace.
        """
        first = {name: at.timestamp() for name, at in (began or {}).items()}
        self._accounts = {name: _Account(pace, began=first.get(name)) for name, pace in paces.items()}
        self._share = share
        self._pairs: dict[str, Bucket] = {}
        self._booked: dict[str, float] = {}

    def wait(
        self,
        send_id: str,
        account: str,
        now: dt.datetime,
        *,
        person: str | None = None,
        bulk: bool = False,
        urgent: bool = False,
    ) -> float:
        """Return the seconds until a message may go out; asked again it keeps its place.

        Args:
            send_id: the command.
            account: who sends.
            now: the time.
            person: the direct chat it goes to, None for a group.
            bulk: whether nobody asked for it.
            urgent: whether it goes beyond the cap of the hour.
        """
        at = now.timestamp()
        state = self._accounts[account]
        if bulk and at < state.bulk_from:
            return state.bulk_from - at
        if send_id not in self._booked:
            if not urgent and (full := self._hour_full(state, at)) > 0:
                return full
            self._booked[send_id] = self._book(send_id, state, person, at)
            while len(self._booked) > BOOKED_KEPT:
                self._booked.pop(next(iter(self._booked)))
        left = self._booked[send_id] - at
        return left if left > NOW else 0.0

    def gone(self, send_id: str) -> None:
        """Forget the place of a message: it goes out now, or it never will."""
        self._booked.pop(send_id, None)

    def slower(self, account: str, now: dt.datetime) -> None:
        """Halve the pace of an account; it recovers by itself."""
        state = self._accounts[account]
        state.brake = state.brake.harder(now.timestamp())

    def rest_bulk(self, account: str, now: dt.datetime, seconds: float = BULK_REST_SECONDS) -> None:
        """Send nothing that nobody asked for through this account for so long."""
        state = self._accounts[account]
        state.bulk_from = max(state.bulk_from, now.timestamp() + seconds)

    def refused(self, account: str, now: dt.datetime) -> None:
        """Note that the provider refuses an account."""
        state, at = self._accounts[account], now.timestamp()
        if state.refused_until is None:
            state.refused_since = at
        state.refused_until = at + PROBE_SECONDS

    def taken(self, account: str) -> None:
        """Note that the provider answers for an account."""
        self._accounts[account].refused_until = None

    def closed(self, account: str, now: dt.datetime) -> bool:
        """Return whether the provider has just refused the account; once in a while one message may try."""
        state, at = self._accounts[account], now.timestamp()
        if state.refused_until is None:
            return False
        if at >= state.refused_until:
            state.refused_until = at + PROBE_SECONDS
            return False
        return True

    def long_closed(self, account: str, now: dt.datetime) -> bool:
        """Return whether the provider has refused the account for so long that others need the room."""
        state = self._accounts[account]
        return state.refused_until is not None and now.timestamp() >= state.refused_since + LONG_SECONDS

    def _book(self, send_id: str, state: _Account, person: str | None, at: float) -> float:
        pace, share = state.pace, self._share()
        interval = 1.0 / (pace.per_second * state.brake.at(at) * share)
        start = at + jitter(send_id, pace.jitter_seconds)
        if person is not None and pace.pair_seconds:
            pair = self._pairs.pop(person, Bucket())
            start, self._pairs[person] = pair.book(start, pace.pair_seconds, pace.pair_burst)
            while len(self._pairs) > PAIRS_KEPT:
                self._pairs.pop(next(iter(self._pairs)))
        # Who waits for their own bucket takes one place in the account's all the same, and holds up nobody.
        instant, state.bucket = state.bucket.book(at, interval, max(1.0, pace.burst * share))
        instant = max(instant, start)
        if state.began is None:
            state.began = at
        if pace.per_hour is not None:
            state.hour.append(instant)
        return instant

    def _hour_full(self, state: _Account, at: float) -> float:
        """Return the seconds until one more message of this hour may be booked."""
        cap = state.pace.hourly(0.0 if state.began is None else at - state.began)
        if cap is None:
            return 0.0
        # Below one message nothing would ever go out.
        mine = max(1, int(cap * self._share()))
        while state.hour and state.hour[0] <= at - HOUR:
            state.hour.popleft()
        if len(state.hour) < mine:
            return 0.0
        return state.hour[len(state.hour) - mine] + HOUR - at
