from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

import services.moderation
from services.moderation.api import READ, WRITE, policy_router
from services.moderation.domain.policy import MAX_RULES, MAX_TEXT, Conduct
from services.moderation.store import Conducts
from shared.clock import DEFAULT_ZONE, SystemClock
from shared.contracts.envelope import decode
from shared.contracts.moderation import PolicyChanged
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.i18n import Catalogue, Language
from shared.log.memory import memory_log
from shared.observability.health import Health
from shared.replies import Speaker
from shared.store.client import Database, Mongo
from shared.stream.desk import Desk
from shared.stream.runtime import Runtime

CLOCK = SystemClock()
LOCALE = Path(services.moderation.__file__).parent / "locale"
RULES = [{"hi": "विषय पर रहें।", "en": "Stay on topic."}, {"hi": "आदर से बात करें।"}]
BODY: dict[str, Any] = {"language": "hi", "rules": RULES}


@dataclass
class Api:
    admin: httpx2.AsyncClient
    reader: httpx2.AsyncClient
    runtime: Runtime
    store: Database

    async def put(self, chat: str, body: object = BODY, **headers: str) -> httpx2.Response:
        return await self.admin.put(f"/v1/policies/{chat}", json=body, headers=headers)

    async def get(self, chat: str, **params: Any) -> httpx2.Response:
        return await self.reader.get(f"/v1/policies/{chat}", params=params)

    async def facts(self, chat: str) -> list[Any]:
        rows = await self.runtime.outbox.next(10_000)
        events = [decode(row.record.value, row.record.headers) for row in rows]
        return [each.data for each in events if each.partition_key == chat]


