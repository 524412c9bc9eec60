"""The card of a contributor of the week, to share in a chat or in a status."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.dates import format_interval

from services.rewards.domain.merit import Kind
from services.rewards.domain.rules import POINTS
from services.rewards.papers.icons import icon
from shared.drawing.canvas import Align, write
from shared.drawing.fonts import Weight
from shared.drawing.harmless import harmless
from shared.drawing.palette import INK, MARIGOLD, MIST, MUTED, PAPER, SAND, TEAL, WHITE
from shared.drawing.picture import Picture
from shared.drawing.text import fit
from shared.i18n.catalogue import Catalogue
from shared.i18n.language import Language

TEXTS: Final = Catalogue.load(Path(__file__).parent / "locale")

SIDE: Final = 1080
_EDGE: Final = 84
_BAND: Final = 500
MOST_KINDS: Final = 4


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says."""

    community: str
    monday: dt.date
    """Of the week."""
    points: int
    kinds: tuple[Kind, ...]
    name: str | None = None
    """Whose it is, where whoever shares it says so: rewards know no names."""
    language: Language = Language.HI


def card_png(card: Card) -> bytes:
    """Return a card as a PNG of 1080 by 1080 pixels; the same card gives the same bytes."""
    picture = Picture(SIDE, SIDE, TEAL)
    for radius, colour in ((430, "#125650"), (310, "#16605a"), (190, "#1b6b64")):
        picture.box(SIDE - radius, -radius, 2 * radius, 2 * radius, colour, radius=radius)
    _head(picture, card)
    picture.box(0, _BAND, SIDE, SIDE - _BAND, PAPER)
    picture.box(0, _BAND, SIDE, 10, MARIGOLD)
    _parts(picture, card)
    return picture.png()


def _head(picture: Picture, card: Card) -> None:
    across = SIDE - 2 * _EDGE
    top = write(
        picture,
        fit(harmless(card.community, 80), across - 240, 1, 38, 24, weight=Weight.BOLD),
        _EDGE,
        76,
        MIST,
    )
    week = format_interval(
        card.monday, card.monday + dt.timedelta(days=6), skeleton="yMMMMd", locale=card.language.locale
    )
    write(picture, fit(week, across - 240, 1, 34, 24), _EDGE, top + 4, MIST)
    title = TEXTS.render("card.title", card.language)
    picture.box(_EDGE, 236, 88, 6, MARIGOLD, radius=3)
    if card.name:
        below = write(picture, fit(title, across, 1, 46, 30), _EDGE, 262, WHITE)
        name = fit(harmless(card.name, 80), across, 2, 92, 44, weight=Weight.BOLD)
        write(picture, name, _EDGE, below, WHITE)
        return
    write(picture, fit(title, across, 1, 92, 44, weight=Weight.BOLD), _EDGE, 290, WHITE)


def _parts(picture: Picture, card: Card) -> None:
    left, top, across = _EDGE, _BAND + 62, SIDE - 2 * _EDGE - 330
    for kind in card.kinds[:MOST_KINDS]:
        name = kind.action if kind.action in POINTS else "other"
        picture.box(left, top, 88, 88, SAND, radius=44)
        icon(picture, kind.action, (left + 18, top + 18), 52, TEAL)
        text = TEXTS.render(f"card.{name}", card.language, n=kind.count)
        write(picture, fit(text, across - 120, 1, 42, 26), left + 116, top + 12, INK)
        top += 116
    right = SIDE - _EDGE - 150
    number = fit(str(card.points), 300, 1, 170, 60, weight=Weight.BOLD)
    below = write(picture, number, right, _BAND + 92, TEAL, align=Align.CENTRE)
    points = TEXTS.render("card.points", card.language)
    write(picture, fit(points, 300, 1, 44, 28), right, below - 30, MUTED, align=Align.CENTRE)
