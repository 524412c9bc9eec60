from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared import errors
from shared.errors import ChaupalError, DependencyAway, NotYet, PermanentError, Rejected, TransientError


def kinds(base: type[ChaupalError]) -> Iterator[type[ChaupalError]]:
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from kinds(kind)


EVERY: list[type[ChaupalError]] = [ChaupalError, *kinds(ChaupalError)]


def test_each_error_has_a_code_of_its_own():
    codes = [kind.code for kind in EVERY]
    assert len(codes) == len(set(codes))
    assert all(code.isidentifier() and code.islower() for code in codes)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_each_error_carries_a_sentence_for_a_person(kind):
    error = kind("It rained.", 2.0) if issubclass(kind, NotYet) else kind("It rained.")
    assert error.sentence == "It rained."
    assert str(error) == "It rained."


def test_an_error_is_of_one_kind_only():
    bases: tuple[type[ChaupalError], ...] = (DependencyAway, TransientError, PermanentError, Rejected)
    # Whoever catches one kind decides by it what becomes of the record.
    for kind in EVERY:
        of = [base for base in bases if issubclass(kind, base)]
        assert len(of) <= 1


def test_each_rejection_has_the_status_that_says_so():
    statuses = {kind.__name__: kind.status for kind in kinds(Rejected)}  # type: ignore[attr-defined]
    assert statuses == {
        "Invalid": 422,
        "NotFound": 404,
        "Conflict": 409,
        "PreconditionFailed": 412,
        "Unauthenticated": 401,
        "Forbidden": 403,
        "TooLarge": 413,
    }


def test_not_yet_says_when():
    assert NotYet("Wait.", 1.5).seconds == 1.5
