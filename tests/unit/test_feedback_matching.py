from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.suggestions.matching import most_like, things_in

WAITING = {
    "S1": "रविवार को भी सत्र रखें",
    "S2": "हर सत्र की रिकॉर्डिंग ग्रुप में डालें",
    "S3": "SEO पर एक beginner class हो",
    "S4": "Weekly quiz with prizes",
    "S5": "freelancing ke clients kaise milein is par session",
    "S6": "ग्रुप में विज्ञापन बंद करें",
    "S7": "सत्र का समय शाम 8:30 बजे करें",
    "S8": "नए सदस्यों का परिचय हर सोमवार",
    "S9": "notes ki PDF hindi mein bhi dein",
}


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("sunday ko bhi session rakho", "S1"),
        ("Please hold a session on Sundays too", "S1"),
        ("itwar ko bhi class honi chahiye", "S1"),
        ("रविवार को सत्र", "S1"),
        ("please share the recording of every session in the group", "S2"),
        ("har session ki recording group me daalo", "S2"),
        ("नौसिखियों के लिए SEO की कक्षा", "S3"),
        ("SEO basics ki class rakhein", "S3"),
        ("हर हफ़्ते इनाम वाला क्विज़", "S4"),
        ("har hafte quiz ho aur inaam mile", "S4"),
        ("session on how to find freelancing clients", "S5"),
        ("group mein ads band karo", "S6"),
        ("no advertisements in the group please", "S6"),
        ("satra ka time shaam 8:30 kijiye", "S7"),
        ("har somwar naye members ka introduction", "S8"),
        ("नोट्स की पीडीएफ़ हिंदी में भी दें", "S9"),
    ],
)
def test_b10_01_a_suggestion_is_found_again_in_another_script_and_language(
    said: str, same: str | None
) -> None:
    assert most_like(said, WAITING) == same


@pytest.mark.parametrize(
    "said",
    [
        "शनिवार को भी सत्र रखें",
        "sunday ko group band rakho",
        "quiz ke points badhayen",
        "SEO पर advanced class हो",
        "freelancing par contest",
        "recording ki jagah notes",
        "सत्र का समय सुबह 7 बजे करें",
        "वीडियो छोटे रखें",
        "women ke liye alag group",
        "होली पर छुट्टी रखें",
        "😀😀😀",
        "को में की",
    ],
)
def test_b10_01_a_suggestion_of_something_else_is_not_taken_for_one(said: str) -> None:
    assert most_like(said, WAITING) is None


@given(st.text(max_size=200))
def test_any_text_is_like_itself_or_says_nothing(text: str) -> None:
    assert most_like(text, {"S1": text}) == ("S1" if things_in(text) else None)


@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=5))
def test_what_is_found_is_one_of_those_that_wait(text: str, others: list[str]) -> None:
    waiting = {str(at): each for at, each in enumerate(others)}
    assert most_like(text, waiting) in {None, *waiting}
