"""Who is in the simulated WhatsApp, and where they talk."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

BOT = "bot"
"""The author and participant name of the business number."""

MOST_PINS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """The business number the gateway works with at the Cloud API."""

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

    @property
    def hidden_id(self) -> str:
        """The digits that stand for this person in the groups of a linked device."""
        digest = hashlib.sha256(f"lid {self.phone}".encode()).digest()
        return str(10**14 + int.from_bytes(digest[:8]) % 10**14)


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
    """Phones, and `bot` where the number is an admin like others."""
    approval: bool = False
    """Whether the business lets people in one by one."""
    requests: Mapping[str, str] = field(default_factory=dict)
    """Who asks to come in: phones by the id of the request."""
    barred: frozenset[str] = field(default=frozenset())
    """Whom the business has removed: the link does not let them in again."""
    pins: tuple[str, ...] = ()
    """Pinned messages, the newest first; they stay until others push them off."""
    admins_only: bool = False
    """Whether nobody but admins may write."""

    def with_member(self, phone: str) -> Group:
        """Return the group after `phone` joined."""
        if phone in self.members:
            return self
        requests = {each: who for each, who in self.requests.items() if who != phone}
        return replace(self, members=(*self.members, phone), requests=requests)

    def without_member(self, phone: str) -> Group:
        """Return the group after `phone` left."""
        left = tuple(each for each in self.members if each != phone)
        return replace(self, members=left, admins=self.admins - {phone})

    def ranked(self, who: str, *, admin: bool) -> Group:
        """Return the group after `who`, a member or the bot, has become an admin or no longer is."""
        return replace(self, admins=self.admins | {who} if admin else self.admins - {who})

    def pinned(self, message: str) -> Group:
        """Return the group with `message` pinned; of too many pins the oldest falls off."""
        others = (each for each in self.pins if each != message)
        return replace(self, pins=(message, *others)[:MOST_PINS])

    def unpinned(self, message: str) -> Group:
        """Return the group without `message` pinned."""
        return replace(self, pins=tuple(each for each in self.pins if each != message))

    def renumbered(self, old: str, new: str) -> Group:
        """Return the group after somebody has taken another number."""
        return replace(
            self,
            members=tuple(new if each == old else each for each in self.members),
            admins=frozenset(new if each == old else each for each in self.admins),
            requests={key: new if who == old else who for key, who in self.requests.items()},
        )


def is_bridged(chat: str) -> bool:
    """Tell whether a chat is with the number that WAHA drives: such chats are called as WAHA calls them."""
    return "@" in chat


def other_side(chat: str) -> str:
    """Return the phone of whoever a direct chat is with."""
    return chat.partition("@")[0]


def digits(number: str) -> str:
    """Return a phone number as the key of a member: digits alone, without `+`, spaces and dashes."""
    return "".join(each for each in number if each.isascii() and each.isdigit())
