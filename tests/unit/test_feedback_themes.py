"""What people speak of is counted once each, and every number can be seen to come from words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.themes import ENOUGH, Mood, Remark, mood_of, themes_of

SAID = (
    Remark("रविवार को भी सत्र रखें", 9),
    Remark("session thoda lamba ho", 3),
    Remark("satra ki awaz kharab hai", 4),
    Remark("group me spam band ho", 6),
    Remark("ग्रुप में बहुत विज्ञापन हैं", 2),
    Remark("kuchh aur", 1),
)


def test_remarks_in_three_spellings_stand_under_one_thing_with_those_who_are_for_it() -> None:
    themes = themes_of(SAID)
    first, second = themes.themes
    assert (first.thing, first.remarks, first.people) == ("session", 3, 16)
    assert (second.remarks, second.people) == (2, 8)
    assert (themes.remarks, themes.others) == (6, 1)
    assert [each.text for each in first.examples] == [SAID[0].text, SAID[2].text]
    assert first.small
    assert not themes_of([Remark(f"सत्र {at}", 1) for at in range(ENOUGH)]).themes[0].small


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("सत्र बहुत अच्छा रहा, धन्यवाद", Mood.PRAISE),
        ("awaaz kharab thi", Mood.COMPLAINT),
        ("The session was useful but the sound was bad", Mood.MIXED),
        ("रविवार को भी सत्र रखें", Mood.PLAIN),
        ("बहुत ख़राब", Mood.COMPLAINT),
        ("badhiya laga", Mood.PRAISE),
        ("😀", Mood.PLAIN),
        ("", Mood.PLAIN),
    ],
)
def test_a_mood_is_known_by_words_that_are_shown(text: str, mood: Mood) -> None:
    found, signs = mood_of(text)
    assert found is mood
    assert bool(signs) is (mood is not Mood.PLAIN)


@given(st.lists(st.builds(Remark, st.text(max_size=60), st.integers(1, 50)), max_size=20))
def test_each_remark_is_counted_once(remarks: list[Remark]) -> None:
    themes = themes_of(remarks)
    assert themes.remarks == len(remarks) == themes.others + sum(each.remarks for each in themes.themes)
    for each in themes.themes:
        assert sum(each.moods.values()) == each.remarks
        assert 1 <= len(each.examples) <= each.remarks
