"""Whom the gateway knows, as its API lists them: page by page, by chat, and never by an address."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from services.gateway.api.chats import READ
from services.gateway.api.members import WRITE, member_router
from services.gateway.domain.items import Address
from services.gateway.domain.roster import Membership
from services.gateway.store import People
from shared.clock import SystemClock
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.store.client import Database, Mongo
from shared.store.unit_of_work import Session, UnitOfWork
from tests.support.people import Stores, phone, scoped

CLOCK = SystemClock()


class Api:
    """The routes, and what they are asked about."""

    def __init__(self, stores: Stores, mongo: Mongo, transport: httpx2.ASGITransport, key: str) -> None:
        self.stores, self.mongo, self.key = stores, mongo, key
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://gateway")
        self.addresses: list[Address] = []

    async def member(self, *kinds: Any) -> str:
        """Return somebody new, known by an address of each kind."""
        person = [make() for make in kinds or (phone,)]
        self.addresses += person
        return await self.stores.member(*person)

    async def joins(self, group: str, *member_ids: str) -> None:
        there = [Membership(group, each, joined_at=CLOCK.now()) for each in member_ids]
        await self._keep(there)

    async def leaves(self, group: str, member_id: str) -> None:
        await self._keep([Membership(group, member_id, left_at=CLOCK.now())])

    async def _keep(self, there: list[Membership]) -> None:
        async def work(session: Session) -> None:
            kept = {f"{each.chat_id}|{each.member_id}": each for each in there}
            await self.stores.memberships.save(session, kept)

        await UnitOfWork(self.mongo).run(work)

    async def page(self, **params: Any) -> dict[str, Any]:
        answer = await self.ask(**params)
        assert answer.status_code == 200, answer.text
        assert not [each for each in self.addresses if each.value in answer.text]
        return dict(answer.json())

    async def ask(self, key: str | None = None, **params: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {key or self.key}"}
        return await self.client.get("/v1/members", params=params, headers=headers)

    async def all(self, limit: int, **params: Any) -> list[dict[str, Any]]:
        """Return what all pages hold together."""
        found, after = [], None
        while True:
            page = await self.page(limit=limit, **params, **({"after": after} if after else {}))
            assert len(page["members"]) <= limit
            found += page["members"]
            if (after := page["next"]) is None:
                return found


@pytest.fixture
async def api(store: Database, mongo: Mongo) -> AsyncIterator[Api]:
    stores = Stores.of(store)
    reader, stored = new_key("reader", frozenset({READ}))
    app = create_app(
        "gateway",
        "Members.",
        member_router(
            stores.chats, stores.memberships, People(store), stores.merges, stores.identities.refresh
        ),
        keys=KeyRing(stored),
        clock=CLOCK,
    )
    api = Api(stores, mongo, httpx2.ASGITransport(app=app, raise_app_exceptions=False), reader)
    async with api.client:
        yield api


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_everybody_is_listed_once_whatever_the_size_of_the_pages(api, limit):
    both, one, other = await api.member(phone, scoped), await api.member(), await api.member(scoped)
    listed = [each for each in await api.all(limit) if each["member_id"] in {both, one, other}]
    assert {each["member_id"]: each["kinds"] for each in listed} == {
        both: ["phone", "bsuid"],
        one: ["phone"],
        other: ["bsuid"],
    }
    assert [each["member_id"] for each in listed] == sorted([both, one, other])


@pytest.mark.parametrize("limit", [1, 100])
async def test_of_a_group_those_are_listed_who_are_in_it(api, limit):
    asha, ravi, gone, _elsewhere = [await api.member() for _ in range(4)]
    group = await api.stores.group(f"group-{uuid.uuid4()}")
    await api.joins(group, asha, ravi, gone)
    await api.leaves(group, gone)
    listed = await api.all(limit, chat_id=group)
    assert [each["member_id"] for each in listed] == sorted([asha, ravi])


async def test_of_a_direct_chat_its_one_member_is_listed(api):
    asha = await api.member()
    direct = await api.stores.direct(asha)
    page = await api.page(chat_id=direct)
    assert page == {
        "members": [{"member_id": asha, "kinds": ["phone"], "merged_into": None}],
        "next": None,
    }
    assert (await api.page(chat_id=direct, after=asha))["members"] == []


async def test_who_was_merged_says_into_whom(api):
    asha, ravi, meera = [await api.member() for _ in range(3)]
    await api.stores.merges.merge(ravi, meera, "an operator")
    await api.stores.merges.merge(asha, ravi, "an operator")
    into = {each["member_id"]: each["merged_into"] for each in await api.all(100)}
    assert (into[asha], into[ravi], into[meera]) == (None, asha, asha)


async def test_of_a_chat_that_nobody_knows_there_is_nobody(api):
    assert await api.page(chat_id="c_" + "0" * 20) == {"members": [], "next": None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"chat_id": "x"},
        {"chat_id": "919000000101"},
        {"after": "m_"},
        {"limit": 0},
        {"limit": 101},
        {"phone": "919000000101"},
        {"chat": "c_" + "0" * 20},
    ],
)
async def test_a_filter_that_is_none_is_refused(api, wrong):
    assert (await api.ask(**wrong)).status_code == 422


async def test_only_who_may_read_the_gateway_may_look(api, store):
    assert (await api.ask("ck_nobody")).status_code == 401
    stores = Stores.of(store)
    writer, stored = new_key("writer", frozenset({WRITE}))
    routes = member_router(
        stores.chats, stores.memberships, People(store), stores.merges, stores.identities.refresh
    )
    app = create_app("gateway", "Members.", routes, keys=KeyRing(stored), clock=CLOCK)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.get("/v1/members", headers={"authorization": f"Bearer {writer}"})
    assert answer.status_code == 403
