from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from shared.decision import Phrase
from shared.errors import PermanentError
from shared.i18n import Catalogue, Language
from shared.replies import Speaker
from tests.unit.test_i18n import write

TEXTS = (
    'msgid "hello"\nmsgstr "{who} नमस्ते"\n\n'
    'msgid "list"\nmsgstr "सूची:\\n{lines}"\n\n'
    'msgid "line"\nmsgstr "{number}. {text}"\n\n'
    'msgid "when"\nmsgstr "{date}"\n'
)
ENGLISH = TEXTS.replace("नमस्ते", "hello").replace("सूची", "List")


@pytest.fixture
def speaker(tmp_path) -> Speaker:
    catalogue = Catalogue.load(write(tmp_path, TEXTS, en=ENGLISH))
    return Speaker(catalogue, Language.HI, ZoneInfo("Asia/Kolkata"))


def test_a_phrase_is_said_in_the_language_asked_for_or_else_in_the_default_one(speaker):
    phrase = Phrase("hello", {"who": "Asha"})
    assert speaker.text(phrase) == "Asha नमस्ते"
    assert speaker.text(phrase, "en") == "Asha hello"


def test_lines_and_phrases_within_are_said_in_the_same_language(speaker):
    lines = (Phrase("line", {"number": 1, "text": "a"}), "plain", Phrase("hello", {"who": "b"}))
    assert speaker.text(Phrase("list", {"lines": lines}), "en") == "List:\n1. a\nplain\nb hello"


def test_a_date_is_said_as_it_is_where_the_chat_is(speaker):
    nearly_midnight = dt.datetime(2026, 11, 5, 20, 0, tzinfo=dt.UTC)
    assert "6" in speaker.text(Phrase("when", {"date": nearly_midnight}), "en")


@pytest.mark.parametrize("hostile", ["{who}", "{0.__class__}", "%(who)s", "{{", "}"])
def test_what_a_member_wrote_is_not_read_as_a_template(speaker, hostile):
    assert speaker.text(Phrase("hello", {"who": hostile}), "en") == f"{hostile} hello"


def test_a_text_that_does_not_exist_is_a_mistake_for_good(speaker):
    with pytest.raises(PermanentError):
        speaker.text(Phrase("nothing"))
