from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.pacing import DAY, RECOVERY_SECONDS, SLOWEST, Brake, Bucket, Pace, jitter
from services.gateway.sending.pacer import (
    BULK_REST_SECONDS,
    LONG_SECONDS,
    PROBE_SECONDS,
    RESTRICTED_REST_SECONDS,
    Pacer,
)

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def ids(count: int) -> list[str]:
    return [str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))) for number in range(count)]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200), st.integers(1, 20))
def test_no_stretch_of_time_sees_more_than_the_pace_and_the_burst(arrivals, burst):
    bucket, gone = Bucket(), []
    for now in sorted(arrivals):
        at, bucket = bucket.book(now, 0.5, burst)
        assert at >= now
        gone.append(at)
    assert gone == sorted(gone)
    for first, begin in enumerate(gone):
        for count, end in enumerate(gone[first:], 1):
            assert count <= burst + (end - begin) / 0.5 + 1e-6


def test_80_a_second_means_80_a_second():
    pacer = Pacer({"main": Pace(80.0, burst=20.0)})
    waits = [pacer.wait(each, "main", NOW) for each in ids(100)]
    assert waits[:20] == [0.0] * 20
    assert waits[-1] == pytest.approx(1.0, abs=0.001)


def test_a_place_is_kept_until_the_message_goes():
    pacer = Pacer({"main": Pace(1.0)})
    first, second, third = ids(3)
    assert [pacer.wait(each, "main", NOW) for each in (first, second)] == [0.0, 1.0]
    assert pacer.wait(second, "main", NOW) == 1.0
    assert pacer.wait(second, "main", NOW + 5 * SECOND) == 0.0
    pacer.gone(second)
    assert pacer.wait(third, "main", NOW) == 2.0


def test_one_person_gets_45_at_once_and_then_one_in_six_seconds():
    pacer = Pacer({"main": Pace(1000.0, burst=1000.0, pair_seconds=6.0, pair_burst=45.0)})
    waits = [pacer.wait(each, "main", NOW, person="c_1") for each in ids(47)]
    assert waits[:45] == [0.0] * 45
    assert waits[45:] == [6.0, 12.0]
    assert pacer.wait(str(uuid.uuid4()), "main", NOW, person="c_2") == 0.0
    assert pacer.wait(str(uuid.uuid4()), "main", NOW) == 0.0


def test_an_account_that_was_too_fast_is_slower_and_recovers():
    pacer = Pacer({"main": Pace(10.0)})
    pacer.slower("main", NOW)
    waits = [pacer.wait(each, "main", NOW) for each in ids(3)]
    assert waits == pytest.approx([0.0, 0.2, 0.4])
    brake = Brake().harder(0.0)
    assert [brake.at(0.0), brake.at(RECOVERY_SECONDS), brake.at(1e12)] == [0.5, 1.0, 1.0]


def test_no_complaint_stops_an_account():
    brake = Brake()
    for _ in range(100):
        brake = brake.harder(0.0)
    assert brake.at(0.0) == SLOWEST


def test_x13_a_bridge_sends_so_many_an_hour():
    pacer = Pacer({"main": Pace(1000.0, burst=1000.0, per_hour=3)})
    ours = ids(5)
    assert [pacer.wait(each, "main", NOW) for each in ours[:3]] == [0.0, 0.0, 0.0]
    assert pacer.wait(ours[3], "main", NOW + 60 * SECOND) == 3540.0
    assert pacer.wait(ours[4], "main", NOW, urgent=True) == 0.0
    assert pacer.wait(ours[3], "main", NOW + 3601 * SECOND) == 0.0


@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 60))
def test_x13_a_new_number_may_send_more_each_day_until_it_may_send_all(first, full, days):
    pace = Pace(1.0, per_hour=full, first_per_hour=first, warmup_days=days)
    caps = [pace.hourly(day * DAY) or 0 for day in range(days + 2)]
    assert caps[0] == (min(first, full) if days else full)
    assert caps == sorted(caps)
    assert caps[days:] == [full, full]
    assert pace.hourly(-DAY) == caps[0]
    assert Pace(1.0, first_per_hour=first, warmup_days=days).hourly(0) is None


def test_x13_a_new_number_begins_with_its_first_message_and_an_old_one_does_not_begin_again():
    pace = Pace(1000.0, burst=1000.0, per_hour=8, first_per_hour=2, warmup_days=2)
    pacer = Pacer({"new": pace, "old": pace}, {"old": NOW - 2 * DAY * SECOND})
    ours = ids(20)
    assert [pacer.wait(each, "new", NOW) for each in ours[:3]] == [0.0, 0.0, 3600.0]
    assert [pacer.wait(each, "old", NOW) for each in ours[10:19]] == [0.0] * 8 + [3600.0]
    tomorrow = NOW + DAY * SECOND
    assert [pacer.wait(each, "new", tomorrow) for each in ours[2:7]] == [0.0] * 4 + [3600.0]


