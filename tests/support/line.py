"""A channel that does as it is told."""

from __future__ import annotations

from collections.abc import Mapping

from services.gateway.channels.contract import (
    Accepted,
    Capability,
    Destination,
    Outcome,
    Outgoing,
    Roster,
)
from services.gateway.domain.items import Item
from shared.contracts.gateway import ChatKind
from shared.errors import ProviderUnavailable


class Line:
    """A channel that does as it is told."""

    name = "waha"

    def __init__(self) -> None:
        self.away = False
        self.reason = "unreachable"
        self.can = frozenset({Capability.TEXT})
        self.outcome: Outcome = Accepted("provider-id")
        self.rosters: dict[str, Roster | None] = {}
        self.asked: list[str] = []
        self.contents: list[Item] = []

    def _answer(self) -> None:
        if self.away:
            raise ProviderUnavailable("The provider refuses this account.", self.reason)

    def authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return body == b"signed"

    def handshake(self, query: Mapping[str, str]) -> str | None:
        return query.get("challenge")

    def parse(self, body: bytes) -> list[Item]:
        return list(self.contents)

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        return self.can

    async def send(self, to: Destination, message: Outgoing) -> Outcome:
        self._answer()
        return self.outcome

    async def act(self, to: Destination, action: object) -> Outcome:
        self._answer()
        return Accepted("")

    async def find(self, to: Destination, client_id: str) -> str | None:
        return client_id

    async def probe(self) -> None:
        self._answer()

    async def roster(self, group: str) -> Roster | None:
        self.asked.append(group)
        self._answer()
        return self.rosters.get(group)


class Pace:
    """Gets on at once."""

    def __init__(self) -> None:
        self.rested: list[float] = []

    def get_on(self) -> None:
        pass

    async def rest(self, seconds: float) -> None:
        self.rested.append(seconds)
