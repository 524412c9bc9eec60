from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

import services.moderation
from services.moderation import consumer
from services.moderation.domain.listening import Listener
from services.moderation.store import (
    MIGRATIONS,
)
from shared.clock import DEFAULT_ZONE, FixedClock
from shared.contracts.topics import OUTBOUND, TOPICS, replay_topic
from shared.errors import StoreUnavailable, Undecodable, UnknownVersion
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.i18n import Catalogue, Language
from shared.log.memory import memory_log
from shared.log.record import NewRecord, Record
from shared.observability.health import Health
from shared.replay.api import SCOPE, dead_letter_router
from shared.replay.letters import Letters
from shared.replay.marks import MIGRATION
from shared.replies import Speaker
from shared.store.client import Database, Mongo, database
from shared.store.migrations import migrate
from shared.stream.dead_letter import dead_letter
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.runtime import Runtime
from tests.support import events
from tests.support.events import NOW
from tests.support.moderation_stores import stores_in
from tests.support.streams import started

LOCALE = Path(services.moderation.__file__).parent / "locale"
PRIVATE = "Asha ने जो लिखा"
HOSTILE = ['{"$gt":""}', "$where", "a\x00b", "\u202e", "x" * 5000, "..", "' OR 1=1", "\ufeff", "0-१", "", "-"]


@dataclass
class Api:
    client: httpx2.AsyncClient
    stranger: httpx2.AsyncClient
    letters: Letters
    runtime: Runtime

    async def get(self, path: str = "", **params: Any) -> httpx2.Response:
        return await self.client.get(f"/v1/dlq{path}", params=params)

    async def post(self, what: str, **body: Any) -> httpx2.Response:
        return await self.client.post(f"/v1/dlq/{what}", json=body)

    async def aside(self, *numbers: int, text: str = PRIVATE, error: Exception | None = None) -> None:
        await self.runtime.backend.append([aside(number, text, error) for number in numbers])

    async def rows(self) -> list[NewRecord]:
        return [row.record for row in await self.runtime.outbox.next(10_000)]

    async def open(self) -> list[str]:
        return [each["id"] for each in (await self.get()).json()["letters"]]


def aside(number: int, text: str = PRIVATE, error: Exception | None = None) -> NewRecord:
    new = events.record(events.received(number, chat=events.chat_id(number), text=text))
    record = Record(new.topic, 3, 4711 + number, new.key, new.value, new.headers)
    return dead_letter(record, "moderation", "moderation", error or Undecodable("No."), now=NOW)


@pytest.fixture(scope="module")
async def place(mongo: Mongo) -> AsyncIterator[Database]:
    opened = database(mongo, f"letters_{uuid.uuid4().hex[:12]}")
    await migrate(opened, FixedClock(NOW), [*MIGRATIONS, MIGRATION])
    yield opened
    await mongo.drop_database(opened.name)


