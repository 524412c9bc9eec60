from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain import seats
from services.events.domain.roll import Entry, Roll, Seat
from services.events.domain.seats import Asking, Holding
from services.events.domain.webinar import Webinar
from shared.contracts.gateway import ChatKind
from shared.contracts.webinars import RegistrationConfirmed, RegistrationOffered
from tests.support.events import member_id
from tests.support.webinars import NOW, SCOPE, Group

STARTS = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)
HOLDING = Holding(dt.timedelta(hours=2), dt.timedelta(minutes=15))
SOON = dt.timedelta(minutes=1)


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


async def full(group: Group, seats_: int = 2) -> int:
    """Return the number of a session whose seats are all taken, by members 1 and on."""
    number = await group.calls(f"SEO वेबिनार कल शाम साढ़े सात बजे {seats_} सीट")
    for member in range(1, seats_ + 1):
        await group.writes(f"!शामिल {number}", by=member)
    return number


def seat(group: Group, number: int, member: int) -> Seat | None:
    entry = group.entry(number, member)
    return entry.seat if entry else None


async def test_b2_03_who_comes_third_to_two_seats_hears_their_place(group: Group) -> None:
    number = await full(group)

    said = await group.writes(f"!शामिल {number}", by=3)

    assert said == "अभी जगह भरी है, आप प्रतीक्षा सूची में पहले नंबर पर हैं।"


async def test_b2_03_a_seat_that_becomes_free_is_offered_to_the_first_with_a_deadline_then_to_the_next(
    group: Group,
) -> None:
    number = await full(group)
    for member in (3, 4):
        await group.writes(f"!शामिल {number}", by=member)

    await group.writes(f"!नहीं {number}", by=1)

    offered = group.village.heard(RegistrationOffered)
    assert [each.member_id for each in offered] == [member_id(3)]
    assert offered[0].until == group.village.now + dt.timedelta(hours=2)

    await group.village.passes(hours=2)

    assert [each.member_id for each in group.village.heard(RegistrationOffered)] == [
        member_id(3),
        member_id(4),
    ]
    assert seat(group, number, 3) is Seat.DECLINED

    await group.writes(f"!शामिल {number}", by=4)
    assert seat(group, number, 4) is Seat.CONFIRMED
    await group.village.passes(hours=3)
    assert seat(group, number, 4) is Seat.CONFIRMED


async def test_b2_03_no_offer_is_made_after_the_cutoff_or_after_the_start(group: Group) -> None:
    number = await full(group)
    for member in (3, 4):
        await group.writes(f"!शामिल {number}", by=member)

    await group.village.until(STARTS - dt.timedelta(minutes=14))
    await group.writes(f"!नहीं {number}", by=1)
    await group.village.until(STARTS + SOON)
    await group.writes(f"!नहीं {number}", by=2)

    assert group.village.heard(RegistrationOffered) == []


async def test_b2_03_a_hold_never_lasts_beyond_the_cutoff(group: Group) -> None:
    number = await full(group)
    await group.writes(f"!शामिल {number}", by=3)
    await group.village.until(STARTS - dt.timedelta(minutes=45))

    await group.writes(f"!नहीं {number}", by=1)

    (offer,) = group.village.heard(RegistrationOffered)
    assert offer.until == STARTS - dt.timedelta(minutes=15)


async def test_from_the_cutoff_on_a_free_seat_goes_to_whoever_asks(group: Group) -> None:
    number = await full(group)
    await group.writes(f"!शामिल {number}", by=3)
    await group.village.until(STARTS - dt.timedelta(minutes=10))
    await group.writes(f"!नहीं {number}", by=1)

    assert "पक्की" in await group.writes(f"!शामिल {number}", by=4)
    assert "प्रतीक्षा" in await group.writes(f"!शामिल {number}", by=5)


async def test_who_leaves_the_queue_makes_all_behind_move_up(group: Group) -> None:
    number = await full(group)
    for member in (3, 4, 5):
        await group.writes(f"!शामिल {number}", by=member)

    await group.writes(f"!नहीं {number}", by=3)

    assert "दूसरे" in await group.writes(f"!शामिल {number}", by=5)


