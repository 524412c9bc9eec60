"""A load generator thin enough not to be what is measured: keep-alive connections over raw sockets."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of requests came to."""

    requests: int
    seconds: float
    latencies: list[float]
    """In seconds, sorted."""
    server_cpu: float = 0.0
    """Processor seconds the server spent on one request: what remains comparable on a busy machine."""

    @property
    def per_second(self) -> float:
        """Requests answered per second."""
        return self.requests / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in seconds that `share` of the requests did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


async def drive(host: str, port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Outcome:
    """Send `requests` over `connections` for `seconds`, each as soon as the one before is answered.

    Raises:
        RuntimeError: an answer was not 200.
    """
    latencies: list[float] = []
    began = time.perf_counter()
    until = began + seconds

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        while (started := time.perf_counter()) < until:
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"the server answered {head[:60]!r}")
            length = next(
                (
                    int(line[15:])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                ),
                0,
            )
            if length:
                await reader.readexactly(length)
            latencies.append(time.perf_counter() - started)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))
    return Outcome(len(latencies), time.perf_counter() - began, sorted(latencies))


def median(values: list[float]) -> float:
    """Return the median of the runs."""
    return statistics.median(values)
