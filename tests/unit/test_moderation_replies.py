from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.moderation
from services.moderation.domain.policy import MAX_RULES, MAX_TEXT, Conduct, Policy, Rule
from services.moderation.domain.replies import HINT_EVERY, decide_message
from shared.clock import DEFAULT_ZONE
from shared.commands import COMMANDS
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import ChatKind, MessageKind, MessageReceived
from shared.decision import Decision
from shared.i18n import Catalogue, Language
from shared.replies import Speaker

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
CHAT, MEMBER = "c_" + "1" * 20, "m_" + "a" * 20
MESSAGE_ID = "3f1c2d4e-0000-5000-8000-000000000001"
LOCALE = Path(services.moderation.__file__).parent / "locale"
SPEAKER = Speaker(Catalogue.load(LOCALE), Language.HI, DEFAULT_ZONE)
MAX_MESSAGE = 4096

FRESH = Conduct(CHAT)
OWN = Conduct(
    CHAT,
    Policy(
        3,
        "en",
        (Rule({"en": "Stay on topic.", "hi": "विषय पर रहें।"}), Rule({"en": "Be {kind}."})),
        "admin",
        NOW,
    ),
)


def message(text: str | None, kind: ChatKind = ChatKind.GROUP) -> Envelope[MessageReceived]:
    data = MessageReceived(
        chat_id=CHAT,
        chat_kind=kind,
        message_id=MESSAGE_ID,
        member_id=MEMBER,
        sent_at=NOW,
        kind=MessageKind.TEXT,
        text=text,
    )
    return originate(data, event_id=MESSAGE_ID, source="/chaupal/gateway", key=CHAT, time=NOW)


def decided(text: str | None, conduct: Conduct = FRESH, kind: ChatKind = ChatKind.GROUP) -> Decision[Conduct]:
    return decide_message(conduct, message(text, kind), NOW)


def spoken(decision: Decision[Conduct]) -> str:
    (say,) = decision.say
    assert say.chat_id == CHAT
    return SPEAKER.text(say.phrase, say.language)


@pytest.mark.parametrize("conduct", [FRESH, OWN], ids=["default", "own"])
@pytest.mark.parametrize("names", [spec.aliases for spec in COMMANDS], ids=[spec.name for spec in COMMANDS])
def test_x06_each_command_in_its_three_names_gives_the_same_answer(names, conduct):
    answers = {spoken(decided(f"{prefix}{name}", conduct)) for name in names for prefix in "!/"}
    assert len(answers) == 1


@pytest.mark.parametrize(
    "text",
    [
        "!!! सुनो",
        "नमस्ते",
        "",
        None,
        "नियम क्या हैं?",
        "rules!",
        "!",
        "! नियम",
        "अरे वाह!",
        "/home/asha/notes",
        "12",
    ],
)
@pytest.mark.parametrize("kind", [ChatKind.GROUP, ChatKind.DIRECT])
def test_x06_ordinary_text_gets_no_answer(text, kind):
    decision = decided(text, kind=kind)
    assert (decision.state, decision.say, decision.emit, decision.note) == (FRESH, (), (), None)


def test_a_chat_without_rules_of_its_own_is_shown_the_common_ones():
    decision = decided("!नियम")
    assert decision.note == "rules_shown"
    assert decision.state is FRESH
    text = spoken(decision)
    assert [line[:3] for line in text.splitlines() if line[:1].isdigit()] == [
        f"{number}. " for number in range(1, 7)
    ]
    assert "संस्करण" not in text


def test_a_chat_with_rules_of_its_own_is_shown_them_in_its_language():
    assert spoken(decided("!niyam", OWN)) == (
        "📜 *Group rules* (version 3, from Monday, 23 November 2026)\n\n"
        "1. Stay on topic.\n"
        "2. Be {kind}.\n\n"
        "These rules are here so that learning stays easy for everyone. 🙏"
    )


@pytest.mark.parametrize("text", ["!rules 12", "!नियम १२", "!niyam\nplease"])
def test_x06_what_follows_the_command_changes_nothing(text):
    assert spoken(decided(text)) == spoken(decided("!rules"))


