from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from services.events.papers.wording import TEXTS, day, moment, person
from shared.drawing.canvas import Align, code, write
from shared.drawing.fonts import Weight
from shared.drawing.palette import INK, MARIGOLD, MIST, MUTED, PAPER, TEAL, WHITE
from shared.drawing.picture import Picture
from shared.drawing.text import fit
from shared.drawing.text import width as width_of
from shared.i18n.language import Language

WIDTH: Final = 1080
HEIGHT: Final = 1350
"""4:5, which WhatsApp shows uncropped in a chat and in a status."""

_EDGE: Final = 84
_BAND: Final = 880
_QR: Final = 296


@dataclass(frozen=True, slots=True)
class Poster:
    """What a poster says."""

    title: str
    """Of the session."""
    starts_at: dt.datetime
    """With a zone."""
    zone: ZoneInfo
    """In which it is announced."""
    community: str
    """Who invites."""
    join_url: str
    """Where one joins."""
    speaker: str | None = None
    """Who speaks, given that they agreed to be named."""
    role: str | None = None
    """One line about who speaks."""
    minutes: int | None = None
    """How long it takes."""
    language: Language = Language.HI


def poster_png(poster: Poster) -> bytes:
    """Return a poster as a PNG of 1080 by 1350 pixels; the same poster gives the same bytes.

    Raises:
        ValueError: The time is without a zone, or the address is too long for a QR code.
    """
    picture = Picture(WIDTH, HEIGHT, TEAL)
    _title(picture, poster)
    picture.box(0, _BAND, WIDTH, HEIGHT - _BAND, PAPER)
    picture.box(0, _BAND, WIDTH, 10, MARIGOLD)
    _when(picture, poster)
    _join(picture, poster)
    return picture.png()


def _title(picture: Picture, poster: Poster) -> None:
    across = WIDTH - 2 * _EDGE
    # Quiet arches of a courtyard behind the title, cut by the edge of the picture.
    for radius, colour in ((430, "#125650"), (310, "#16605a"), (190, "#1b6b64")):
        picture.box(WIDTH - radius, -radius, 2 * radius, 2 * radius, colour, radius=radius)
    write(picture, fit(poster.community, across - 250, 1, 38, 24, weight=Weight.BOLD), _EDGE, 76, MIST)

    kicker = TEXTS.render("poster.kicker", poster.language)
    along = width_of(kicker, 30, weight=Weight.BOLD)
    picture.box(_EDGE, 164, along + 48, 62, MARIGOLD, radius=31)
    write(picture, fit(kicker, along + 10, 1, 30, 30, weight=Weight.BOLD), _EDGE + 24, 173, INK)

    speaker = fit(person(poster.speaker or ""), across, 1, 50, 30, weight=Weight.BOLD)
    role = fit(poster.role or "", across, 2, 32, 24)
    below = speaker.height + role.height + (28 if speaker.lines else 0)
    title = fit(poster.title, across, 4, 100, 44, weight=Weight.BOLD)
    while title.height > _BAND - 262 - below - 44:
        title = fit(poster.title, across, 4, title.size * 0.94, 30, weight=Weight.BOLD)
    write(picture, title, _EDGE, 256, WHITE)
    top = _BAND - 44 - below
    if speaker.lines:
        picture.box(_EDGE, top, 72, 6, MARIGOLD, radius=3)
        top = write(picture, speaker, _EDGE, top + 28, WHITE)
        write(picture, role, _EDGE, top, MIST)


def _when(picture: Picture, poster: Poster) -> None:
    across = WIDTH - 2 * _EDGE - _QR - 48
    weekday, _, date = day(poster.starts_at, poster.zone, poster.language).partition(", ")
    top = write(picture, fit(weekday, across, 1, 40, 28), _EDGE, _BAND + 68, MUTED)
    top = write(picture, fit(date, across, 1, 56, 32, weight=Weight.BOLD), _EDGE, top, INK)
    at = moment(poster.starts_at, poster.zone, poster.language)
    top = write(picture, fit(at, across, 1, 56, 32, weight=Weight.BOLD), _EDGE, top + 6, TEAL)
    if poster.minutes is not None:
        minutes = TEXTS.render("poster.minutes", poster.language, minutes=poster.minutes)
        write(picture, fit(minutes, across, 1, 34, 26), _EDGE, top + 8, MUTED)


def _join(picture: Picture, poster: Poster) -> None:
    left, top = WIDTH - _EDGE - _QR, _BAND + 72
    picture.box(left - 6, top - 6, _QR + 12, _QR + 12, MARIGOLD)
    code(picture, poster.join_url, left, top, _QR, dark=INK, light=WHITE)
    join = fit(TEXTS.render("poster.join", poster.language), _QR + 60, 1, 30, 20, weight=Weight.BOLD)
    write(picture, join, left + _QR / 2, top + _QR + 18, INK, align=Align.CENTRE)
