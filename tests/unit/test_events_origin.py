"""A session that comes of something says so for as long as anybody asks what came of that."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from services.events.api.webinars import READ, WRITE, webinar_router
from services.events.scenes import around_calling
from shared.clock import FixedClock
from shared.contracts.webinars import OriginKind, OriginOfWebinar, WebinarEnded, WebinarScheduled
from shared.decision import Decision
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from tests.support.events import chat_id
from tests.support.webinars import NOW, Group

TREND = OriginOfWebinar(
    kind=OriginKind.TREND, origin_id="seekho|2026-W48|schema markup", title="schema markup"
)
BODY = {
    "chat_id": chat_id(0),
    "title": "Schema markup की शुरुआत",
    "starts": "2026-11-24T19:30",
    "origin": TREND.model_dump(mode="json"),
}


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


@pytest.fixture
async def client(group: Group) -> AsyncIterator[httpx2.AsyncClient]:
    class Calling:
        async def decide(self, subject: Any, decide: Callable[[Any, dt.datetime], Decision[Any]]) -> Any:
            return await group.village.asks(around_calling(group.stores), subject, decide)

    key, stored = new_key("reena", frozenset({READ, WRITE}))
    nowhere: Any = None
    desk: Any = Calling()
    app = create_app(
        "events",
        "Sessions.",
        webinar_router(nowhere, nowhere, desk, nowhere, nowhere),
        keys=KeyRing(stored),
        clock=FixedClock(NOW),
    )
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url="http://events.test",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "one"},
    ) as client:
        yield client


async def test_a_session_made_of_a_trend_names_it_when_it_is_called_and_when_it_is_over(
    client: httpx2.AsyncClient, group: Group
) -> None:
    answer = await client.post("/v1/webinars", json=BODY)
    assert answer.status_code == 201, answer.text
    assert answer.json()["origin"] == BODY["origin"]
    await group.village.passes(days=2)
    (called,) = group.village.heard(WebinarScheduled)
    (ended,) = group.village.heard(WebinarEnded)
    assert called.origin == ended.origin == TREND


async def test_every_session_of_a_series_names_what_the_series_comes_of(
    client: httpx2.AsyncClient, group: Group
) -> None:
    answer = await client.post("/v1/webinars", json=BODY | {"rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3"})
    assert answer.status_code == 201, answer.text
    assert [each.origin for each in group.village.heard(WebinarScheduled)] == [TREND] * 3


async def test_a_session_that_an_admin_calls_of_their_own_accord_comes_of_nothing(group: Group) -> None:
    assert group.webinar(await group.calls()).origin is None


@pytest.mark.parametrize("origin", [{"kind": "trend"}, {"kind": "trend", "origin_id": ""}, "trend", 5])
async def test_what_a_session_comes_of_has_a_kind_and_an_id(
    client: httpx2.AsyncClient, group: Group, origin: object
) -> None:
    assert (await client.post("/v1/webinars", json=BODY | {"origin": origin})).status_code == 422
    assert not group.village.heard(WebinarScheduled)
