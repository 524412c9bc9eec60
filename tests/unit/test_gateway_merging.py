from __future__ import annotations

import pytest

from services.gateway.domain.items import AddressKind
from services.gateway.domain.person import Standing, check_merge, check_unmerge, in_order
from shared.errors import Conflict, Invalid, NotFound, Rejected

ASHA, RAVI, MEERA = ("m_" + digit * 20 for digit in "abc")


def known(member_id: str, into: str | None = None) -> Standing:
    return Standing(member_id, known=True, merged_into=into)


def test_two_whole_members_may_become_one():
    check_merge(known(ASHA), known(RAVI))


@pytest.mark.parametrize(
    ("survivor", "merged", "refusal"),
    [
        (known(ASHA), known(ASHA), Invalid),
        (known(ASHA), Standing(RAVI, known=False), NotFound),
        (Standing(ASHA, known=False), known(RAVI), NotFound),
        (known(ASHA), known(RAVI, ASHA), Conflict),
        (known(ASHA), known(RAVI, MEERA), Conflict),
        (known(ASHA, RAVI), known(RAVI), Conflict),
        (known(ASHA, MEERA), known(RAVI), Conflict),
    ],
)
def test_everything_else_is_refused(survivor: Standing, merged: Standing, refusal: type[Rejected]):
    with pytest.raises(refusal):
        check_merge(survivor, merged)


def test_a_merge_is_taken_back():
    check_unmerge(known(ASHA), known(RAVI, ASHA))


@pytest.mark.parametrize(
    ("survivor", "merged", "refusal"),
    [
        (known(ASHA), known(RAVI), Conflict),
        (known(ASHA), known(ASHA), Conflict),
        (known(ASHA), known(RAVI, MEERA), Conflict),
        (known(ASHA, MEERA), known(RAVI, ASHA), Conflict),
        (known(ASHA), Standing(RAVI, known=False), NotFound),
        (Standing(ASHA, known=False), known(RAVI, ASHA), NotFound),
    ],
)
def test_what_was_not_done_or_not_last_is_not_taken_back(
    survivor: Standing, merged: Standing, refusal: type[Rejected]
):
    with pytest.raises(refusal):
        check_unmerge(survivor, merged)


def test_kinds_are_shown_the_most_reliable_first():
    kinds = [AddressKind.HIDDEN, AddressKind.PHONE, AddressKind.PHONE]
    assert in_order(kinds) == (AddressKind.PHONE, AddressKind.PHONE, AddressKind.HIDDEN)
