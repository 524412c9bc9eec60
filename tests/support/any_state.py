"""Any state that a dataclass can hold, for tests of what keeps states."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime as dt
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from services.moderation.domain.policy.document import DEFAULT, Policy, Step
from tests.support.moderation import policy

# What UTF-8 can carry; a key must not hold the character that ends it in a document.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_EARLIEST = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
_LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    bool: st.booleans(),
    int: st.sampled_from([0, 1, 2**31, 2**63 - 1]) | st.integers(0, 2**63 - 1),
    float: st.floats(allow_nan=False),
    # The store keeps milliseconds.
    dt.datetime: st.datetimes(min_value=_EARLIEST, timezones=st.just(dt.UTC)).map(
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    ),
    type(None): st.none(),
    Step: st.sampled_from(DEFAULT.document.ladder.steps),
    Policy: st.sampled_from([DEFAULT, policy(language="en", experts=["m_" + "0" * 20])]),
}


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a type: every field of a dataclass, every member of an enumeration."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in _LEAVES:
        return _LEAVES[hint]
    if origin in {Union, types.UnionType}:
        return st.one_of(*map(any_of, parts))
    if origin is tuple:
        return st.lists(any_of(parts[0]), max_size=3).map(tuple)
    if origin is frozenset:
        return st.frozensets(any_of(parts[0]), max_size=3)
    if origin is collections.abc.Mapping:
        return st.dictionaries(any_of(parts[0]), any_of(parts[1]), max_size=3)
    return _named(hint)


def _named(hint: type[Any]) -> st.SearchStrategy[Any]:
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{each.name: any_of(hints[each.name]) for each in dataclasses.fields(hint)})
    raise TypeError(f"Nothing is known of {hint}.")
