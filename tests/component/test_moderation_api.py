from __future__ import annotations

import asyncio
import datetime as dt
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

import services.moderation
from services.moderation.api.backtests import READ as CASES
from services.moderation.api.backtests import backtest_router
from services.moderation.api.judge import READ as JUDGE
from services.moderation.api.judge import judge_router
from services.moderation.api.policies import READ, WRITE, Publisher, policy_router
from services.moderation.backtests import AT_ONCE, Backtests
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.listening import Listener
from services.moderation.domain.policy.document import DEFAULT, MAX_RULES, MAX_TEXT
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.room import Room
from services.moderation.domain.scene import Scene
from services.moderation.policies import around_policy
from services.moderation.scenes import Stores, around_message
from services.moderation.store import (
    Cases,
    History,
    PolicyVersions,
    Regressions,
    Rooms,
)
from services.moderation.store.conversion import CONVERSION
from shared.clock import DEFAULT_ZONE, SystemClock
from shared.contracts.envelope import Envelope, decode
from shared.contracts.gateway import MessageReceived, MessageSend
from shared.contracts.moderation import PolicyChanged
from shared.decision import Decision
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.i18n import Catalogue, Language
from shared.log.memory import memory_log
from shared.observability.health import Health
from shared.replies import Speaker
from shared.store.client import Database, Mongo
from shared.stream.desk import Desk
from shared.stream.runtime import Runtime
from tests.support.moderation import NOW, writes
from tests.support.moderation_stores import stores_in
from tests.support.streams import eventually

CLOCK = SystemClock()
LOCALE = Path(services.moderation.__file__).parent / "locale"
DETECTORS = shipped(None)
RULES = [
    {"id": "topic", "texts": {"hi": "विषय पर रहें।", "en": "Stay on topic."}},
    {"id": "kind", "texts": {"hi": "आदर से बात करें।"}},
]
BODY: dict[str, Any] = {"language": "hi", "rules": RULES}
SCAM = "घर बैठे रोज 3000 कमाओ, पहले 500 रजिस्ट्रेशन फीस, WhatsApp करो 9876543210"


def one(text: str) -> dict[str, Any]:
    return {"language": "hi", "rules": [{"id": "own", "texts": {"hi": text}}]}


@dataclass
class Api:
    admin: httpx2.AsyncClient
    reader: httpx2.AsyncClient
    runtime: Runtime
    store: Database
    stores: Stores

    async def put(
        self, scope: str, body: object = BODY, *, force: bool = False, **headers: str
    ) -> httpx2.Response:
        params = {"force": "true"} if force else {}
        return await self.admin.put(f"/v1/policies/{scope}", json=body, headers=headers, params=params)

    async def get(self, scope: str, **params: Any) -> httpx2.Response:
        return await self.reader.get(f"/v1/policies/{scope}", params=params)

    async def facts(self, chat: str) -> list[Any]:
        return [each for each in await self.events(chat) if isinstance(each, PolicyChanged)]

    async def events(self, chat: str) -> list[Any]:
        rows = await self.runtime.outbox.next(10_000)
        events = [decode(row.record.value, row.record.headers) for row in rows]
        return [each.data for each in events if each.partition_key == chat]

    async def hears(self, chat: str, *texts: str, at: dt.datetime | None = None) -> None:
        """Let messages be judged as a consumer would."""
        speaker = Speaker(Catalogue.load(LOCALE), Language.HI, DEFAULT_ZONE)
        desk = Desk("moderation", around_message(self.stores), self.runtime, speaker)
        listener, time = Listener(DETECTORS), at or CLOCK.now() - dt.timedelta(minutes=30)
        for text in texts:
            number = secrets.randbits(60)
            event = writes(number, text, by=secrets.randbits(40), at=time)
            heard = replace(event, data=event.data.model_copy(update={"chat_id": chat}))

            def decide(
                scene: Scene, _: dt.datetime, heard: Envelope[MessageReceived] = heard
            ) -> Decision[Scene]:
                return listener.decide_message(scene, heard, heard.time)

            await desk.decide(heard.data, decide)
            time += dt.timedelta(minutes=1)


