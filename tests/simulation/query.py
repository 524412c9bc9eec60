"""As much of the database's query language as the runtime uses."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Document = dict[str, Any]

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "$lt": operator.lt,
    "$lte": operator.le,
    "$gt": operator.gt,
    "$gte": operator.ge,
}


def matches(document: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    """Return whether `document` is one that `query` asks for."""
    return all(_meets(document.get(name), wanted) for name, wanted in query.items())


def _meets(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    return all(_holds(value, name, operand) for name, operand in wanted.items())


def _holds(value: Any, name: str, operand: Any) -> bool:
    if name == "$in":
        return value in operand
    if name == "$ne":
        return bool(value != operand)
    if name == "$exists":
        return (value is not None) is bool(operand)
    # Values of another type, and missing ones, are neither above nor below.
    return isinstance(value, type(operand)) and _COMPARE[name](value, operand)


def ordered(documents: list[Document], by: Sequence[tuple[str, int]]) -> list[Document]:
    """Return `documents` in the order of `by`, the first field counting most."""
    for name, direction in reversed(by):
        documents = sorted(documents, key=lambda each: each[name], reverse=direction < 0)
    return documents


def changed(found: Document | None, query: Mapping[str, Any], update: Mapping[str, Any]) -> Document:
    """Return the document after `update`; where none was found, the one that an upsert makes.

    Raises:
        KeyError: an operator that nobody has needed so far.
    """
    plain = {name: value for name, value in query.items() if not isinstance(value, Mapping)}
    document = dict(found) if found is not None else plain
    for name, fields in update.items():
        for field, value in fields.items():
            match name:
                case "$set":
                    document[field] = value
                case "$setOnInsert":
                    if found is None:
                        document[field] = value
                case "$inc":
                    document[field] = document.get(field, 0) + value
                case "$unset":
                    document.pop(field, None)
                case _:
                    raise KeyError(name)
    return document
