from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.names import LONGEST, shown
from services.gateway.names import CAPACITY, NameBook
from shared.errors import StoreUnavailable
from shared.mentions import has_marks, mark
from tests.support.events import member_id


class Kept:
    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.writes = 0
        self.away = False

    async def of(self, member_ids: Collection[str]) -> Mapping[str, str]:
        return {each: self.names[each] for each in member_ids if each in self.names}

    async def keep(self, names: Mapping[str, str]) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.writes += bool(names)
        self.names |= names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("मीरा श्रीवास्तव", "मीरा श्रीवास्तव"),
        ("  Ravi\n Kumar ", "Ravi Kumar"),
        ("*Admin*", "Admin"),
        ("@everyone", "everyone"),
        ("!रोको", "रोको"),
        ("Asha 🌱", "Asha 🌱"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        (f"Ravi {mark(1)}", "Ravi"),
        ("+91 98123 45670", None),
        ("Ravi 9812345670", None),
        ("९८१२३४५६७०", None),
        ("🙏🙏", None),
        ("...", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_is_shown_as_nobody_can_be_harmed_by_it(name, expected):
    assert shown(name) == expected


@given(st.text(max_size=200))
def test_no_name_brings_a_line_a_mark_or_a_novel(name):
    clean = shown(name)
    if clean is not None:
        assert len(clean) <= LONGEST
        assert not has_marks(clean)
        assert not set(clean) & set("\n\r@*_~`")


async def test_a_name_is_written_once_and_again_when_it_has_changed():
    kept = Kept()
    book = NameBook(kept)
    for _ in range(3):
        book.note(member_id(1), "Ravi")
        await book.write()
    assert (kept.names, kept.writes) == ({member_id(1): "Ravi"}, 1)
    book.note(member_id(2), "Asha")
    assert await book.of([member_id(1), member_id(2), member_id(3)]) == {
        member_id(1): "Ravi",
        member_id(2): "Asha",
    }
    book.note(member_id(1), "Ravi K")
    await book.write()
    assert kept.names == {member_id(1): "Ravi K", member_id(2): "Asha"}
    assert kept.writes == 2


async def test_a_name_waits_for_a_database_that_is_away():
    kept = Kept()
    book = NameBook(kept)
    kept.away = True
    book.note(member_id(1), "Ravi")
    with pytest.raises(StoreUnavailable):
        await book.write()
    kept.away = False
    await book.write()
    assert kept.names == {member_id(1): "Ravi"}


async def test_what_is_known_of_names_does_not_grow_without_end():
    book = NameBook(Kept())
    for number in range(CAPACITY + 10):
        book.note(member_id(number), "Ravi")
    assert len(book._known) <= CAPACITY
