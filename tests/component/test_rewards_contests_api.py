"""Contests and prizes by REST on the real store: made once, and blind before the close."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from structlog.testing import capture_logs

import services.rewards
from services.rewards.api.contests import contest_router
from services.rewards.api.ids import READ, WRITE
from services.rewards.api.prizes import prize_router
from services.rewards.consumer import subscription
from services.rewards.contest_scenes import around_contest, around_making, around_prize
from services.rewards.store import Contests, Prizes
from shared.clock import DEFAULT_ZONE, FixedClock, as_stored
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode
from shared.contracts.gateway import ChatKind
from shared.contracts.members import ChatConfigured
from shared.contracts.rewards import ContestClosed, ContestDue, ContestOpened, ContestStage, PointsAwarded
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.i18n import Catalogue, Language
from shared.log.memory import memory_log
from shared.observability.health import Health
from shared.observability.metrics import DECISIONS
from shared.replies import Speaker
from shared.store.client import Database, Mongo
from shared.stream.desk import Desk
from shared.stream.runtime import Runtime
from tests.support.events import member_id
from tests.support.reward_stores import stores_in
from tests.support.rewards import NOW, PUBLIC_URL, Group

A, B, C, D, E = 1, 2, 3, 4, 5
HOUR = dt.timedelta(hours=1)
IDEAS = {A: "छात्रवृत्ति की सूची", B: "रोज़ का एक सवाल"}
SPEAKER = Speaker(Catalogue.load(Path(services.rewards.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)


@dataclass
class Api:
    """Rewards with a REST client that may write, and one that may only read."""

    admin: httpx2.AsyncClient
    reader: httpx2.AsyncClient
    runtime: Runtime
    clock: FixedClock
    table: Any
    maker: Group = field(default_factory=Group)

    async def happens(self, data: Any) -> None:
        """Let a fact be handled as a consumer would."""
        event: Envelope[Any] = data if isinstance(data, Envelope) else self.maker.fact(data)
        handler = self.table.handler_of(event.data)
        desk: Desk[Any] = Desk("rewards", handler.states, self.runtime, SPEAKER)
        await desk.decide(handler.key(event.data), lambda state, now: handler.decide(state, event, now))

    async def founded(self) -> str:
        """Return a new group."""
        chat = f"c_{secrets.token_hex(10)}"
        await self.happens(
            ChatConfigured(
                chat_id=chat,
                chat_kind=ChatKind.GROUP,
                community=f"c{secrets.token_hex(5)}",
                language="hi",
                zone="Asia/Kolkata",
                channel="simulator",
                configured_at=NOW,
            )
        )
        return chat

    async def writes(self, chat: str, member: int, text: str) -> None:
        """Let a member write in a group."""
        await self.happens(self.maker.message(member, text, chat_id=chat, message_id=_uuid()))

    async def opened(self, chat: str, key: str = "k1", **more: Any) -> httpx2.Response:
        """Open a contest in a group."""
        begin = self.clock.now() + HOUR
        body = {
            "chat_id": chat,
            "title": "सबसे उपयोगी टूल",
            "submissions_until": begin.isoformat(),
            "votes_until": (begin + HOUR).isoformat(),
            **more,
        }
        return await self.admin.post("/v1/contests", json=body, headers={"Idempotency-Key": key})

    async def voting(self, chat: str) -> dict[str, Any]:
        """Return a contest of that group that is voted on."""
        contest: dict[str, Any] = (await self.opened(chat)).json()
        for member, idea in IDEAS.items():
            await self.writes(chat, member, f"!प्रविष्टि {contest['number']} {idea}")
        await self.due(contest, ContestStage.VOTING, "submissions_until")
        return contest

    async def due(self, contest: dict[str, Any], stage: ContestStage, until: str) -> None:
        """Let a contest come to its next stage."""
        await self.happens(
            ContestDue(
                scope=contest["scope"],
                contest_id=contest["contest_id"],
                chat_id=contest["chat_id"],
                stage=stage,
                until=contest[until],
            )
        )

    async def events(self, kind: type[EventModel]) -> list[Any]:
        """Return what was told of that type."""
        rows = await self.runtime.outbox.next(10_000)
        told = [decode(row.record.value, row.record.headers).data for row in rows]
        return [each for each in told if isinstance(each, kind)]


def _uuid() -> str:
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def path(item: dict[str, Any], kind: str = "contest") -> str:
    return f"/v1/{kind}s/{quote(item[f'{kind}_id'], safe='')}"


@pytest.fixture
async def api(mongo: Mongo, store: Database) -> AsyncIterator[Api]:
    clock = FixedClock(NOW)
    runtime = Runtime.of(
        "rewards", backend=memory_log(), mongo=mongo, database=store, clock=clock, health=Health()
    )
    stores = stores_in(store, clock)
    making = Desk("rewards", around_making(stores), runtime, SPEAKER)
    writer, writing = new_key("reena", frozenset({READ, WRITE}))
    reader, reading = new_key("reader", frozenset({READ}))
    app = create_app(
        "rewards",
        "Points.",
        contest_router(Contests(store), making, Desk("rewards", around_contest(stores), runtime, SPEAKER)),
        prize_router(Prizes(store), making, Desk("rewards", around_prize(stores), runtime, SPEAKER), clock),
        keys=KeyRing(writing, reading),
        clock=clock,
    )

    def client(key: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {key}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://rewards", headers=headers)

    async with client(writer) as admin, client(reader) as guest:
        yield Api(admin, guest, runtime, clock, subscription(stores, PUBLIC_URL))


async def test_a_contest_is_opened_once_however_often_it_is_asked_for(api: Api) -> None:
    chat = await api.founded()
    first, again = await api.opened(chat), await api.opened(chat)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.json()["stage"], first.json()["number"]) == ("submissions", 1)
    assert [each.chat_id for each in await api.events(ContestOpened)].count(chat) == 1
    other = await api.opened(chat, title="कुछ और")
    assert (other.status_code, other.json()["title"]) == (409, "conflict")
    assert (await api.opened(chat, "k2")).json()["number"] == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "क" * 121},
        {"votes_until": NOW.isoformat()},
        {"submissions_until": (NOW - HOUR).isoformat()},
        {"submissions_until": "2026-11-30T10:00:00"},
        {"votes_until": (NOW + dt.timedelta(days=90)).isoformat()},
        {"winner": "m_1"},
        {"chat_id": "919876543210"},
    ],
)
async def test_a_contest_that_cannot_be_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    answer = await api.opened(await api.founded(), **wrong)
    assert (answer.status_code, answer.json()["title"]) == (422, "invalid")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_not_there_and_who_may_not(api: Api) -> None:
    chat = await api.founded()
    assert (await api.opened(f"c_{'0' * 20}")).status_code == 404
    contest = (await api.opened(chat)).json()
    missing = {**contest, "contest_id": f"{contest['scope']}#99"}
    assert (await api.reader.get(path(missing))).status_code == 404
    assert (await api.admin.post(f"{path(missing)}:cancel", json={})).status_code == 404
    assert (await api.admin.get("/v1/contests/whatever")).status_code == 422
    assert (await api.reader.post(f"{path(contest)}:cancel", json={})).status_code == 403
    assert (await api.reader.get(path(contest), headers={"authorization": ""})).status_code == 401
    assert (await api.admin.post("/v1/contests", json={})).status_code == 422


async def test_b9_08_the_api_tells_whose_an_entry_is_and_its_votes_after_the_close_alone(api: Api) -> None:
    chat = await api.founded()
    contest = (await api.opened(chat)).json()
    await api.writes(chat, A, f"!प्रविष्टि 1 {IDEAS[A]}")
    (entry,) = (await api.reader.get(path(contest))).json()["entries"]
    assert entry == {"number": None, "text": IDEAS[A], "member_id": None, "votes": None}
    await api.writes(chat, B, f"!प्रविष्टि 1 {IDEAS[B]}")
    await api.due(contest, ContestStage.VOTING, "submissions_until")
    before = (await api.reader.get(path(contest))).json()
    assert before["stage"] == "voting"
    of_a = next(each["number"] for each in before["entries"] if each["text"] == IDEAS[A])
    for voter in (C, D, E):
        await api.writes(chat, voter, f"!चुनें 1 {of_a}")
    after = await api.reader.get(path(contest))
    assert after.json() == before
    page = (await api.reader.get("/v1/contests", params={"scope": contest["scope"]})).json()
    assert page["contests"] == [before]
    assert not any(member_id(each) in after.text for each in (A, B, C, D, E))
    await api.due(contest, ContestStage.CLOSED, "votes_until")
    closed = (await api.reader.get(path(contest))).json()
    assert (closed["stage"], closed["voters"], closed["winners"]) == ("closed", 3, [member_id(A)])
    assert {each["member_id"]: each["votes"] for each in closed["entries"]} == {
        member_id(A): 3,
        member_id(B): 0,
    }
    (told,) = [each for each in await api.events(ContestClosed) if each.chat_id == chat]
    assert told.voters == 3
    assert [each.points for each in await api.events(PointsAwarded) if each.chat_id == chat] == [15]
    gone = await api.admin.post(f"{path(contest)}:cancel", json={})
    assert (gone.status_code, gone.json()["title"]) == (409, "conflict")


async def test_b9_08_logs_and_metrics_are_the_same_whatever_was_chosen(api: Api) -> None:
    async def trace(number: int) -> tuple[Any, ...]:
        chat = await api.founded()
        await api.voting(chat)
        before = _decisions()
        with capture_logs() as logs:
            for voter in (C, D, E, D):
                await api.writes(chat, voter, f"!चुनें 1 {number}")
        after = _decisions()
        made = {name: count - before.get(name, 0) for name, count in after.items()}
        lines = [{key: it for key, it in each.items() if key != "correlation_id"} for each in logs]
        return lines, {name: count for name, count in made.items() if count}

    one, other = await trace(1), await trace(2)
    assert one == other
    assert one[1] == {("rewards", "vote_answered"): 4.0}


def _decisions() -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value
        for metric in DECISIONS.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


async def test_a_contest_is_cancelled_with_a_reason_and_stays_so(api: Api) -> None:
    contest = await api.voting(await api.founded())
    for _ in range(2):
        answer = await api.admin.post(f"{path(contest)}:cancel", json={"reason": "नियम बदले"})
        assert (answer.json()["stage"], answer.json()["reason"]) == ("cancelled", "नियम बदले")
    await api.due(contest, ContestStage.CLOSED, "votes_until")
    assert (await api.reader.get(path(contest))).json()["stage"] == "cancelled"


async def test_contests_are_listed_in_pages_the_newest_first(api: Api) -> None:
    chat = await api.founded()
    for number in range(5):
        api.clock.advance(dt.timedelta(minutes=1))
        scope = (await api.opened(chat, f"k{number}")).json()["scope"]
    found: list[int] = []
    after: dict[str, str] = {}
    for _ in range(3):
        page = (await api.reader.get("/v1/contests", params={"scope": scope, "limit": 2, **after})).json()
        found += [each["number"] for each in page["contests"]]
        after = {"after": page["next"]}
    assert found == [5, 4, 3, 2, 1]
    assert page["next"] is None
    stages = await api.reader.get("/v1/contests", params={"scope": scope, "stage": "closed"})
    assert stages.json()["contests"] == []
    for wrong in ({"after": "x"}, {"limit": 0}, {"what": 1}, {"scope": "everybody"}):
        assert (await api.reader.get("/v1/contests", params=wrong)).status_code == 422


async def promised(api: Api, chat: str, key: str = "p1", **more: Any) -> httpx2.Response:
    body = {"chat_id": chat, "member_id": member_id(A), "what": "किताब", **more}
    return await api.admin.post("/v1/prizes", json=body, headers={"Idempotency-Key": key})


async def test_b9_09_what_is_overdue_is_a_task_until_it_is_handed_over(api: Api) -> None:
    chat = await api.founded()
    prize = (await promised(api, chat)).json()
    assert (prize["state"], prize["overdue"], prize["number"]) == ("promised", False, 1)
    tasks = {"scope": prize["scope"], "overdue": "true"}
    api.clock.advance(dt.timedelta(days=14) - dt.timedelta(seconds=1))
    assert (await api.reader.get("/v1/prizes", params=tasks)).json()["prizes"] == []
    api.clock.advance(dt.timedelta(seconds=1))
    (task,) = (await api.reader.get("/v1/prizes", params=tasks)).json()["prizes"]
    assert (task["prize_id"], task["overdue"]) == (prize["prize_id"], True)
    for _ in range(2):
        given = await api.admin.post(f"{path(prize, 'prize')}:deliver")
        assert (given.status_code, given.json()["state"], given.json()["overdue"]) == (
            200,
            "delivered",
            False,
        )
    assert (await api.reader.get("/v1/prizes", params=tasks)).json()["prizes"] == []
    await api.writes(chat, A, "!मिला 1")
    found = (await api.reader.get(path(prize, "prize"))).json()
    assert found["state"] == "confirmed"
    assert found["confirmed_at"] == as_stored(api.clock.now()).isoformat().replace("+00:00", "Z")


async def test_a_prize_is_promised_once_and_checked(api: Api) -> None:
    chat = await api.founded()
    first, again = await promised(api, chat), await promised(api, chat)
    assert first.json() == again.json()
    assert (await promised(api, chat, what="कलम")).status_code == 409
    # The same key means another request where it is for something else to be made.
    assert (await api.opened(chat, "p1")).json()["number"] == 2
    for wrong in ({"what": " "}, {"what": "क" * 121}, {"member_id": "919876543210"}, {"luck": 1}):
        assert (await promised(api, chat, "p2", **wrong)).status_code == 422
    assert (await promised(api, f"c_{'0' * 20}", "p3")).status_code == 404
    missing = {"prize_id": f"{first.json()['scope']}#99"}
    assert (await api.reader.get(path(missing, "prize"))).status_code == 404
    assert (await api.admin.post(f"{path(missing, 'prize')}:deliver")).status_code == 404
    assert (await api.reader.post(f"{path(first.json(), 'prize')}:deliver")).status_code == 403


async def test_prizes_are_listed_in_pages_by_their_state(api: Api) -> None:
    chat = await api.founded()
    for number in range(5):
        api.clock.advance(dt.timedelta(minutes=1))
        prize = (await promised(api, chat, f"p{number}")).json()
    await api.admin.post(f"{path(prize, 'prize')}:deliver")
    wanted: dict[str, Any] = {"scope": prize["scope"], "limit": 3, "state": "promised"}
    page = (await api.reader.get("/v1/prizes", params=wanted)).json()
    assert [each["number"] for each in page["prizes"]] == [4, 3, 2]
    page = (await api.reader.get("/v1/prizes", params={**wanted, "after": page["next"]})).json()
    assert ([each["number"] for each in page["prizes"]], page["next"]) == ([1], None)
    delivered = await api.reader.get("/v1/prizes", params={**wanted, "state": "delivered"})
    assert [each["number"] for each in delivered.json()["prizes"]] == [5]
