"""Rules that change: what is different in words, who accepts it, and how admins ask for it in the chat."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.listening import Listener
from services.moderation.domain.members.standing import Acceptance, Person, Standing
from services.moderation.domain.policy.acceptance import in_force, is_acceptance
from services.moderation.domain.policy.asking import OPEN_FOR
from services.moderation.domain.policy.changes import Setting, State, Stricter, change_in, token_of
from services.moderation.domain.policy.difference import differences
from services.moderation.domain.policy.document import DEFAULT, Document, Policy, RuleState, Strictness
from services.moderation.domain.room import Community, Room
from services.moderation.domain.scene import Scene
from shared.contracts.moderation import PolicyChanged, RulesAccepted
from shared.decision import Decision, Say
from shared.i18n import Language
from tests.support.events import chat_id, member_id
from tests.support.moderation import NOW, facts, later, text_of, writes

DETECTORS = shipped(None)
LISTENER = Listener(DETECTORS)
CHAT, ADMIN = chat_id(0), member_id(1)


def with_rule(number: int, document: Document = DEFAULT.document, **update: Any) -> Document:
    rules = list(document.rules)
    rules[number - 1] = rules[number - 1].model_copy(update=update)
    return document.model_copy(update={"rules": tuple(rules)})


def policy(version: int, document: Document = DEFAULT.document) -> Policy:
    return Policy(version, document, "office", NOW)


def scene(in_force_: Policy | None = None, *, admin: bool = True, **standing: Any) -> Scene:
    room = Room(CHAT, policy=in_force_, language="hi", seq=9, admins=frozenset({ADMIN} if admin else ()))
    return Scene(
        room=room,
        community=Community(room.scope),
        person=Person(ADMIN),
        standing=Standing(room.scope, ADMIN, **standing),
        judged=None,
        target=None,
        other=None,
        other_standing=None,
        cases={},
        steps={},
    )


def says(state: Scene, text: str, at: dt.datetime = NOW, number: int = 1) -> Decision[Scene]:
    decision = LISTENER.decide_message(state, writes(number, text, at=at), at)
    return replace(decision, state=replace(decision.state, judged=None, earlier={}))


def lines(old: Document, new: Document, language: str = "hi", **more: Any) -> list[str]:
    found = differences(old, new, language, detectors=DETECTORS, **more)
    return [text_of(Say(CHAT, each, language)) for each in found]


FLOOD_5 = with_rule(3, checks={**DEFAULT.document.rules[2].checks, "flood": {"messages": 5}})


@pytest.mark.parametrize(
    ("new", "hi", "en"),
    [
        (FLOOD_5, "लगातार संदेशों की सीमा 8 → 5", "Limit of messages in a row 8 → 5"),
        (with_rule(3, state=RuleState.OFF), "नियम 3 चालू → बंद", "Rule 3 on → off"),
        (with_rule(3, state=RuleState.SHADOW), "नियम 3 चालू → शैडो", "Rule 3 on → shadow"),
        (with_rule(1, texts={"hi": "नया", "en": "New"}), "नियम 1 अब: नया", "Rule 1 now: New"),
        (with_rule(2, weight=3), "नियम 2 के अंक – → 3", "Points for rule 2 – → 3"),
        (
            DEFAULT.document.model_copy(update={"strictness": Strictness.STRICT}),
            "जाँच की सख़्ती सामान्य → सख़्त",
            "Strictness normal → strict",
        ),
        (
            DEFAULT.document.model_copy(update={"rules": DEFAULT.document.rules[:5]}),
            "नियम 6 (पहले खोजें) हटा",
            "Rule 6 (search first) is gone",
        ),
        (
            DEFAULT.document.model_copy(update={"rules": DEFAULT.document.rules[::-1]}),
            "नियमों का क्रम बदला",
            "The rules are in another order",
        ),
        (
            DEFAULT.document.model_copy(update={"experts": (member_id(7),)}),
            "विशेषज्ञों की संख्या 0 → 1",
            "Number of experts 0 → 1",
        ),
    ],
)
def test_what_is_different_is_said_in_plain_words(new, hi, en):
    assert lines(DEFAULT.document, new) == [hi]
    assert lines(DEFAULT.document, new, "en") == [en]
    assert lines(DEFAULT.document, new, "hi-Latn")
    assert lines(new, DEFAULT.document)


def test_every_part_of_a_document_has_a_name_in_every_language():
    new = DEFAULT.document.model_dump()
    new["ladder"] |= {
        "expiry_days": 7,
        "weights": dict.fromkeys(("spam", "privacy", "abuse", "scam", "topic"), 9),
    }
    new["ladder"]["steps"] = [
        {"at": 1, "kind": "warn"},
        {"at": 2, "kind": "restrict", "hours": 5},
        {"at": 3, "kind": "restrict"},
        {"at": 9, "kind": "remove", "hours": 5},
    ]
    new["trust"] = dict.fromkeys(new["trust"], 9)
    new["raid"] = dict.fromkeys(new["raid"], 9)
    new["reports"] = dict.fromkeys(new["reports"], 9)
    new["appeals"] = dict.fromkeys(new["appeals"], 9)
    new["topic"] = {
        "sentence": {"hi": "SEO"},
        "within": ["seo"],
        "outside": ["क्रिकेट" * 10] * 50,
        "nudge_after": 9,
        "quiet_minutes": 9,
    }
    new["language"] = "en"
    whole = Document.model_validate(new)
    for language in Language:
        said = lines(DEFAULT.document, whole, language)
        assert len(said) >= 5 + 1 + 1 + 4 + 3 + 2 + 2 + 5 + 1
        assert all(len(each) < 500 for each in said)


@given(st.data())
def test_nothing_is_different_between_equals_and_something_between_others(data):
    states = st.sampled_from(list(RuleState))
    one, other = (
        with_rule(
            data.draw(st.integers(1, 6)),
            state=data.draw(states),
            weight=data.draw(st.sampled_from([None, 1])),
        )
        for _ in range(2)
    )
    assert bool(lines(one, other)) == (one != other)
    assert lines(one, one) == []


@pytest.mark.parametrize(
    "text", ["स्वीकार", "sweekar", "accept", "Accept!", " स्वीकार। 🙏", "!accept", "SWEEKAR"]
)
def test_b5_01_the_word_alone_accepts(text):
    assert is_acceptance(text)


@pytest.mark.parametrize("text", ["मुझे स्वीकार है", "I accept", "accept it", "स्वीकार नहीं", "", None, "accepted"])
def test_b5_01_a_sentence_with_the_word_does_not(text):
    assert not is_acceptance(text)


def test_b5_01_a_members_acceptance_is_kept_with_version_language_and_time():
    decision = says(scene(policy(5)), "स्वीकार")
    assert decision.state.standing.acceptance == Acceptance(5, "hi", NOW, f"chat:{CHAT}")
    (fact,) = facts(decision, RulesAccepted)
    assert (fact.member_id, fact.version, fact.language, fact.accepted_at) == (ADMIN, 5, "hi", NOW)
    (thanks,) = decision.say
    assert (thanks.privately_to, thanks.aloud) == (ADMIN, False)
    again = says(decision.state, "स्वीकार", later(hours=1), 2)
    assert (again.emit, again.say) == ((), ())
    assert again.state.standing.acceptance == decision.state.standing.acceptance


def accepted_five(now_in_force: Policy) -> Scene:
    accepted = Acceptance(5, "hi", NOW, f"chat:{CHAT}")
    return replace(scene(now_in_force, acceptance=accepted), versions={f"chat:{CHAT}|5": policy(5)})


@pytest.mark.parametrize("asks", ["!नियम", "स्वीकार", "!rules"])
def test_b5_01_of_a_newer_version_only_the_difference_is_shown_and_asked(asks):
    state = accepted_five(policy(6, with_rule(1, texts={"hi": "केवल SEO की बात।"})))
    shown = says(state, asks)
    text = text_of(shown.say[0])
    assert "नियम 1 अब: केवल SEO की बात।" in text
    assert "स्वीकार" in text
    assert "OTP" not in text
    assert facts(shown, RulesAccepted) == []
    assert shown.state.standing.acceptance == state.standing.acceptance
    asked_again = says(shown.state, "!नियम", later(minutes=1), 2)
    assert "OTP" in text_of(asked_again.say[0])
    accepted = says(shown.state, "स्वीकार", later(minutes=2), 3)
    (fact,) = facts(accepted, RulesAccepted)
    assert fact.version == 6
    assert accepted.state.standing.shown is None


def test_b5_01_a_version_in_which_members_notice_nothing_needs_no_second_look():
    state = accepted_five(policy(6, with_rule(1, weight=2)))
    tried = accepted_five(policy(6, with_rule(1, document=policy(5).document, state=RuleState.ON)))
    (fact,) = facts(says(tried, "accept"), RulesAccepted)
    assert fact.version == 6
    assert "नियम 1" in text_of(says(state, "accept").say[0])


def test_an_admin_sees_what_would_be_different_and_it_holds_after_yes():
    asked = says(scene(), "!नियम बदलें 3 शैडो")
    assert "नियम 3 चालू → शैडो" in text_of(asked.say[0])
    assert asked.emit == ()
    assert asked.state.room.policy is None
    done = says(asked.state, "हाँ", later(minutes=9), 2)
    new = done.state.room.policy
    assert new is not None
    assert (new.version, new.document.rules[2].state, new.changed_by) == (1, RuleState.SHADOW, ADMIN)
    assert done.state.versions == {f"chat:{CHAT}|1": new}
    assert len(facts(done, PolicyChanged)) == 1
    assert done.state.standing.asked is None
    assert len(done.say) == 1
    again = says(done.state, "हाँ", later(minutes=9), 3)
    assert (again.emit, again.say) == ((), ())


@pytest.mark.parametrize("word", ["haan", "yes", "Yes.", "हां", "HAAN 🙏"])
def test_yes_is_understood_in_three_languages(word):
    asked = says(scene(), "!strict")
    done = says(asked.state, word, later(minutes=1), 2)
    assert done.state.policy.document.strictness is Strictness.STRICT


@pytest.mark.parametrize("word", ["नहीं", "nahin", "no"])
def test_no_withdraws_the_question(word):
    asked = says(scene(), "!naram")
    refused = says(asked.state, word, later(minutes=1), 2)
    assert "कुछ नहीं बदला" in text_of(refused.say[0])
    assert says(refused.state, "हाँ", later(minutes=2), 3).emit == ()


def test_anything_else_leaves_the_question_open():
    asked = says(scene(), "!सख़्त")
    other = says(asked.state, "हाँ जी, कल मिलते हैं", later(minutes=1), 2)
    assert other.say == ()
    assert facts(says(other.state, "हाँ", later(minutes=2), 3), PolicyChanged)


def test_a_yes_that_comes_too_late_or_in_another_chat_means_something_else():
    asked = says(scene(), "!सख़्त").state
    late = NOW + OPEN_FOR + dt.timedelta(seconds=1)
    assert says(asked, "हाँ", late, 2).emit == ()
    elsewhere = replace(asked, room=replace(asked.room, chat_id=chat_id(4)))
    assert says(elsewhere, "हाँ", later(minutes=1), 2).emit == ()


def test_a_yes_to_rules_that_have_changed_meanwhile_changes_nothing():
    asked = says(scene(policy(2)), "!सख़्त").state
    changed = replace(asked, room=replace(asked.room, policy=policy(3, FLOOD_5)))
    assert in_force(changed) == f"chat:{CHAT}|3"
    decision = says(changed, "हाँ", later(minutes=1), 2)
    assert "दोबारा" in text_of(decision.say[0])
    assert decision.state.room.policy == policy(3, FLOOD_5)


@pytest.mark.parametrize("text", ["!सख़्त", "!नरम", "!नियम बदलें 3 बंद", "!rules change 3 off"])
def test_who_is_no_admin_is_refused_kindly(text):
    decision = says(scene(admin=False), text)
    assert "🙏" in text_of(decision.say[0])
    assert decision.state.standing.asked is None


def test_who_is_no_admin_any_more_changes_nothing():
    asked = says(scene(), "!सख़्त").state
    demoted = replace(asked, room=replace(asked.room, admins=frozenset()))
    assert facts(says(demoted, "हाँ", later(minutes=1), 2), PolicyChanged) == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("!नियम बदलें", "ऐसे लिखें"),
        ("!नियम बदलें सब कुछ", "ऐसे लिखें"),
        ("!नियम बदलें 3 शायद", "ऐसे लिखें"),
        ("!नियम बदलें ३ बंद", "नियम 3 चालू → बंद"),
        ("!नियम बदलें 9 बंद", "1 से 6"),
        ("!नियम बदलें 0 बंद", "1 से 6"),
        ("!नियम बदलें 3 चालू", "पहले से"),
        ("!नियम बदलें संदेश सीमा 5", "लगातार संदेशों की सीमा 8 → 5"),
        ("!niyam badlein flood.copies 4", "एक ही संदेश की सीमा 3 → 4"),
        ("!rules change flood.messages 1", "नहीं रखा जा सकता"),
        ("!rules change flood.minutes 61", "नहीं रखा जा सकता"),
        ("!rules change campaign.minutes 361", "नहीं रखा जा सकता"),
        ("!rules change flood.intent 1", "नहीं रखा जा सकता"),
        ("!rules change patterns.words 1", "1 से 6"),
        ("!rules change __class__.x 1", "ऐसे लिखें"),
    ],
)
def test_the_grammar_of_changes_is_small_and_says_what_is_wrong(text, answer):
    decision = says(scene(), text)
    assert answer in text_of(decision.say[0])
    assert decision.emit == ()


def test_stricter_than_strict_is_nothing_new():
    strict = policy(1, DEFAULT.document.model_copy(update={"strictness": Strictness.STRICT}))
    assert "पहले से" in text_of(says(scene(strict), "!strict").say[0])


@given(
    st.one_of(
        st.builds(Stricter, st.sampled_from([1, -1])),
        st.builds(State, st.integers(0, 10**6), st.sampled_from(list(RuleState))),
        st.builds(Setting, st.just("flood"), st.just("messages"), st.integers(0, 10**6)),
    )
)
def test_a_change_that_waits_is_still_the_same_change(change):
    assert change_in(token_of(change)) == change
