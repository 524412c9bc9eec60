"""What the gateway asks of a channel; adding a provider is one module that offers this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from services.gateway.domain.items import Address, Item


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes: a group, or a person."""

    group: str | None = None
    person: Address | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never take it."""

    code: str
    provider_code: int | None = None


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The provider did not take it and may later."""

    code: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows whether the provider took it; a status webhook may tell."""


Outcome: TypeAlias = Accepted | Refused | TryAgain | Unclear


class Channel(Protocol):
    """One account at one provider."""

    @property
    def name(self) -> str:
        """The provider, for metrics."""
        ...

    def authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether the provider signed `body`; header names are in lower case."""
        ...

    def handshake(self, query: Mapping[str, str]) -> str | None:
        """Return what proves to the provider that this webhook is ours, None where the request is not its."""
        ...

    def parse(self, body: bytes) -> list[Item]:
        """Return everything an authentic body contains."""
        ...

    async def send_text(self, to: Destination, text: str, mark: str) -> Outcome:
        """Send `text`, which carries `mark` so that its statuses can be recognised.

        Raises:
            ProviderUnavailable: the provider refuses the account itself; no message can go out.
        """
        ...
