from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.pacing import RECOVERY_SECONDS, SLOWEST, Brake, Bucket, Pace, jitter
from services.gateway.sending.pacer import BULK_REST_SECONDS, PROBE_SECONDS, Pacer

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
