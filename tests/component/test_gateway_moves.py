"""Who is behind an address after numbers have changed and members have become one."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.gateway.domain.items import Address, AddressKind
from shared.clock import FixedClock
from shared.observability.metrics import IDENTITY_CONFLICTS
from tests.support.people import ACCOUNT, CHANNEL, Stores, hidden, phone, scoped

NOW = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)


@pytest.fixture
def here(store) -> Stores:
    return Stores.of(store)


@pytest.fixture
def there(store) -> Stores:
    return Stores.of(store)


async def test_10_3_who_is_hidden_and_who_has_that_number_are_one_once_something_says_so(here):
    lid, number = hidden(), phone()
    asha = await here.member(lid, channel="waha")
    assert await here.member(number, lid, channel="waha") == asha
    assert await here.member(number) == asha


async def test_names_of_two_members_are_counted_and_suggested_and_change_nothing(here, there):
    number, name = phone(), scoped()
    asha, ravi = await here.member(number), await here.member(name)
    before = IDENTITY_CONFLICTS.labels(CHANNEL)._value.get()
    for _ in range(2):
        found = await there.identities.members(CHANNEL, ACCOUNT, [(number, name)])
        assert (found[number], found[name]) == (asha, ravi)
    # Told once by each process: what is known is asked of nobody.
    assert IDENTITY_CONFLICTS.labels(CHANNEL)._value.get() == before + 1
    pairs = [each.members for each in await here.merges.suggested(None, 1000)]
    assert tuple(sorted([asha, ravi])) in pairs


async def test_a_changed_number_leads_to_the_same_member_and_the_old_one_to_nobody(here, there):
    old, new = phone(), phone()
    asha = await here.member(old)
    assert await there.member(old) == asha
    assert await here.identities.moved(CHANNEL, ACCOUNT, [old], [new]) == asha
    await there.identities.refresh()
    for each in (here, there):
        assert await each.member(new) == asha
    somebody_else = await there.member(old)
    assert somebody_else != asha
    assert await here.identities.address(asha) == new


async def test_a_change_that_is_told_again_takes_nothing_from_who_has_the_number_now(here, there):
    old, new = phone(), phone()
    asha = await here.member(old)
    for _ in range(2):
        assert await here.identities.moved(CHANNEL, ACCOUNT, [old], [new]) == asha
    ravi = await here.member(old)
    await there.identities.moved(CHANNEL, ACCOUNT, [old], [new])
    await here.identities.refresh()
    assert await here.member(old) == ravi
    assert await here.member(new) == asha


async def test_a_number_met_after_the_change_is_not_the_old_one(store):
    clock = FixedClock(NOW)
    here = Stores.of(store, clock=clock)
    old, new = phone(), phone()
    ravi = await here.member(old)
    earlier = NOW - dt.timedelta(hours=1)
    await here.identities.moved(CHANNEL, ACCOUNT, [old], [new], at=earlier)
    assert await here.member(old) == ravi


async def test_a_new_scoped_id_leaves_the_number_alone_and_the_old_id_too(here):
    number, name, later = phone(), scoped(), scoped()
    asha = await here.member(number, name)
    assert await here.identities.moved(CHANNEL, ACCOUNT, [name], [later]) == asha
    assert {await here.member(each) for each in (number, name, later)} == {asha}


async def test_a_number_of_somebody_else_is_not_taken_over(here):
    old, new = phone(), phone()
    asha, ravi = await here.member(old), await here.member(new)
    assert await here.identities.moved(CHANNEL, ACCOUNT, [old], [new]) == asha
    assert (await here.member(old), await here.member(new)) == (asha, ravi)
    pairs = [each.members for each in await here.merges.suggested(None, 1000)]
    assert tuple(sorted([asha, ravi])) in pairs


async def test_of_whom_nobody_knew_the_new_name_is_met(here):
    new = phone()
    asha = await here.identities.moved(CHANNEL, ACCOUNT, [phone()], [new])
    assert await here.member(new) == asha
    assert await here.identities.moved(CHANNEL, ACCOUNT, [phone()], []) is None


async def test_many_processes_that_hear_of_a_change_at_once_agree(store):
    for _ in range(3):
        old, new = phone(), phone()
        all_of_them = [Stores.of(store) for _ in range(6)]
        asha = await all_of_them[0].member(old)
        told = await asyncio.gather(
            *(each.identities.moved(CHANNEL, ACCOUNT, [old], [new]) for each in all_of_them[:3]),
            *(each.member(new) for each in all_of_them[3:]),
        )
        # Whoever meets the new number first decides; nobody is merged, and nobody is lost.
        everywhere = {await Stores.of(store).member(new) for _ in range(3)}
        assert len(everywhere) == 1
        assert everywhere <= set(told)
        assert asha in told


async def test_an_address_must_be_usable_where_it_is_used(here):
    lid, number = hidden(), phone()
    asha = await here.member(lid, account="big", channel="waha")
    assert await here.identities.address(asha, CHANNEL, ACCOUNT) is None
    assert await here.identities.address(asha, "waha", "big") == lid
    await here.member(number, lid, account="big", channel="waha")
    assert await here.identities.address(asha, CHANNEL, ACCOUNT) == number


async def test_what_was_read_before_a_merge_is_not_kept_after_it(here, there, monkeypatch):
    asha_number, ravi_number = phone(), phone()
    asha, ravi = await here.member(asha_number), await here.member(ravi_number)
    await there.identities.refresh()
    followed = there.identities._followed

    async def slowly(*arguments):
        cursor = await followed(*arguments)
        found = [each async for each in cursor]
        await here.merges.merge(asha, ravi, "test")
        await there.identities.refresh()

        async def again() -> AsyncIterator[Any]:
            for each in found:
                yield each

        return again()

    monkeypatch.setattr(there.identities, "_followed", slowly)
    assert await there.member(ravi_number) == ravi
    monkeypatch.undo()
    assert await there.member(ravi_number) == asha


@pytest.mark.parametrize("kind", list(AddressKind))
async def test_a_merged_member_is_written_to_by_their_own_name_first(here, kind):
    own, other = Address(kind, phone().value), phone()
    ravi, asha = await here.member(own), await here.member(other)
    await here.merges.merge(asha, ravi, "test")
    assert await here.identities.address(ravi) == own
    assert await here.identities.address(asha) == other