async def test_more_seats_are_offered_to_as_many_who_wait(group: Group) -> None:
    number = await full(group)
    for member in (3, 4, 5):
        await group.writes(f"!शामिल {number}", by=member)

    await group.writes(f"!कार्यक्रम बदलें {number} 4 सीट")
    await group.writes("हाँ")

    assert [each.member_id for each in group.village.heard(RegistrationOffered)] == [
        member_id(3),
        member_id(4),
    ]


async def test_the_reply_comes_once_where_the_member_asked(group: Group) -> None:
    number = await full(group)
    await group.writes("नमस्ते", by=9)
    before = len(group.village.said)

    await group.writes(f"!शामिल {number}", by=9, chat=5, chat_kind=ChatKind.DIRECT)

    (said,) = group.village.said[before:]
    assert said.chat_id.endswith("5")


async def test_ten_thousand_who_race_for_a_hundred_seats_give_a_hundred_and_an_ordered_queue() -> None:
    webinar = a_webinar(100)
    roll = Roll(webinar.webinar_id)
    for number in range(10_000):
        roll = seats.take(roll, webinar, Asking(member_id(number), "c", NOW), HOLDING)

    assert roll.taken == len(roll.having(Seat.CONFIRMED)) == 100
    assert roll.queue == tuple(member_id(number) for number in range(100, 10_000))


async def test_registrations_through_the_whole_service_fill_the_seats_and_then_the_queue(
    group: Group,
) -> None:
    number = await full(group, 20)
    for member in range(21, 121):
        await group.writes(f"!शामिल {number}", by=member)

    assert len(group.village.heard(RegistrationConfirmed)) == 20
    roll = group.rolls.kept[f"{SCOPE}#{number}"]
    assert roll.queue == tuple(member_id(member) for member in range(21, 121))


def a_webinar(capacity: int | None) -> Webinar:
    return Webinar(
        webinar_id=f"{SCOPE}#1",
        scope=SCOPE,
        number=1,
        chat_id="c",
        title="SEO",
        wall="2026-11-24T19:30:00",
        zone="Asia/Kolkata",
        starts_at=STARTS,
        minutes=60,
        host=None,
        created_at=NOW,
        changed_at=NOW,
        capacity=capacity,
    )


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "leave", "offer", "expire"]), st.integers(1, 8), st.integers(0, 1700)),
    max_size=40,
)


@given(STEPS, st.integers(1, 4))
def test_seats_and_queue_stay_true_whatever_happens(
    steps: Sequence[tuple[str, int, int]], capacity: int
) -> None:
    webinar, roll = a_webinar(capacity), Roll("x")
    minutes = 0
    for what, who, gap in steps:
        minutes += gap
        roll = step(roll, webinar, what, member_id(who), NOW + dt.timedelta(minutes=minutes))
        kinds: dict[Seat, list[str]] = {}
        for member, entry in roll.entries.items():
            kinds.setdefault(entry.seat, []).append(member)
        held = [*kinds.get(Seat.CONFIRMED, []), *kinds.get(Seat.OFFERED, [])]
        assert roll.taken == len(held) <= capacity
        assert sorted(roll.queue) == sorted(kinds.get(Seat.WAITING, []))
        assert len(set(roll.queue)) == len(roll.queue)


def step(roll: Roll, webinar: Webinar, what: str, member: str, now: dt.datetime) -> Roll:
    match what:
        case "take":
            return seats.take(roll, webinar, Asking(member, "c", now), HOLDING)
        case "leave":
            return seats.leave(roll, member, now)
        case "offer":
            changed, offers = seats.offer(roll, webinar, HOLDING, now)
            assert all(now < each.until <= STARTS - HOLDING.cutoff for each in offers)
            assert [each.member_id for each in offers] == list(roll.queue[: len(offers)])
            return changed
        case _:
            entry: Any = roll.of(member)
            late = isinstance(entry, Entry) and entry.seat is Seat.OFFERED
            return seats.leave(roll, member, now) if late else roll
