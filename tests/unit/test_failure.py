from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.contracts.topics import RETRY_TIERS
from shared.log.record import Partition
from shared.stream.failure import (
    IN_A_ROW,
    WINDOW,
    DlqLimit,
    Fate,
    Limits,
    classify,
    next_tier,
    waiting_tier,
)

HERE, THERE, ELSEWHERE = (Partition("t", number) for number in range(3))

ALL_ERRORS = st.sampled_from(
    [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, Exception) and not issubclass(each, errors.NotYet)
    ]
)


def told(*fates: bool) -> DlqLimit:
    limit = DlqLimit()
    for dead in fates:
        limit = limit.after(dead=dead)
    return limit


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (errors.DependencyAway("x"), Fate.PAUSE),
        (errors.StoreUnavailable("x"), Fate.PAUSE),
        (errors.LogUnavailable("x"), Fate.PAUSE),
        (errors.ProviderUnavailable("x"), Fate.PAUSE),
        (errors.TransientError("x"), Fate.RETRY),
        (errors.NotYet("x", 1.0), Fate.RETRY),
        (errors.InTurn("x", 1.0), Fate.RETRY),
        (errors.PermanentError("x"), Fate.SET_ASIDE),
        (errors.Undecodable("x"), Fate.SET_ASIDE),
        (errors.RetriesExhausted("x"), Fate.SET_ASIDE),
        (errors.Conflict("x"), Fate.SET_ASIDE),
        (KeyError("x"), Fate.SET_ASIDE),
        (RecursionError(), Fate.SET_ASIDE),
        (TimeoutError(), Fate.SET_ASIDE),
    ],
)
def test_an_error_means_to_wait_to_try_later_or_to_set_aside(error: Exception, fate: Fate) -> None:
    assert classify(error) is fate


@given(ALL_ERRORS)
def test_every_error_of_ours_has_a_meaning(kind: type[Exception]) -> None:
    assert classify(kind("x")) in Fate


@given(st.floats(30, 1e6))
def test_who_waits_for_their_turn_comes_back_no_later_than_that(seconds: float) -> None:
    rest = RETRY_TIERS[waiting_tier(seconds)].total_seconds()
    assert rest <= seconds
    assert all(
        each.total_seconds() <= rest or each.total_seconds() > seconds for each in RETRY_TIERS.values()
    )


def test_nobody_rests_for_less_than_the_shortest_tier() -> None:
    assert waiting_tier(0.5) == "30s"


def test_a_record_rests_longer_each_time_and_then_no_more() -> None:
    tiers = [next_tier(attempts) for attempts in range(4)]
    assert tiers == ["30s", "5m", "1h", None]
    rests = [RETRY_TIERS[tier] for tier in tiers if tier]
    assert rests == sorted(rests)


def test_a_forged_count_of_attempts_ends_the_retries() -> None:
    assert next_tier(-1) is None
    assert next_tier(10**9) is None


class TestLimitOfOnePartition:
    def test_nineteen_in_a_row_are_borne_and_twenty_are_not(self) -> None:
        assert not told(*[True] * (IN_A_ROW - 1)).reached
        assert told(*[True] * IN_A_ROW).reached

    def test_one_good_record_breaks_the_row(self) -> None:
        assert not told(*[True] * (IN_A_ROW - 1), False, *[True] * (IN_A_ROW - 1)).reached

    def test_fifty_of_the_last_thousand_are_borne_and_fifty_one_are_not(self) -> None:
        scattered = [True, False] * 50
        assert not told(*scattered).reached
        assert told(*scattered, True).reached

    def test_what_lies_a_thousand_records_back_no_longer_counts(self) -> None:
        limit = told(*[True, False] * 50, *[False] * (WINDOW - 100))
        assert len(limit.dead) == 50
        assert len(limit.after(dead=False).dead) == 49
        assert not limit.after(dead=True).reached, "the first of the fifty has just left the window"
        assert told(*[True, False] * 50, *[False] * (WINDOW - 101), True).reached


@given(st.lists(st.booleans(), max_size=300))
def test_it_counts_as_one_counts_by_hand(fates: list[bool]) -> None:
    limit = told(*fates)
    row = next((n for n, dead in enumerate(reversed(fates)) if not dead), len(fates))
    assert limit.in_a_row == row
    assert len(limit.dead) == sum(fates[-WINDOW:])
    assert limit.reached == (row >= IN_A_ROW or sum(fates[-WINDOW:]) > 50)


@given(st.lists(st.booleans(), max_size=100))
def test_a_dead_letter_never_brings_it_further_from_its_limit(fates: list[bool]) -> None:
    limit = told(*fates)
    if limit.reached:
        assert limit.after(dead=True).reached


class TestLimitsOfAConsumer:
    def spoilt(self, *partitions: Partition) -> Limits:
        limits = Limits()
        for partition in partitions:
            for _ in range(IN_A_ROW):
                limits.tell(partition, dead=True)
        return limits

    def test_nothing_is_halted_at_first(self) -> None:
        assert not Limits().halts(HERE)
        assert not Limits().halted

    def test_one_bad_partition_halts_itself_alone(self) -> None:
        limits = self.spoilt(HERE)
        limits.tell(THERE, dead=False)
        assert limits.halts(HERE)
        assert not limits.halts(THERE)
        assert limits.halted == {HERE}

    def test_a_second_one_halts_all_for_then_the_fault_is_ours(self) -> None:
        limits = self.spoilt(HERE, THERE)
        assert limits.halts(ELSEWHERE)
        assert limits.halted == {HERE, THERE}

    def test_a_copy_goes_its_own_way(self) -> None:
        limits = self.spoilt()
        copy = limits.copy()
        for _ in range(IN_A_ROW):
            copy.tell(HERE, dead=True)
        assert copy.halts(HERE)
        assert not limits.halts(HERE)
        assert copy.copy().halts(HERE)

    def test_a_good_record_does_not_wake_a_halted_partition(self) -> None:
        limits = self.spoilt(HERE)
        limits.tell(HERE, dead=False)
        assert limits.halts(HERE)
