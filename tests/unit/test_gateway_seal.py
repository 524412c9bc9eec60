from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.store.seal import Box, Seal
from shared.errors import PermanentError, StoreUnavailable

OLD, NEW, LOOKUP = b"o" * 32, b"n" * 32, b"l" * 32
ABOUT = b"a document"


@given(st.text())
def test_what_is_sealed_opens_again_and_holds_nothing_of_the_text(text):
    seal = Seal(Box([OLD]), LOOKUP)
    sealed = seal.close(text, ABOUT)
    assert seal.open(sealed, ABOUT) == text
    assert len(text) < 4 or text.encode("utf-8", "surrogatepass") not in sealed


def test_the_same_address_is_never_sealed_alike():
    seal = Seal(Box([OLD]), LOOKUP)
    assert seal.close("919812345678", ABOUT) != seal.close("919812345678", ABOUT)


def test_a_lookup_is_the_same_whatever_keys_there_are_and_another_in_another_database():
    one, other = Seal(Box([OLD]), LOOKUP), Seal(Box([NEW, OLD]), LOOKUP)
    assert one.lookup("everywhere|phone|919812345678") == other.lookup("everywhere|phone|919812345678")
    assert one.lookup("everywhere|phone|919812345678") != one.lookup("everywhere|phone|919812345679")
    assert Seal(Box([OLD]), NEW).lookup("x") != one.lookup("x")
    assert b"919812345678" not in one.lookup("everywhere|phone|919812345678")


def test_the_first_key_seals_and_all_open():
    sealed = Box([OLD]).close(b"x", ABOUT)
    both = Box([NEW, OLD])
    assert both.open(sealed, ABOUT) == b"x"
    assert both.close(b"x", ABOUT)[:4] == both.name == Box([NEW]).name != Box([OLD]).name


def test_a_key_that_is_not_there_is_waited_for():
    sealed = Box([NEW]).close(b"x", ABOUT)
    with pytest.raises(StoreUnavailable):
        Box([OLD]).open(sealed, ABOUT)


@pytest.mark.parametrize("place", [4, 15, 16, -1])
def test_what_was_changed_does_not_open(place):
    box = Box([OLD])
    sealed = bytearray(box.close(b"919812345678", ABOUT))
    sealed[place] ^= 1
    with pytest.raises(PermanentError):
        box.open(bytes(sealed), ABOUT)


def test_what_belongs_elsewhere_does_not_open():
    box = Box([OLD])
    with pytest.raises(PermanentError):
        box.open(box.close(b"x", ABOUT), b"another document")
