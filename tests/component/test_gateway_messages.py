from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from pymongo.errors import ConnectionFailure

from services.gateway.domain.items import MediaRef
from services.gateway.domain.known import Attached, Known, Whereabouts
from services.gateway.messages import MessageIndex
from services.gateway.store import Messages
from services.gateway.store.seal import Box, Seal
from shared.contracts.gateway import ChatKind
from shared.errors import StoreUnavailable
from shared.observability.health import Health
from shared.store.client import Database
from tests.support.streams import eventually, running

SEAL = Seal(Box([bytes(32)]), bytes(32))
AT = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)
PHONE = "919000000101"
WAMID = "wamid.HBgLOTE5MDAwMDAwMTAxFQIAEhggMEYwQTJDNTI2RjBFNUMxREQ="


def message(**changes) -> Known:
    known = Known(
        message_id=str(uuid.uuid4()),
        chat_id="c_00000000000000000001",
        chat_kind=ChatKind.GROUP,
        account="main",
        provider_id=WAMID,
        by_us=False,
        at=AT,
        member_id="m_00000000000000000001",
        media=Attached(MediaRef(url=f"http://waha:3000/api/files/{PHONE}@c.us.jpg"), "image/jpeg", bytes(32)),
    )
    return replace(known, **changes)


@pytest.fixture
def messages(store: Database) -> Messages:
    return Messages(store, SEAL)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"by_us": True, "member_id": None, "media": None, "chat_kind": ChatKind.DIRECT},
        {"media": Attached(MediaRef(id="1103466871234567"))},
        {"media": Attached(MediaRef(id="1", url="http://waha/x"), None, bytes(range(32)))},
        {"provider_id": "\ud800$where\x00", "media": Attached(MediaRef(id="{'$gt': ''}", url="\udfff"))},
        {"provider_id": ""},
    ],
)
async def test_what_is_kept_is_found_as_it_was(messages, changes):
    known = message(**changes)
    await messages.add([known])
    assert await messages.find(known.message_id) == known


async def test_no_address_and_no_id_of_the_provider_is_kept_in_clear(messages, store):
    known = message(media=Attached(MediaRef(id="1103466871234567", url=f"http://waha/{PHONE}"), "image/jpeg"))
    await messages.add([known])
    kept = repr(await store["messages"].find_one({"_id": known.message_id}))
    for secret in (WAMID, WAMID[6:20], PHONE, "http", "1103466871234567"):
        assert secret not in kept
    other = message()
    await messages.add([other])
    of = [(await store["messages"].find_one({"_id": each.message_id})) for each in (known, other)]
    assert of[0]["provider_id"] != of[1]["provider_id"]


async def test_what_is_kept_already_stays_and_its_neighbours_are_added(messages):
    first, second = message(), message()
    await messages.add([first])
    await messages.add([replace(first, provider_id="changed"), second, replace(second, chat_id="c_2")])
    await messages.add([])
    assert await messages.find(first.message_id) == first
    assert await messages.find(second.message_id) == second


async def test_chats_are_told_of_many_at_once(messages):
    one, two = message(), message(chat_id="c_2", chat_kind=ChatKind.DIRECT)
    await messages.add([one, two])
    assert await messages.chats_of([one.message_id, two.message_id, "unknown"]) == {
        one.message_id: Whereabouts(one.chat_id, ChatKind.GROUP, one.message_id),
        two.message_id: Whereabouts("c_2", ChatKind.DIRECT, two.message_id),
    }


async def test_a_message_named_by_its_own_id_alone_is_found_unless_several_have_chosen_it(messages):
    one, two, three = (replace(message(), message_id=str(uuid.uuid4()), alias=alias) for alias in "abb")
    await messages.add([one, two, three])
    assert await messages.chats_of(["a", "b"]) == {
        "a": Whereabouts(one.chat_id, ChatKind.GROUP, one.message_id)
    }


@pytest.mark.parametrize("seal", [Seal.passing(), Seal(Box([b"k" * 32]), bytes(32))])
async def test_what_is_sealed_with_a_lost_key_is_as_good_as_unknown(messages, store, seal):
    known = message()
    await messages.add([known])
    assert await Messages(store, seal).find(known.message_id) is None
    assert known.message_id in await Messages(store, seal).chats_of([known.message_id])


async def test_a_key_that_was_replaced_opens_still(messages, store):
    known = message()
    await messages.add([known])
    newer = Messages(store, Seal(Box([b"k" * 32, bytes(32)]), bytes(32)))
    assert await newer.find(known.message_id) == known


async def test_what_was_put_into_another_document_does_not_open_there(messages, store):
    one, two = message(), message(media=None)
    await messages.add([one, two])
    stolen = (await store["messages"].find_one({"_id": one.message_id}))["provider_id"]
    await store["messages"].update_one({"_id": two.message_id}, {"$set": {"provider_id": stolen}})
    assert await messages.find(two.message_id) is None


async def test_messages_are_forgotten_after_as_many_days_as_are_set(messages, store):
    async def seconds() -> object:
        return (await store["messages"].index_information())["expiry"]["expireAfterSeconds"]

    assert await seconds() == 30 * 24 * 3600
    await messages.keep_for(7)
    assert await seconds() == 7 * 24 * 3600
    await messages.keep_for(30)
    assert await seconds() == 30 * 24 * 3600


async def test_another_process_finds_what_this_one_has_written(store, messages):
    index = MessageIndex(messages, Health())
    known = [message() for _ in range(700)]
    async with running(index):
        for each in [*known, *known]:
            index.remember(each)
        assert await index.find(known[-1].message_id) == known[-1]
        other = MessageIndex(Messages(store, SEAL), Health())

        async def written() -> bool:
            return await other.find(known[-1].message_id) == known[-1]

        await eventually(written)
    assert set(await messages.chats_of([each.message_id for each in known])) == {
        each.message_id for each in known
    }


async def test_a_stop_leaves_nothing_unwritten(messages):
    index = MessageIndex(messages, Health())
    known = message()
    async with running(index):
        index.remember(known)
    assert await messages.find(known.message_id) == known


class Away:
    """A collection whose server is away."""

    async def insert_many(self, *_: object, **__: object) -> None:
        raise ConnectionFailure("away")

    find_one = insert_many

    def find(self, *_: object) -> Away:
        return self

    async def to_list(self) -> None:
        raise ConnectionFailure("away")


async def test_a_database_that_is_away_is_said_to_be(messages):
    messages._collection = Away()
    for call in (messages.find("x"), messages.chats_of(["x"]), messages.add([message()])):
        with pytest.raises(StoreUnavailable):
            await call
