"""How WAHA names people, groups and messages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.simulator.domain.people import Member

GROUP, PHONE, WIRE, HIDDEN = "g.us", "c.us", "s.whatsapp.net", "lid"

_DEVICE = re.compile(r":\d+\Z")
_PARTS = 3
_OF_PHONES, _OF_DEVICES = "3A", "3EB0"
"""How the ids of messages begin that are written on a phone, or by a linked device such as WAHA."""


def message_id(chat: str, bare: str, author: str | None = None, *, by_us: bool) -> str:
    """Return the whole id of a message: whose it is, where, WhatsApp's own part and in groups the author."""
    whole = f"{'true' if by_us else 'false'}_{chat}_{bare}"
    return f"{whole}_{author}" if author else whole


def bare(whole: str) -> str:
    """Return WhatsApp's own part of a message's id."""
    parts = whole.split("_")
    return parts[2] if len(parts) >= _PARTS else whole


def chat_in(whole: str) -> str | None:
    """Return the chat that a whole id names."""
    parts = whole.split("_")
    return parts[1] if len(parts) >= _PARTS else None


def said_on_phone(nonce: bytes) -> str:
    """Return a bare id as phones choose it."""
    return _OF_PHONES + nonce.hex().upper()


def said_by_device(nonce: bytes) -> str:
    """Return a bare id as linked devices choose it."""
    return _OF_DEVICES + nonce.hex().upper()


def hidden(member: Member) -> str:
    """Return the name under which groups know somebody."""
    return f"{member.hidden_id}@{HIDDEN}"


def number(member: Member, server: str = PHONE) -> str | None:
    """Return somebody's number as a name, None where they do not show it."""
    return None if member.phone_hidden else f"{member.phone}@{server}"


def direct(member: Member) -> str:
    """Return the chat in which somebody is written to."""
    return number(member) or hidden(member)


def person(members: Mapping[str, Member], jid: str) -> Member | None:
    """Return who `jid` names, None where it is nobody's."""
    user, _, server = jid.rpartition("@")
    user = _DEVICE.sub("", user)
    if server in (PHONE, WIRE):
        return members.get(user)
    found = (each for each in members.values() if each.hidden_id == user)
    return next(found, None) if server == HIDDEN else None
