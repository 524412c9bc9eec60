from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.log.record import Record
from shared.replay.letter import Letter, Mark, State, letter_of
from shared.replay.query import NONE, OTHERS, SHOWN, Query, Summary, instant, stagger
from tests.support.events import NOW

HOUR = dt.timedelta(hours=1)


def letter(number: int = 0, state: State = State.OPEN, **fields: object) -> Letter:
    plain = letter_of(Record("moderation.dlq.v1", 0, number, b"", b"", {}))
    mark = None if state is State.OPEN else Mark(state, NOW, "asha", 1)
    known = {"consumer": "moderation", "reason": "undecodable", "type": "message.received", "at": NOW}
    return dataclasses.replace(plain, mark=mark, **(known | fields))  # type: ignore[arg-type]


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("2h", NOW - 2 * HOUR),
            ("90s", NOW - dt.timedelta(seconds=90)),
            ("30m", NOW - HOUR / 2),
            ("3d", NOW - dt.timedelta(days=3)),
            ("1w", NOW - dt.timedelta(weeks=1)),
            ("0s", NOW),
            ("2026-11-05", dt.datetime(2026, 11, 5, tzinfo=dt.UTC)),
            ("2026-11-05T06:30", NOW),
            ("2026-11-05T12:00+05:30", NOW),
            ("2026-11-05T06:30:00Z", NOW),
        ],
    )
    def test_a_time_is_so_long_ago_or_a_point_in_time(self, text: str, at: dt.datetime):
        assert instant(text, NOW) == at

    @pytest.mark.parametrize(
        "text",
        [
            *("", "h", "-2h", "2 h", "2y", "1.5h", "999999w", "9999999h", "२h", "soon", "2026-13-01", "\x00"),
            *("0001-01-01T00:00+23:59", "9" * 5000),
        ],
    )
    def test_what_is_no_time_is_refused_in_one_sentence(self, text: str):
        with pytest.raises(Invalid, match="A time is written like"):
            instant(text, NOW)

    @given(st.text(max_size=50))
    def test_no_text_does_anything_else(self, text: str):
        with contextlib.suppress(Invalid):
            assert instant(text, NOW).tzinfo is dt.UTC

    def test_the_wrong_way_round_is_refused(self):
        with pytest.raises(Invalid):
            Query(since=NOW, until=NOW)

    def test_from_its_begin_to_before_its_end(self):
        query = Query(since=NOW - HOUR, until=NOW)
        taken = [each for each in (-2, -1, 0) if query.takes(letter(at=NOW + each * HOUR))]
        assert taken == [-1]

    def test_a_letter_without_a_time_is_meant_where_no_time_is_asked_for(self):
        assert Query().takes(letter(at=None))
        assert not Query(since=NOW).takes(letter(at=None))
        assert not Query(until=NOW).takes(letter(at=None))


class TestStates:
    @pytest.mark.parametrize(
        ("query", "taken"),
        [
            (Query(), {State.OPEN}),
            (Query(again=True), {State.OPEN, State.REPLAYED}),
            (Query(any_state=True), set(State)),
            (Query(ids=frozenset({"0-0"})), {State.OPEN}),
            (Query(ids=frozenset({"0-0"}), again=True), set(State)),
            (Query(ids=frozenset({"0-1"}), again=True), set()),
        ],
    )
    def test_a_dropped_letter_stays_dropped_unless_it_is_named(self, query: Query, taken: set[State]):
        assert {state for state in State if query.takes(letter(state=state))} == taken


class TestFilters:
    def test_every_filter_must_fit(self):
        query = Query(
            reasons=frozenset({"undecodable", "domain_error"}),
            consumers=frozenset({"moderation"}),
            types=frozenset({"message.received"}),
        )
        assert query.takes(letter())
        assert query.takes(letter(reason="domain_error"))
        for other in ({"reason": "permanent"}, {"consumer": None}, {"type": "message.send"}, {"type": None}):
            assert not query.takes(letter(**other))

    def test_everything_is_what_restricts_nothing(self):
        assert Query(again=True, any_state=True).everything
        for query in (
            Query(since=NOW),
            Query(until=NOW),
            Query(types=frozenset("t")),
            Query(ids=frozenset({"0-1"})),
        ):
            assert not query.everything

    @pytest.mark.parametrize("bad", ["", "0", "0-", "a-1", "0-1\n", "outbox-", '{"$gt":""}', "0-१"])
    def test_what_is_no_id_is_refused(self, bad: str):
        with pytest.raises(Invalid):
            Query(ids=frozenset({bad}))


def test_a_summary_counts_by_what_letters_say():
    summary = Summary.of([letter(), letter(1, reason="domain_error"), letter(2, type=None)])
    assert summary.total == 3
    assert summary.reasons == {"undecodable": 2, "domain_error": 1}
    assert summary.types == {"message.received": 2, NONE: 1}


def test_a_summary_is_bounded():
    summary = Summary.of(letter(number, type=f"t{number}") for number in range(100))
    assert len(summary.types) == SHOWN + 1
    assert summary.types[OTHERS] == 100 - SHOWN
    assert sum(summary.types.values()) == summary.total == 100


class TestStaggering:
    @given(st.integers(0, 300), st.floats(0.01, 1000))
    def test_no_second_holds_more_than_the_rate(self, count: int, rate: float):
        if count / rate > 7 * 86_400:
            return
        times = list(stagger(NOW, rate, count))
        assert len(times) == count
        assert times == sorted(times)
        for one, two in pairwise(times):
            assert abs((two - one).total_seconds() - 1 / rate) < 1e-5
        if times:
            assert times[0] == NOW

    def test_without_a_rate_all_are_handled_at_once(self):
        assert set(stagger(NOW, None, 5)) == {NOW}

    @pytest.mark.parametrize("rate", [0.0, -1.0, 1001.0, float("nan"), float("inf"), float("-inf")])
    def test_a_rate_that_is_none_is_refused(self, rate: float):
        with pytest.raises(Invalid):
            stagger(NOW, rate, 1)

    def test_a_rate_that_would_outlive_the_letters_is_refused(self):
        with pytest.raises(Invalid, match="more than 7 days"):
            stagger(NOW, 0.001, 1000)
