from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.decision import Decision, Phrase, Say
from shared.i18n import Catalogue, Language
from shared.mentions import MOST, fill, has_marks, mark, without_marks
from shared.replies import Speaker
from shared.stream.rows import rows_of, to_record
from tests.support import events
from tests.unit.test_batch import opened
from tests.unit.test_i18n import write

TEXTS = (
    'msgid "warn"\nmsgstr "@1 {what} @2, @12"\n\n'
    'msgid "list"\nmsgstr "{lines}"\n\n'
    'msgid "line"\nmsgstr "– @1"\n'
)
ASHA, RAVI = "m_" + "a" * 20, "m_" + "b" * 20


@pytest.fixture
def speaker(tmp_path) -> Speaker:
    return Speaker(Catalogue.load(write(tmp_path, TEXTS)), Language.HI, ZoneInfo("Asia/Kolkata"))


def test_a_place_in_the_catalogue_becomes_a_mark_where_somebody_is_mentioned(speaker):
    text = speaker.text(Phrase("warn", {"what": "x"}), mentioned=2)
    assert text == f"{mark(1)} x {mark(2)}, @12"
    assert speaker.text(Phrase("warn", {"what": "x"}), mentioned=1) == f"{mark(1)} x @2, @12"
    assert speaker.text(Phrase("list", {"lines": (Phrase("line"),)}), mentioned=1) == f"– {mark(1)}"


def test_where_nobody_is_mentioned_a_text_stays_as_it_is(speaker):
    assert speaker.text(Phrase("warn", {"what": f"@1 {mark(1)}"})) == f"@1 @1 {mark(1)} @2, @12"


@pytest.mark.parametrize("wrote", ["@1", f"{mark(1)}@1{mark(2)}"])
def test_what_a_member_wrote_mentions_nobody(speaker, wrote):
    text = speaker.text(Phrase("warn", {"what": wrote}), mentioned=2)
    assert text == f"{mark(1)} @1 {mark(2)}, @12"


def test_a_command_holds_the_marks_of_those_it_mentions(speaker):
    say = Say(events.chat_id(7), Phrase("warn", {"what": "@1"}), mentions=(ASHA, RAVI))
    (row,) = rows_of(Decision(None, say=(say,)), events.received(1), "m", speaker, events.NOW)
    sent = opened(row).data
    assert sent.text == f"{mark(1)} @1 {mark(2)}, @12"
    assert sent.mentions == (ASHA, RAVI)
    assert to_record(opened(row)).value == row.value


@pytest.mark.parametrize("number", [0, -1, MOST + 1])
def test_there_are_so_many_marks(number):
    with pytest.raises(ValueError, match="1 to 32"):
        mark(number)


@given(st.text(), st.integers(1, MOST), st.text())
def test_every_mark_is_found_and_nothing_else(before, number, after):
    before, after = without_marks(before), without_marks(after)
    text = before + mark(number) + after
    assert has_marks(text)
    assert not has_marks(without_marks(text))
    assert fill(text, lambda found: f"<{found}>") == f"{before}<{number}>{after}"
