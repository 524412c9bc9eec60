"""Who is in the simulated WhatsApp, and where they talk."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace

BOT = "bot"
"""The author and participant name of the business number."""


@dataclass(frozen=True, slots=True)
class Line:
    """The business number the gateway works with."""

    phone_number_id: str
    display_phone_number: str
    name: str
    account_id: str = "100000000000000"


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a phone."""

    phone: str
    name: str
    username: str | None = None
    phone_hidden: bool = False
    """Webhooks then carry the business-scoped id alone, as for people who use a username."""

    @property
    def user_id(self) -> str:
        """The id by which the business knows this person when it does not see the phone."""
        digest = hashlib.sha256(self.phone.encode()).digest()
        return f"IN.{int.from_bytes(digest[:8]) % 10**16:016d}"


@dataclass(frozen=True, slots=True)
class Group:
    """A group that the business number belongs to."""

    id: str
    subject: str
    created: dt.datetime
    invite_link: str
    description: str = ""
    members: tuple[str, ...] = ()
    """Phones in order of joining; the business number is always there and not listed."""
    admins: frozenset[str] = field(default=frozenset())

    def with_member(self, phone: str) -> Group:
        """Return the group after `phone` joined."""
        return self if phone in self.members else replace(self, members=(*self.members, phone))

    def without_member(self, phone: str) -> Group:
        """Return the group after `phone` left."""
        left = tuple(each for each in self.members if each != phone)
        return replace(self, members=left, admins=self.admins - {phone})


def digits(number: str) -> str:
    """Return a phone number as the key of a member: digits alone, without `+`, spaces and dashes."""
    return "".join(each for each in number if each.isascii() and each.isdigit())
