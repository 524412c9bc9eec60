from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from services.events.papers.wording import TEXTS, day, person
from shared.drawing.canvas import Align, Canvas, code, frame, write
from shared.drawing.document import A4, Document
from shared.drawing.fonts import Weight
from shared.drawing.harmless import harmless
from shared.drawing.palette import INK, MARIGOLD, MUTED, PAPER, SAND, TEAL, WHITE
from shared.drawing.text import fit
from shared.i18n.language import Language

_EDGE: Final = 66.0
_QR: Final = 92.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says."""

    number: str
    """By which it is found; members read it aloud."""
    name: str
    """Of who took part."""
    title: str
    """Of the session."""
    starts_at: dt.datetime
    """Of the session, with a zone."""
    zone: ZoneInfo
    """In which the session was set: its date is the date there."""
    community: str
    """Who gives it."""
    issued_at: dt.datetime
    """The age of the file, so that the same certificate is the same file."""
    verify_url: str
    """Where anybody may check it."""
    host: str | None = None
    """Who held the session."""
    minutes: int | None = None
    """For how long they took part, where that is known."""
    language: Language = Language.HI


def certificate_pdf(certificate: Certificate) -> bytes:
    """Return a certificate as a PDF: one page, A4, landscape; the same certificate gives the same bytes.

    A name in letters that cannot be drawn (`shared.drawing.text.unprintable`) is written as "a participant".

    Raises:
        ValueError: A time is without a zone, or the address is too long for a QR code.
    """
    height, width = A4
    page = Document(
        width,
        height,
        PAPER,
        title=f"{_text(certificate, 'heading')} {harmless(certificate.number, 60)}",
        language=certificate.language.value,
        created=certificate.issued_at.astimezone(dt.UTC),
    )
    _border(page)
    _body(page, certificate)
    _foot(page, certificate)
    return page.pdf()


def _border(page: Canvas) -> None:
    frame(page, 22, 1.6, TEAL)
    frame(page, 28, 0.5, MARIGOLD)
    for x, y in (
        (22, 22),
        (page.width - 36, 22),
        (22, page.height - 36),
        (page.width - 36, page.height - 36),
    ):
        page.box(x, y, 14, 14, TEAL)
        page.box(x + 4, y + 4, 6, 6, MARIGOLD, radius=3)


def _body(page: Canvas, certificate: Certificate) -> None:
    middle, across = page.width / 2, page.width - 2 * _EDGE - 40
    top = write(
        page,
        fit(certificate.community, across, 1, 18, 11, weight=Weight.BOLD),
        middle,
        62,
        TEAL,
        align=Align.CENTRE,
    )
    top = write(
        page,
        fit(_text(certificate, "heading"), across, 1, 50, 30, weight=Weight.BOLD),
        middle,
        top + 2,
        TEAL,
        align=Align.CENTRE,
    )
    page.box(middle - 32, top + 4, 64, 2.4, MARIGOLD, radius=1.2)
    top = write(
        page, fit(_text(certificate, "to"), across, 1, 13, 10), middle, top + 24, MUTED, align=Align.CENTRE
    )

    name = fit(person(certificate.name), across, 1, 42, 17, weight=Weight.BOLD)
    if not name.lines:
        name = fit(_text(certificate, "somebody"), across, 1, 42, 17, weight=Weight.BOLD)
    top = write(page, name, middle, top + 4, INK, align=Align.CENTRE)
    page.box(middle - 190, top + 3, 380, 0.7, SAND)

    top = write(
        page, fit(_text(certificate, "for"), across, 1, 13, 10), middle, top + 18, MUTED, align=Align.CENTRE
    )
    title = fit(certificate.title, across - 40, 2, 25, 13, weight=Weight.BOLD)
    top = write(page, title, middle, top + 4, TEAL, align=Align.CENTRE)
    date = day(certificate.starts_at, certificate.zone, certificate.language)
    when = (
        TEXTS.render("certificate.when", certificate.language, date=date)
        if certificate.minutes is None
        else TEXTS.render(
            "certificate.when_minutes", certificate.language, date=date, minutes=certificate.minutes
        )
    )
    write(page, fit(when, across, 1, 14, 10), middle, top + 8, INK, align=Align.CENTRE)


def _foot(page: Canvas, certificate: Certificate) -> None:
    right, bottom = page.width - _EDGE, page.height - 56
    code(page, certificate.verify_url, right - _QR, bottom - _QR, _QR, dark=INK, light=WHITE)
    frame(page, 0, 0.5, SAND, within=(right - _QR, bottom - _QR, _QR, _QR))

    column = right - _QR - 14
    address = certificate.verify_url.removeprefix("https://")
    top = bottom - 62
    scan = fit(_text(certificate, "verify"), 220, 1, 10, 8)
    top = write(page, scan, column, top, MUTED, align=Align.END)
    top = write(page, fit(address, 230, 1, 8.5, 6), column, top, MUTED, align=Align.END)
    write(
        page,
        fit(certificate.number, 220, 1, 11, 8, weight=Weight.BOLD),
        column,
        bottom - 18,
        INK,
        align=Align.END,
    )
    label = fit(_text(certificate, "number"), 220, 1, 8.5, 7)
    write(page, label, column, bottom - 30, MUTED, align=Align.END)

    left = _EDGE
    for key, value in (
        ("host", certificate.host and person(certificate.host)),
        ("community", certificate.community),
    ):
        block = fit(value or "", 170, 2, 13, 9, weight=Weight.BOLD)
        if not block.lines:
            continue
        foot = bottom - 22
        write(page, block, left, foot - block.height, INK)
        page.box(left, foot + 2, 150, 0.8, TEAL)
        write(page, fit(_text(certificate, key), 150, 1, 9.5, 8), left, foot + 5, MUTED)
        left += 190


def _text(certificate: Certificate, key: str) -> str:
    return TEXTS.render(f"certificate.{key}", certificate.language)
