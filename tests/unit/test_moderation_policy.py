from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.policy.checking import CATALOGUE_TEXT
from services.moderation.domain.policy.document import (
    DEFAULT,
    MAX_RULES,
    MAX_TEXT,
    Document,
    Policy,
    Rule,
    RuleState,
)
from services.moderation.domain.policy.publishing import Publishing, WouldHitAgain, copy, publish, rollback
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.room import Community, Room
from services.moderation.domain.scopes import version_key
from shared.contracts.moderation import PolicyChanged
from shared.decision import Decision, Phrase, Say
from shared.errors import Invalid, NotFound, PreconditionFailed
from tests.support.events import chat_id
from tests.support.moderation import NOW, text_of

CHAT = chat_id(1)
SCOPE = f"chat:{CHAT}"
DETECTORS = shipped(None)
FRESH = Publishing(Community(SCOPE), Room(CHAT, seq=3, hinted_at=NOW))


def document(*texts: str, language: str = "hi", **more: Any) -> Document:
    rules = tuple(Rule(id=f"rule_{number}", texts={language: text}) for number, text in enumerate(texts, 1))
    return Document(language=language, rules=rules, **more)


ONE = document("विषय पर रहें।", "आदर से बात करें।")
OTHER = document("विषय पर ही रहें।")


def published(
    state: Publishing = FRESH,
    what: Document = ONE,
    *,
    expected: int | None = None,
    at: dt.datetime = NOW,
    force: bool = False,
) -> Decision[Publishing]:
    return publish(
        state, what, detectors=DETECTORS, actor="office", expected_version=expected, now=at, force=force
    )


def in_force(decision: Decision[Publishing]) -> Policy:
    policy = decision.state.policy
    assert policy is not None
    return policy


def test_the_first_policy_is_version_1_a_fact_and_kept():
    decision = published()
    policy = in_force(decision)
    assert (policy.version, policy.document, policy.changed_by) == (1, ONE, "office")
    assert decision.state.room is not None
    assert decision.state.room.hinted_at == NOW
    assert decision.state.versions == {version_key(SCOPE, 1): policy}
    (emit,) = decision.emit
    assert emit.key == CHAT
    assert emit.data == PolicyChanged(
        chat_id=CHAT, version=1, languages=("hi",), changed_by="office", changed_at=NOW
    )
    assert decision.note == "policy_published"


def test_a_community_is_told_as_a_fact_and_a_notice_to_each_of_its_chats_without_rules_of_its_own():
    rooms = {
        chat_id(number): Room(chat_id(number), community="seekho", seq=1, language="en") for number in (1, 2)
    }
    own = Room(chat_id(3), community="seekho", seq=1, policy=replace(DEFAULT, version=4))
    state = Publishing(Community("community:seekho"), rooms={**rooms, own.chat_id: own})
    decision = published(state)
    assert decision.state.community.policy == in_force(decision)
    facts = [each.data for each in decision.emit]
    assert [(each.chat_id, each.community) for each in facts if isinstance(each, PolicyChanged)] == [
        (name, "seekho") for name in rooms
    ]
    assert [say.chat_id for say in decision.say] == list(rooms)
    assert decision.state.versions == {"community:seekho|1": in_force(decision)}


def test_the_time_of_a_change_is_no_finer_than_the_store_keeps_it():
    policy = in_force(published(at=NOW.replace(microsecond=123_987)))
    assert policy.changed_at == NOW.replace(microsecond=123_000)


def test_publishing_the_same_again_changes_nothing():
    state = published().state
    same = Document.model_validate_json(ONE.model_dump_json())
    again = published(state, same, at=NOW + dt.timedelta(days=1))
    assert again.state is state
    assert (again.emit, again.say, again.note) == ((), (), None)


@pytest.mark.parametrize(("expected", "conflict"), [(0, True), (1, False), (2, True), (None, False)])
def test_who_has_read_another_version_is_refused(expected, conflict):
    state = published().state
    if conflict:
        with pytest.raises(PreconditionFailed, match="version 1"):
            published(state, OTHER, expected=expected)
    else:
        assert in_force(published(state, OTHER, expected=expected)).version == 2


def test_a_rollback_is_a_new_version_with_an_old_document():
    state = published(published().state, OTHER).state
    back = rollback(state, 1, detectors=DETECTORS, actor="office", expected_version=2, now=NOW)
    policy = in_force(back)
    assert (policy.version, policy.document, policy.note) == (3, ONE, "as version 1")
    with pytest.raises(NotFound):
        rollback(state, 9, detectors=DETECTORS, actor="office", expected_version=None, now=NOW)


def test_a_copy_says_where_it_is_from():
    copied = copy(
        FRESH,
        "community:seekho",
        Policy(7, OTHER, "reena", NOW),
        detectors=DETECTORS,
        actor="office",
        expected_version=None,
        now=NOW,
    )
    policy = in_force(copied)
    assert (policy.version, policy.document, policy.note) == (1, OTHER, "from community:seekho, version 7")


