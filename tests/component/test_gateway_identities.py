from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from services.gateway.domain.items import Address, AddressKind
from services.gateway.store import Identities
from shared.clock import SystemClock
from shared.errors import StoreUnavailable
from shared.store.client import Database, connect, database

CHANNEL, ACCOUNT, OTHER_ACCOUNT = "cloud_api", "main", "second"


def fresh(store: Database) -> Identities:
    """Return identities that remember nothing, as those of another process."""
    return Identities(store, SystemClock())


def phone() -> Address:
    return Address(AddressKind.PHONE, f"91{uuid.uuid4().int % 10**10:010d}")


def scoped() -> Address:
    return Address(AddressKind.BUSINESS_SCOPED, f"IN.{uuid.uuid4().int}")


def parent() -> Address:
    return Address(AddressKind.PARENT_BUSINESS_SCOPED, f"IN.ENT.{uuid.uuid4().int}")


async def member(identities: Identities, *person: Address, account: str = ACCOUNT) -> str:
    found = await identities.members(CHANNEL, account, [person])
    assert len({found[each] for each in person}) == 1
    return found[person[0]]


async def test_a_member_keeps_their_id_across_processes(store):
    asha = phone()
    first = await member(fresh(store), asha)
    assert re.fullmatch("m_[0-9a-f]{20}", first)
    assert await member(fresh(store), asha) == first


async def test_two_numbers_are_two_members(store):
    assert await member(fresh(store), phone()) != await member(fresh(store), phone())


async def test_a_number_is_the_same_member_on_every_account(store):
    asha = phone()
    assert await member(fresh(store), asha) == await member(fresh(store), asha, account=OTHER_ACCOUNT)


async def test_a_scoped_id_means_something_only_where_it_was_given(store):
    asha = scoped()
    assert await member(fresh(store), asha) != await member(fresh(store), asha, account=OTHER_ACCOUNT)


async def test_names_that_come_together_belong_to_one_member_from_then_on(store):
    number, name, above = phone(), scoped(), parent()
    asha = await member(fresh(store), number, name, above)
    for each in (number, name, above):
        assert await member(fresh(store), each) == asha


@pytest.mark.parametrize("known_first", [0, 1])
async def test_a_new_name_of_a_known_member_is_theirs(store, known_first):
    both = (phone(), scoped())
    asha = await member(fresh(store), both[known_first])
    assert await member(fresh(store), *both) == asha
    assert await member(fresh(store), both[1 - known_first]) == asha


async def test_names_of_two_members_are_never_merged(store):
    number, name = phone(), scoped()
    asha, ravi = await member(fresh(store), number), await member(fresh(store), name)
    found = await fresh(store).members(CHANNEL, ACCOUNT, [(number, name)])
    assert (found[number], found[name]) == (asha, ravi)
    assert await member(fresh(store), number) == asha
    assert await member(fresh(store), name) == ravi


async def test_a_first_meeting_in_many_places_at_once_makes_one_member(store):
    for _ in range(5):
        number, name = phone(), scoped()
        met = await asyncio.gather(*(member(fresh(store), number, name) for _ in range(20)))
        assert len(set(met)) == 1


async def test_many_people_of_one_webhook_are_told_apart(store):
    people = [(phone(), scoped()) for _ in range(30)]
    found = await fresh(store).members(CHANNEL, ACCOUNT, people)
    assert len(set(found.values())) == 30
    assert all(found[number] == found[name] for number, name in people)


async def test_a_chat_keeps_its_id_across_processes(store):
    group = f"group-{uuid.uuid4()}"
    wanted: dict[str, tuple[str, str | None]] = {group: ("group", None)}
    (first,) = (await fresh(store).chats(CHANNEL, ACCOUNT, wanted)).values()
    assert re.fullmatch("c_[0-9a-f]{20}", first)
    assert await fresh(store).chats(CHANNEL, ACCOUNT, wanted) == {group: first}
    assert await fresh(store).chats(CHANNEL, OTHER_ACCOUNT, wanted) != {group: first}


async def test_a_first_message_in_many_places_at_once_makes_one_chat_with_its_subject(store):
    for _ in range(5):
        group = f"group-{uuid.uuid4()}"
        subjects = [None] * 10 + ["SEO सीखें"] * 10
        met = await asyncio.gather(
            *(fresh(store).chats(CHANNEL, ACCOUNT, {group: ("group", subject)}) for subject in subjects)
        )
        assert len({each[group] for each in met}) == 1
        chat = await fresh(store).chat(met[0][group])
        assert chat is not None
        assert (chat.group, chat.member_id, chat.subject, chat.account) == (group, None, "SEO सीखें", ACCOUNT)


