"""History judged again: exactly as it was under what was in force, and with numbers under anything else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.history.backtest import as_it_was, backtest, candidate
from services.moderation.domain.history.fairness import fairness
from services.moderation.domain.history.interval import higher, rate
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.judging.verdict import Intent, Script
from services.moderation.domain.listening import Listener
from services.moderation.domain.policy.document import DEFAULT, Policy, RuleState
from tests.support.moderation import NOW, Group, edits, writes

DETECTORS = shipped(None)
LISTENER = Listener(DETECTORS)
TEXTS = (
    "नमस्ते",
    "मुझे SEO का फायदा समझना है",
    "घर बैठे रोज 3000 कमाओ, पहले 500 रजिस्ट्रेशन फीस, WhatsApp करो 9876543210",
    "join https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv",
    "tum sab chutiye ho",
    "https://example.com/blog",
    "क्या आज क्लास है?",
)


def lived(messages: list[tuple[int, int, str, int, bool]]) -> tuple[Group, list[Judged]]:
    """Return a group after members wrote and changed messages, and its history in order."""
    group, now = Group(), NOW
    for number, (by, chat, text, gap, edit) in enumerate(messages, 1):
        now += dt.timedelta(seconds=gap)
        event = writes(number, text, by=by, chat=chat, at=now)
        group.keep(
            LISTENER.decide_message(group.scene(by, chat=chat, message=event.data.message_id), event, now)
        )
        if edit:
            now += dt.timedelta(seconds=5)
            changed = edits(number, f"{text} और {TEXTS[number % len(TEXTS)]}", by=by, chat=chat, at=now)
            scene = group.scene(by, chat=chat, message=changed.data.message_id)
            group.keep(LISTENER.decide_edit(scene, changed, now))
    return group, sorted(group.judged.values(), key=lambda row: (row.chat_id, row.seq))


MESSAGES = st.tuples(
    st.integers(1, 3), st.integers(0, 1), st.sampled_from(TEXTS), st.integers(0, 90), st.booleans()
)


@settings(max_examples=40, deadline=None)
@given(st.lists(MESSAGES, min_size=1, max_size=40))
def test_what_was_in_force_gives_exactly_what_was_decided(messages):
    _, rows = lived(messages)
    before = list(rows)
    report = backtest(rows, as_it_was({}, DEFAULT), DETECTORS)
    assert (report.changed, report.newly_hit, report.no_longer_hit) == (0, 0, 0)
    assert report.judged == len(rows)
    assert report.would_hit == report.did_hit
    assert report.samples == ()
    assert rows == before


def off(number: int, state: RuleState = RuleState.OFF) -> Policy:
    rules = list(DEFAULT.document.rules)
    rules[number - 1] = rules[number - 1].model_copy(update={"state": state})
    return Policy(1, DEFAULT.document.model_copy(update={"rules": tuple(rules)}), "office", NOW)


SCAM = TEXTS[2]
SOME = [(1, 0, TEXTS[1], 60, False), (2, 0, SCAM, 60, False), (3, 0, TEXTS[3], 60, False)]


def test_a_candidate_is_told_by_its_differences_by_rule_and_by_script():
    _, rows = lived(SOME)
    live = backtest(rows, candidate(DEFAULT), DETECTORS)
    assert live.would_hit == 2
    assert sum(live.per_rule.values()) == sum(live.per_script.values()) == 2
    without = backtest(rows, candidate(off(4)), DETECTORS)
    assert "income" not in without.per_rule
    assert without.changed >= 1
    assert [each.text for each in without.samples if each.was is Intent.REMOVE or each.would is Intent.ALLOW]


def test_b5_13_a_backtest_counts_what_a_shadow_rule_would_have_hit_apart():
    _, rows = lived(SOME)
    report = backtest(rows, candidate(off(4, RuleState.SHADOW)), DETECTORS)
    assert report.shadow["income"] >= 1
    assert "income" not in report.per_rule


def test_rows_from_before_the_period_tell_only_what_was_written_before():
    flood = [(1, 0, TEXTS[6] + str(number), 1, False) for number in range(12)]
    _, rows = lived(flood)
    hits = [row for row in rows if row.intent.rank >= Intent.REVIEW.rank]
    assert hits
    report = backtest(rows, candidate(DEFAULT), DETECTORS, since=hits[0].at)
    assert (report.changed, report.blind) == (0, 0)
    assert report.judged < len(rows)
    cut = backtest(rows[rows.index(hits[0]) :], candidate(DEFAULT), DETECTORS)
    assert cut.blind > 0


def with_state(case: Case, state: CaseState, by: str | None) -> Case:
    case = replace(case, state=state)
    return noted(case, NOW, by, "upheld") if by else case


@pytest.mark.parametrize(
    ("state", "by", "hits", "of"),
    [
        (CaseState.DECIDED, None, 0, 0),
        (CaseState.DECIDED, "reena", 1, 1),
        (CaseState.OVERTURNED, "reena", 0, 1),
        (CaseState.DISMISSED, "reena", 0, 1),
        (CaseState.REVIEW, None, 0, 0),
    ],
)
def test_precision_is_of_what_people_have_looked_at(state, by, hits, of):
    group, rows = lived(SOME[:2])
    cases = {name: with_state(case, state, by) for name, case in group.cases.items()}
    precision = backtest(rows, candidate(DEFAULT), DETECTORS, cases).precision
    assert (precision.hits, precision.of) == (hits, of)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)]
)
def test_the_interval_is_wilsons(hits, of, low, high):
    # The last row is Newcombe's example (1998, table I).
    found = rate(hits, of)
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


@given(st.integers(0, 300), st.integers(0, 300))
def test_an_interval_holds_its_rate(hits, misses):
    found = rate(hits, hits + misses)
    assert 0 <= found.low <= found.high <= 1
    if found.value is not None:
        assert found.low <= found.value <= found.high


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_of_two_rates_one_at_most_is_higher(one, more, two, more_still):
    first, second = rate(one, one + more), rate(two, two + more_still)
    assert not (higher(first, second) and higher(second, first))


def test_a_rate_of_more_than_there_is_is_none():
    with pytest.raises(ValueError, match="at most"):
        rate(3, 2)


@given(st.integers(0, 40), st.integers(0, 40))
def test_x08_equal_rates_raise_no_alarm_and_every_rate_has_its_interval(wrong, right):
    group, rows = lived(SOME[1:2])
    row, (case,) = rows[0], group.cases.values()
    history, cases = [], {}
    for script in (Script.HINGLISH, Script.DEVANAGARI, Script.ENGLISH):
        for trust in (Trust.NEW, Trust.TRUSTED):
            for number in range(wrong + right):
                name = f"{script}{trust}{number}"
                state = CaseState.OVERTURNED if number < wrong else CaseState.DECIDED
                cases[name] = with_state(replace(case, case_id=name), state, "reena")
                history.append(replace(row, script=script, trust=trust, case=name))
    found = fairness(history, cases)
    assert found.alarms == ()
    for each in (*found.scripts, *found.tenure):
        assert each.overturned.low <= each.overturned.high
        assert each.overturned.of * len(found.scripts) in {len(history), len(history) * 3 // 2}


def test_an_alarm_is_raised_for_a_script_with_significantly_more_mistakes_and_for_no_other():
    group, rows = lived(SOME[1:2])
    row, (case,) = rows[0], group.cases.values()
    history, cases = [], {}
    for script, wrong, of in ((Script.HINGLISH, 30, 60), (Script.DEVANAGARI, 3, 60), (Script.ENGLISH, 2, 40)):
        for number in range(of):
            name = f"{script}{number}"
            state = CaseState.OVERTURNED if number < wrong else CaseState.DECIDED
            cases[name] = with_state(replace(case, case_id=name), state, "reena")
            history.append(replace(row, script=script, case=name))
    found = fairness(history, cases)
    assert found.alarms == ("hinglish",)
    (hinglish,) = (each for each in found.scripts if each.name == "hinglish")
    assert (hinglish.overturned.hits, hinglish.overturned.of) == (30, 60)
    assert sum(each.messages for each in found.tenure) == len(history)