def rule(**more: Any) -> Document:
    return Document(rules=(Rule(**{"id": "own", "texts": {"hi": "."}, **more}),))


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (rule(texts={"en": "Stay on topic."}), "Rule 1 has no text"),
        (rule(texts={}), "Rule 1 has no text"),
        (document("विषय पर रहें।", " \n"), "Rule 2 has no text"),
        (Document(rules=(*ONE.rules, ONE.rules[0])), "Rule 3 has the id 'rule_1'"),
        (document("क" * MAX_TEXT, "क"), "longer than"),
        (
            Document(rules=(Rule(id="a", texts={"hi": "क", "en": "x" * MAX_TEXT}), *ONE.rules)),
            "in en are longer",
        ),
        (document("."[:1], language="xx"), "The language is one of"),
        (rule(checks={"flod": {}}), "names the check 'flod'"),
        (rule(checks={"flood": {"messages": 1}}), r"check flood: messages: .*greater than or equal to 2"),
        (rule(checks={"flood": {"mesages": 5}}), r"check flood: mesages: Extra inputs"),
        (
            rule(checks={"patterns": {"patterns": ["ok", "(?=x)y"]}}),
            r"check patterns: patterns: .*'\(\?=x\)y'",
        ),
        (rule(checks={"patterns": {"patterns": [r"(a)\1"]}}), r"Rule 1 \(own\), check patterns"),
        (
            rule(checks={"flood": {"minutes": 61}}),
            "check flood: minutes: at most 60, because messages of a chat",
        ),
        (rule(checks={"flood": {"messages": 61}}), "check flood: messages: at most 60, because the last 60"),
        (
            rule(checks={"campaign": {"minutes": 361}}),
            "check campaign: minutes: at most 360, because offers in",
        ),
    ],
)
def test_what_could_not_be_shown_or_judged_by_is_refused(what, why):
    with pytest.raises(Invalid, match=why):
        published(what=what)


def test_what_is_looked_back_at_can_be_set_as_far_as_it_is_remembered():
    flood, campaign = {"minutes": 60, "messages": 60, "seconds": 3600}, {"minutes": 360}
    assert published(what=rule(checks={"flood": flood, "campaign": campaign})).emit


@pytest.mark.parametrize("texts", [(), tuple("." for _ in range(MAX_RULES + 1))])
def test_a_document_has_a_bounded_number_of_rules(texts):
    with pytest.raises(ValidationError):
        document(*texts)


def test_the_built_in_policy_can_be_published_and_its_texts_are_no_longer_than_thought():
    published(what=DEFAULT.document)
    for language in ("hi", "en", "hi-Latn"):
        lines = text_of_rules(language)
        assert max(map(len, lines)) <= CATALOGUE_TEXT


def text_of_rules(language: str) -> list[str]:
    return [
        text_of(Say(CHAT, Phrase(f"rules.default.{each.id}"), language)) for each in DEFAULT.document.rules
    ]


BAD_WORD = rule(checks={"patterns": {"words": ["chameli"]}})
EXAMPLE = Regression("chat:x#7", SCOPE, "mera naam chameli hai", "own", "patterns", "word", NOW)


def test_nothing_is_published_that_would_hit_again_what_was_found_to_be_fine():
    state = replace(FRESH, regressions={"chat:x#7": EXAMPLE, "chat:x#8": None})
    with pytest.raises(WouldHitAgain, match="chat:x#7") as refused:
        published(state, BAD_WORD)
    assert refused.value.status == 409
    assert in_force(published(state, BAD_WORD, force=True)).version == 1
    allowed = rule(checks={"patterns": {"words": ["chameli"], "allowed": ["chameli"]}})
    assert in_force(published(state, allowed)).version == 1


@pytest.mark.parametrize("state", ["off", "shadow"])
def test_a_rule_without_effect_hits_nothing_again(state):
    mild = rule(checks=BAD_WORD.rules[0].checks, state=state)
    assert published(replace(FRESH, regressions={"chat:x#7": EXAMPLE}), mild).emit


def test_b5_13_a_rule_that_is_only_tried_out_is_announced_to_nobody():
    first = published().state
    tried = Rule(id="tried", state=RuleState.SHADOW, texts={"hi": "कोई फूल नहीं।"}, checks={"flood": {}})
    quiet = published(first, Document(rules=(*ONE.rules, tried)))
    assert quiet.emit
    assert quiet.say == ()
    aloud = published(
        quiet.state, Document(rules=(*ONE.rules, tried.model_copy(update={"state": RuleState.ON})))
    )
    assert "कोई फूल नहीं।" in text_of(aloud.say[0])


def test_b5_01_a_new_version_tells_the_group_what_is_different_and_asks_for_that_alone():
    first = published(what=document("विषय पर रहें।", "आदर से बात करें।")).state
    (notice,) = published(first, document("केवल SEO की बात।", "आदर से बात करें।")).say
    text = text_of(notice)
    assert "नियम 1 अब: केवल SEO की बात।" in text
    assert "आदर" not in text
    assert "स्वीकार" in text


def test_a_chat_nothing_ever_came_from_is_told_nothing():
    assert published(Publishing(Community(SCOPE), Room(CHAT))).say == ()


TEXTS = st.text(min_size=1, max_size=20).filter(str.strip)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=6))
def test_a_version_tells_of_a_change_and_only_of_a_change(history):
    state, versions = FRESH, []
    for texts in history:
        what = document(*texts)
        decision = published(state, what)
        changed = state.policy is None or state.policy.document != what
        assert bool(decision.emit) == changed
        state = decision.state
        assert state.policy is not None
        assert state.policy.document == what
        versions.append(state.policy.version)
    assert sorted(state.versions) == sorted(version_key(SCOPE, each) for each in set(versions))
    assert versions == sorted(versions)
