"""Whatever way the messages about a session come in, it ends as what was written says."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.events.domain.roll import Seat
from shared.contracts.envelope import Envelope
from shared.contracts.webinars import AttendanceRecorded
from tests.support.events import member_id
from tests.support.moderation import writes
from tests.support.webinars import CODES, NOW, Group

MEMBERS, SESSIONS = 5, 2
IN = frozenset({Seat.CONFIRMED, Seat.OFFERED, Seat.WAITING})

_SAID = st.lists(
    st.tuples(st.integers(1, MEMBERS), st.integers(1, SESSIONS), st.booleans()), min_size=1, max_size=14
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[Mapping[tuple[int, int], bool], Sequence[Envelope[Any]]]:
    """Return who wants to come to what in the end, and the messages, some of them twice, in any order."""
    said = draw(_SAID)
    wanted = {(member, session): joins for member, session, joins in said}
    messages = [
        writes(
            at,
            f"!{'शामिल' if joins else 'नहीं'} {session}",
            by=member,
            at=NOW + dt.timedelta(minutes=1, seconds=at),
        )
        for at, (member, session, joins) in enumerate(said, 1)
    ]
    again = draw(st.lists(st.sampled_from(messages), max_size=6))
    return wanted, draw(st.permutations([*messages, *again]))


async def _heard(seats: str, stream: Sequence[Envelope[Any]]) -> Group:
    group = await Group().begin()
    for session in range(1, SESSIONS + 1):
        assert await group.calls(f"SEO सत्र {session} कल शाम साढ़े सात बजे {seats}") == session
    await group.village.happens(*stream)
    return group


@given(streams())
def test_messages_that_come_doubled_and_in_any_order_leave_everybody_where_they_last_wanted_to_be(
    stream: tuple[Mapping[tuple[int, int], bool], Sequence[Envelope[Any]]],
) -> None:
    wanted, messages = stream
    group = asyncio.run(_heard("", messages))
    for session in range(1, SESSIONS + 1):
        for member in range(1, MEMBERS + 1):
            entry = group.entry(session, member)
            has = entry is not None and entry.seat is Seat.CONFIRMED
            assert has is wanted.get((member, session), False)


@given(streams(), st.integers(1, 3))
def test_with_few_seats_everybody_who_wants_one_has_it_or_waits_once_and_nobody_else_does(
    stream: tuple[Mapping[tuple[int, int], bool], Sequence[Envelope[Any]]], capacity: int
) -> None:
    wanted, messages = stream
    group = asyncio.run(_heard(f"{capacity} सीट", messages))
    for session in range(1, SESSIONS + 1):
        roll = group.rolls.kept.get(group.webinar(session).webinar_id)
        entries = roll.entries if roll is not None else {}
        held = [each for each in entries.values() if each.seat in {Seat.CONFIRMED, Seat.OFFERED}]
        waiting = {name for name, each in entries.items() if each.seat is Seat.WAITING}
        inside = {name for name, each in entries.items() if each.seat in IN}
        assert inside == {
            member_id(who) for (who, which), joins in wanted.items() if which == session and joins
        }
        if roll is not None:
            assert roll.taken == len(held) <= capacity
            assert set(roll.queue) == waiting
            assert len(roll.queue) == len(waiting)


@given(
    st.lists(st.tuples(st.integers(1, MEMBERS), st.booleans()), min_size=1, max_size=10),
    st.randoms(use_true_random=False),
)
def test_of_codes_that_come_doubled_and_in_any_order_each_person_who_wrote_it_was_there_once(
    said: list[tuple[int, bool]], shuffle: Any
) -> None:
    async def story() -> Group:
        group = await _heard("", ())
        webinar = group.webinar(1)
        await group.village.until(webinar.starts_at + dt.timedelta(minutes=5))
        right = CODES.attendance(webinar)
        wrong = f"{(int(right) + 1) % 10_000:04}"
        messages = [
            writes(1000 + at, f"!हाज़िर {right if knows else wrong}", by=who, at=group.village.now)
            for at, (who, knows) in enumerate(said)
        ]
        messages += messages[::2]
        shuffle.shuffle(messages)
        await group.village.happens(*messages)
        return group

    group = asyncio.run(story())
    roll = group.rolls.kept.get(group.webinar(1).webinar_id)
    there = {member_id(who) for who, knows in said if knows}
    blocked = {member_id(who) for who, _ in said if _wrong(said, who) >= WRONG_TRIES}
    attended = set(roll.attended) if roll is not None else set[str]()
    assert attended <= there
    assert there - blocked <= attended
    recorded = [each.member_id for each in group.village.heard(AttendanceRecorded)]
    assert sorted(recorded) == sorted(attended)


WRONG_TRIES = 5


def _wrong(said: Sequence[tuple[int, bool]], who: int) -> int:
    """Return how often somebody wrote a wrong code, with those that come twice."""
    return 2 * sum(1 for each, knows in said if each == who and not knows)
