"""Ids that look like WhatsApp's, so that nobody comes to rely on a friendlier shape."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib

INVITE_BASE = "https://chat.whatsapp.com/"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_INVITE_LENGTH = 22
_TIME_DIGITS = 11
"""Hexadecimal digits of a time in milliseconds, enough for centuries."""


def wamid(chat: str, nonce: bytes) -> str:
    """Return a message id; like the real ones it contains the address of its chat."""
    address = chat.encode()[:18]
    serial = nonce.hex().upper().encode()
    raw = b"\x1c\x18%c%s\x15\x02\x00\x11\x18%c%s\x00" % (len(address), address, len(serial), serial)
    return "wamid." + base64.b64encode(raw).decode()


def group_id(number: str, nonce: bytes) -> str:
    """Return a group id: opaque to everybody but WhatsApp."""
    serial = 120363000000000000 + int.from_bytes(nonce) % 10**15
    return base64.b64encode(f"capi_group:{number}:{serial}".encode()).decode()


def invite_link(group: str) -> str:
    """Return the link by which people join `group`."""
    rest = int.from_bytes(hashlib.sha256(group.encode()).digest())
    code = ""
    for _ in range(_INVITE_LENGTH):
        rest, digit = divmod(rest, len(_BASE62))
        code += _BASE62[digit]
    return INVITE_BASE + code


def request_id(at: dt.datetime, nonce: bytes) -> str:
    """Return an id for a wish of `at` to come into a group."""
    return f"{round(at.timestamp() * 1000):0{_TIME_DIGITS}x}{nonce.hex()}"


def requested_at(request: str) -> dt.datetime:
    """Return when the wish was made that `request_id` has named."""
    return dt.datetime.fromtimestamp(int(request[:_TIME_DIGITS], 16) / 1000, dt.UTC)
