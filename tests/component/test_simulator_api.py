from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import pytest
from fastapi import APIRouter, Request, Response

from services.simulator.app import RECIPE
from services.simulator.settings import SimulatorSettings
from shared.clock import Clock, SystemClock
from shared.http.app import create_app
from shared.http.server import HttpServer
from shared.log.backend import Backend
from shared.observability.health import Health
from shared.service import Platform
from shared.settings import SharedSettings
from shared.store.client import connect

SECRET = "component-app-secret"
TOKEN = "component-access-token"
NUMBER = "100000000000001"
SECONDS = 20
RAVI, MEENA, TENZIN = "919999900002", "919999900003", "919999900008"

TEMPLATE = {"name": "t", "language": {"code": "hi"}}

Json = dict[str, Any]


@dataclass
class Gateway:
    """Stands where the gateway stands: checks signatures, keeps what it is told, answers as asked."""

    received: list[Json] = field(default_factory=list)
    bridged: list[Json] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/hook")
        async def hook(request: Request) -> Response:
            body = await request.body()
            right = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            if request.headers.get("x-hub-signature-256") != right:
                return Response(status_code=401)
            status = self.answers.pop(0) if self.answers else 200
            async with self.changed:
                self.received.append({"answered": status, **json.loads(body)})
                self.changed.notify_all()
            return Response(status_code=status)

        @router.post("/waha")
        async def waha(request: Request) -> Response:
            body = await request.body()
            right = hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest()
            if request.headers.get("x-webhook-hmac") != right:
                return Response(status_code=401)
            async with self.changed:
                self.bridged.append(json.loads(body))
                self.changed.notify_all()
            return Response(status_code=200)

        return router

    async def told(self, event: str, count: int = 1) -> list[Json]:
        """Return what WAHA has told under this name, once it is so much."""

        def found() -> list[Json]:
            return [each["payload"] for each in self.bridged if each["event"] == event]

        async with asyncio.timeout(SECONDS), self.changed:
            await self.changed.wait_for(lambda: len(found()) >= count)
        return found()

    @property
    def values(self) -> list[Json]:
        return [
            change["value"]
            for each in self.received
            for entry in each.get("entry", [])
            for change in entry["changes"]
        ]

    @property
    def statuses(self) -> list[Json]:
        return [status for value in self.values for status in value.get("statuses", [])]

    async def until(self, count: int) -> list[Json]:
        async with asyncio.timeout(SECONDS), self.changed:
            await self.changed.wait_for(lambda: len(self.received) >= count)
        return self.values


