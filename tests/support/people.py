"""Made-up addresses, and a gateway's stores as one process has them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.gateway.domain.items import Address, AddressKind
from services.gateway.store import Chats, Identities, Memberships, Merges
from services.gateway.store.seal import UNKEPT, Seal
from shared.clock import Clock, SystemClock
from shared.store.client import Database

CHANNEL, ACCOUNT = "cloud_api", "main"


def phone() -> Address:
    """Return a phone number nobody else has."""
    return Address(AddressKind.PHONE, f"91{uuid.uuid4().int % 10**10:010d}")


def scoped() -> Address:
    """Return a business-scoped id nobody else has."""
    return Address(AddressKind.BUSINESS_SCOPED, f"IN.{uuid.uuid4().int}")


def hidden() -> Address:
    """Return WhatsApp's own id of somebody."""
    return Address(AddressKind.HIDDEN, f"{uuid.uuid4().int % 10**15:015d}")


@dataclass(frozen=True, slots=True)
class Stores:
    """What one process knows; made anew it remembers nothing, as another process."""

    database: Database
    chats: Chats
    identities: Identities
    merges: Merges
    memberships: Memberships

    @classmethod
    def of(cls, database: Database, seal: Seal = UNKEPT, clock: Clock | None = None) -> Stores:
        """Return the stores on `database`."""
        clock = clock or SystemClock()
        chats = Chats(database, clock, seal, capabilities=lambda _account, kind: ("text", kind))
        return cls(
            database,
            chats,
            Identities(database, clock, seal, chats),
            Merges(database, clock),
            Memberships(database),
        )

    async def member(self, *person: Address, account: str = ACCOUNT, channel: str = CHANNEL) -> str:
        """Return the member behind the first of `person`."""
        return (await self.identities.members(channel, account, [person]))[person[0]]

    async def group(self, name: str, subject: str | None = None) -> str:
        """Return the chat of a group."""
        return (await self.chats.meet(CHANNEL, ACCOUNT, {name: ("group", subject)}))[name]

    async def direct(self, member_id: str) -> str:
        """Return the direct chat with a member."""
        return (await self.chats.meet(CHANNEL, ACCOUNT, {member_id: ("direct", None)}))[member_id]