@pytest.mark.parametrize("language", Language)
def test_help_lists_every_command_as_it_is_written_in_the_language(language):
    policy = Policy(1, language, (Rule({language: "."}),), "admin", NOW)
    text = spoken(decided("!help", Conduct(CHAT, policy)))
    column = {Language.HI: 0, Language.HI_LATN: 1, Language.EN: 2}[language]
    for spec in COMMANDS:
        assert f"!{spec.aliases[column]} – " in text


def test_x06_a_slip_gets_one_hint_with_what_was_surely_meant():
    decision = decided("!नीयम")
    assert decision.note == "command_hinted"
    assert decision.state.hinted_at == NOW
    assert "!नीयम" in spoken(decision)
    assert "!नियम" in spoken(decision)


def test_x06_a_second_slip_within_ten_minutes_gets_none():
    hinted = decided("!नीयम").state
    for later, answers in ((HINT_EVERY - dt.timedelta(seconds=1), 0), (HINT_EVERY, 1)):
        again = decide_message(hinted, message("!halp"), NOW + later)
        assert len(again.say) == answers
        if not answers:
            assert again.state is hinted


def test_a_command_is_answered_however_recently_a_slip_was_hinted_at():
    hinted = decided("!नीयम").state
    assert decide_message(hinted, message("!rules"), NOW).note == "rules_shown"


def test_x06_in_a_group_an_unknown_word_that_resembles_no_command_is_talk():
    assert decided("!वाह").say == ()
    assert decided("!wow").state is FRESH


def test_x06_in_a_direct_chat_every_unknown_command_gets_a_hint():
    text = spoken(decided("!wow", kind=ChatKind.DIRECT))
    assert "!wow" in text
    assert "!मदद" in text


def test_a_hint_in_a_chat_with_a_language_is_in_that_language():
    assert spoken(decided("!halp", OWN)).startswith("There is no such command: !halp")


@pytest.mark.parametrize("letter", ["क", "x", "🙏"])
@pytest.mark.parametrize("language", Language)
def test_the_longest_rules_fit_into_one_message(language, letter):
    share = MAX_TEXT // MAX_RULES
    rules = tuple(Rule({language: letter * share}) for _ in range(MAX_RULES))
    policy = Policy(2**31, language, rules, "admin", NOW.replace(month=9, day=30))
    assert MAX_TEXT <= len(spoken(decided("!rules", Conduct(CHAT, policy)))) <= MAX_MESSAGE


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("command", ["!help", "!rules"])
def test_the_platforms_own_replies_fit_into_one_message(command, language):
    for say in decided(command).say:
        assert 0 < len(SPEAKER.text(say.phrase, language)) <= MAX_MESSAGE


@given(st.text(st.characters(exclude_categories=())), st.sampled_from([ChatKind.GROUP, ChatKind.DIRECT]))
def test_no_text_makes_moderation_fail_or_say_more_than_one_thing(text, kind):
    for conduct in (FRESH, OWN):
        decision = decide_message(conduct, replace_text(f"!{text}", kind), NOW)
        assert len(decision.say) <= 1
        for say in decision.say:
            assert 0 < len(SPEAKER.text(say.phrase, say.language)) <= MAX_MESSAGE


def replace_text(text: str, kind: ChatKind) -> Envelope[MessageReceived]:
    return message(text.encode("utf-8", "replace").decode(), kind)


@given(st.lists(st.sampled_from(["!halp", "!नीयम", "!wow", "जी"]), max_size=12), st.integers(0, 300))
def test_x06_however_many_slips_there_are_hints_keep_their_distance(texts, gap):
    conduct, now, hinted = FRESH, NOW, []
    for text in texts:
        decision = decide_message(conduct, message(text), now)
        conduct = decision.state
        if decision.say:
            hinted.append(now)
        now += dt.timedelta(seconds=gap)
    assert all(later - earlier >= HINT_EVERY for earlier, later in itertools.pairwise(hinted))
