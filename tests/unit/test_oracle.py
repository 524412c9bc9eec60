from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.oracle import Dead, History, Input, Reply, Report, Sample, Verdict, judge

INPUTS = [
    Input("a", 0, 5),
    Input("a", 1, 7, copies=2),
    Input("a", 2, 1),
    Input("b", 0, 3),
    Input("b", 1, 9, poison=True),
]
SOUND = History(
    effects={"a": [0, 1, 2], "b": [0]},
    balances={"a": 13, "b": 3},
    dead=[Dead(("b", 1), "in/0/4")],
    replies=[Reply("r1", "a", 0), Reply("r2", "a", 1), Reply("r3", "b", 0), Reply("r4", "a", 2)],
    downstream={"a": [0, 1, 2], "b": [0]},
    samples=[Sample("in/0", 3, 3), Sample("in/0", 3, 5)],
)


def found(history: History) -> Verdict:
    return judge(INPUTS, history)


def only(verdict: Verdict, kind: str) -> list[str]:
    """Return what was found of one kind, having seen that nothing was found of the others."""
    for other in {"lost", "double", "out_of_order", "ahead", "strange"} - {kind}:
        assert getattr(verdict, other) == [], other
    assert not verdict.holds
    sentences = getattr(verdict, kind)
    assert isinstance(sentences, list)
    return sentences


def test_what_went_well_holds():
    verdict = found(SOUND)
    assert verdict.holds
    assert (verdict.effects, verdict.dead_letters) == (4, 1)


def test_a_consumer_without_answers_is_judged_by_its_effects_alone():
    assert found(replace(SOUND, replies=None, downstream=None)).holds


def test_an_answer_or_a_letter_published_twice_is_the_same_again():
    again = replace(
        SOUND, replies=[*(SOUND.replies or ()), Reply("r1", "a", 0)], dead=[*SOUND.dead, *SOUND.dead]
    )
    verdict = found(again)
    assert verdict.holds
    assert verdict.dead_letters == 1


def test_an_input_without_effect_is_lost():
    gap = replace(
        SOUND,
        effects={"a": [0, 2], "b": [0]},
        replies=[each for each in SOUND.replies or () if each.id != "r2"],
        downstream={"a": [0, 2], "b": [0]},
    )
    assert only(found(gap), "lost") == ["a#1 has neither an effect nor a dead letter"]


def test_a_whole_chat_without_effects_is_lost():
    verdict = found(History(effects={}, balances={}, dead=SOUND.dead))
    assert len(verdict.lost) == 4
    assert len(verdict.strange) == 2


def test_a_poisoned_input_without_a_dead_letter_is_lost():
    assert only(found(replace(SOUND, dead=[])), "lost") == ["b#1 has neither an effect nor a dead letter"]


def test_an_effect_that_happened_twice_is_double():
    verdict = found(replace(SOUND, effects={"a": [0, 1, 1, 2], "b": [0]}))
    assert only(verdict, "double") == ["a#1 had its effect 2 times"]


def test_a_balance_beside_the_sum_is_found_where_the_effects_look_right():
    verdict = found(replace(SOUND, balances={"a": 20, "b": 3}))
    assert only(verdict, "strange") == ["the balance of a is 20, the sum 13"]


def test_a_balance_of_a_chat_nobody_wrote_to_is_found():
    verdict = found(replace(SOUND, balances={"a": 13, "b": 3, "c": 1}))
    assert only(verdict, "strange") == ["the balance of c is 1, the sum 0"]


def test_an_effect_of_nothing_is_found():
    verdict = judge(
        INPUTS, replace(SOUND, effects={**SOUND.effects, "c": [0]}, replies=None, downstream=None)
    )
    assert only(verdict, "strange") == ["c#0 had an effect and was never put in"]


def test_poison_that_had_an_effect_is_found():
    verdict = found(
        replace(SOUND, effects={"a": [0, 1, 2], "b": [0, 1]}, replies=None, downstream=None, dead=[])
    )
    assert only(verdict, "strange") == ["b#1 is poison and had an effect"]


def test_a_sound_input_that_was_set_aside_is_found():
    verdict = found(replace(SOUND, dead=[*SOUND.dead, Dead(("a", 0), "in/0/0")]))
    assert only(verdict, "strange") == ["a#0 is sound and was set aside"]


def test_one_record_set_aside_as_two_letters_is_double():
    verdict = found(replace(SOUND, dead=[*SOUND.dead, Dead(("b", 1), "in/0/9")]))
    assert only(verdict, "double") == ["b#1 was set aside 2 times"]


