"""The public pages: one HTML document each, with nothing fetched from anywhere."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.events.papers.links import google_feed, google_session, safe, subscription
from services.events.papers.wording import TEXTS, day, moment, person, zone_name
from shared.drawing.harmless import harmless, harmless_lines
from shared.i18n.language import Language
from shared.i18n.moments import format_moment

_TEMPLATES: Final = Path(__file__).parent / "templates"
_STYLE: Final = (_TEMPLATES / "style.css").read_text("utf-8")
_SCRIPT: Final = (_TEMPLATES / "local_time.js").read_text("utf-8")
_LANGUAGES: Final = {Language.HI: "हिन्दी", Language.EN: "English", Language.HI_LATN: "Hinglish"}

_PAGES: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_hash(_STYLE)}'; script-src 'sha256-{_hash(_SCRIPT)}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What to serve the pages with: their own style and script run, and nothing that found its way into them."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session on the calendar of a community."""

    number: int
    """By which members name it in the group."""
    title: str
    starts_at: dt.datetime
    """With a zone."""
    minutes: int
    ics_url: str
    """Where its calendar file is."""
    speaker: str | None = None
    """Who speaks, given that they agreed to be named."""
    description: str = ""
    series: str | None = None
    """How often it takes place, in words."""
    seats_left: int | None = None
    """None: there is room for all."""
    cancelled: bool = False
    reason: str | None = None
    """Why it was called off."""


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The public calendar of a community."""

    community: str
    zone: ZoneInfo
    """Of the group."""
    sessions: tuple[Session, ...]
    """In any order; those that are over are not shown."""
    now: dt.datetime
    """With a zone: says what is today, what is live and what is over."""
    feed_url: str
    """Where the calendar is published for software."""
    join_url: str | None = None
    """Where one joins the group."""
    language: Language = Language.HI


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """What anybody is told who checks a certificate."""

    number: str
    name: str
    title: str
    """Of the session."""
    starts_at: dt.datetime
    """Of the session, with a zone."""
    zone: ZoneInfo
    community: str
    issued_at: dt.datetime
    host: str | None = None
    minutes: int | None = None
    pdf_url: str | None = None
    revoked_at: dt.datetime | None = None
    reason: str | None = None
    """Why it was revoked, for all to read."""
    language: Language = Language.HI


def calendar_page(page: CalendarPage) -> str:
    """Return the calendar of a community as an HTML document, to be served with `CONTENT_SECURITY_POLICY`."""
    ahead = sorted(
        (each for each in page.sessions if each.starts_at + dt.timedelta(minutes=each.minutes) > page.now),
        key=lambda each: (each.starts_at, each.number),
    )
    days = [
        (_day(page, at), list(sessions))
        for at, sessions in itertools.groupby(
            ahead, key=lambda each: each.starts_at.astimezone(page.zone).date()
        )
    ]
    return _rendered(
        "calendar.html",
        page.language,
        community=harmless(page.community, 120),
        zone=f"{page.zone.key.replace('_', ' ')} ({zone_name(page.now, page.zone)})",
        days=[(heading, [_session(page, each) for each in sessions]) for heading, sessions in days],
        subscribe=Markup(subscription(page.feed_url).replace("&", "&amp;")),  # noqa: S704 - `safe` has checked it
        google=google_feed(page.feed_url),
        feed=safe(page.feed_url),
        join=safe(page.join_url or ""),
    )


def certificate_page(page: CertificatePage) -> str:
    """Return the answer to a check as an HTML document, to be served with `CONTENT_SECURITY_POLICY`."""
    language = page.language
    return _rendered(
        "certificate.html",
        language,
        community=harmless(page.community, 120),
        name=person(page.name) or TEXTS.render("certificate.somebody", language),
        rows=list(_rows(page)),
        valid=page.revoked_at is None,
        revoked=page.revoked_at and day(page.revoked_at, page.zone, language),
        reason=harmless(page.reason or ""),
        number=harmless(page.number, 60),
        pdf=safe(page.pdf_url or "") if page.revoked_at is None else "",
    )


@dataclass(frozen=True, slots=True)
class JoinPage:
    """What a member's own link to a session shows before they come in."""

    title: str
    starts_at: dt.datetime
    """With a zone."""
    zone: ZoneInfo
    community: str
    open: bool
    """Whether it is time to come in."""
    attended: bool = False
    """Whether it is recorded that they were there."""
    language: Language = Language.HI


JOIN_POLICY: Final = CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self' https:")
"""What to serve that page with: its button leads on to where the session takes place."""


def join_page(page: JoinPage) -> str:
    """Return the page of a member's own link; coming in is a button, for previews follow links too."""
    return _rendered(
        "join.html",
        page.language,
        title=harmless(page.title),
        community=harmless(page.community),
        when=format_moment(page.starts_at, page.zone, page.language),
        open=page.open,
        attended=page.attended,
    )


def _rendered(template: str, language: Language, **values: Any) -> str:
    def text(key: str, **params: str | int) -> str:
        return TEXTS.render(key, language, **params)

    return _PAGES.get_template(template).render(
        t=text,
        lang=language.value,
        style=Markup(_STYLE),  # noqa: S704 - our own file
        script=Markup(_SCRIPT),  # noqa: S704 - our own file
        languages=[
            (each.value, name, f"?{urlencode({'lang': each.value})}", each is language)
            for each, name in _LANGUAGES.items()
        ],
        **values,
    )


def _day(page: CalendarPage, date: dt.date) -> tuple[str, str]:
    """Return how a day is called: its date, and how it stands to today."""
    noon = dt.datetime.combine(date, dt.time(12), page.zone)
    near = {0: "calendar.today", 1: "calendar.tomorrow"}.get(
        (date - page.now.astimezone(page.zone).date()).days
    )
    return day(noon, page.zone, page.language), TEXTS.render(near, page.language) if near else ""


def _session(page: CalendarPage, session: Session) -> dict[str, Any]:
    title = harmless(session.title, 250)
    return {
        "number": session.number,
        "title": title,
        "at": f"{session.starts_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "time": moment(session.starts_at, page.zone, page.language),
        "offset": int((session.starts_at.astimezone(page.zone).utcoffset() or dt.timedelta()).total_seconds())
        // 60,
        "minutes": session.minutes,
        "speaker": person(session.speaker or ""),
        "description": harmless_lines(session.description, 1500),
        "series": harmless(session.series or "", 120),
        "seats": session.seats_left,
        "cancelled": session.cancelled,
        "reason": harmless(session.reason or ""),
        "live": session.starts_at <= page.now,
        "ics": safe(session.ics_url),
        "google": google_session(
            title, session.starts_at, session.minutes, page.zone.key, harmless(page.community, 120)
        ),
    }


def _rows(page: CertificatePage) -> Iterator[tuple[str, str]]:
    """Find what the certificate says, each with what it is called."""
    language = page.language
    yield TEXTS.render("verify.session", language), harmless(page.title, 250)
    yield TEXTS.render("verify.date", language), day(page.starts_at, page.zone, language)
    if page.minutes is not None:
        attended = TEXTS.render("verify.minutes", language, minutes=page.minutes)
        yield TEXTS.render("verify.attended", language), attended
    if page.host:
        yield TEXTS.render("certificate.host", language), person(page.host)
    yield TEXTS.render("certificate.community", language), harmless(page.community, 120)
    yield TEXTS.render("verify.issued", language), day(page.issued_at, page.zone, language)
