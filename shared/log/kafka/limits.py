"""How much a reader of Kafka holds in memory, whatever its lag."""

from __future__ import annotations

from typing import Final

FETCH: Final = {
    # A partition buffers one answer, and a member may have 40 partitions: 10 MiB in all. Where a record is
    # larger than this, Kafka sends it alone, so the worst there can be is 40 records of MAX_RECORD_BYTES.
    "max_partition_fetch_bytes": 256 * 1024,
    # One answer is in memory twice while it is taken apart.
    "fetch_max_bytes": 4 * 1024 * 1024,
    "fetch_max_wait_ms": 250,
}