@dataclass
class Simulator:
    http: httpx2.AsyncClient
    gateway: Gateway
    health: Health

    async def post(self, path: str, body: Json | None = None) -> Any:
        answer = await self.http.post(f"/simulator/v1/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def put(self, path: str, **body: Any) -> Any:
        answer = await self.http.put(f"/simulator/v1/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.http.get(f"/simulator/v1/{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    async def graph(self, path: str, body: Json | None = None, token: str = TOKEN) -> httpx2.Response:
        headers = {"authorization": f"Bearer {token}"}
        url = f"/simulator/graph/v25.0/{path}"
        if body is None:
            return await self.http.get(url, headers=headers)
        return await self.http.post(url, headers=headers, json=body)

    async def send(self, chat: str, text: str = "नियम…", **extra: Any) -> httpx2.Response:
        address = {"to": chat} if chat.isdigit() else {"to": chat, "recipient_type": "group"}
        body = {"messaging_product": "whatsapp", "type": "text", "text": {"body": text}, **address, **extra}
        return await self.graph(f"{NUMBER}/messages", body)

    async def group(self, **extra: Any) -> str:
        for phone, name in ((RAVI, "रवि कुमार"), (MEENA, "Meena Patel"), (TENZIN, "Tenzin")):
            await self.post("members", {"phone": phone, "name": name})
        made = await self.post(
            "groups", {"subject": "SEO", "members": [RAVI, MEENA], "announce": False, **extra}
        )
        return str(made["id"])


@contextlib.asynccontextmanager
async def running_simulator(
    mongo_url: str,
    prefix: str,
    gateway: Gateway,
    clock: Clock | None = None,
    *,
    seed_demo: bool = False,
    waha: bool = False,
) -> AsyncIterator[Simulator]:
    hook = HttpServer(create_app("hook", "The gateway's double.", gateway.router()), "127.0.0.1", 0)
    client = connect(mongo_url, application="test")
    health = Health()
    # The simulator neither reads nor writes the log.
    platform = Platform(
        SharedSettings(mongo_database_prefix=prefix),
        clock or SystemClock(),
        client,
        cast("Backend", None),
        health,
    )
    settings = SimulatorSettings(
        webhook_url=f"{hook.url}/hook",
        app_secret=SECRET,
        access_token=TOKEN,
        seed_demo=seed_demo,
        waha_webhook_url=f"{hook.url}/waha" if waha else None,
        waha_hmac_key=SECRET,
        waha_api_key=TOKEN,
    )
    async with RECIPE.build(platform, settings) as service:
        server = HttpServer(create_app("public", "Public.", *service.public), "127.0.0.1", 0)
        async with (
            asyncio.TaskGroup() as tasks,
            httpx2.AsyncClient(base_url=server.url, timeout=SECONDS) as http,
        ):
            serving = [tasks.create_task(each.serve()) for each in (server, hook)]
            loops = [(loop, tasks.create_task(loop.run())) for loop in service.loops]
            await asyncio.gather(hook.started(), server.started())
            simulator = Simulator(http, gateway, health)
            if not seed_demo:
                await simulator.put("pace", delivered_after_ms=0, read_after_ms=0, read_waves=1)
            try:
                yield simulator
            finally:
                health.stopping()
                await http.aclose()
                server.stop()
                await serving[0]
                for loop, task in reversed(loops):
                    loop.stop()
                    await task
                hook.stop()
    await client.close()


def new_prefix() -> str:
    return f"simulator_{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def simulator(mongo_url: str) -> AsyncIterator[Simulator]:
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as running:
        yield running


async def test_a_member_speaks_the_gateway_hears_and_the_bot_answers(simulator: Simulator):
    group = await simulator.group()
    said = await simulator.post(f"chats/{group}/messages", {"from": RAVI, "text": "!नियम"})
    (heard,) = await simulator.gateway.until(1)
    assert heard["messages"][0]["id"] == said["id"]
    assert heard["messages"][0]["group_id"] == group

    waiting = asyncio.ensure_future(
        simulator.get(f"chats/{group}/wait", **{"after": said["seq"], "from": "bot", "timeout": SECONDS})
    )
    answer = await simulator.send(
        group, "*नियम*", context={"message_id": said["id"]}, biz_opaque_callback_data="op-1"
    )
    assert answer.status_code == 200
    accepted = answer.json()
    assert accepted["messaging_product"] == "whatsapp"
    assert accepted["contacts"] == [{"input": group, "wa_id": group}]
    found = await waiting
    assert [each["id"] for each in found["messages"]] == [accepted["messages"][0]["id"]]
    assert found["messages"][0]["reply_to"] == said["id"]

    await simulator.gateway.until(4)
    statuses = simulator.gateway.statuses
    assert [each["status"] for each in statuses] == ["sent", *["delivered"] * 2, *["read"] * 2]
    assert {each["biz_opaque_callback_data"] for each in statuses} == {"op-1"}
    assert {each.get("recipient_participant_id") for each in statuses[1:]} == {RAVI, MEENA}
    (sent,) = (await simulator.get("sends", opaque="op-1"))["messages"]
    assert sent["ticks"] == "read"


async def test_a_direct_chat_by_phone_and_by_business_scoped_id(simulator: Simulator):
    await simulator.group()
    said = await simulator.post(f"chats/{RAVI}/messages", {"text": "!मदद"})
    assert (said["chat"], said["from"]) == (RAVI, RAVI)
    user_id = next(each["user_id"] for each in await simulator.get("members") if each["phone"] == RAVI)
    by_phone = await simulator.send(RAVI)
    assert by_phone.json()["contacts"] == [{"input": RAVI, "wa_id": RAVI, "user_id": user_id}]
    body = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "…"}, "recipient": user_id}
    by_id = await simulator.graph(f"{NUMBER}/messages", body)
    assert by_id.json()["contacts"][0]["wa_id"] == RAVI
    lines = (await simulator.get(f"chats/{RAVI}/messages"))["messages"]
    assert [each["from"] for each in lines] == [RAVI, "bot", "bot"]


@pytest.mark.parametrize(
    ("path", "body", "token", "status", "code"),
    [
        (f"{NUMBER}/messages", {}, "wrong", 401, 190),
        ("555/messages", {}, TOKEN, 400, 100),
        (f"{NUMBER}/messages", {"messaging_product": "whatsapp"}, TOKEN, 400, 131008),
        ("bm93aGVyZQ==", None, TOKEN, 400, 131041),
        (f"{NUMBER}/groups", {"messaging_product": "whatsapp"}, TOKEN, 400, 100),
    ],
)
async def test_refusals_have_metas_shape(
    simulator: Simulator, path: str, body: Json | None, token: str, *, status: int, code: int
):
    answer = await simulator.graph(path, body, token)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert set(error) >= {"message", "type", "code", "error_data", "fbtrace_id"}
    assert error.get("error_subcode") == (33 if path.startswith("555") else None)


async def test_where_a_message_cannot_go(simulator: Simulator):
    group = await simulator.group()
    empty = await simulator.group(members=[])
    refused = [
        await simulator.send("bm93aGVyZQ=="),
        await simulator.send(empty),
        await simulator.send(group),
        await simulator.send("919999900099"),
        await simulator.send(group, type="template", template=TEMPLATE, context={"message_id": "wamid.X"}),
    ]
    assert [each.json()["error"]["code"] for each in refused] == [131041, 131020, 131047, 131026, 131009]
    assert (await simulator.get("sends"))["messages"] == []


async def test_a_body_that_is_not_json_is_refused_in_metas_words(simulator: Simulator):
    answer = await simulator.http.post(
        f"/simulator/graph/v25.0/{NUMBER}/messages",
        content=b"{",
        headers={"authorization": f"Bearer {TOKEN}"},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


async def test_the_bot_creates_a_group_and_learns_its_id_by_webhook(simulator: Simulator):
    answer = await simulator.graph(
        f"{NUMBER}/groups",
        {"messaging_product": "whatsapp", "subject": "कमाई", "description": "हफ़्ते में एक बार"},
    )
    request_id = answer.json()["request_id"]
    (value,) = await simulator.gateway.until(1)
    (created,) = value["groups"]
    assert (created["type"], created["request_id"], created["subject"]) == (
        "group_create",
        request_id,
        "कमाई",
    )
    link = await simulator.graph(f"{created['group_id']}/invite_link")
    assert link.json()["invite_link"] == created["invite_link"]


async def test_a_group_tells_who_is_in_it(simulator: Simulator):
    group = await simulator.group(description="हुनर")
    answer = await simulator.graph(f"{group}?fields=subject,description,participants,total_participant_count")
    told = answer.json()
    assert (told["subject"], told["description"], told["total_participant_count"]) == ("SEO", "हुनर", 2)
    assert [each["wa_id"] for each in told["participants"]] == [RAVI, MEENA]
    assert "creation_timestamp" not in told


async def test_people_join_leave_and_are_removed(simulator: Simulator):
    group = await simulator.group()
    joined = await simulator.post(f"groups/{group}/members", {"phone": "+91 99999 00077", "name": "Asha"})
    assert joined["members"][-1] == "919999900077"
    left = await simulator.http.delete(f"/simulator/v1/groups/{group}/members/{MEENA}")
    assert MEENA not in left.json()["members"]
    removal = {"messaging_product": "whatsapp", "participants": [{"user": "+919999900077"}]}
    request = await simulator.http.request(
        "DELETE",
        f"/simulator/graph/v25.0/{group}/participants",
        headers={"authorization": f"Bearer {TOKEN}"},
        json=removal,
    )
    assert request.status_code == 200
    changes = [value["groups"][0] for value in await simulator.gateway.until(3)]
    assert [each["type"].rpartition("_")[2] for each in changes] == ["add", "remove", "remove"]
    assert [each.get("initiated_by") for each in changes] == [None, "participant", "business"]
    assert (await simulator.get(f"groups/{group}"))["members"] == [RAVI]


async def test_reactions_from_both_sides(simulator: Simulator):
    group = await simulator.group()
    said = await simulator.post(f"chats/{group}/messages", {"from": RAVI, "text": "हो गया"})
    target = {"message_id": said["id"], "emoji": "👍"}
    await simulator.post(f"chats/{group}/reactions", {"from": MEENA, **target})
    accepted = await simulator.send(group, type="reaction", reaction=target)
    assert accepted.status_code == 200
    (line,) = [
        each
        for each in (await simulator.get(f"chats/{group}/messages"))["messages"]
        if each["text"] == "हो गया"
    ]
    assert line["reactions"] == {MEENA: "👍", "bot": "👍"}
    (sent,) = (await simulator.get("sends"))["messages"]
    assert (sent["kind"], sent["reply_to"]) == ("reaction", said["id"])


async def test_the_bot_marks_a_direct_message_as_read(simulator: Simulator):
    await simulator.group()
    said = await simulator.post(f"chats/{RAVI}/messages", {"text": "hi"})
    await simulator.gateway.until(1)
    receipt = {"messaging_product": "whatsapp", "status": "read", "message_id": said["id"]}
    assert (await simulator.graph(f"{NUMBER}/messages", receipt)).json() == {"success": True}
    (line,) = (await simulator.get(f"chats/{RAVI}/messages"))["messages"]
    assert line["ticks"] == "read"


async def test_anything_can_be_scripted_even_what_no_store_can_hold(simulator: Simulator):
    group = await simulator.group()
    odd = {"huge": 2**80, "$key.with": {"": "\x00"}}
    said = await simulator.post(
        f"chats/{group}/messages", {"from": RAVI, "type": "order", "text": "", "payload": odd}
    )
    (value,) = await simulator.gateway.until(1)
    assert value["messages"][0]["huge"] == 2**80
    assert said["payload"] == odd


async def test_members_must_make_sense(simulator: Simulator):
    group = await simulator.group()
    refused = [
        await simulator.http.post(f"/simulator/v1/{path}", json=body)
        for path, body in (
            ("members", {"phone": "12", "name": "x"}),
            ("members", {"phone": RAVI, "name": "x", "surname": "y"}),
            ("groups", {"subject": "x", "members": [RAVI], "admins": [MEENA]}),
            ("groups", {"subject": "x", "members": ["919999900099"]}),
            (f"chats/{group}/messages", {"text": "who?"}),
            (f"chats/{group}/messages", {"from": TENZIN, "text": "outside"}),
            ("chats/919999900099/messages", {"text": "nobody"}),
        )
    ]
    assert [each.status_code for each in refused] == [422, 422, 422, 404, 422, 422, 404]


async def test_waiting_ends_with_nothing_when_the_time_is_up(simulator: Simulator):
    group = await simulator.group()
    assert (await simulator.get(f"chats/{group}/wait", after=10**6, timeout=0)) == {
        "messages": [],
        "cursor": 10**6,
    }


async def test_the_stream_tells_what_happens_and_ends_with_the_process(simulator: Simulator):
    group = await simulator.group()
    async with simulator.http.stream("GET", "/simulator/v1/stream") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "retry: 1000"
        await simulator.post(f"chats/{group}/messages", {"from": RAVI, "text": "नमस्ते"})
        news = [json.loads(line[6:]) async for line in _until(lines, '"ticks":"read"')]
        assert news[0]["message"]["text"] == "नमस्ते"
        assert (news[0]["new"], news[-1]["new"]) == (True, False)
        simulator.health.stopping()
        async with asyncio.timeout(SECONDS):
            assert [line async for line in lines][-1] == ""


async def _until(lines: AsyncIterator[str], wanted: str) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith("data: "):
            yield line
        if wanted in line:
            return
