"""Who calls themselves what: noted in passing, written a moment later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Protocol

from services.gateway.domain.names import shown

SECONDS: Final = 1.0
"""How often new names are written."""
CAPACITY: Final = 50_000
"""Names that are known to be kept; beyond that all are forgotten, and written once more as they come."""


class Kept(Protocol):
    """Where names are kept."""

    async def of(self, member_ids: Collection[str]) -> Mapping[str, str]:
        """Return the names of those who have one."""
        ...

    async def keep(self, names: Mapping[str, str]) -> None:
        """Keep names by member, in place of those before."""
        ...


class NameBook:
    """Keeps the name under which each member has written last.

    A webhook never waits for it. What a crash loses comes again with the member's next message.
    """

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._known: dict[str, str] = {}
        self._waiting: dict[str, str] = {}

    def note(self, member_id: str, name: str | None) -> None:
        """Note under which name a member writes."""
        if name is None or self._known.get(member_id) == name:
            return
        if len(self._known) >= CAPACITY:
            self._known.clear()
        self._known[member_id] = name
        if (clean := shown(name)) is not None:
            self._waiting[member_id] = clean

    async def of(self, member_ids: Collection[str]) -> dict[str, str]:
        """Return the names of those of `member_ids` who have one, written or not.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        here = {each: self._waiting[each] for each in member_ids if each in self._waiting}
        others = [each for each in member_ids if each not in here]
        return {**(await self._kept.of(others) if others else {}), **here}

    async def write(self) -> None:
        """Write what is new.

        Raises:
            StoreUnavailable: the database does not answer; what is new is still there for the next time.
        """
        names = dict(self._waiting)
        await self._kept.keep(names)
        for member_id, name in names.items():
            if self._waiting.get(member_id) == name:
                del self._waiting[member_id]
