"""What the platform asks of a log; each implementation passes the same contract tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol

from shared.contracts.topics import Topic
from shared.log.record import NewRecord, Partition, Record

OnRevoke = Callable[[Collection[Partition]], Awaitable[None]]
"""Called before partitions are taken away; when it returns, work on them is done and committed."""


class Consumer(Protocol):
    """A member of a group, reading the partitions the group gave it from where the group left off."""

    async def poll(self, max_records: int, timeout_seconds: float) -> Sequence[Record]:
        """Return up to `max_records` records, in order within each partition, as soon as there are any.

        Returns nothing when the time is up. What was returned is not returned again unless `hold` is
        called or the partition moves; it counts as done only once it is committed.

        Raises:
            LogUnavailable: the log does not answer, or retention has removed records of one of our partitions
                before they were read: to go on would lose them silently, so that is for a person to decide.
        """
        ...

    async def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        """Record, for the group, where to go on; partitions no longer ours are left out.

        Raises:
            LogUnavailable: the log does not answer.
        """
        ...

    async def hold(self, next_offsets: Mapping[Partition, int], seconds: float) -> None:
        """Let `poll` return these records, and what follows them, again once `seconds` have passed.

        Other partitions go on meanwhile. A hold takes the place of an earlier one of the same partition and
        ends when the partition is taken away, even if it comes back at once; partitions that are not ours are
        left out. What is held can be committed.

        Args:
            next_offsets: by partition, the offset of the record that comes next.
            seconds: 0 for at once; infinity for never while this member has the partition.
        """
        ...

    async def idle(self) -> None:
        """Stay in the group without reading; call it at least every few seconds while not polling."""
        ...

    async def lag(self) -> Mapping[str, int]:
        """Return, by topic, how many records of our partitions lie behind what was read so far."""
        ...

    @property
    def assignment(self) -> frozenset[Partition]:
        """The partitions that are ours now."""
        ...

    @property
    def generation(self) -> int:
        """Rises each time partitions are given to this member; what it read before comes again."""
        ...

    async def close(self) -> None:
        """Leave the group; what was not committed goes to another member."""
        ...


class Backend(Protocol):
    """A log of topics."""

    @property
    def name(self) -> str:
        """memory, local or kafka."""
        ...

    async def start(self) -> None:
        """Connect.

        Raises:
            LogUnavailable: the log does not answer.
            SettingsError: it never will, as it is set.
        """
        ...

    async def ensure_topics(self, topics: Collection[Topic]) -> None:
        """Create the topics that do not exist; existing ones are left as they are.

        Raises:
            LogUnavailable: the log does not answer.
            SettingsError: a topic is missing and may not be created.
        """
        ...

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Return once every record is durable.

        Records of one key keep their order, across calls that follow each other too.

        Raises:
            LogUnavailable: not all could be written in time; any of them may have been, and may yet be.
            PermanentError: the log refuses one of them for good, for example for its size.
        """
        ...

    async def subscribe(
        self, group: str, topics: Collection[str], on_revoke: OnRevoke | None = None
    ) -> Consumer:
        """Join `group` and return its new member.

        Where a group has never committed it starts with the first record that is kept, so that nothing is
        missed. A member to which no partition is left stays and waits for one.

        Raises:
            LogUnavailable: the log does not answer, or the group does not let anybody in.
            PermanentError: there is no such topic.
            SettingsError: the log refuses us this group or one of the topics.
        """
        ...

    def browse(self, topic: str) -> AsyncIterator[Sequence[Record]]:
        """Return in pages what stands in `topic` now, oldest first within each partition.

        Reads beside all groups and up to where each partition ends when the first page is asked for. Needs
        neither `ensure_topics` nor, on `local`, the process that owns the log. A topic that is empty or that
        nobody has heard of has no pages.

        Raises:
            LogUnavailable: the log does not answer.
        """
        ...

    async def ping(self) -> None:
        """Return if the log answers.

        Raises:
            LogUnavailable: it does not.
        """
        ...

    async def stop(self) -> None:
        """Flush and disconnect."""
        ...
