"""How WAHA names messages, chats and people, and how we name them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.gateway.domain.items import Address, AddressKind, Place
from shared.contracts.gateway import ChatKind

PHONE_SERVERS = frozenset({"c.us", "s.whatsapp.net"})
"""Two spellings of one thing: the browser engines' and the wire's."""

GROUP, HIDDEN = "g.us", "lid"
OF_NO_MEMBER = frozenset({"broadcast", "newsletter", "bot"})
"""Stories, broadcast lists and channels: what comes from there, nobody has said to us or to a group."""

_DEVICE = re.compile(r"(?::[0-9]+)+\Z")
_DIGITS = re.compile(r"[0-9]{1,32}")
_PARTS = 3
_OUR_PREFIX = "3EB0"
"""How the ids of linked devices begin; another beginning would stand out among them."""


@dataclass(frozen=True, slots=True)
class Key:
    """A message id taken apart: `{fromMe}_{chat}_{id}`, where others are present with `_{author}`."""

    by_us: bool
    chat: str
    id: str
    author: str | None = None

    def __str__(self) -> str:
        parts = ["true" if self.by_us else "false", self.chat, self.id]
        return "_".join([*parts, self.author] if self.author else parts)

    @classmethod
    def read(cls, text: str | None) -> Key | None:
        """Return the key that `text` is, None where it is a bare id or anything else."""
        parts = (text or "").split("_")
        if len(parts) < _PARTS or parts[0] not in ("true", "false") or not all(parts[1:_PARTS]):
            return None
        if "@" not in parts[1]:
            return None
        author = parts[_PARTS] if len(parts) > _PARTS and "@" in parts[_PARTS] else None
        return cls(parts[0] == "true", spelled(parts[1]), parts[2], spelled(author) if author else None)

    def of(self, bare: str) -> Key:
        """Return the key of the message `bare` that the same person wrote in the same chat."""
        return replace(self, id=bare)


def bare(text: str) -> str:
    """Return the part of a message id that is WhatsApp's own; edits and deletions name their target by it."""
    key = Key.read(text)
    return key.id if key else text


def spelled(jid: str) -> str:
    """Return `jid` as WAHA writes it in ids: without the device, a phone number with `@c.us`.

    What is spelled so already stays as it is.
    """
    user, at, server = jid.rpartition("@")
    if not at or server not in {*PHONE_SERVERS, HIDDEN}:
        return jid
    return f"{_DEVICE.sub('', user)}@{'c.us' if server in PHONE_SERVERS else server}"


def server_of(jid: str | None) -> str:
    """Return what stands behind the last `@`, empty where there is none."""
    return jid.rpartition("@")[2] if jid and "@" in jid else ""


def in_group(jid: str | None) -> bool:
    """Return whether `jid` is a group."""
    return server_of(jid) == GROUP


def of_no_member(jid: str | None) -> bool:
    """Return whether what comes from `jid` is a story or a channel's post."""
    return server_of(jid) in OF_NO_MEMBER


def address(jid: str | None) -> Address | None:
    """Return the person that `jid` names, None where it names a group or nobody."""
    if not jid or in_group(jid):
        return None
    user, server = spelled(jid).rpartition("@")[::2]
    if server in PHONE_SERVERS and _DIGITS.fullmatch(user):
        return Address(AddressKind.PHONE, user)
    if server == HIDDEN and _DIGITS.fullmatch(user):
        return Address(AddressKind.HIDDEN, user)
    return Address(AddressKind.OTHER, jid)


def people(*jids: str | None) -> tuple[Address, ...]:
    """Return the names of one person, each once, a phone number first: it alone is the same everywhere."""
    found = dict.fromkeys(each for jid in jids if (each := address(jid)))
    return tuple(sorted(found, key=lambda each: each.kind is not AddressKind.PHONE))


def jid_of(person: Address) -> str | None:
    """Return the chat in which `person` is written to, None where WAHA knows no such name.

    A hidden id stays one: a chat made from the number of somebody who is known by a hidden id takes every
    message and delivers none.
    """
    match person.kind:
        case AddressKind.PHONE:
            return f"{person.value}@c.us"
        case AddressKind.HIDDEN:
            return f"{person.value}@{HIDDEN}"
        case AddressKind.OTHER:
            return person.value
        case _:
            return None


def place_among(jids: Iterable[str | None]) -> Place:
    """Return where something happened that names `jids`: the group among them, else a direct chat."""
    group = next((each for each in jids if in_group(each)), None)
    return Place(ChatKind.GROUP, group) if group else Place(ChatKind.DIRECT)


def chosen(client_id: str) -> str:
    """Return the id, in WhatsApp's form, of the message that we call `client_id`: always the same."""
    return _OUR_PREFIX + hashlib.sha256(client_id.encode("utf-8", "surrogatepass")).hexdigest()[:18].upper()
