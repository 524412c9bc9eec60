from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.listening import Listener
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.policy.document import MAX_RULES, MAX_TEXT, Document, Policy, Rule, RuleState
from services.moderation.domain.policy.showing import HINT_EVERY
from services.moderation.domain.room import Community, Room
from services.moderation.domain.scene import Scene
from shared.commands import COMMANDS
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision
from shared.i18n import Language
from tests.support.events import chat_id, member_id
from tests.support.moderation import NOW, text_of, writes

CHAT = chat_id(0)
MAX_MESSAGE = 4096
LISTENER = Listener(shipped(None))

TO_ALL = [spec for spec in COMMANDS if spec.name in {"help", "rules"}]
"""Commands whose answer depends on the chat alone."""


def scene(policy: Policy | None = None) -> Scene:
    room = Room(CHAT, policy=policy)
    return Scene(
        room=room,
        community=Community(room.scope),
        person=Person(member_id(1)),
        standing=Standing(room.scope, member_id(1)),
        judged=None,
        target=None,
        other=None,
        other_standing=None,
        cases={},
        steps={},
    )


def policy(*rules: Rule, language: str = "en", version: int = 3) -> Policy:
    return Policy(version, Document(language=language, rules=rules), "admin", NOW)


FRESH = scene()
OWN = scene(
    policy(
        Rule(id="topic", texts={"en": "Stay on topic.", "hi": "विषय पर रहें।"}),
        Rule(id="kind", texts={"en": "Be {kind}."}),
    )
)


def message(text: str | None, kind: ChatKind = ChatKind.GROUP) -> Envelope[MessageReceived]:
    return writes(1, text, chat_kind=kind)


def decided(
    text: str | None, state: Scene = FRESH, kind: ChatKind = ChatKind.GROUP, at: dt.datetime = NOW
) -> Decision[Scene]:
    return LISTENER.decide_message(state, message(text, kind), at)


def spoken(decision: Decision[Scene]) -> str:
    (say,) = decision.say
    assert say.chat_id == CHAT
    return text_of(say)


@pytest.mark.parametrize("state", [FRESH, OWN], ids=["default", "own"])
@pytest.mark.parametrize("names", [spec.aliases for spec in TO_ALL], ids=[spec.name for spec in TO_ALL])
def test_x06_each_command_in_its_three_names_gives_the_same_answer(names, state):
    answers = {spoken(decided(f"{prefix}{name}", state)) for name in names for prefix in "!/"}
    assert len(answers) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("!!! सुनो", "नमस्ते", "", None, "नियम क्या हैं?", "rules!", "!", "! नियम", "अरे वाह!"),
        *("/home/asha/notes", "12", "मुझे स्वीकार है", "I accept", "हाँ", "no"),
    ],
)
@pytest.mark.parametrize("kind", [ChatKind.GROUP, ChatKind.DIRECT])
def test_x06_ordinary_text_gets_no_answer(text, kind):
    decision = decided(text, kind=kind)
    assert (decision.say, decision.emit) == ((), ())


def test_a_chat_without_rules_of_its_own_is_shown_the_common_ones():
    decision = decided("!नियम")
    assert decision.note == "rules_shown"
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


def test_what_the_chat_speaks_goes_before_the_language_of_its_rules():
    state = replace(OWN, room=replace(OWN.room, language="hi"))
    assert "1. विषय पर रहें।\n2. Be {kind}." in spoken(decided("!rules", state))


def test_b5_13_a_rule_that_is_only_tried_out_is_not_shown_and_the_others_keep_their_numbers():
    one, two, three = (Rule(id=each, texts={"en": f"{each}."}) for each in ("one", "two", "three"))
    for state in (RuleState.SHADOW, RuleState.OFF):
        text = spoken(decided("!rules", scene(policy(one, two.model_copy(update={"state": state}), three))))
        assert "1. one.\n3. three." in text


@pytest.mark.parametrize("text", ["!rules 12", "!नियम १२", "!niyam\nplease"])
def test_x06_what_follows_the_command_changes_nothing(text):
    assert spoken(decided(text)) == spoken(decided("!rules"))


@pytest.mark.parametrize("language", Language)
def test_help_lists_every_command_as_it_is_written_in_the_language(language):
    text = spoken(decided("!help", scene(policy(Rule(id="a", texts={language: "."}), language=language))))
    column = {Language.HI: 0, Language.HI_LATN: 1, Language.EN: 2}[language]
    for spec in COMMANDS:
        assert f"!{spec.aliases[column]} – " in text


def test_x06_a_slip_gets_one_hint_with_what_was_surely_meant():
    decision = decided("!नीयम")
    assert decision.note == "command_hinted"
    assert decision.state.room.hinted_at == NOW
    assert "!नीयम" in spoken(decision)
    assert "!नियम" in spoken(decision)


def test_x06_a_second_slip_within_ten_minutes_gets_none():
    hinted = scene()
    hinted = replace(hinted, room=replace(hinted.room, hinted_at=NOW))
    for later, answers in ((HINT_EVERY - dt.timedelta(seconds=1), 0), (HINT_EVERY, 1)):
        assert len(decided("!halp", hinted, at=NOW + later).say) == answers


def test_a_command_is_answered_however_recently_a_slip_was_hinted_at():
    hinted = replace(FRESH, room=replace(FRESH.room, hinted_at=NOW))
    assert decided("!rules", hinted).note == "rules_shown"


def test_x06_in_a_group_an_unknown_word_that_resembles_no_command_is_talk():
    assert decided("!वाह").say == ()
    assert decided("!wow").state.room.hinted_at is None


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
    rules = tuple(Rule(id=f"r{number}", texts={language: letter * share}) for number in range(MAX_RULES))
    longest = replace(
        policy(*rules, language=language, version=2**31), changed_at=NOW.replace(month=9, day=30)
    )
    assert MAX_TEXT <= len(spoken(decided("!rules", scene(longest)))) <= MAX_MESSAGE


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("command", ["!help", "!rules"])
def test_the_platforms_own_replies_fit_into_one_message(command, language):
    for say in decided(command).say:
        assert 0 < len(text_of(say, language)) <= MAX_MESSAGE


@given(st.text(st.characters(exclude_categories=())), st.sampled_from([ChatKind.GROUP, ChatKind.DIRECT]))
def test_no_text_makes_moderation_fail_or_say_what_does_not_fit(text, kind):
    readable = f"!{text}".encode("utf-8", "replace").decode()
    for state in (FRESH, OWN):
        for say in decided(readable, state, kind).say:
            assert 0 < len(text_of(say)) <= MAX_MESSAGE


@given(st.lists(st.sampled_from(["!halp", "!नीयम", "!wow", "जी"]), max_size=12), st.integers(0, 300))
def test_x06_however_many_slips_there_are_hints_keep_their_distance(texts, gap):
    state, now, hinted = FRESH, NOW, []
    for text in texts:
        decision = decided(text, state, at=now)
        state = replace(FRESH, room=replace(FRESH.room, hinted_at=decision.state.room.hinted_at))
        if decision.note == "command_hinted":
            hinted.append(now)
        now += dt.timedelta(seconds=gap)
    assert all(later - earlier >= HINT_EVERY for earlier, later in itertools.pairwise(hinted))
