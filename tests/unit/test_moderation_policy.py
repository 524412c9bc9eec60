from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.policy import MAX_RULES, MAX_TEXT, Conduct, Rule, decide_publish
from shared.contracts.moderation import PolicyChanged
from shared.decision import Decision
from shared.errors import Conflict, Invalid

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
CHAT = "c_" + "1" * 20
FRESH = Conduct(CHAT, hinted_at=NOW)
RULES = (Rule({"hi": "विषय पर रहें।", "en": "Stay on topic."}), Rule({"hi": "आदर से बात करें।"}))
OTHER_RULES = (Rule({"hi": "विषय पर ही रहें।"}),)


def published(
    conduct: Conduct = FRESH,
    rules: tuple[Rule, ...] = RULES,
    language: str = "hi",
    expected: int | None = None,
    at: dt.datetime = NOW,
) -> Decision[Conduct]:
    return decide_publish(
        conduct, language=language, rules=rules, actor="office", expected_version=expected, now=at
    )


def test_the_first_rules_are_version_1_and_a_fact():
    decision = published()
    assert decision.state.policy is not None
    assert (decision.state.policy.version, decision.state.policy.rules) == (1, RULES)
    assert decision.state.hinted_at == NOW
    (emit,) = decision.emit
    assert emit.key == CHAT
    assert emit.data == PolicyChanged(
        chat_id=CHAT, version=1, languages=("en", "hi"), changed_by="office", changed_at=NOW
    )
    assert decision.note == "policy_published"
    assert decision.say == ()


def test_the_time_of_a_change_is_no_finer_than_the_store_keeps_it():
    policy = published(at=NOW.replace(microsecond=123_987)).state.policy
    assert policy is not None
    assert policy.changed_at == NOW.replace(microsecond=123_000)


def test_every_change_is_the_next_version():
    conduct = FRESH
    for version, (rules, language) in enumerate(
        [(RULES, "hi"), (OTHER_RULES, "hi"), (RULES, "hi"), (RULES[:1], "hi"), (RULES[:1], "en")], 1
    ):
        conduct = published(conduct, rules, language).state
        assert conduct.policy is not None
        assert conduct.policy.version == version


def test_publishing_the_same_again_changes_nothing():
    conduct = published().state
    again = published(conduct, tuple(Rule(dict(rule.texts)) for rule in RULES), at=NOW + dt.timedelta(days=1))
    assert again.state is conduct
    assert (again.emit, again.note) == ((), None)


@pytest.mark.parametrize(("expected", "conflict"), [(0, True), (1, False), (2, True), (None, False)])
def test_who_has_read_another_version_is_refused(expected, conflict):
    conduct = published().state
    if conflict:
        with pytest.raises(Conflict, match="version 1"):
            published(conduct, OTHER_RULES, expected=expected)
    else:
        assert published(conduct, OTHER_RULES, expected=expected).state.policy is not None


def test_version_0_means_that_there_must_be_none_yet():
    assert published(expected=0).state.policy is not None
    with pytest.raises(Conflict):
        published(expected=1)


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ((), "between 1 and"),
        (tuple(Rule({"hi": "."}) for _ in range(MAX_RULES + 1)), "between 1 and"),
        ((Rule({"en": "Stay on topic."}),), "Rule 1 has no text"),
        ((*OTHER_RULES, Rule({"hi": " \n"})), "Rule 2 has no text"),
        ((Rule({"hi": "क" * (MAX_TEXT + 1)}),), "longer than"),
        (tuple(Rule({"hi": "क" * MAX_TEXT}) for _ in range(2)), "longer than"),
        ((Rule({"hi": "क", "en": "x" * (MAX_TEXT + 1)}),), "in en"),
        # In English the second rule is shown in Hindi, and counts.
        ((Rule({"hi": "क", "en": "x" * MAX_TEXT}), Rule({"hi": "क"})), "in en"),
    ],
    ids=[
        "none",
        "too many",
        "language",
        "blank",
        "long",
        "long together",
        "long aside",
        "long with fallback",
    ],
)
def test_rules_that_could_not_be_shown_are_refused(rules, why):
    with pytest.raises(Invalid, match=why):
        published(rules=rules)


def test_a_rule_is_shown_in_the_language_of_the_chat_where_it_has_no_other():
    assert [rule.text("en", "hi") for rule in RULES] == ["Stay on topic.", "आदर से बात करें।"]


TEXTS = st.text(min_size=1, max_size=20).filter(str.strip)
ANY_RULES = st.lists(st.builds(lambda text: Rule({"hi": text}), TEXTS), min_size=1, max_size=4).map(tuple)


@given(st.lists(ANY_RULES, max_size=6))
def test_a_version_tells_of_a_change_and_only_of_a_change(history):
    conduct, versions = FRESH, []
    for rules in history:
        decision = published(conduct, rules)
        changed = conduct.policy is None or conduct.policy.rules != rules
        assert bool(decision.emit) == changed
        conduct = decision.state
        assert conduct.policy is not None
        assert conduct.policy.rules == rules
        versions.append(conduct.policy.version)
    assert versions == sorted(versions)
    assert set(versions) == set(range(1, len(set(versions)) + 1))
