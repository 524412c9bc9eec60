from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from PIL import Image

from services.rewards.domain.merit import Kind
from services.rewards.domain.rules import POINTS
from services.rewards.papers.card import SIDE, Card, card_png
from services.rewards.papers.icons import icon
from shared.drawing.palette import TEAL, WHITE
from shared.drawing.picture import Picture
from shared.i18n.language import Language

MONDAY = dt.date(2026, 11, 16)
KINDS = (Kind("answered", 2, 20), Kind("hosted", 1, 15), Kind("thanks", 3, 6))


def card(**more: object) -> Card:
    return Card(**{"community": "SEO सीखें, कमाएँ", "monday": MONDAY, "points": 41, "kinds": KINDS, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", list(Language))
def test_a_card_is_a_square_picture_and_the_same_each_time(language):
    first, again = card_png(card(language=language)), card_png(card(language=language))
    assert first == again
    assert Image.open(BytesIO(first)).size == (SIDE, SIDE)


def test_a_card_says_whose_it_is_only_where_that_is_given():
    assert card_png(card()) != card_png(card(name="मीरा श्रीवास्तव"))


@pytest.mark.parametrize("name", ["अ" * 500, "\u202eevil\u0000", "க்ஷ", "👩🏽‍🌾", "Z̷̢̛̛͔͉̺a̸l̵g̴o̶" * 20, " "])
def test_a_name_of_any_kind_leaves_the_card_whole(name):
    assert Image.open(BytesIO(card_png(card(name=name, community=name)))).size == (SIDE, SIDE)


def test_a_week_of_many_kinds_and_points_still_fits():
    many = tuple(Kind(each, 99, 999) for each in (*POINTS, "unheard_of"))
    assert card_png(card(kinds=many, points=123_456))


@pytest.mark.parametrize("name", [*POINTS, "unheard_of"])
def test_every_action_has_a_sign_of_its_own_that_stays_in_its_square(name):
    def drawn(what: str) -> bytes:
        picture = Picture(120, 120, WHITE)
        icon(picture, what, (10, 10), 100, TEAL)
        return picture.png()

    ink = Image.open(BytesIO(drawn(name))).convert("L").point(lambda value: 255 - value).getbbox()
    assert ink is not None
    assert min(ink[:2]) >= 10
    assert max(ink[2:]) <= 110
    assert len({drawn(each) for each in (*POINTS, "unheard_of")}) == len(POINTS) + 1