@pytest.fixture
async def api(mongo: Mongo, store: Database) -> AsyncIterator[Api]:
    key, stored = new_key("admin", frozenset({READ, WRITE}))
    reading_key, reading = new_key("reader", frozenset({READ}))
    runtime = Runtime.of(
        "moderation", backend=memory_log(), mongo=mongo, database=store, clock=CLOCK, health=Health()
    )
    conducts = Conducts(store)
    speaker = Speaker(Catalogue.load(LOCALE), Language.HI, DEFAULT_ZONE)
    desk: Desk[Conduct] = Desk("moderation", conducts, runtime, speaker)
    router = policy_router(conducts, desk)
    app = create_app("moderation", "Rules.", router, keys=KeyRing(stored, reading), clock=CLOCK)

    def client(given: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {given}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://moderation", headers=headers)

    async with client(key) as admin, client(reading_key) as reader:
        yield Api(admin, reader, runtime, store)


@pytest.fixture
def chat() -> str:
    return f"c_{secrets.token_hex(10)}"


async def test_rules_are_put_into_force_and_read_back(api, chat):
    put = await api.put(chat)
    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    got = await api.get(chat)
    assert got.headers["etag"] == '"1"'
    assert got.json() | {"changed_at": ""} == {
        "chat_id": chat,
        "version": 1,
        "language": "hi",
        "rules": RULES,
        "changed_by": "admin",
        "changed_at": "",
    }
    (fact,) = await api.facts(chat)
    assert isinstance(fact, PolicyChanged)
    assert (fact.version, fact.languages, fact.changed_by) == (1, ("en", "hi"), "admin")


async def test_a_chat_without_rules_of_its_own_has_none(api, chat):
    assert (await api.get(chat)).status_code == 404


async def test_earlier_versions_stay_readable(api, chat):
    for number in range(1, 4):
        answer = await api.put(chat, {"language": "hi", "rules": [{"hi": f"नियम {number}"}]})
        assert answer.json()["version"] == number
    for number in range(1, 4):
        answer = await api.get(chat, version=number)
        assert answer.headers["etag"] == f'"{number}"'
        assert answer.json()["rules"] == [{"hi": f"नियम {number}"}]
    assert (await api.get(chat)).json()["version"] == 3
    assert (await api.get(chat, version=4)).status_code == 404
    assert [fact.version for fact in await api.facts(chat)] == [1, 2, 3]


async def test_putting_the_same_again_is_no_new_version(api, chat):
    first, second = await api.put(chat), await api.put(chat)
    assert second.json() == first.json()
    assert len(await api.facts(chat)) == 1


async def test_who_has_read_the_current_version_may_replace_it(api, chat):
    await api.put(chat, **{"If-Match": '"0"'})
    changed = BODY | {"rules": RULES[:1]}
    assert (await api.put(chat, changed, **{"If-Match": '"1"'})).headers["etag"] == '"2"'
    assert (await api.put(chat, BODY, **{"If-Match": 'W/"2"'})).headers["etag"] == '"3"'


@pytest.mark.parametrize("etag", ['"0"', '"2"', '"9999999999"'])
async def test_who_has_read_another_version_may_not(api, chat, etag):
    await api.put(chat)
    answer = await api.put(chat, BODY | {"rules": RULES[:1]}, **{"If-Match": etag})
    assert (answer.status_code, answer.json()["title"]) == (409, "conflict")
    assert (await api.get(chat)).json()["version"] == 1
    assert len(await api.facts(chat)) == 1


@pytest.mark.parametrize("etag", ["*", '"one"', '"-1"', '"1.0"', '"', '"१"'.encode(), "9" * 5000])
async def test_an_etag_that_is_no_version_is_refused(api, chat, etag):
    answer = await api.put(chat, **{"If-Match": etag})
    assert (answer.status_code, answer.json()["title"]) == (422, "invalid")
    assert await api.facts(chat) == []


async def test_of_many_who_replace_the_same_version_one_does(api, chat):
    await api.put(chat)
    bodies = [BODY | {"rules": [{"hi": f"नियम {number}"}]} for number in range(8)]
    answers = await asyncio.gather(*(api.put(chat, body, **{"If-Match": '"1"'}) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert (await api.get(chat)).json() == winner
    assert [fact.version for fact in await api.facts(chat)] == [1, 2]


async def test_of_many_who_do_not_ask_each_makes_a_version(api, chat):
    bodies = [BODY | {"rules": [{"hi": f"नियम {number}"}]} for number in range(6)]
    answers = await asyncio.gather(*(api.put(chat, body) for body in bodies))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4, 5, 6]


async def test_only_who_may_write_writes(api, chat):
    url = f"/v1/policies/{chat}"
    assert (await api.reader.put(url, json=BODY)).status_code == 403
    for given in ("", "Bearer ", "Bearer key_admin_guess", "Basic YWRtaW46"):
        for answer in (
            await api.admin.put(url, json=BODY, headers={"authorization": given}),
            await api.admin.get(url, headers={"authorization": given}),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    assert (await api.get(chat)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"language": "hi"},
        {"language": "hi", "rules": []},
        {"language": "hi", "rules": {}},
        {"language": "hi", "rules": ["नियम"]},
        {"language": "hi", "rules": [{}]},
        {"language": "hi", "rules": [{"hi": ""}]},
        {"language": "hi", "rules": [{"hi": "  "}]},
        {"language": "hi", "rules": [{"en": "Stay on topic."}]},
        {"language": "hi", "rules": [{"hi": None}]},
        {"language": "hi", "rules": [{"hi": {"$gt": ""}}]},
        {"language": "hi", "rules": [{"hi": ["a"]}]},
        {"language": "hi", "rules": [{"hi": "क", "$gt": "x"}]},
        {"language": "hi", "rules": [{"hi": "क", "a.b": "x"}]},
        {"language": "hi", "rules": [{"hi": "क" * (MAX_TEXT + 1)}]},
        {"language": "hi", "rules": [{"hi": "क"}] * (MAX_RULES + 1)},
        {"language": "hi", "rules": [{"hi": "क" * MAX_TEXT}] * 2},
        {"language": {"$ne": None}, "rules": RULES},
        {"language": "fr", "rules": RULES},
        {"language": "hi", "rules": RULES, "version": 7},
        {"language": "hi", "rules": RULES, "$set": {"version": 7}},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
async def test_rules_that_make_no_sense_are_refused(api, chat, body):
    answer = await api.put(chat, body)
    assert (answer.status_code, answer.json()["title"]) == (422, "invalid")
    assert await api.facts(chat) == []
    assert (await api.get(chat)).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"language":"hi","rules":[{"hi":"\\ud800"}]}', b"[" * 50_000]
)
async def test_a_body_that_is_no_text_is_refused(api, chat, body):
    answer = await api.admin.put(
        f"/v1/policies/{chat}", content=body, headers={"content-type": "application/json"}
    )
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "text",
    [
        '{"$gt":""}',
        "$where: 1",
        "a\x00b",
        "<script>alert(1)</script>",
        "{count} {0} %s",
        "\u202eउल्टा",
        "*_~`",
    ],
    ids=ascii,
)
async def test_what_looks_like_code_is_stored_as_the_text_it_is(api, chat, text):
    body = {"language": "hi", "rules": [{"hi": text}]}
    assert (await api.put(chat, body)).status_code == 200
    assert (await api.get(chat)).json()["rules"] == [{"hi": text}]


@pytest.mark.parametrize(
    "name",
    [
        *("x", "c_", "c_" + "g" * 20, "c_" + "A" * 20, "c_" + "1" * 21, "c_" + "1" * 20 + "%0a", "%00"),
        *("x" * 5000, "%7b%22$gt%22:%22%22%7d", "c_" + "%d9%a1" * 20),
    ],
)
async def test_what_is_no_chat_is_refused(api, name):
    for answer in (await api.get(name), await api.put(name)):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "path.chat_id"


@pytest.mark.parametrize("version", [0, -1, "one", 2**31 + 1, "9" * 5000, "1e3", '{"$gt":0}'])
async def test_a_version_that_cannot_be_is_refused(api, chat, version):
    assert (await api.get(chat, version=version)).status_code == 422


async def test_an_operator_in_the_query_asks_for_nothing(api, chat):
    await api.put(chat)
    other = f"c_{secrets.token_hex(10)}"
    assert (await api.get(other, **{"version[$gt]": 0})).status_code == 404
    assert (await api.get(chat, **{"version[$gt]": 5})).json()["version"] == 1