async def test_who_loses_the_race_of_a_first_meeting_takes_the_winners_id(store, monkeypatch):
    identities, number = fresh(store), phone()
    won: list[str] = []
    addresses = identities._addresses
    monkeypatch.setattr(addresses, "find_one_and_update", losing(addresses.find_one_and_update, won))
    asha = await member(identities, number)
    assert len(won) == 1
    assert await member(fresh(store), number) == asha


def losing(update: Callable[..., Awaitable[Any]], won: list[str]) -> Callable[..., Awaitable[Any]]:
    """Return `update` as it goes for who comes second: somebody else has just made the document."""

    async def second(key: Any, change: Any, **options: Any) -> Any:
        if str(key) in won:
            return await update(key, change, **options)
        won.append(str(key))
        await update(key, {"$setOnInsert": change["$setOnInsert"]}, **options)
        raise DuplicateKeyError("made by somebody else")

    return second


async def test_a_direct_chat_belongs_to_a_member_not_to_a_number(store):
    identities, number, name = fresh(store), phone(), scoped()
    asha = await member(identities, number, name)
    found = await identities.chats(CHANNEL, ACCOUNT, {asha: ("direct", None)})
    chat = await identities.chat(found[asha])
    assert chat is not None
    assert (chat.kind, chat.member_id, chat.group) == ("direct", asha, None)
    assert number.value not in repr(chat)


async def test_a_member_is_written_to_by_number_where_there_is_one(store):
    identities, number, name = fresh(store), phone(), scoped()
    asha = await member(identities, name)
    assert await identities.address(asha) == name
    await member(fresh(store), name, number)
    assert await identities.address(asha) == number


async def test_nobody_has_no_address_and_no_chat(store):
    assert await fresh(store).address("m_" + "0" * 20) is None
    assert await fresh(store).chat("c_" + "0" * 20) is None


@pytest.mark.parametrize(
    "hostile", ['{"$gt":""}', "$where", "a\x00b", "x" * 1024, "..", "|", "everywhere|phone|"]
)
async def test_an_address_of_any_kind_is_only_text(store, hostile):
    marked = Address(AddressKind.PHONE, f"{hostile}{uuid.uuid4().hex}")
    strange = await member(fresh(store), marked)
    assert await member(fresh(store), marked) == strange
    assert await fresh(store).address(strange) == marked


async def test_memory_is_bounded_and_forgetting_changes_nothing(store, monkeypatch):
    monkeypatch.setattr("services.gateway.store.memory.CACHED", 5)
    identities = fresh(store)
    people = [(phone(), scoped()) for _ in range(8)]
    first = await identities.members(CHANNEL, ACCOUNT, people)
    assert len(identities._known) == 5
    assert await identities.members(CHANNEL, ACCOUNT, people) == first


async def test_a_known_member_needs_no_database(mongo_url):
    client = connect(mongo_url, application="tests")
    opened = database(client, f"identities_{uuid.uuid4().hex[:12]}")
    identities, asha = fresh(opened), phone()
    known = await member(identities, asha)
    await client.drop_database(opened.name)
    await client.close()
    assert await member(identities, asha) == known
    with pytest.raises(StoreUnavailable):
        await member(identities, phone())


async def test_a_linked_device_writes_to_the_hidden_id_where_there_is_one_and_to_no_other_accounts(store):
    identities, asha = fresh(store), phone()
    lid = Address(AddressKind.HIDDEN, f"{uuid.uuid4().int % 10**15:015d}")
    account, other = (f"bridge-{uuid.uuid4().hex}" for _ in range(2))
    who = (await identities.members("waha", account, [(asha, lid)]))[lid]
    assert await identities.address(who, "waha", account) == lid
    assert await identities.address(who, "waha", other) == asha
    assert await identities.address(who, "cloud_api", ACCOUNT) == asha
    assert await identities.address(who) == asha


async def test_a_linked_device_writes_to_the_number_of_whom_it_knows_by_nothing_else(store):
    identities, asha = fresh(store), phone()
    who = (await identities.members("waha", ACCOUNT, [(asha,)]))[asha]
    assert await identities.address(who, "waha", ACCOUNT) == asha