@pytest.fixture
async def api(mongo: Mongo, store: Database) -> AsyncIterator[Api]:
    key, stored = new_key("admin", frozenset({READ, WRITE, CASES, JUDGE}))
    reading_key, reading = new_key("reader", frozenset({READ}))
    runtime = Runtime.of(
        "moderation", backend=memory_log(), mongo=mongo, database=store, clock=CLOCK, health=Health()
    )
    rooms, versions, cases = Rooms(store), PolicyVersions(store), Cases(store)
    regressions, history = Regressions(store), History(store, dt.timedelta(days=30))
    stores = stores_in(store)
    speaker = Speaker(Catalogue.load(LOCALE), Language.HI, DEFAULT_ZONE)
    publisher = Publisher(
        Desk("moderation", around_policy(stores), runtime, speaker), versions, rooms, regressions
    )
    backtests = Backtests(history, cases, versions, DETECTORS)
    app = create_app(
        "moderation",
        "Rules.",
        policy_router(publisher, versions, DETECTORS, speaker),
        backtest_router(backtests, publisher, rooms, DETECTORS, CLOCK),
        judge_router(publisher, DETECTORS, CLOCK),
        keys=KeyRing(stored, reading),
        clock=CLOCK,
    )

    def client(given: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {given}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://moderation", headers=headers)

    async with client(key) as admin, client(reading_key) as reader:
        yield Api(admin, reader, runtime, store, stores)
    await backtests.close()


@pytest.fixture
def chat() -> str:
    return f"c_{secrets.token_hex(10)}"


@pytest.fixture
def community() -> str:
    return f"community:c{secrets.token_hex(5)}"


async def test_rules_are_put_into_force_and_read_back(api, chat):
    put = await api.put(chat)
    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    got = await api.get(chat)
    assert got.headers["etag"] == '"1"'
    view = got.json()
    assert (view["scope"], view["version"], view["changed_by"], view["note"]) == (chat, 1, "admin", None)
    assert [each["texts"] for each in view["document"]["rules"]] == [each["texts"] for each in RULES]
    (fact,) = await api.facts(chat)
    assert (fact.version, fact.languages, fact.changed_by) == (1, ("en", "hi"), "admin")


async def test_a_scope_without_rules_of_its_own_has_none(api, chat, community):
    assert (await api.get(chat)).status_code == 404
    assert (await api.get(community)).status_code == 404


async def test_earlier_versions_stay_readable(api, chat):
    for number in range(1, 4):
        assert (await api.put(chat, one(f"नियम {number}"))).json()["version"] == number
    for number in range(1, 4):
        answer = await api.get(chat, version=number)
        assert answer.headers["etag"] == f'"{number}"'
        assert answer.json()["document"]["rules"][0]["texts"] == {"hi": f"नियम {number}"}
    assert (await api.get(chat)).json()["version"] == 3
    assert (await api.get(chat, version=4)).status_code == 404
    assert [fact.version for fact in await api.facts(chat)] == [1, 2, 3]
    page = (await api.reader.get(f"/v1/policies/{chat}/versions", params={"limit": 2})).json()
    assert ([each["version"] for each in page["versions"]], page["next"]) == ([3, 2], 2)
    page = (await api.reader.get(f"/v1/policies/{chat}/versions", params={"limit": 2, "before": 2})).json()
    assert ([each["version"] for each in page["versions"]], page["next"]) == ([1], None)


async def test_putting_the_same_again_is_no_new_version(api, chat):
    first, second = await api.put(chat), await api.put(chat)
    assert second.json() == first.json()
    assert len(await api.facts(chat)) == 1


async def test_who_has_read_the_current_version_may_replace_it(api, chat):
    await api.put(chat, **{"If-Match": '"0"'})
    assert (await api.put(chat, one("."), **{"If-Match": '"1"'})).headers["etag"] == '"2"'
    assert (await api.put(chat, BODY, **{"If-Match": 'W/"2"'})).headers["etag"] == '"3"'


@pytest.mark.parametrize("etag", ['"0"', '"2"', '"9999999999"'])
async def test_who_has_read_another_version_may_not(api, chat, etag):
    await api.put(chat)
    answer = await api.put(chat, one("."), **{"If-Match": etag})
    assert (answer.status_code, answer.json()["title"]) == (412, "precondition_failed")
    assert (await api.get(chat)).json()["version"] == 1
    assert len(await api.facts(chat)) == 1


@pytest.mark.parametrize("etag", ["*", '"one"', '"-1"', '"1.0"', '"', '"१"'.encode(), "9" * 5000])
async def test_an_etag_that_is_no_version_is_refused(api, chat, etag):
    answer = await api.put(chat, **{"If-Match": etag})
    assert (answer.status_code, answer.json()["title"]) == (422, "invalid")
    assert await api.facts(chat) == []


async def test_of_many_who_replace_the_same_version_one_does(api, chat):
    await api.put(chat)
    bodies = [one(f"नियम {number}") for number in range(8)]
    answers = await asyncio.gather(*(api.put(chat, body, **{"If-Match": '"1"'}) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert (await api.get(chat)).json() == winner
    assert [fact.version for fact in await api.facts(chat)] == [1, 2]


async def test_of_many_who_do_not_ask_each_makes_a_version(api, chat):
    answers = await asyncio.gather(*(api.put(chat, one(f"नियम {number}")) for number in range(6)))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4, 5, 6]


async def test_a_communitys_rules_hold_in_its_chats_that_have_none_of_their_own(api, chat, community):
    name = community.removeprefix("community:")
    async with api.store.client.start_session() as session:
        await api.stores.rooms.save(session, {chat: Room(chat, community=name, seq=5, language="hi")})
    put = await api.put(community)
    assert (put.status_code, put.json()["scope"]) == (200, community)
    (fact,) = await api.facts(chat)
    assert (fact.community, fact.version) == (name, 1)
    notices = [each for each in await api.events(chat) if isinstance(each, MessageSend)]
    assert len(notices) == 1
    assert (await api.get(chat)).status_code == 404


async def test_a_policy_is_rolled_back_copied_exported_imported_and_compared(api, chat, community):
    await api.put(chat, one("पहला"))
    await api.put(chat, one("दूसरा"))
    back = await api.admin.post(f"/v1/policies/{chat}:rollback", json={"version": 1})
    assert (back.headers["etag"], back.json()["note"]) == ('"3"', "as version 1")
    assert (await api.admin.post(f"/v1/policies/{chat}:rollback", json={"version": 9})).status_code == 404
    copied = await api.admin.post(f"/v1/policies/{chat}:copy", json={"to": community})
    assert (copied.json()["scope"], copied.json()["version"]) == (community, 1)
    assert copied.json()["document"] == back.json()["document"]
    exported = await api.reader.get(f"/v1/policies/{chat}:export", params={"version": 2})
    assert exported.headers["policy-format"] == "1"
    other = f"c_{secrets.token_hex(10)}"
    imported = await api.put(other, exported.json(), **{"Policy-Format": "1"})
    assert imported.json()["document"] == exported.json()
    assert (await api.put(other, exported.json(), **{"Policy-Format": "2"})).status_code == 422
    query = {"from": 1, "to": 2, "language": "hi"}
    assert (await api.reader.get(f"/v1/policies/{chat}:diff", params=query)).json() == {
        "changes": ["नियम 1 अब: दूसरा"]
    }
    built_in = await api.reader.get(f"/v1/policies/{chat}:diff", params={"from": 0, "to": 3})
    assert len(built_in.json()["changes"]) > 5


async def test_rules_that_would_hit_again_what_was_fine_are_refused_with_the_list(api, chat):
    scope = f"chat:{chat}"
    example = Regression(f"{scope}#7", scope, "mera naam chameli hai", "own", "patterns", "word", NOW)
    async with api.store.client.start_session() as session:
        await api.stores.regressions.save(session, {example.case: example})
    body = one(".")
    body["rules"][0]["checks"] = {"patterns": {"words": ["chameli"]}}
    refused = await api.put(chat, body)
    assert (refused.status_code, refused.json()["title"]) == (409, "would_hit_again")
    assert f"{scope}#7" in refused.json()["detail"]
    assert (await api.put(chat, body, force=True)).status_code == 200


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            {
                "rules": [
                    {"id": "own", "texts": {"hi": "."}, "checks": {"patterns": {"patterns": ["(?=a)b"]}}}
                ]
            },
            "(?=a)b",
        ),
        ({"rules": [{"id": "own", "texts": {"hi": "."}, "checks": {"nothing": {}}}]}, "nothing"),
        ({"rules": [{"id": "own", "texts": {"en": "."}}]}, "Rule 1 has no text"),
        (
            {"rules": [{"id": "own", "texts": {"hi": "क" * MAX_TEXT}}, {"id": "b", "texts": {"hi": "क"}}]},
            "longer than",
        ),
    ],
)
async def test_what_cannot_be_judged_by_is_refused_by_name(api, chat, body, why):
    answer = await api.put(chat, body)
    assert (answer.status_code, answer.json()["title"]) == (422, "invalid")
    assert why in answer.json()["detail"]
    assert await api.facts(chat) == []


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], None, {"rules": []}, {"rules": [{}]}, BODY | {"extra": 1}, {"language": "hi"}),
        {"rules": [{"id": "A b", "texts": {"hi": "."}}]},
        {"rules": [{"id": f"r{number}", "texts": {"hi": "."}} for number in range(MAX_RULES + 1)]},
        {"rules": [{"id": "own", "texts": {"hi": "."}, "state": "maybe"}]},
        BODY | {"strictness": "harsh"},
        BODY | {"experts": ["everybody"]},
    ],
)
async def test_what_is_no_document_is_refused(api, chat, body):
    answer = await api.put(chat, body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert await api.facts(chat) == []


@pytest.mark.parametrize("content", [b"", b"{", b'"\xff"', b"[" * 50_000, b"NaN"])
async def test_what_is_no_json_is_refused(api, chat, content):
    answer = await api.admin.put(
        f"/v1/policies/{chat}", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code in {400, 422}


async def test_each_key_may_do_what_it_was_made_for(api, chat):
    url = f"/v1/policies/{chat}"
    for method, path, body in (
        ("PUT", url, BODY),
        ("POST", f"{url}:rollback", {"version": 1}),
        ("POST", f"{url}:copy", {"to": chat}),
        (
            "POST",
            "/v1/policies:backtest",
            {"scope": chat, "start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"},
        ),
        ("GET", f"/v1/fairness?scope={chat}", None),
        ("GET", f"{url}/shadow", None),
        ("POST", "/v1/judge", {"texts": ["x"]}),
    ):
        answer = await api.reader.request(method, path, json=body)
        assert (answer.status_code, answer.json()["title"]) == (403, "forbidden"), path


@pytest.mark.parametrize(
    "name",
    [
        "c_1",
        "c_" + "1" * 21,
        "c_" + "A" * 20,
        "community:",
        "community:A",
        "chat:c_" + "1" * 20,
        "%00",
        "x" * 5000,
    ],
)
async def test_what_is_no_scope_is_refused(api, name):
    for answer in (await api.get(name), await api.put(name)):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "path.scope"


@pytest.mark.parametrize("version", [0.5, -1, "one", 2**31 + 1, "9" * 5000, "1e3", '{"$gt":0}'])
async def test_a_version_that_cannot_be_is_refused(api, chat, version):
    assert (await api.get(chat, version=version)).status_code == 422


async def test_an_operator_in_the_query_asks_for_nothing(api, chat):
    await api.put(chat)
    other = f"c_{secrets.token_hex(10)}"
    assert (await api.get(other, **{"version[$gt]": 0})).status_code == 404


async def test_the_test_box_tells_everything_and_keeps_nothing(api, chat):
    before = await counts(api.store)
    text = f"सुनो! {SCAM}"
    answer = await api.admin.post("/v1/judge", json={"texts": [text, "नमस्ते"], "trust": "new"})
    scam, greeting = answer.json()["judgements"]
    assert (scam["intent"], scam["script"], greeting["intent"], greeting["reasons"]) == (
        "remove",
        "hinglish",
        "allow",
        [],
    )
    reason = scam["reasons"][0]
    assert (reason["rule"], reason["number"]) == ("income", 4)
    for original, normal in zip(reason["original"], reason["normal"], strict=True):
        assert 0 <= original["start"] < original["end"] <= len(text)
        assert 0 <= normal["start"] < normal["end"] <= len(scam["normal"])
    assert await counts(api.store) == before


async def test_the_test_box_takes_a_thousand_texts_and_an_unpublished_policy(api):
    document = {
        "rules": [{"id": "own", "texts": {"hi": "."}, "checks": {"patterns": {"words": ["chameli"]}}}]
    }
    texts = ["mera naam Chameli hai", "namaste"] * 500
    found = (await api.admin.post("/v1/judge", json={"texts": texts, "document": document})).json()
    assert found["policy_version"] is None
    assert [each["intent"] for each in found["judgements"][:2]] == ["hold", "allow"]
    assert len(found["judgements"]) == 1000
    for bad in (["x"] * 1001, [], ["x" * 4097], [1]):
        assert (await api.admin.post("/v1/judge", json={"texts": bad})).status_code == 422


async def counts(store: Database) -> dict[str, int]:
    return {name: await store[name].count_documents({}) for name in await store.list_collection_names()}


def lately(chat: str, **more: Any) -> dict[str, Any]:
    now = CLOCK.now()
    return {
        "scope": chat,
        "start": str(now - dt.timedelta(days=1)),
        "end": str(now + dt.timedelta(1)),
        **more,
    }


async def backtested(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    started = await api.admin.post("/v1/policies:backtest", json=body)
    assert started.status_code == 202, started.text
    found: dict[str, Any] = {}

    async def over() -> bool:
        found.update((await api.admin.get(started.headers["location"])).json())
        return found["state"] != "running"

    await eventually(over, "the backtest is over")
    return found


async def test_a_backtest_reproduces_what_was_decided_and_changes_nothing(api, chat):
    await api.hears(chat, "नमस्ते", SCAM, "क्या आज क्लास है?", "https://example.com/blog")
    before = await counts(api.store)
    live = await backtested(api, lately(chat))
    assert (live["state"], live["done"], live["total"]) == ("done", 4, 4)
    assert (live["report"]["judged"], live["report"]["changed"]) == (4, 0)
    assert live["report"]["did_hit"] == live["report"]["would_hit"] >= 1
    mild = {"rules": [{"id": "own", "texts": {"hi": "."}}]}
    other = (await backtested(api, lately(chat, document=mild)))["report"]
    assert (other["would_hit"], other["no_longer_hit"]) == (0, live["report"]["did_hit"])
    assert any(each["text"] == SCAM for each in other["samples"])
    assert await counts(api.store) == before


@pytest.mark.parametrize(
    "change",
    [
        {"end": "2020-01-01T00:00:00Z"},
        {"start": "2020-01-01T00:00:00Z"},
        {"start": "2026-01-01T00:00:00"},
        {"version": 0},
    ],
)
async def test_a_backtest_of_no_period_is_refused(api, chat, change):
    assert (await api.admin.post("/v1/policies:backtest", json=lately(chat, **change))).status_code == 422
    assert (await api.admin.get(f"/v1/backtests/b_{'0' * 20}")).status_code == 404


async def test_only_so_many_backtests_run_at_once(api, chat):
    answers = await asyncio.gather(
        *(api.admin.post("/v1/policies:backtest", json=lately(chat)) for _ in range(AT_ONCE + 3))
    )
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert sum(answer.status_code == 202 for answer in answers) >= AT_ONCE


async def test_b5_13_what_a_shadow_rule_would_have_hit_is_counted_with_examples_and_nobody_notices(api, chat):
    rules = json.loads(DEFAULT.document.model_dump_json())
    for rule in rules["rules"]:
        rule["state"] = "shadow"
    await api.put(chat, rules)
    await api.hears(chat, SCAM, "नमस्ते", SCAM + " आज ही")
    assert [each for each in await api.events(chat) if not isinstance(each, PolicyChanged)] == []
    found = (await api.admin.get(f"/v1/policies/{chat}/shadow")).json()
    income = next(each for each in found if each["rule"] == "income")
    assert income["count"] == 2
    assert [each["text"] for each in income["examples"]] == [SCAM, SCAM + " आज ही"]


async def test_fairness_is_told_by_script_and_by_tenure(api, chat):
    await api.hears(chat, SCAM, "नमस्ते", "how do I start with SEO today")
    found = (await api.admin.get("/v1/fairness", params={"scope": chat, "days": 2})).json()
    assert {each["name"] for each in found["scripts"]} == {"devanagari", "hinglish", "english"}
    assert [(each["name"], each["messages"]) for each in found["tenure"]] == [("newcomer", 3)]
    assert found["alarms"] == []


async def test_rules_from_before_become_documents_with_all_their_versions(api, chat):
    texts = [{"hi": "पुराना", "en": "Old"}, {"hi": "दूसरा"}]
    before = {"chat_id": chat, "language": "hi", "changed_by": "office", "changed_at": NOW}
    for version in (1, 2):
        await api.store["policies"].insert_one(before | {"version": version, "rules": texts[:version]})
    await api.store["conduct"].insert_one({"_id": chat, "policy": None, "hinted_at": NOW})
    for _ in range(2):
        await CONVERSION.run(api.store)
    now, first = (await api.get(chat)).json(), (await api.get(chat, version=1)).json()
    assert [(each["id"], each["texts"]) for each in now["document"]["rules"]] == [
        ("rule_1", texts[0]),
        ("rule_2", texts[1]),
    ]
    assert (now["version"], first["version"], len(first["document"]["rules"])) == (2, 1, 1)
    room = await api.stores.rooms.find(chat)
    assert room.policy is not None
    assert (room.policy.version, room.hinted_at) == (2, NOW)
    assert (await api.put(chat, one("नया"), **{"If-Match": '"2"'})).json()["version"] == 3
