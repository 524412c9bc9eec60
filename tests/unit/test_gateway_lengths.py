from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.lengths import cut, length, letters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("नमस्ते", ["न", "म", "स्ते"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
        ("👩\u200d🌾🎉", ["👩\u200d🌾", "🎉"]),
        ("👍🏽ok", ["👍🏽", "o", "k"]),
        ("🇮🇳🇳🇵", ["🇮🇳", "🇳🇵"]),
        ("❤️\r\n", ["❤️", "\r\n"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("", []),
    ],
)
def test_a_letter_is_what_people_take_for_one(text, expected):
    assert list(letters(text)) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("पूरा पाठ", 20, "पूरा पाठ"),
        ("क्षत्रिय", 4, "क्ष…"),
        ("गाँव 👩\u200d🌾 खेत", 9, "गाँव…"),
        ("🇮🇳🇳🇵", 6, "🇮🇳…"),
        ("ठीक है", 5, "ठीक…"),
    ],
)
def test_what_is_too_long_is_cut_between_letters(text, limit, expected):
    assert cut(text, limit) == expected


def test_a_letter_longer_than_the_room_is_cut_all_the_same():
    assert length(cut("e" + "\u0301" * 10_000, 100)) <= 100


@given(st.text(max_size=60), st.integers(1, 80))
def test_s05_whatever_is_cut_fits_and_is_valid(text, limit):
    short = cut(text, limit)
    assert length(short) <= max(limit, length(text) if length(text) <= limit else 0) or limit < 1
    assert (short == text) == (length(text) <= limit or short == text)


@given(st.text())
def test_letters_together_are_the_text(text):
    assert "".join(letters(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_counting_gives_more(text):
    assert length(text) == len(text.encode("utf-16-le")) // 2 >= len(text)
