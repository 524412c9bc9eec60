"""The registry of chats: what operators say of a chat, and that everybody is told, once and whole."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from services.gateway.api.chats import READ, WRITE, chat_router
from services.gateway.domain.chat import Configuration
from shared.clock import SystemClock
from shared.contracts.envelope import decode
from shared.contracts.members import ChatConfigured
from shared.contracts.topics import CHATS
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.store.client import Database
from tests.support.people import ACCOUNT, CHANNEL, Stores

CLOCK = SystemClock()
HOSTILE = ['{"$gt":""}', "$where", "a\x00b", "\u202e", "x" * 5000, "' OR 1=1", "\ufeff", "c_" + "g" * 20]


def new_group() -> str:
    return f"group-{uuid.uuid4()}"


async def told(store: Database, chat_id: str) -> list[ChatConfigured]:
    """Return what waits for the relay about a chat, in its order."""
    rows: list[Any] = await store["_outbox"].find({"key": chat_id.encode()}).sort("_id").to_list()
    assert all(row["topic"] == CHATS.name for row in rows)
    events = [decode(row["value"], row["headers"]) for row in rows]
    assert len({event.id for event in events}) == len(events)
    return [event.data for event in events if isinstance(event.data, ChatConfigured)]


async def test_a_chat_is_told_of_when_it_is_first_met_and_not_again(store):
    group = new_group()
    chat_id = await Stores.of(store).group(group, "SEO सीखें")
    for _ in range(3):
        assert await Stores.of(store).group(group) == chat_id
    (first,) = await told(store, chat_id)
    assert first.model_dump(exclude={"configured_at"}) == {
        "chat_id": chat_id,
        "chat_kind": "group",
        "community": None,
        "subject": "SEO सीखें",
        "language": None,
        "zone": None,
        "channel": CHANNEL,
        "capabilities": ("text", "group"),
    }


async def test_two_gateways_that_meet_a_chat_at_once_tell_of_it_once(store):
    for _ in range(5):
        group = new_group()
        met = await asyncio.gather(*(Stores.of(store).group(group) for _ in range(12)))
        assert len(set(met)) == 1
        assert len(await told(store, met[0])) == 1


async def test_a_new_subject_is_told_and_the_same_one_is_not(store):
    here, there, group = Stores.of(store), Stores.of(store), new_group()
    chat_id = await here.group(group)
    for subject in ("पहला", "पहला", "दूसरा"):
        await there.group(group, subject)
    await here.group(group, "पहला")
    assert [each.subject for each in await told(store, chat_id)] == [None, "पहला", "दूसरा", "पहला"]


async def test_a_subject_of_any_length_is_met(store):
    chat_id = await Stores.of(store).group(new_group(), "ल" * 5000)
    (first,) = await told(store, chat_id)
    assert first.subject == "ल" * 256


async def test_where_a_chat_cannot_be_told_of_it_is_not_met(store, monkeypatch):
    here, group = Stores.of(store), new_group()

    async def failing(*_: object) -> None:
        raise RuntimeError("kill -9")

    monkeypatch.setattr(here.chats._outbox, "add", failing)
    with pytest.raises(RuntimeError):
        await here.group(group)
    chat_id = await Stores.of(store).group(group)
    assert len(await told(store, chat_id)) == 1


async def test_a_known_chat_costs_no_query(store, monkeypatch):
    here, group = Stores.of(store), new_group()
    chat_id = await here.group(group)
    monkeypatch.setattr(here.chats, "_collection", None)
    assert await here.group(group) == chat_id


async def test_what_the_channel_has_learnt_is_told_to_each_of_its_chats_once(store):
    here, account = Stores.of(store), f"account-{uuid.uuid4().hex}"
    wanted: dict[str, tuple[str, str | None]] = {new_group(): ("group", None) for _ in range(150)}
    chats = list((await here.chats.meet("waha", account, wanted)).values())
    direct = await here.chats.meet("waha", account, {"m_" + "1" * 20: ("direct", None)})
    counts = [await here.chats.enable(account, "group", ("polls", "text")) for _ in range(3)]
    assert counts == [100, 50, 0]
    found = [await told(store, chat_id) for chat_id in chats]
    assert {tuple(each.capabilities for each in events) for events in found} == {
        (("text", "group"), ("polls", "text"))
    }
    assert len(await told(store, *direct.values())) == 1


async def test_two_changes_at_once_are_both_kept_and_the_last_word_is_the_whole(store):
    here, chat_id = Stores.of(store), await Stores.of(store).group(new_group())
    group = new_group()
    chat_id = await here.group(group)
    await asyncio.gather(
        here.chats.configure(chat_id, Configuration(community="seo", language="en")),
        Stores.of(store).group(group, "SEO सीखें"),
    )
    last = (await told(store, chat_id))[-1]
    assert (last.community, last.language, last.subject) == ("seo", "en", "SEO सीखें")


class Api:
    def __init__(self, stores: Stores, client: Callable[[str], httpx2.AsyncClient]) -> None:
        self.stores = stores
        self.client = client

    async def put(self, chat_id: str, body: Any, key: str = "writer", **headers: str) -> httpx2.Response:
        return await self.client(key).put(f"/v1/chats/{chat_id}", json=body, headers=headers)

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self.client("reader").get(path, params=params)


@pytest.fixture
async def api(store: Database) -> AsyncIterator[Api]:
    stores = Stores.of(store)
    made = {name: new_key(name, frozenset({scope})) for name, scope in (("reader", READ), ("writer", WRITE))}
    app = create_app(
        "gateway",
        "Chats.",
        chat_router(stores.chats),
        keys=KeyRing(*(stored for _, stored in made.values())),
        clock=CLOCK,
    )
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    clients = {
        name: httpx2.AsyncClient(
            transport=transport, base_url="http://gateway", headers={"authorization": f"Bearer {key}"}
        )
        for name, (key, _) in made.items()
    }
    yield Api(stores, clients.__getitem__)
    for client in clients.values():
        await client.aclose()


async def test_what_an_operator_says_is_shown_told_and_kept(api, store):
    chat_id = await api.stores.group(new_group())
    said = {"community": "seo-7", "language": "hi-Latn", "zone": "Asia/Kolkata"}
    for _ in range(2):
        answer = await api.put(chat_id, said)
        assert answer.status_code == 200
        assert answer.json() == {"chat_id": chat_id, **answer.json(), **said}
    assert (await api.get(f"/v1/chats/{chat_id}")).json() == answer.json()
    events = await told(store, chat_id)
    assert [(each.community, each.language, each.zone) for each in events] == [
        (None, None, None),
        ("seo-7", "hi-Latn", "Asia/Kolkata"),
    ]
    assert (await api.put(chat_id, {"language": "en"})).json()["community"] is None


async def test_who_has_read_another_version_of_a_chat_does_not_undo_what_came_between(api, store):
    chat_id = await api.stores.group(new_group())
    read = (await api.get(f"/v1/chats/{chat_id}")).headers["etag"]
    first = await api.put(chat_id, {"language": "en"}, **{"If-Match": read})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    late = await api.put(chat_id, {"language": "hi"}, **{"If-Match": read})
    assert (late.status_code, late.json()["title"]) == (412, "precondition_failed")
    assert (await api.get(f"/v1/chats/{chat_id}")).json()["language"] == "en"
    assert len(await told(store, chat_id)) == 2
    assert (await api.put(chat_id, {"language": "hi"}, **{"If-Match": "*"})).status_code == 422
    assert (await api.put(chat_id, {"language": "hi"})).headers["etag"] == '"3"'


async def test_chats_are_found_by_account_and_kind(api):
    account = f"account-{uuid.uuid4().hex}"
    group, member = new_group(), "m_" + "1" * 20
    wanted: dict[str, tuple[str, str | None]] = {group: ("group", None), member: ("direct", None)}
    met = await api.stores.chats.meet(CHANNEL, account, wanted)

    async def found(**params: str) -> list[str]:
        return [
            each["chat_id"]
            for each in (await api.get("/v1/chats", account=account, **params)).json()["chats"]
        ]

    assert await found() == sorted(met.values())
    assert await found(kind="group") == [met[group]]
    assert await found(kind="direct") == [met[member]]
    assert (await api.get("/v1/chats", kind="channel")).status_code == 422
    assert (await api.get("/v1/chats", comunity="seo-7")).status_code == 422


async def test_the_chats_of_one_community_are_listed_page_by_page(api):
    community = f"c{uuid.uuid4().hex}"
    mine = sorted([await api.stores.group(new_group()) for _ in range(5)])
    for chat_id in mine:
        await api.put(chat_id, {"community": community})
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await api.get("/v1/chats", community=community, limit=2, **after)).json()
        seen += [each["chat_id"] for each in page["chats"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == mine
    assert (await api.get("/v1/chats", community="nobodys")).json() == {"chats": [], "next": None}


async def test_nobody_writes_who_may_only_read_and_the_other_way_round(api):
    chat_id = await api.stores.group(new_group())
    assert (await api.put(chat_id, {}, key="reader")).status_code == 403
    assert (await api.client("writer").get(f"/v1/chats/{chat_id}")).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"community": {"$gt": ""}},
        {"community": ["seo"]},
        {"community": "SEO सीखें"},
        {"community": ""},
        {"community": "x" * 65},
        {"community": "a\u0000b"},
        {"community": "-seo"},
        {"community": "seo\n"},
        {"language": "fr"},
        {"language": ""},
        {"language": 7},
        {"language": {"$ne": None}},
        {"language": "HI"},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"zone": "asia/kolkata"},
        {"zone": ""},
        {"zone": "x" * 5000},
        {"zone": True},
        {"colour": "blue"},
        [],
        "text",
        None,
        7,
    ],
    ids=ascii,
)
async def test_what_cannot_be_a_setting_is_refused(api, store, body):
    chat_id = await api.stores.group(new_group())
    answer = await api.put(chat_id, body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert len(await told(store, chat_id)) == 1


@pytest.mark.parametrize("chat_id", HOSTILE, ids=ascii)
async def test_a_chat_of_any_name_is_only_text(api, chat_id):
    quoted = "".join(f"%{byte:02x}" for byte in chat_id.encode()).encode()
    url = httpx2.URL("http://gateway").copy_with(raw_path=b"/v1/chats/" + quoted)
    for answer in (await api.client("reader").get(url), await api.client("writer").put(url, json={})):
        assert answer.status_code in {404, 422}
        assert chat_id not in answer.text


@pytest.mark.parametrize("community", ['{"$gt":""}', "$where", "a\x00b", "", "x" * 65], ids=ascii)
async def test_a_community_of_any_name_is_only_text(api, community):
    assert (await api.get("/v1/chats", community=community)).status_code == 422


async def test_a_chat_that_is_not_there_is_not_made(api):
    nobody = "c_" + "0" * 20
    assert (await api.get(f"/v1/chats/{nobody}")).status_code == 404
    assert (await api.put(nobody, {"language": "en"})).status_code == 404
    assert (await api.stores.chats.find(nobody)) is None


async def test_whose_account_it_is_counts(api):
    group = new_group()
    mine = await api.stores.group(group)
    theirs = (await api.stores.chats.meet(CHANNEL, f"not-{ACCOUNT}", {group: ("group", None)}))[group]
    assert mine != theirs