@given(st.integers(1, 24), st.integers(24, 400))
def test_processes_that_share_the_chats_share_the_pace(processes, per_hour):
    pace = Pace(80.0, burst=20.0, per_hour=per_hour)
    sent = 0
    for process in range(processes):
        pacer = Pacer({"main": pace}, share=lambda: 1 / processes)
        ours = [str(uuid.uuid5(uuid.NAMESPACE_OID, f"{process}/{number}")) for number in range(per_hour + 1)]
        sent += sum(pacer.wait(each, "main", NOW) < 3600.0 for each in ours)
    assert per_hour - processes < sent <= per_hour


def test_a_process_with_half_of_the_chats_sends_half_as_fast():
    pacer = Pacer({"main": Pace(80.0, burst=20.0)}, share=lambda: 0.5)
    waits = [pacer.wait(each, "main", NOW) for each in ids(50)]
    assert waits[:10] == [0.0] * 10
    assert waits[-1] == pytest.approx(1.0, abs=0.001)


def test_who_gets_a_smaller_share_waits_until_it_is_free_again():
    owned = [1.0]
    pacer = Pacer({"main": Pace(1000.0, burst=1000.0, per_hour=4)}, share=lambda: owned[0])
    for number, each in enumerate(ids(4)):
        assert pacer.wait(each, "main", NOW + number * SECOND) == 0.0
    owned[0] = 0.5
    late = str(uuid.uuid4())
    assert pacer.wait(late, "main", NOW + 10 * SECOND) == 3600 + 2 - 10
    assert pacer.wait(late, "main", NOW + 3602 * SECOND) == 0.0


@given(st.uuids(version=5), st.floats(0, 60))
def test_jitter_is_within_bounds_and_always_the_same(send_id, seconds):
    assert 0 <= jitter(str(send_id), seconds) == jitter(str(send_id), seconds) <= seconds


def test_jitter_differs_between_messages():
    pacer = Pacer({"main": Pace(1000.0, burst=1000.0, jitter_seconds=3.0)})
    waits = [pacer.wait(each, "main", NOW) for each in ids(50)]
    assert len(set(waits)) > 40
    assert 0 <= min(waits) < 1
    assert 2 < max(waits) <= 3


def test_after_complaints_only_what_was_asked_for_goes_out():
    pacer = Pacer({"main": Pace(1000.0, burst=1000.0)})
    pacer.rest_bulk("main", NOW)
    bulk, reply = ids(2)
    assert pacer.wait(bulk, "main", NOW, bulk=True) == BULK_REST_SECONDS
    assert pacer.wait(reply, "main", NOW) == 0.0
    assert pacer.wait(bulk, "main", NOW + BULK_REST_SECONDS * SECOND, bulk=True) == 0.0


def test_after_a_warning_a_number_rests_longer_and_a_complaint_does_not_shorten_it():
    pacer = Pacer({"main": Pace(1000.0, burst=1000.0)})
    pacer.rest_bulk("main", NOW, RESTRICTED_REST_SECONDS)
    pacer.rest_bulk("main", NOW)
    assert pacer.wait(str(uuid.uuid4()), "main", NOW, bulk=True) == RESTRICTED_REST_SECONDS


def test_an_account_is_refused_for_long_once_it_is_a_minute():
    pacer = Pacer({"main": Pace(1.0)})
    assert not pacer.long_closed("main", NOW)
    for seconds in range(0, int(LONG_SECONDS), 2):
        pacer.refused("main", NOW + seconds * SECOND)
        assert not pacer.long_closed("main", NOW + seconds * SECOND)
    assert pacer.long_closed("main", NOW + LONG_SECONDS * SECOND)
    pacer.taken("main")
    assert not pacer.long_closed("main", NOW + LONG_SECONDS * SECOND)


def test_a_refused_account_is_asked_now_and_then():
    pacer = Pacer({"main": Pace(1.0)})
    assert not pacer.closed("main", NOW)
    pacer.refused("main", NOW)
    later = NOW + PROBE_SECONDS * SECOND
    assert [pacer.closed("main", at) for at in (NOW, later, later)] == [True, False, True]
    pacer.taken("main")
    assert not pacer.closed("main", NOW)


def test_memory_is_bounded():
    pacer = Pacer({"main": Pace(1e9, burst=1e9, pair_seconds=6.0)})
    for number in range(11_000):
        pacer.wait(str(uuid.UUID(int=number << 96)), "main", NOW, person=f"c_{number}")
    assert len(pacer._pairs) <= 10_000
    assert len(pacer._booked) <= 2_000
