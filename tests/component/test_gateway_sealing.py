"""Whoever reads the gateway's database, or a backup of it, learns nobody's number."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import uuid
from collections.abc import AsyncIterator

import pytest
from bson import encode

from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.items import Address, AddressKind, MediaRef
from services.gateway.domain.known import Attached, Known
from services.gateway.store import MIGRATIONS, Deliveries, Messages
from services.gateway.store.seal import UNKEPT, Box, Seal, open_seal
from services.gateway.store.sealing import seal_all
from shared.clock import SystemClock
from shared.contracts.gateway import ChatKind
from shared.errors import SettingsError, StoreUnavailable
from shared.store.client import Database, Mongo, database
from shared.store.migrations import migrate
from tests.support.people import ACCOUNT, CHANNEL, Stores, hidden, phone, scoped

CLOCK = SystemClock()
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
async def own(mongo: Mongo) -> AsyncIterator[Database]:
    """A database for each test: what is sealed is counted."""
    opened = database(mongo, f"sealing_{uuid.uuid4().hex[:12]}")
    await migrate(opened, CLOCK, MIGRATIONS)
    yield opened
    await mongo.drop_database(opened.name)


async def started(store: Database, *keys: bytes) -> Stores:
    """Return the stores of a process that starts with `keys`."""
    seal = await open_seal(store, keys)
    await seal_all(store, seal, CLOCK)
    return Stores.of(store, seal)


async def place(stores: Stores, chat_id: str) -> Chat:
    """Return a chat that is there, with its place."""
    found = await stores.chats.chat(chat_id)
    assert found is not None
    return found


async def everything(store: Database) -> bytes:
    """Return every document of every collection, as it lies on the disk."""
    found = []
    for name in await store.list_collection_names():
        found += [encode(each) async for each in store[name].find()]
    return b"\n".join(found)


async def assert_nothing_in_clear(store: Database, *values: str) -> None:
    raw = await everything(store)
    for value in values:
        for form in (value.encode(), base64.b64encode(value.encode())[:-4]):
            assert form not in raw, value


async def test_no_address_and_no_group_is_in_any_collection_in_clear(own):
    here = await started(own, OLD)
    number, name, lid, later = phone(), scoped(), hidden(), phone()
    group = f"capi_group:{phone().value}:{uuid.uuid4().hex}"
    asha = await here.member(number, name)
    await here.member(lid, channel="waha")
    await here.member(name, lid, channel="waha")
    await here.identities.moved(CHANNEL, ACCOUNT, [number], [later])
    chat = await here.group(group, "SEO सीखें")
    direct = await here.direct(asha)
    other = await here.member(phone())
    await here.merges.merge(asha, other, "test")
    values = (number.value, name.value, lid.value, later.value, group, group.split(":")[1])
    await assert_nothing_in_clear(own, *values)
    again = await started(own, OLD)
    assert await again.member(later) == asha
    found = await place(again, chat)
    assert (found.group, found.subject) == (group, "SEO सीखें")
    assert (await place(again, direct)).member_id == asha


async def test_who_starts_first_together_shares_one_lookup_key(own):
    seals = await asyncio.gather(*(open_seal(own, [OLD]) for _ in range(6)))
    assert len({seal.lookup("x") for seal in seals}) == 1


async def test_the_providers_id_of_a_message_is_sealed_too(own):
    number = phone().value
    ours = Delivery(str(uuid.uuid4()), "c_" + "1" * 20).accepted(f"true_{number}@c.us_3EB0")
    seal = await open_seal(own, [OLD])
    assert await Deliveries(own, CLOCK, seal).add(ours)
    await assert_nothing_in_clear(own, number)
    older = str(uuid.uuid4())
    written = await own["deliveries"].find_one({"_id": ours.send_id})
    assert written is not None
    plainly = {"_id": older, "provider_id": f"wamid.{number}", "by": None}
    await own["deliveries"].insert_one({**written, **plainly})
    for keys in ([NEW, OLD], [NEW]):
        await started(own, *keys)
        await assert_nothing_in_clear(own, number)
        deliveries = Deliveries(own, CLOCK, await open_seal(own, keys))
        found = [await deliveries.find(send_id) for send_id in (ours.send_id, older)]
        assert [each and each.provider_id for each in found] == [ours.provider_id, f"wamid.{number}"]


async def test_the_index_of_messages_is_sealed_again_with_the_rest(own):
    number = phone().value
    seal = await open_seal(own, [OLD])
    media = Attached(MediaRef(id="1103", url=f"http://waha/{number}"), "image/jpeg", None)
    known = [
        Known(
            message_id=str(uuid.uuid4()),
            chat_id="c_" + "1" * 20,
            chat_kind=ChatKind.DIRECT,
            account=ACCOUNT,
            provider_id=f"false_{number}@c.us_{each}",
            by_us=False,
            at=dt.datetime.now(dt.UTC).replace(microsecond=0),
            member_id="m_" + "1" * 20,
            media=media if each else None,
        )
        for each in range(3)
    ]
    await Messages(own, seal).add(known)
    # Written by a version that did not yet note which key it was.
    await own["messages"].update_one({"_id": known[0].message_id}, {"$unset": {"by": ""}})
    both = await open_seal(own, [NEW, OLD])
    assert await seal_all(own, both, CLOCK) == len(known)
    assert await seal_all(own, both, CLOCK) == 0
    after = Messages(own, await open_seal(own, [NEW]))
    assert [await after.find(each.message_id) for each in known] == known
    await assert_nothing_in_clear(own, number)


async def test_a_message_whose_key_is_lost_keeps_nobody_waiting(own):
    await Messages(own, Seal(Box([OLD]), b"l" * 32)).add([lost := some_message()])
    seal = await open_seal(own, [NEW])
    assert await seal_all(own, seal, CLOCK) == 0
    assert await Messages(own, seal).find(lost.message_id) is None


def some_message() -> Known:
    return Known(
        message_id=str(uuid.uuid4()),
        chat_id="c_" + "1" * 20,
        chat_kind=ChatKind.GROUP,
        account=ACCOUNT,
        provider_id="wamid.1=",
        by_us=True,
        at=dt.datetime.now(dt.UTC).replace(microsecond=0),
    )


async def test_a_key_is_replaced_while_both_are_known(own):
    number, name = phone(), scoped()
    before = await started(own, OLD)
    asha = await before.member(number, name)
    chat = await before.group("group-1")
    # The new one is given to everybody, before anybody seals with it.
    waiting = await started(own, OLD, NEW)
    assert await waiting.identities.address(asha) == number
    sealing = await started(own, NEW, OLD)
    assert await sealing.member(name) == asha
    assert await waiting.identities.address(asha) == number
    after = await started(own, NEW)
    assert await after.member(number) == asha
    assert await after.identities.address(asha) == number
    assert (await place(after, chat)).group == "group-1"
    with pytest.raises(SettingsError):
        await open_seal(own, [OLD])


async def test_a_process_with_another_list_of_keys_takes_nobody_for_somebody_else(own):
    number = phone()
    one, other = await started(own, OLD, NEW), await started(own, NEW, OLD)
    assert await one.member(number) == await other.member(number)


async def test_what_a_key_sealed_that_is_not_there_is_waited_for(own):
    asha = await (await started(own, OLD)).member(phone())
    with pytest.raises(StoreUnavailable):
        await Stores.of(own).identities.address(asha)


async def test_without_keys_nothing_is_readable_later_and_nothing_in_clear(own):
    number = phone()
    assert await open_seal(own, []) is UNKEPT
    await Stores.of(own).member(number)
    await assert_nothing_in_clear(own, number.value)


async def plain(store: Database) -> tuple[Address, Address, str, str]:
    """Write what version 0.1.0 of the gateway has written."""
    number, name, asha, chat = phone(), scoped(), "m_" + uuid.uuid4().hex[:20], "c_" + uuid.uuid4().hex[:20]
    for address, scope in ((number, "everywhere"), (name, f"{CHANNEL}|{ACCOUNT}")):
        await store["addresses"].insert_one(
            {
                "_id": f"{scope}|{address.kind}|{address.value}",
                "member_id": asha,
                "kind": str(address.kind),
                "value": address.value,
                "since": CLOCK.now(),
            }
        )
    where = {"channel": CHANNEL, "account": ACCOUNT, "since": CLOCK.now()}
    await store["chats"].insert_one(
        {
            "_id": chat,
            "key": f"{CHANNEL}|{ACCOUNT}|group|group-{number.value}",
            "kind": "group",
            "group": f"group-{number.value}",
            **where,
        }
    )
    await store["chats"].insert_one(
        {
            "_id": f"c_{uuid.uuid4().hex[:20]}",
            "key": f"{CHANNEL}|{ACCOUNT}|direct|{asha}",
            "kind": "direct",
            "member_id": asha,
            **where,
        }
    )
    return number, name, asha, chat


async def test_what_an_older_version_has_written_is_sealed_at_the_next_start(own):
    number, name, asha, chat = await plain(own)
    here = await started(own, OLD)
    await assert_nothing_in_clear(own, number.value, name.value)
    assert {await here.member(number), await here.member(name)} == {asha}
    assert await here.identities.address(asha) == number
    assert await here.group(f"group-{number.value}") == chat
    assert (await place(here, chat)).group == f"group-{number.value}"
    assert len([each for each in await here.chats.page(None, 10) if each.member_id == asha]) == 1
    assert await here.direct(asha) in [each.chat_id for each in await here.chats.page(None, 10)]
    assert await seal_all(own, await open_seal(own, [OLD]), CLOCK) == 0


async def test_thousands_are_sealed_a_page_at_a_time(own, monkeypatch):
    monkeypatch.setattr("services.gateway.store.sealing.PAGE", 3)
    people = [await plain(own) for _ in range(4)]
    for keys in ([OLD], [NEW, OLD], [NEW]):
        here = await started(own, *keys)
        for number, name, asha, chat in people:
            assert {await here.member(number), await here.member(name)} == {asha}
            assert (await place(here, chat)).group == f"group-{number.value}"
    await assert_nothing_in_clear(own, *(each.value for person in people for each in person[:2]))


async def test_a_start_that_crashed_half_way_is_gone_on_with(own, monkeypatch):
    monkeypatch.setattr("services.gateway.store.sealing.PAGE", 1)
    number, name, asha, _ = await plain(own)
    seal = await open_seal(own, [OLD])
    close, left = seal.close, [1]

    def failing(text: str, about: bytes) -> bytes:
        if not left:
            raise RuntimeError("kill -9")
        left.pop()
        return close(text, about)

    monkeypatch.setattr(seal, "close", failing)
    with pytest.raises(RuntimeError):
        await seal_all(own, seal, CLOCK)
    here = await started(own, OLD)
    assert {await here.member(number), await here.member(name)} == {asha}
    await assert_nothing_in_clear(own, number.value, name.value)


async def test_who_was_met_anew_before_the_old_document_was_sealed_is_suggested(own):
    here = await started(own, OLD)
    number, _, asha, _ = await plain(own)
    anew = await here.member(number)
    chat_anew = await here.group(f"group-{number.value}")
    await started(own, OLD)
    await assert_nothing_in_clear(own, number.value)
    assert await (await started(own, OLD)).member(number) == anew
    assert [each.members for each in await here.merges.suggested(None, 10)] == [tuple(sorted([asha, anew]))]
    groups = [each.chat_id for each in await here.chats.page(None, 10) if each.kind == "group"]
    assert len(groups) == 2
    assert chat_anew in groups
    for each in groups:
        assert (await place(here, each)).group == f"group-{number.value}"


@pytest.mark.parametrize("kind", list(AddressKind))
async def test_an_address_of_every_kind_is_sealed(own, kind):
    value = f"{uuid.uuid4().int}"
    here = await started(own, OLD)
    asha = await here.member(Address(kind, value))
    await assert_nothing_in_clear(own, value)
    assert await here.identities.address(asha) == Address(kind, value)
