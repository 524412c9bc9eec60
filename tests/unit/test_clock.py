from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from shared.clock import DEFAULT_ZONE, FixedClock, SystemClock


def test_the_time_is_told_in_utc():
    now = SystemClock().now()
    assert now.utcoffset() == dt.timedelta(0)
    assert abs(now - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_a_fixed_clock_stands_still_until_it_is_moved():
    clock = FixedClock(dt.datetime(2026, 11, 5, 12, tzinfo=DEFAULT_ZONE))
    assert clock.now() == clock.now() == dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)
    clock.advance(dt.timedelta(hours=1))
    assert clock.now() == dt.datetime(2026, 11, 5, 7, 30, tzinfo=dt.UTC)


def test_the_default_zone_is_that_of_the_community():
    assert ZoneInfo("Asia/Kolkata") == DEFAULT_ZONE
