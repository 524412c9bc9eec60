"""Suggestions by REST, on the real store."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

import services.feedback
from services.feedback.api.ids import READ, WRITE
from services.feedback.api.suggestions import suggestion_router
from services.feedback.consumer import subscription
from services.feedback.measures import Measures
from services.feedback.scenes import Stores, around_suggestion
from services.feedback.store import MIGRATIONS, Suggestions
from shared.clock import DEFAULT_ZONE, FixedClock
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode
from shared.contracts.feedback import SuggestionDecided, SuggestionMerged
from shared.contracts.gateway import ChatKind, MessageSend
from shared.contracts.members import ChatConfigured
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.i18n import Catalogue, Language
from shared.log.memory import memory_log
from shared.observability.health import Health
from shared.observability.metrics import SUGGESTIONS, SUGGESTIONS_UNANSWERED
from shared.replies import Speaker
from shared.store.client import Database, Mongo
from shared.store.migrations import migrate
from shared.stream.desk import Desk
from shared.stream.runtime import Runtime
from tests.support.events import member_id
from tests.support.feedback import ASKING, NOW
from tests.support.feedback_stores import stores_in
from tests.support.moderation import happens, writes

SPEAKER = Speaker(Catalogue.load(Path(services.feedback.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)
_NUMBERS = itertools.count(50_000)


@dataclass
class Api:
    """Feedback with a REST client that may write, and one that may only read."""

    admin: httpx2.AsyncClient
    reader: httpx2.AsyncClient
    runtime: Runtime
    stores: Stores
    suggestions: Suggestions
    clock: FixedClock
    scope: str = ""
    chat: int = field(default_factory=lambda: secrets.randbelow(10**9))

    async def happens(self, event: Envelope[Any]) -> None:
        """Let a fact be handled as a consumer would."""
        handler = subscription(self.stores, ASKING).handler_of(event.data)
        assert handler is not None
        desk: Desk[Any] = Desk("feedback", handler.states, self.runtime, SPEAKER)
        await desk.decide(handler.key(event.data), lambda state, now: handler.decide(state, event, now))

    async def suggests(self, text: str, by: int = 1) -> None:
        """Let a member write in the group."""
        await self.happens(writes(next(_NUMBERS), text, by=by, chat=self.chat, at=self.clock.now()))

    def path(self, number: int, what: str = "") -> str:
        """Return the path of a suggestion."""
        return f"/v1/suggestions/{quote(f'{self.scope}#S{number}', safe='')}{what}"

    async def told(self, kind: type[EventModel]) -> list[Any]:
        """Return what was told of that type."""
        rows = await self.runtime.outbox.next(10_000)
        found = [decode(row.record.value, row.record.headers).data for row in rows]
        return [each for each in found if isinstance(each, kind)]


@pytest.fixture
async def api(mongo: Mongo, store: Database) -> AsyncIterator[Api]:
    clock = FixedClock(NOW)
    await migrate(store, clock, MIGRATIONS)
    runtime = Runtime.of(
        "feedback", backend=memory_log(), mongo=mongo, database=store, clock=clock, health=Health()
    )
    stores = stores_in(store, clock)
    writer, writing = new_key("reena", frozenset({READ, WRITE}))
    reader, reading = new_key("reader", frozenset({READ}))
    app = create_app(
        "feedback",
        "Suggestions.",
        suggestion_router(Suggestions(store), Desk("feedback", around_suggestion(stores), runtime, SPEAKER)),
        keys=KeyRing(writing, reading),
        clock=clock,
    )

    def client(key: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {key}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://feedback", headers=headers)

    async with client(writer) as admin, client(reader) as guest:
        api = Api(admin, guest, runtime, stores, Suggestions(store), clock)
        community = f"c{secrets.token_hex(5)}"
        api.scope = f"community:{community}"
        configured = ChatConfigured(
            chat_id=writes(1, chat=api.chat).data.chat_id,
            chat_kind=ChatKind.GROUP,
            community=community,
            language="hi",
            zone="Asia/Kolkata",
            channel="simulator",
            configured_at=NOW,
        )
        await api.happens(happens(configured, at=NOW))
        yield api


async def test_suggestions_are_listed_by_status_page_by_page(api: Api) -> None:
    for at, text in enumerate(("रविवार को सत्र", "हर हफ़्ते क्विज़", "नोट्स की PDF"), 1):
        await api.suggests(f"!सुझाव {text}", by=at)
    await api.suggests("!वोट 2", by=1)
    first = (await api.reader.get("/v1/suggestions", params={"scope": api.scope, "limit": 2})).json()
    rest = (
        await api.reader.get(
            "/v1/suggestions", params={"scope": api.scope, "limit": 2, "after": first["next"]}
        )
    ).json()
    found = first["suggestions"] + rest["suggestions"]
    assert sorted(each["number"] for each in found) == [1, 2, 3]
    assert {each["number"]: each["votes"] for each in found} == {1: 1, 2: 2, 3: 1}
    assert rest["next"] is None
    none = await api.reader.get("/v1/suggestions", params={"scope": api.scope, "status": "done"})
    assert none.json() == {"suggestions": [], "next": None}


async def test_b10_02_a_rest_client_declines_with_a_reason_and_who_suggested_it_is_told_once(
    api: Api,
) -> None:
    await api.suggests("!सुझाव रविवार को सत्र", by=1)
    refused = await api.admin.post(api.path(1, ":decide"), json={"status": "declined"})
    assert refused.status_code == 422
    assert "reason" in refused.text
    body = {"status": "declined", "reason": "वक्ता नहीं मिलते"}
    for _ in range(2):
        answer = await api.admin.post(api.path(1, ":decide"), json=body)
        assert answer.status_code == 200, answer.text
    (step,) = answer.json()["steps"]
    assert (step["by"], step["status"], step["reason"]) == ("reena", "declined", "वक्ता नहीं मिलते")
    assert len(await api.told(SuggestionDecided)) == 1
    news = [each for each in await api.told(MessageSend) if each.member_id is not None]
    assert [each.member_id for each in news] == [member_id(1)]


async def test_a_rest_client_makes_two_suggestions_one(api: Api) -> None:
    await api.suggests("!सुझाव रविवार को सत्र", by=1)
    await api.suggests("!सुझाव सप्ताहांत कुछ हो", by=2)
    into = f"{api.scope}#S1"
    for _ in range(2):
        answer = await api.admin.post(api.path(2, ":merge"), json={"into_id": into})
        assert answer.status_code == 200, answer.text
    assert answer.json()["merged_into"] == into
    assert (await api.reader.get(api.path(1))).json()["votes"] == 2
    assert len(await api.told(SuggestionMerged)) == 1
    assert (await api.admin.post(api.path(2, ":decide"), json={"status": "done"})).status_code == 409
    assert (await api.admin.post(api.path(1, ":merge"), json={"into_id": into})).status_code == 409


async def test_what_does_not_exist_or_may_not_be_done_is_refused(api: Api) -> None:
    await api.suggests("!सुझाव रविवार को सत्र", by=1)
    assert (await api.reader.get(api.path(9))).status_code == 404
    assert (await api.admin.post(api.path(9, ":decide"), json={"status": "done"})).status_code == 404
    assert (
        await api.admin.post(api.path(1, ":merge"), json={"into_id": f"{api.scope}#S9"})
    ).status_code == 404
    assert (await api.reader.post(api.path(1, ":decide"), json={"status": "done"})).status_code == 403
    assert (await api.admin.post(api.path(1, ":decide"), json={"status": "unknown"})).status_code == 422
    long = {"status": "declined", "reason": "x" * 501}
    assert (await api.admin.post(api.path(1, ":decide"), json=long)).status_code == 422
    assert (await api.reader.get("/v1/suggestions/nonsense")).status_code == 422


async def test_those_that_nobody_has_answered_for_fourteen_days_are_counted(api: Api) -> None:
    measures = Measures(api.suggestions, api.clock)
    await api.suggests("!सुझाव रविवार को सत्र", by=1)
    await api.suggests("!सुझाव हर हफ़्ते क्विज़", by=1)
    await measures.show()
    fresh = SUGGESTIONS_UNANSWERED._value.get()
    api.clock.advance(dt.timedelta(days=14, seconds=1))
    await measures.show()
    late = SUGGESTIONS_UNANSWERED._value.get()
    assert late >= fresh + 2
    planned = SUGGESTIONS.labels(status="planned")._value.get()
    await api.admin.post(api.path(2, ":decide"), json={"status": "planned"})
    await measures.show()
    assert SUGGESTIONS_UNANSWERED._value.get() == late - 1
    assert SUGGESTIONS.labels(status="planned")._value.get() == planned + 1