def test_a_letter_of_nothing_is_found():
    verdict = found(replace(SOUND, dead=[*SOUND.dead, Dead(None, "in/0/8")]))
    assert only(verdict, "strange") == ["the dead letter of in/0/8 resembles no input"]


@pytest.mark.parametrize("late", [[1, 0, 2], [0, 2, 1]])
def test_effects_of_one_chat_in_another_order_are_found(late):
    assert len(only(found(replace(SOUND, effects={"a": late, "b": [0]})), "out_of_order")) == 1


def test_answers_of_one_chat_in_another_order_are_found():
    replies = [Reply("r2", "a", 1), Reply("r1", "a", 0), Reply("r3", "b", 0), Reply("r4", "a", 2)]
    assert only(found(replace(SOUND, replies=replies)), "out_of_order") == ["answer a#0 came behind #1"]


def test_an_answer_published_again_behind_later_ones_is_still_in_order():
    again = [*(SOUND.replies or ()), Reply("r1", "a", 0), Reply("r2", "a", 1), Reply("r4", "a", 2)]
    assert found(replace(SOUND, replies=again)).holds


def test_effects_of_answers_in_another_order_are_found():
    verdict = found(replace(SOUND, downstream={"a": [0, 2, 1], "b": [0]}))
    assert only(verdict, "out_of_order") == ["effect of an answer a#1 came behind #2"]


def test_an_effect_without_its_answer_is_found():
    verdict = found(replace(SOUND, replies=(SOUND.replies or ())[1:]))
    assert only(verdict, "lost") == ["a#0 was never answered"]


def test_an_answer_under_two_ids_is_double():
    verdict = found(replace(SOUND, replies=[*(SOUND.replies or ()), Reply("r9", "a", 2)]))
    assert only(verdict, "double") == ["a#2 was answered under 2 ids"]


def test_one_id_for_two_answers_is_found():
    replies = [*(SOUND.replies or ()), Reply("r1", "b", 0)]
    assert only(found(replace(SOUND, replies=replies)), "strange") == [
        "the id r1 answers ('a', 0) and ('b', 0)"
    ]


def test_an_answer_to_nothing_is_found():
    verdict = found(replace(SOUND, replies=[*(SOUND.replies or ()), Reply("r9", "b", 1)]))
    assert only(verdict, "strange") == ["an answer to b#1 follows from nothing"]


def test_an_answer_without_its_effect_is_lost():
    verdict = found(replace(SOUND, downstream={"a": [0, 1], "b": [0]}))
    assert only(verdict, "lost") == ["the answer to a#2 had no effect"]


def test_an_answer_with_two_effects_is_double():
    verdict = found(replace(SOUND, downstream={"a": [0, 1, 2], "b": [0, 0]}))
    assert only(verdict, "double") == ["the answer to b#0 had its effect 2 times"]


def test_a_commit_ahead_of_what_was_processed_is_found():
    verdict = found(replace(SOUND, samples=[Sample("in/3", 7, 6)]))
    assert only(verdict, "ahead") == ["in/3 was committed to 7, processed to 6"]


def test_a_report_names_examples_and_fails():
    report = Report("P0", "nothing", 1)
    verdict = Verdict(effects=2, lost=[f"a#{n} is lost" for n in range(5)])
    report.add(INPUTS, verdict)
    assert (report.inputs, report.effects, report.lost, report.verdict) == (5, 2, 5, "failed")
    assert report.failures[-1] == "and 2 more like this"
    assert json.loads(report.json_line())["lost"] == 5
    assert report.human_line().startswith("✘  P0")


def test_a_report_passes_until_something_does_not_hold():
    report = Report("P0", "nothing", 1)
    report.add(INPUTS, found(SOUND))
    report.recovered([3.0, 1.0, 2.0])
    report.expect(1 + 1 == 2, "arithmetic")
    assert (report.verdict, report.recovery_p50, report.recovery_max) == ("passed", 2.0, 3.0)
    assert "back after 2.0/3.0 s" in report.human_line()
    report.expect(False, "what was hoped for")
    assert (report.verdict, report.failures) == ("failed", ["what was hoped for"])


def test_a_report_says_why_a_scenario_was_not_run():
    report = Report("P0", "nothing", 1)
    report.not_run("there is no Kafka.")
    assert report.human_line() == "–  P0         nothing: not run: there is no Kafka."
