"""Whether a link may be passed on to members: one of the public web, and of nobody's own network."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

MAX_LINK: Final = 2048

# No blank, quote, angle bracket or backslash: programs disagree about where a link ends at one of these.
_FORM: Final = re.compile(r"https://[!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~\[\]]+", re.ASCII)
_HOST: Final = re.compile(r"(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{2,63}(?<!-)\.?", re.ASCII)
_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_OWN: Final = frozenset({"localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test"})
"""Last labels of names that mean something else in every network, by RFC 6761, RFC 6762 and custom."""

_ANY: Final = re.compile(
    r"(?:https?|ftp|upi|intent|tg)://|www\.|(?<![\w@])(?:[\w-]+\.)+"
    r"(?:com|org|net|in|co|io|me|ly|app|dev|info|biz|link|site|shop|online|xyz|top|club|live|gl|gg|us|tk)(?!\w)",
    re.IGNORECASE,
)


def is_public_link(url: str) -> bool:
    """Whether `url` is an https link that means the same to every member.

    Names are not looked up: that a public name leads to a private address is a matter of who opens it.
    """
    if len(url) > MAX_LINK or not _FORM.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "@" in parts.netloc:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        # 2130706433, 0x7f.1 and 127.1 are 127.0.0.1 to some programs and names to others.
        return bool(_HOST.fullmatch(host)) and not _NUMERIC.fullmatch(last) and last not in _OWN


def has_link(text: str) -> bool:
    """Whether somebody who reads `text` can be led elsewhere by it."""
    return _ANY.search(text) is not None
