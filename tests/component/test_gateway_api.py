from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from services.gateway.api.chats import READ, chat_router
from services.gateway.api.deliveries import delivery_router
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.items import Address, AddressKind
from services.gateway.store import Chats, Deliveries, Identities
from shared.clock import SystemClock
from shared.contracts.gateway import DeliveryStatus
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.store.client import Database, Mongo
from shared.store.unit_of_work import Session, UnitOfWork

CLOCK = SystemClock()
ACCOUNT = "main"
UNSET: dict[str, Any] = {
    "account": ACCOUNT,
    "channel": "cloud_api",
    "community": None,
    "language": None,
    "zone": None,
    "capabilities": [],
}
HOSTILE = ['{"$gt":""}', "$where", "a\x00b", "\u202e", "x" * 5000, "..", "' OR 1=1", "\ufeff"]


@dataclass
class Api:
    client: httpx2.AsyncClient
    stranger: httpx2.AsyncClient
    identities: Identities
    deliveries: Deliveries
    mongo: Mongo

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self.client.get(path, params=params)

    async def keep(self, delivery: Delivery) -> None:
        async def work(session: Session) -> None:
            await self.deliveries.save(session, {delivery.send_id: delivery})

        await UnitOfWork(self.mongo).run(work)


@pytest.fixture
async def api(mongo: Mongo, store: Database) -> AsyncIterator[Api]:
    await store["chats"].delete_many({})
    key, stored = new_key("reader", frozenset({READ}))
    other_key, other_stored = new_key("stranger", frozenset({"policies:read"}))
    identities, deliveries = Identities(store, CLOCK), Deliveries(store, CLOCK)
    app = create_app(
        "gateway",
        "Chats.",
        chat_router(Chats(store, CLOCK)),
        delivery_router(deliveries),
        keys=KeyRing(stored, other_stored),
        clock=CLOCK,
    )

    def client(given: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {given}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)

    async with client(key) as reader, client(other_key) as stranger:
        yield Api(reader, stranger, identities, deliveries, mongo)


@pytest.mark.parametrize("path", ["/v1/chats", "/v1/deliveries/x"])
async def test_only_who_may_read_reads(api, path):
    assert (await api.stranger.get(path)).status_code == 403
    assert (await api.client.get(path, headers={"authorization": ""})).status_code == 401
    assert (
        await api.client.get(path, headers={"authorization": "Bearer key_reader_guess"})
    ).status_code == 401


async def test_chats_are_shown_without_any_address(api):
    phone = Address(AddressKind.PHONE, f"91{uuid.uuid4().int % 10**10:010d}")
    member = (await api.identities.members("cloud_api", ACCOUNT, [(phone,)]))[phone]
    wanted: dict[str, tuple[str, str | None]] = {"group-1": ("group", "SEO सीखें"), member: ("direct", None)}
    found = await api.identities.chats("cloud_api", ACCOUNT, wanted)
    answer = await api.get("/v1/chats")
    assert answer.json() == {
        "chats": sorted(
            [
                {"chat_id": found["group-1"], "kind": "group", "subject": "SEO सीखें", **UNSET},
                {"chat_id": found[member], "kind": "direct", "subject": None, **UNSET},
            ],
            key=lambda each: str(each["chat_id"]),
        ),
        "next": None,
    }
    assert phone.value not in answer.text


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_pages_hold_every_chat_once(api, limit):
    wanted: dict[str, tuple[str, str | None]] = {f"group-{number}": ("group", None) for number in range(7)}
    made = set((await api.identities.chats("cloud_api", ACCOUNT, wanted)).values())
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(8):
        page = (await api.get("/v1/chats", limit=limit, **after)).json()
        assert 0 < len(page["chats"]) <= limit
        seen += [each["chat_id"] for each in page["chats"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == sorted(made)


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"limit": "many"}, {"after": "c" * 65}])
async def test_a_page_that_cannot_be_is_refused(api, params):
    answer = await api.get("/v1/chats", **params)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("after", ['{"$gt":""}', "$gt", "a\x00b", "\u202e"])
async def test_where_to_go_on_is_only_text(api, after):
    await api.identities.chats("cloud_api", ACCOUNT, {"group-1": ("group", None)})
    assert (await api.get("/v1/chats", after=after)).status_code == 422
    assert (await api.get("/v1/chats", **{"after[$gt]": "z"})).status_code == 422


async def test_a_delivery_says_what_became_of_a_message(api):
    send_id, chat_id = str(uuid.uuid4()), "c_" + "1" * 20
    delivery = Delivery(send_id, chat_id).attempt(dt.datetime.now(dt.UTC)).accepted("wamid.SECRET=")
    for digit, status in (("a", "read"), ("b", "delivered"), ("c", "failed"), ("d", "sent")):
        delivery = delivery.reported(DeliveryStatus(status), "m_" + digit * 20)
    await api.keep(delivery)
    answer = await api.get(f"/v1/deliveries/{send_id}")
    assert answer.json() == {
        "send_id": send_id,
        "chat_id": chat_id,
        "what": "message.send",
        "send_class": None,
        "state": "read",
        "reason": None,
        "explanation": None,
        "attempts": 1,
        "since": answer.json()["since"],
        "attempted_at": answer.json()["since"],
        "delivered": 2,
        "read": 1,
        "failed": 1,
        "member_id": None,
        "went_to": None,
        "aloud": False,
    }
    assert dt.datetime.fromisoformat(answer.json()["since"]).tzinfo is not None


async def test_a_failure_says_why(api):
    send_id = str(uuid.uuid4())
    await api.keep(Delivery(send_id, "c_" + "1" * 20, Stage.FAILED, code="window_closed"))
    answer = (await api.get(f"/v1/deliveries/{send_id}")).json()
    assert (answer["state"], answer["reason"]) == ("failed", "window_closed")
    assert "24 hours" in answer["explanation"]


@pytest.mark.parametrize("send_id", HOSTILE, ids=ascii)
async def test_a_send_id_of_any_kind_is_only_text(api, send_id):
    await api.keep(Delivery(str(uuid.uuid4()), "c_" + "1" * 20))
    quoted = (
        httpx2.URL("http://gateway")
        .join("/v1/deliveries/")
        .copy_with(
            raw_path=b"/v1/deliveries/" + "".join(f"%{byte:02x}" for byte in send_id.encode()).encode()
        )
    )
    answer = await api.client.get(quoted)
    assert answer.status_code == 404
    assert answer.json()["title"] == "not_found"
    assert send_id not in answer.text
