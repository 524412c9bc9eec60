"""What the gateway asks of a channel; adding a provider is one module that offers this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.gateway.domain.items import Address, GroupChange, Item
from services.gateway.domain.outgoing import (
    Accepted,
    Action,
    AnswerJoin,
    Capability,
    Delete,
    Destination,
    MessageRef,
    Outcome,
    Outgoing,
    Pin,
    React,
    Refused,
    Remove,
    Restrict,
    TryAgain,
    Unclear,
)
from shared.contracts.gateway import ChatKind

__all__ = [
    "Accepted",
    "Action",
    "AnswerJoin",
    "Capability",
    "Channel",
    "Delete",
    "Destination",
    "MessageRef",
    "Outcome",
    "Outgoing",
    "Pin",
    "React",
    "Refused",
    "Remove",
    "Resident",
    "Restrict",
    "Roster",
    "TryAgain",
    "Unclear",
]


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who is in a group."""

    names: tuple[Address, ...]
    """What the channel says of them, the most reliable name first."""
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in a group, as the provider says now."""

    people: tuple[Resident, ...]
    """Everybody but us."""
    subject: str | None = None
    we_are_admin: bool | None = None
    """None where the provider does not say."""
    asking: tuple[GroupChange, ...] = ()
    """Who asks to come in, each as the webhook of their wish tells it; empty where nobody can be asked."""


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

    def parse(self, body: bytes) -> Iterable[Item]:
        """Return everything an authentic body contains, to be gone through once."""
        ...

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        """Return what can be done in chats of this kind; before a probe, what can be done at least."""
        ...

    async def send(self, to: Destination, message: Outgoing) -> Outcome:
        """Send `message`, which holds nothing that `capabilities` does not name.

        Raises:
            ProviderUnavailable: the provider refuses the account itself; no message can go out.
        """
        ...

    async def act(self, to: Destination, action: Action) -> Outcome:
        """Do `action` in a chat; where it is done the answer is `Accepted("")`.

        It may be asked again for what it has done already, and must then say the same.

        Raises:
            ProviderUnavailable: the provider refuses the account itself.
        """
        ...

    async def find(self, to: Destination, client_id: str) -> str | None:
        """Return the provider's id of the message that we called `client_id`, None where it knows none.

        Asked before a message of unknown fate is sent again, where `Capability.CLIENT_IDS` is offered.

        Raises:
            ProviderUnavailable: nobody can be asked now.
        """
        ...

    async def probe(self) -> None:
        """Ask whether the account works, and learn what it can do.

        Raises:
            ProviderUnavailable: it does not; its reason, one of `domain.troubles`, says why.
        """
        ...

    async def roster(self, group: str) -> Roster | None:
        """Return who is in a group, None where the provider knows no such group or does not tell.

        Raises:
            ProviderUnavailable: nobody can be asked now.
        """
        ...
