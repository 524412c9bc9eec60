"""Addresses that papers lead to."""

from __future__ import annotations

import datetime as dt
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from shared.drawing.harmless import harmless

_GOOGLE: Final = "https://calendar.google.com/calendar"
_SCHEMES: Final = frozenset({"http", "https"})


def safe(url: str) -> str:
    """Return an address that a page may link to, or "" for one that is none or that would run as a script."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme not in _SCHEMES or not parts.netloc or any(ord(each) <= ord(" ") for each in url.strip()):
        return ""
    return urlunsplit(parts)


def subscription(feed: str) -> str:
    """Return the address by which a phone's own calendar follows a feed; "" for no address."""
    return "webcal://" + safe(feed).partition("://")[2] if safe(feed) else ""


def google_feed(feed: str) -> str:
    """Return the address by which Google Calendar follows a feed."""
    return f"{_GOOGLE}/r?{urlencode({'cid': subscription(feed)})}"


def google_session(title: str, starts_at: dt.datetime, minutes: int, zone: str, details: str) -> str:
    """Return the address by which Google Calendar takes one session."""
    ends_at = starts_at + dt.timedelta(minutes=minutes)
    span = "/".join(f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}" for at in (starts_at, ends_at))
    given = {
        "action": "TEMPLATE",
        "text": harmless(title, 200),
        "dates": span,
        "ctz": zone,
        "details": harmless(details, 500),
    }
    return f"{_GOOGLE}/render?{urlencode(given)}"
