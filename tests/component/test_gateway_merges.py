"""Merging members, and taking it back: over REST, by two gateways at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from services.gateway.api.chats import READ
from services.gateway.api.members import WRITE, member_router
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.roster import Membership
from services.gateway.store import Deliveries, People
from shared.clock import SystemClock
from shared.contracts.envelope import decode
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.contracts.topics import MEMBERS
from shared.errors import Conflict, Rejected
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.store.client import Database
from shared.store.unit_of_work import Session, UnitOfWork
from tests.support.people import ACCOUNT, CHANNEL, Stores, phone, scoped

CLOCK = SystemClock()
NOBODY = "m_" + "0" * 20


class Api:
    def __init__(self, stores: Stores, client: httpx2.AsyncClient, reader: httpx2.AsyncClient) -> None:
        self.stores = stores
        self.client = client
        self.reader = reader

    async def ask(self, what: str, member_id: str, merged_id: Any) -> httpx2.Response:
        return await self.client.post(f"/v1/members/{member_id}/{what}", json={"merged_id": merged_id})

    async def done(self, what: str, member_id: str, merged_id: str) -> dict[str, Any]:
        answer = await self.ask(what, member_id, merged_id)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self.reader.get(path, params=params)


@pytest.fixture
async def api(store: Database) -> AsyncIterator[Api]:
    stores = Stores.of(store)
    writer, stored = new_key("writer", frozenset({WRITE}))
    reader, stored_reader = new_key("reader", frozenset({READ}))
    app = create_app(
        "gateway",
        "Members.",
        member_router(
            stores.chats, stores.memberships, People(store), stores.merges, stores.identities.refresh
        ),
        keys=KeyRing(stored, stored_reader),
        clock=CLOCK,
    )

    def client(key: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {key}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)

    async with client(writer) as one, client(reader) as other:
        yield Api(stores, one, other)


async def told(store: Database, member_id: str) -> list[tuple[type, str, str]]:
    rows: list[Any] = await store["_outbox"].find({"key": member_id.encode()}).sort("_id").to_list()
    assert all(row["topic"] == MEMBERS.name for row in rows)
    events = [decode(row["value"], row["headers"]).data for row in rows]
    assert all(isinstance(each, (MemberMerged, MemberUnmerged)) for each in events)
    return [(type(each), each.member_id, each.merged_id) for each in events]  # type: ignore[attr-defined]


async def test_a_preview_shows_what_belongs_to_both_and_does_nothing(api, store, mongo):
    number, name = phone(), scoped()
    asha, ravi = await api.stores.member(number), await api.stores.member(name)
    direct = await api.stores.direct(asha)
    delivery = Delivery(str(uuid.uuid4()), direct)

    async def work(session: Session) -> None:
        group = f"c_{uuid.uuid4().hex[:20]}"
        await Deliveries(store, CLOCK).save(session, {delivery.send_id: delivery})
        there = Membership(group, ravi, joined_at=CLOCK.now())
        await api.stores.memberships.save(session, {f"{group}|{ravi}": there})

    await UnitOfWork(mongo).run(work)
    answer = await api.ask("merge-preview", asha, ravi)
    preview = answer.json()
    assert preview["survivor"] == {
        "member_id": asha,
        "kinds": ["phone"],
        "chats": [direct],
        "deliveries": 1,
        "merged_into": None,
        "merged": [],
    }
    assert (preview["merged"]["kinds"], len(preview["merged"]["chats"])) == (["bsuid"], 1)
    assert number.value not in answer.text
    assert name.value not in answer.text
    assert await told(store, asha) == []
    assert await Stores.of(store).member(name) == ravi


async def test_a_merge_leads_every_address_to_the_survivor_and_is_told(api, store):
    there = Stores.of(store)
    number, name, later = phone(), scoped(), phone()
    asha, ravi = await there.member(number), await there.member(name, later)
    found = await api.done("merge", asha, ravi)
    assert (found["kinds"], found["merged"]) == (["phone", "phone", "bsuid"], [ravi])
    assert await told(store, asha) == [(MemberMerged, asha, ravi)]
    for each in (number, name, later):
        assert await api.stores.member(each) == asha
    # The other process has heard of nothing yet; within a second its loop asks.
    assert await there.member(name) == ravi
    await there.identities.refresh()
    assert await there.member(name) == asha
    assert (await api.get(f"/v1/members/{ravi}")).json()["merged_into"] == asha


async def test_taking_a_merge_back_restores_exactly_what_was_moved(api, store):
    number, name, later, other = phone(), scoped(), scoped(), phone()
    asha, ravi = await api.stores.member(number), await api.stores.member(name)
    before = (await api.get(f"/v1/members/{ravi}")).json()
    await api.done("merge", asha, ravi)
    # What is learnt in the meantime is the survivor's.
    assert await api.stores.member(name, later) == asha
    assert await api.stores.member(number, other) == asha
    await api.done("unmerge", asha, ravi)
    there = Stores.of(store)
    for stores in (there, api.stores):
        assert await stores.member(name) == ravi
        assert {await stores.member(each) for each in (number, later, other)} == {asha}
    assert (await api.get(f"/v1/members/{ravi}")).json() == before
    merged: list[tuple[type, str, str]] = [(MemberMerged, asha, ravi), (MemberUnmerged, asha, ravi)]
    assert await told(store, asha) == merged
    await api.done("merge", asha, ravi)


async def test_merges_come_in_chains_and_are_taken_back_from_the_end(api, store):
    numbers = [phone() for _ in range(4)]
    asha, ravi, meera, last = [await api.stores.member(each) for each in numbers]
    await api.done("merge", ravi, meera)
    await api.done("merge", ravi, last)
    found = await api.done("merge", asha, ravi)
    assert sorted(found["merged"]) == sorted([ravi, meera, last])
    assert {await Stores.of(store).member(each) for each in numbers} == {asha}
    assert await api.stores.merges.survivors([meera, asha]) == {meera: asha, asha: asha}
    refused = await api.ask("unmerge", ravi, meera)
    assert (refused.status_code, refused.json()["title"]) == (409, "conflict")
    await api.done("unmerge", asha, ravi)
    await api.done("unmerge", ravi, meera)
    now = [await Stores.of(store).member(each) for each in numbers]
    assert now == [asha, ravi, meera, ravi]


async def test_what_cannot_be_merged_is_refused_with_the_reason(api):
    asha, ravi, meera = [await api.stores.member(phone()) for _ in range(3)]
    await api.done("merge", asha, ravi)
    refusals = [
        (asha, asha, 422),
        (asha, NOBODY, 404),
        (NOBODY, asha, 404),
        (asha, ravi, 409),
        (ravi, asha, 409),
        (meera, ravi, 409),
        (ravi, meera, 409),
    ]
    for survivor, merged, status in refusals:
        for what in ("merge-preview", "merge"):
            answer = await api.ask(what, survivor, merged)
            assert answer.status_code == status, (survivor, merged, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
    for survivor, merged, status in ((asha, meera, 409), (ravi, asha, 409), (asha, NOBODY, 404)):
        assert (await api.ask("unmerge", survivor, merged)).status_code == status


@pytest.mark.parametrize(
    "merged_id",
    [
        {"$gt": ""},
        ["m_" + "1" * 20],
        None,
        7,
        "",
        "m_" + "G" * 20,
        "m_" + "1" * 21,
        "\u202e",
        "a\x00b",
        "x" * 9999,
    ],
    ids=ascii,
)
async def test_an_id_that_is_none_is_refused(api, merged_id):
    asha = await api.stores.member(phone())
    for what in ("merge-preview", "merge", "unmerge"):
        assert (await api.ask(what, asha, merged_id)).status_code == 422
        more = await api.client.post(f"/v1/members/{asha}/{what}", json={"merged_id": NOBODY, "by": "me"})
        assert more.status_code == 422


@pytest.mark.parametrize(
    "path", ["%7B%22$gt%22:%22%22%7D", "m_%00", "m_" + "0" * 400, "%E2%80%AE", "suggested"]
)
async def test_a_member_of_any_name_is_only_text(api, path):
    assert (await api.get(f"/v1/members/{path}")).status_code == 422


async def test_nobody_merges_who_may_only_read(api):
    for what in ("merge-preview", "merge", "unmerge"):
        answer = await api.reader.post(f"/v1/members/{NOBODY}/{what}", json={"merged_id": NOBODY})
        assert answer.status_code == 403
    for path in (
        f"/v1/members/{NOBODY}",
        "/v1/members/suggested-merges",
        "/v1/chats/c_" + "0" * 20 + "/members",
    ):
        assert (await api.client.get(path)).status_code == 403
        assert (await api.get(path)).status_code in {200, 404}


async def test_two_merges_at_once_never_make_a_circle(store):
    for _ in range(8):
        here, there = Stores.of(store), Stores.of(store)
        numbers = [phone(), phone()]
        asha, ravi = [await here.member(each) for each in numbers]
        done = await asyncio.gather(
            here.merges.merge(asha, ravi, "one"),
            there.merges.merge(ravi, asha, "other"),
            return_exceptions=True,
        )
        refused = [each for each in done if isinstance(each, Exception)]
        assert len(refused) == 1
        assert isinstance(refused[0], Conflict)
        assert len({await Stores.of(store).member(each) for each in numbers}) == 1


async def test_the_same_merge_asked_twice_at_once_is_told_once(store):
    here = Stores.of(store)
    asha, ravi = await here.member(phone()), await here.member(phone())
    done = await asyncio.gather(
        *(Stores.of(store).merges.merge(asha, ravi, "x") for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, Rejected) for each in done) == 3
    assert await told(store, asha) == [(MemberMerged, asha, ravi)]


async def test_an_address_learnt_while_its_member_is_merged_leads_to_the_survivor(store):
    for _ in range(8):
        here, there = Stores.of(store), Stores.of(store)
        number, name, later = phone(), scoped(), scoped()
        asha, ravi = await here.member(number), await here.member(name)
        await asyncio.gather(here.merges.merge(asha, ravi, "x"), there.member(name, later))
        for stores in (here, there, Stores.of(store)):
            await stores.identities.refresh()
            assert {await stores.member(each) for each in (number, name, later)} == {asha}


async def test_who_may_be_one_is_listed_until_they_are(api):
    number, name = phone(), scoped()
    pair = sorted([await api.stores.member(number), await api.stores.member(name)])
    await Stores.of(api.stores.database).identities.members(CHANNEL, ACCOUNT, [(number, name)])

    async def listed() -> list[Any]:
        found: list[Any] = []
        after: dict[str, str] = {}
        while True:
            page = (await api.get("/v1/members/suggested-merges", limit=1, **after)).json()
            found += page["suggestions"]
            if page["next"] is None:
                return [each["members"] for each in found]
            after = {"after": page["next"]}

    assert pair in await listed()
    await api.done("merge", *pair)
    assert pair not in await listed()
    assert (await api.get("/v1/members/suggested-merges", after='{"$gt":""}')).status_code == 422


async def test_in_a_group_each_person_is_shown_once_and_past_members_are_not(api, mongo):
    asha, ravi, meera = [await api.stores.member(phone()) for _ in range(3)]
    group = await api.stores.group(f"group-{uuid.uuid4()}")
    now = CLOCK.now()

    async def work(session: Session) -> None:
        there = [
            Membership(group, asha, joined_at=now),
            Membership(group, ravi, joined_at=now, promoted_at=now),
            Membership(group, meera, joined_at=now, left_at=now),
        ]
        await api.stores.memberships.save(session, {f"{group}|{each.member_id}": each for each in there})

    await UnitOfWork(mongo).run(work)
    await api.done("merge", asha, ravi)
    page = (await api.get(f"/v1/chats/{group}/members")).json()
    assert [(each["member_id"], each["admin"]) for each in page["members"]] == [(asha, True)]
    assert page["next"] is None
    first = (await api.get(f"/v1/chats/{group}/members", limit=1)).json()
    assert first["next"] in {asha, ravi}
    assert (await api.get("/v1/chats/c_" + "0" * 20 + "/members")).status_code == 404