@pytest.fixture
async def api(mongo: Mongo, place: Database) -> AsyncIterator[Api]:
    key, stored = new_key("asha", frozenset({SCOPE}))
    other_key, other_stored = new_key("stranger", frozenset({"policies:read"}))
    clock = FixedClock(NOW)
    for collection in ("_letters", "_outbox", "_inbox", "rooms", "history"):
        await place[collection].delete_many({})
    async with started(memory_log(), TOPICS) as backend:
        runtime = Runtime.of(
            "moderation", backend=backend, mongo=mongo, database=place, clock=clock, health=Health()
        )
        speaker = Speaker(Catalogue.load(LOCALE), Language.HI, DEFAULT_ZONE)
        stores = stores_in(place)
        table = consumer.subscription(stores, Listener({}))
        loops = [Relay(runtime, place), Processor(table, runtime, speaker)]
        letters = Letters(runtime, place)
        app = create_app(
            "moderation",
            "Rules.",
            dead_letter_router(letters, loops),
            keys=KeyRing(stored, other_stored),
            clock=clock,
        )

        def client(given: str) -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
            headers = {"authorization": f"Bearer {given}"}
            return httpx2.AsyncClient(transport=transport, base_url="http://moderation", headers=headers)

        async with client(key) as operator, client(other_key) as stranger:
            yield Api(operator, stranger, letters, runtime)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/0-0"), ("POST", "/plan"), ("POST", "/replay"), ("POST", "/drop")],
)
async def test_only_who_may_touch_letters_does(api, method, path):
    await api.aside(0)
    body = {"ids": ["0-0"]} if method == "POST" else None
    for given, status in ((api.stranger, 403), (api.client, 401)):
        headers = {} if given is api.stranger else {"authorization": "Bearer key_asha_guess"}
        answer = await given.request(method, f"/v1/dlq{path}", json=body, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert await api.open() == ["0-0"]


class TestReading:
    async def test_a_page_with_a_summary_and_without_what_members_wrote(self, api):
        await api.aside(0)
        answer = await api.get()
        assert answer.headers["cache-control"] == "no-store"
        assert PRIVATE not in answer.text
        event = events.received(0, chat=events.chat_id(0), text=PRIVATE)
        page = answer.json()
        assert page["letters"][0] | {"size": 0, "version": ""} == {
            "id": "0-0",
            "state": "open",
            "consumer": "moderation",
            "reason": "undecodable",
            "error": "Undecodable: No.",
            "origin": "gateway.inbound.v1/3/4711",
            "at": "2026-11-05T06:30:00Z",
            "attempts": 1,
            "version": "",
            "type": "message.received",
            "event_id": event.id,
            "correlation_id": event.id,
            "key": events.chat_id(0),
            "size": 0,
            "mark": None,
        }
        assert (page["service"], page["next"]) == ("moderation", None)
        assert page["summary"] == {
            "total": 1,
            "reasons": {"undecodable": 1},
            "consumers": {"moderation": 1},
            "types": {"message.received": 1},
        }

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
    async def test_pages_hold_every_letter_once(self, api, limit):
        await api.aside(*range(7))
        seen: list[str] = []
        after: dict[str, str] = {}
        for _ in range(8):
            page = (await api.get(limit=limit, **after)).json()
            assert 0 < len(page["letters"]) <= limit
            assert page["summary"]["total"] == 7
            seen += [each["id"] for each in page["letters"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert seen == [f"0-{number}" for number in range(7)]

    async def test_filters(self, api):
        await api.aside(0)
        await api.aside(1, error=UnknownVersion("New."))
        for params, ids in (
            ({"reason": "undecodable"}, ["0-0"]),
            ({"reason": ["undecodable", "unknown_version"]}, ["0-0", "0-1"]),
            ({"consumer": "moderation", "type": "message.received"}, ["0-0", "0-1"]),
            ({"type": "message.send"}, []),
            ({"since": "2h"}, ["0-0", "0-1"]),
            ({"until": "2h"}, []),
            ({"since": "2026-11-05T06:30Z", "until": "2026-11-05T06:31Z"}, ["0-0", "0-1"]),
        ):
            page = (await api.get(**params)).json()
            assert [each["id"] for each in page["letters"]] == ids

    async def test_one_letter_with_its_content_only_on_request(self, api):
        await api.aside(0)
        plain = await api.get("/0-0")
        assert PRIVATE not in plain.text
        shown = plain.json()
        assert shown["headers"]["x-dlq-reason"] == "undecodable"
        assert {"chat_id", "text"} <= set(shown["body"]["fields"])
        full = (await api.get("/0-0", body=True)).json()
        assert json.loads(full["body"]["content"])["text"] == PRIVATE

    async def test_what_is_not_there_is_not_found(self, api):
        for letter_id in ("0-0", "9-9", "outbox-00000000000000000001-abcdef01"):
            answer = await api.get(f"/{letter_id}")
            assert (answer.status_code, answer.json()["title"]) == (404, "not_found")

    @pytest.mark.parametrize(
        "value", [b"", b"\xff\x00", b"[" * 100_000, b'{"a":' * 500, b"\x1b[2J", b"1e999"]
    )
    async def test_a_letter_of_any_kind_can_be_shown(self, api, value):
        bad = NewRecord(
            "moderation.dlq.v1", b"\xff", value, {"x-dlq-at": b"\xff", "ce_type": "\u202e".encode()}
        )
        await api.runtime.backend.append([bad])
        assert (await api.get()).status_code == 200
        answer = await api.get("/0-0", body=True)
        assert (answer.status_code, answer.json()["body"]["size"]) == (200, len(value))


class TestActing:
    async def test_plan_replay_and_again(self, api):
        await api.aside(0, text="!niyam")
        await api.aside(1, text="hello")
        planned = (await api.post("plan", filter={})).json()
        assert planned["outcomes"] == {"applied": 2}
        (emit,) = planned["letters"][0]["emits"]
        assert (emit["type"], emit["topic"], emit["key"]) == (
            "message.send",
            OUTBOUND.name,
            events.chat_id(0),
        )
        assert emit["text"] is None
        assert (
            "नियम"
            in (await api.post("plan", ids=["0-0"], body=True)).json()["letters"][0]["emits"][0]["text"]
        )
        assert await api.rows() == []

        done = {"service": "moderation", "done": 2, "failed": {}, "more": False, "last_not_before": None}
        assert (await api.post("replay", filter={"reason": ["undecodable"]})).json() == done
        assert [row.topic for row in await api.rows()] == [replay_topic("moderation").name] * 2
        assert api.runtime.outbox.filled.is_set()
        assert (await api.post("replay", filter={})).json() == done | {"done": 0}
        assert (await api.post("replay", ids=["0-0"])).json() == done | {
            "done": 0,
            "failed": {"0-0": "replayed"},
        }
        again = (await api.post("replay", filter={}, again=True, rate=2)).json()
        assert (again["done"], again["last_not_before"]) == (2, "2026-11-05T06:30:00.500000Z")
        marks = [each["mark"] for each in (await api.get(all=True)).json()["letters"]]
        assert [(mark["by"], mark["times"]) for mark in marks] == [("asha", 2)] * 2

    async def test_a_limit_leaves_the_rest(self, api):
        await api.aside(*range(5))
        report = (await api.post("replay", filter={}, limit=2)).json()
        assert (report["done"], report["more"]) == (2, True)
        assert await api.open() == ["0-2", "0-3", "0-4"]

    async def test_drop(self, api):
        await api.aside(0, 1)
        report = (await api.post("drop", ids=["0-1", "0-7"])).json()
        assert (report["done"], report["failed"]) == (1, {"0-7": "not_found"})
        assert await api.open() == ["0-0"]
        assert await api.rows() == []

    async def test_every_write_names_who_asked_for_it(self, api, monkeypatch):
        lines: list[dict[str, Any]] = []
        for level in ("info", "warning"):
            monkeypatch.setattr(
                f"shared.replay.letters.log.{level}",
                lambda event, **fields: lines.append({"event": event, **fields}),
                raising=False,
            )
        await api.aside(0, 1)
        await api.post("replay", ids=["0-0"])
        await api.post("drop", ids=["0-1"])
        told = {"service": "moderation", "reason": "undecodable", "count": 1, "actor": "asha"}
        assert lines == [{"event": "letters.replayed"} | told, {"event": "letters.dropped"} | told]

    async def test_while_the_database_is_away_the_answer_says_so(self, api, monkeypatch):
        await api.aside(0)

        async def away(*_: object) -> None:
            raise StoreUnavailable("The database does not answer.")

        monkeypatch.setattr(type(api.runtime.unit_of_work), "run", away)
        answer = await api.post("replay", ids=["0-0"])
        assert (answer.status_code, answer.json()["title"]) == (503, "store_unavailable")
        assert answer.headers["retry-after"] == "5"


class TestBadInput:
    @pytest.mark.parametrize(
        "params",
        [
            *({"limit": limit} for limit in (0, 101, -1, "many", "9" * 5000)),
            *({"after": after} for after in HOSTILE if after),
            *({"since": since} for since in ("soon", "9" * 50, "2h\n", "\u0968h", "2026-13-01", "a\x00b")),
            *({"reason": reason} for reason in ("", "x" * 65, "$gt", "a b", "\u202e")),
            {"reason": ["x"] * 21},
            {"since": "1h", "until": "2h"},
            {"all": "perhaps"},
            {"reason[$gt]": ""},
        ],
        ids=lambda params: ascii(params)[:40],
    )
    async def test_a_page_that_cannot_be_is_refused(self, api, params):
        answer = await api.get(**params)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")

    @pytest.mark.parametrize("letter_id", [each for each in HOSTILE if each not in {"", ".."}], ids=ascii)
    async def test_an_id_that_cannot_be_is_refused(self, api, letter_id):
        raw = b"/v1/dlq/" + "".join(f"%{byte:02x}" for byte in letter_id.encode()).encode()
        answer = await api.client.get(httpx2.URL("http://moderation/").copy_with(raw_path=raw))
        assert answer.status_code in {404, 422}
        assert letter_id not in answer.text or letter_id == "-"

    @pytest.mark.parametrize("what", ["plan", "replay", "drop"])
    async def test_what_is_done_to_letters_is_no_letter(self, api, what):
        answer = await api.client.get(f"/v1/dlq/{what}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")

    @pytest.mark.parametrize("what", ["plan", "replay", "drop"])
    @pytest.mark.parametrize(
        "body",
        [
            None,
            [],
            {},
            "0-0",
            {"ids": []},
            {"ids": None},
            {"ids": "0-0"},
            {"ids": [7]},
            {"ids": [{"$gt": ""}]},
            {"ids": ["0-0\n"]},
            {"ids": ["\u0966-0"]},
            {"ids": ["0-0"], "filter": {}},
            {"ids": ["0-0"] * 1001},
            {"filter": []},
            {"filter": {"$where": "1"}},
            {"filter": {"reason": "undecodable"}},
            {"filter": {"reason": ["a\x00b"]}},
            {"filter": {"since": 7}},
            {"filter": {"since": "1h", "until": "2h"}},
            {"filter": {}, "limit": 0},
            {"filter": {}, "limit": 1001},
            {"filter": {}, "limit": "1e3"},
            {"filter": {}, "again": "perhaps"},
            {"filter": {}, "everything": True},
        ],
        ids=lambda body: json.dumps(body)[:40],
    )
    async def test_what_makes_no_sense_changes_nothing(self, api, what, body):
        await api.aside(0)
        answer = await api.client.post(f"/v1/dlq/{what}", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert await api.open() == ["0-0"]
        assert await api.rows() == []

    @pytest.mark.parametrize("rate", [0, -1, 1001, "fast", "NaN", "Infinity", []])
    async def test_a_rate_that_cannot_be_is_refused(self, api, rate):
        assert (await api.post("replay", filter={}, rate=rate)).status_code == 422

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"\xff", b'{"ids":["\\ud800"]}', b"[" * 50_000, b'{"rate":NaN}']
    )
    async def test_a_body_that_is_no_text_is_refused(self, api, content):
        headers = {"content-type": "application/json"}
        answer = await api.client.post("/v1/dlq/replay", content=content, headers=headers)
        assert 400 <= answer.status_code < 500
