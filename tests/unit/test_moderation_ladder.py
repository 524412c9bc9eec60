"""The ladder: restriction and removal are read off the strikes, so what is taken back leaves no trace."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.members.ladder import KEPT, derive, replay, rung_of, step_for, strike, undo
from services.moderation.domain.members.standing import Restriction, Standing, Strike
from services.moderation.domain.policy.document import Ladder, Step, StepKind
from tests.support.moderation import NOW, later

STEPS = Ladder().steps
SCOPE = "community:seekho"


def given_strike(
    number: int, *, hours: float = 0, points: int = 1, until: dt.datetime | None = None
) -> Strike:
    at = later(hours=hours)
    return Strike(f"{SCOPE}#{number}", points, at, at + dt.timedelta(days=30), STEPS, until)


def standing(*strikes: Strike) -> Standing:
    found = Standing(SCOPE, "m_1")
    for each in strikes:
        found = strike(found, each)
    return found


STRIKES = st.lists(
    st.builds(
        given_strike,
        st.integers(1, 12),
        hours=st.integers(0, 24 * 60),
        points=st.integers(0, 3),
        until=st.none() | st.integers(1, 24 * 90).map(lambda hours: later(hours=hours)),
    ),
    max_size=10,
    unique_by=lambda each: each.case,
)


def test_b5_03_one_point_warns_two_restrict_three_remove() -> None:
    first, second, third = (given_strike(number, hours=number) for number in (1, 2, 3))
    assert [rung.kind for rung in replay((first, second, third))] == [
        StepKind.WARN,
        StepKind.RESTRICT,
        StepKind.REMOVE,
    ]
    assert standing(first).restriction is None
    assert standing(first, second).restriction == Restriction(second.case, later(hours=2 + 24))
    assert standing(first, second, third).removed_by == third.case


def test_b5_03_each_rung_cites_the_earlier_cases_that_counted() -> None:
    first, second, third = (given_strike(number, hours=number) for number in (1, 2, 3))
    assert [rung.cites for rung in replay((third, first, second))] == [
        (),
        (first.case,),
        (first.case, second.case),
    ]


def test_b5_02_a_strike_past_its_date_counts_no_more() -> None:
    old, new = given_strike(1), given_strike(2, hours=24 * 30)
    known = standing(old, new)
    assert standing(old).points(later(days=29)) == 1
    assert standing(old).points(later(days=30)) == 0
    assert known.points(later(days=30)) == 1, "the old one ends the moment the new one begins"
    assert known.restriction is None
    assert [rung.points for rung in replay(known.strikes)] == [1, 1]


def test_a_later_policy_changes_nothing_about_what_has_happened() -> None:
    strict = (Step(at=1, kind=StepKind.REMOVE, hours=None),)
    mild = given_strike(1)
    assert standing(mild, given_strike(2, hours=24 * 40)).removed_by is None
    hard = Strike(mild.case, 1, mild.at, mild.expires, strict)
    assert standing(hard).removed_by == hard.case


def test_a_persons_order_restricts_without_points_and_takes_nobody_further() -> None:
    first = given_strike(1)
    order = given_strike(2, hours=1, points=0, until=later(hours=8))
    known = standing(first, order)
    assert known.restriction == Restriction(order.case, later(hours=8))
    assert known.points(later(hours=2)) == 1
    assert known.removed_by is None
    rung = rung_of(known, order.case)
    assert rung is not None
    assert rung.kind is StepKind.RESTRICT


def test_the_longest_restriction_holds() -> None:
    first, second = given_strike(1), given_strike(2, hours=1)
    order = given_strike(3, hours=2, points=0, until=later(hours=3))
    assert standing(first, second, order).restriction == Restriction(second.case, later(hours=25))


def test_a_step_is_the_furthest_that_the_points_reach() -> None:
    assert step_for(0, STEPS) is None
    assert step_for(7, STEPS) == STEPS[-1]
    assert step_for(2, tuple(reversed(STEPS))) == STEPS[1]
    assert step_for(2, ()) is None


def test_a_member_who_cannot_be_removed_has_no_endless_history() -> None:
    known = standing(*(given_strike(number, hours=number) for number in range(KEPT + 20)))
    assert len(known.strikes) == KEPT
    assert known.strikes[-1].case == f"{SCOPE}#{KEPT + 19}"


@given(STRIKES.flatmap(lambda strikes: st.tuples(st.just(strikes), st.permutations(strikes))))
def test_the_order_in_which_strikes_become_known_does_not_matter(
    orders: tuple[list[Strike], list[Strike]],
) -> None:
    assert standing(*orders[0]) == standing(*orders[1])


@given(STRIKES, st.integers(1, 24 * 60), st.integers(0, 3))
def test_b5_10_a_strike_undone_is_as_if_it_had_never_been(
    strikes: list[Strike], hours: int, points: int
) -> None:
    extra = given_strike(99, hours=hours, points=points, until=later(days=80))
    before = standing(*strikes)
    assert undo(strike(before, extra), extra.case) == before
    # Taken away in the middle, what came after it is counted anew.
    assert undo(standing(extra, *strikes), extra.case) == before


@given(STRIKES)
def test_what_is_derived_is_derived_again(strikes: list[Strike]) -> None:
    known = standing(*strikes)
    assert derive(known) == known
    assert all(strike(known, each) == known for each in known.strikes)


@given(STRIKES)
def test_nobody_is_restricted_by_points_after_the_last_restriction_of_the_replay(
    strikes: list[Strike],
) -> None:
    known = standing(*strikes)
    ends = [rung.restricted_until for rung in replay(known.strikes) if rung.restricted_until is not None]
    assert known.restricted(NOW) == any(end > NOW for end in ends)
    assert (known.removed_by is None) == all(
        rung.kind is not StepKind.REMOVE for rung in replay(known.strikes)
    )
