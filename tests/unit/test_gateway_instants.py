from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.instants import instant

AT = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
UNIX = int(AT.timestamp())
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["low", "high", "seconds"]), inner),
    max_leaves=4,
)


@pytest.mark.parametrize(
    "written",
    [
        UNIX,
        str(UNIX),
        float(UNIX),
        UNIX * 1000,
        str(UNIX * 1000),
        UNIX * 10**6,
        UNIX * 10**9,
        {"low": UNIX, "high": 0, "unsigned": True},
        {"low": UNIX},
        {"low": (UNIX * 1000) % 2**32, "high": (UNIX * 1000) >> 32},
        {"low": (UNIX * 1000) % 2**32 - 2**32, "high": (UNIX * 1000) >> 32},
        "2026-11-23T08:00:00Z",
        "2026-11-23T08:00:00.000000000Z",
        "2026-11-23T13:30:00+05:30",
        "2026-11-23 08:00:00",
    ],
    ids=str,
)
def test_one_instant_is_read_in_every_way_it_is_written(written: Any) -> None:
    assert instant(written) == AT


def test_fractions_of_a_second_are_kept() -> None:
    assert instant(UNIX + 0.5) == instant(UNIX * 1000 + 500) == AT + dt.timedelta(milliseconds=500)
    assert instant("2026-11-23T08:00:00.500+00:00") == AT + dt.timedelta(milliseconds=500)


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        True,
        0,
        -1,
        "",
        "soon",
        "1e400",
        float("nan"),
        float("inf"),
        10**400,
        [],
        {},
        {"low": "1"},
        {"low": True, "high": False},
        {"low": UNIX, "high": None},
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-23T08:00:00Z" + " " * 64,
    ],
    ids=lambda nonsense: ascii(nonsense)[:30],
)
def test_what_is_no_time_is_none(nonsense: Any) -> None:
    assert instant(nonsense) is None


@given(JSON)
def test_whatever_stands_there_is_a_time_after_the_epoch_or_none(value: object) -> None:
    at = instant(value)
    assert at is None or (at.timestamp() > 0 and at.tzinfo is dt.UTC)


@given(st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2100, 1, 1), timezones=st.just(INDIA)))  # noqa: DTZ001
def test_words_and_numbers_mean_the_same(at: dt.datetime) -> None:
    at = at.replace(microsecond=0)
    assert instant(at.isoformat()) == instant(int(at.timestamp())) == at
