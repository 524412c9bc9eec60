"""The whole platform inside the test's own event loop, with the simulator as WhatsApp."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from deploy.local.process import free_port
from deploy.local.secrets import SCOPES
from services.events.app import RECIPE as EVENTS
from services.feedback.app import RECIPE as FEEDBACK
from services.gateway.app import RECIPE as GATEWAY
from services.moderation.app import RECIPE as MODERATION
from services.rewards.app import RECIPE as REWARDS
from services.simulator.app import RECIPE as SIMULATOR
from shared.http.keys import new_key
from shared.process import Process
from shared.service import Recipe
from shared.settings import SharedSettings, load
from tests.support.keys import ADDRESS_KEY

SECONDS = 20.0
NO_DOTENV = Path("/nonexistent/.env")
APP_SECRET = "e2e-app-secret"
PHONE_NUMBER_ID = "100000000000001"
_NUMBERS = itertools.count(1)


@dataclass
class Platform:
    """A running platform and ways to use it as a member, an admin and an operator would."""

    process: Process
    public: httpx2.AsyncClient
    internal: httpx2.AsyncClient
    api_key: str

    async def group(self, subject: str, *names: str, **more: Any) -> tuple[str, list[str]]:
        """Return a new group of the bot and new members: its id, and their phone numbers."""
        phones = [await self.member(name) for name in names]
        body = {"subject": subject, "members": phones, "admins": phones[:1], **more}
        made = await self.post("groups", body)
        return made["id"], phones

    async def member(self, name: str) -> str:
        """Return the phone number of a new member."""
        phone = f"91777770{next(_NUMBERS):04d}"
        await self.post("members", {"phone": phone, "name": name})
        return phone

    async def say(self, chat: str, sender: str, text: str, **extra: Any) -> dict[str, Any]:
        """Write to a chat as a member and return the message."""
        return await self.post(f"chats/{chat}/messages", {"from": sender, "text": text, **extra})

    async def reply(self, chat: str, to: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the bot says in a chat behind the message `to`."""
        found = await self.get(
            f"chats/{chat}/wait", **{"after": to["seq"], "from": "bot", "timeout": SECONDS}
        )
        assert found["messages"], "the bot said nothing"
        return found["messages"][0]

    async def until(self, chat: str, settled: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Return the messages of a chat once `settled` holds of them; told of changes by the event stream."""
        async with (
            asyncio.timeout(SECONDS),
            self.public.stream("GET", "/simulator/v1/stream") as stream,
        ):
            news = stream.aiter_lines()
            while True:
                messages = (await self.get(f"chats/{chat}/messages"))["messages"]
                if settled(messages):
                    return messages
                await anext(news)

    async def said_by_bot(self, chat: str) -> list[dict[str, Any]]:
        """Return the bot's messages in a chat."""
        messages = (await self.get(f"chats/{chat}/messages"))["messages"]
        return [each for each in messages if each["from"] == "bot" and each["kind"] == "text"]

    async def sends(self) -> list[dict[str, Any]]:
        """Return what the provider has accepted from us."""
        return (await self.get("sends"))["messages"]

    async def misbehave(self, **plan: Any) -> None:
        """Let things go wrong; nothing named: no more."""
        (await self.public.put("/simulator/v1/faults", json=plan)).raise_for_status()

    async def raw_webhook(self, body: bytes, signature: str = "right") -> int | None:
        """Post `body` to the gateway as the provider would, and return the status of its answer."""
        answer = await self.public.post(
            "/simulator/v1/raw-webhooks", content=body, params={"signature": signature}
        )
        return answer.json()["status"]

    async def metric(self, line: str) -> float:
        """Return the value of a metric by its whole name and labels, 0 where it is not there yet."""
        text = (await self.internal.get("/metrics")).text
        found = [each for each in text.splitlines() if each.startswith(f"{line} ")]
        return float(found[0].rsplit(" ", 1)[1]) if found else 0.0

    async def get(self, path: str, **params: Any) -> Any:
        """Ask the simulator."""
        answer = await self.public.get(f"/simulator/v1/{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    def headers(self) -> dict[str, str]:
        """Return the header that proves who an admin is."""
        return {"authorization": f"Bearer {self.api_key}"}

    async def post(self, path: str, body: Mapping[str, Any], method: str = "POST") -> dict[str, Any]:
        """Tell the simulator to do something."""
        answer = await self.public.request(method, f"/simulator/v1/{path}", json=dict(body))
        answer.raise_for_status()
        return answer.json()


WAHA = {
    "SIMULATOR_WAHA_API_KEY": "e2e-waha-key",
    "SIMULATOR_WAHA_HMAC_KEY": "e2e-waha-hmac",
    # Waits that keep a real number from being banned.
    "GATEWAY_BRIDGE_JITTER_SECONDS": "0",
    "GATEWAY_BRIDGE_PER_HOUR": "10000",
    "GATEWAY_BRIDGE_WARMUP_DAYS": "0",
    # WAHA says nothing of how far a failed call came, so every one of them is looked into.
    "GATEWAY_RECONCILE_SECONDS": "0.2",
}
"""Environment of a platform with a second account: a session of the simulated WAHA server."""


def _bridge(port: int, environment: dict[str, str]) -> dict[str, Any]:
    """Return the second account, if `environment` asks for one, and say there where everything is."""
    if "SIMULATOR_WAHA_API_KEY" not in environment:
        return {}
    base = f"http://127.0.0.1:{port}/simulator/waha"
    environment["SIMULATOR_WAHA_BASE_URL"] = base
    environment["SIMULATOR_WAHA_WEBHOOK_URL"] = f"http://127.0.0.1:{port}/webhooks/whatsapp/large"
    account = {
        "channel": "waha",
        "api_base": base,
        "session": "chaupal",
        "api_key": environment["SIMULATOR_WAHA_API_KEY"],
        "hmac_keys": [environment["SIMULATOR_WAHA_HMAC_KEY"]],
    }
    return {"large": account}


@contextlib.asynccontextmanager
async def running(
    mongo_url: str, monkeypatch: Any, *more: Recipe[Any], **environment: str
) -> AsyncIterator[Platform]:
    """Yield a platform that is ready, on databases of its own; `more` runs beside its services."""
    public, internal = free_port(), free_port()
    key, stored = new_key("e2e", SCOPES)
    account = {
        "phone_number_id": PHONE_NUMBER_ID,
        "app_secrets": [APP_SECRET],
        "verify_token": "e2e-verify-token",
        "access_token": "e2e-access-token",
        "api_base": f"http://127.0.0.1:{public}/simulator/graph/v25.0",
    }
    settings = {
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE_PREFIX": f"e2e_{uuid.uuid4().hex[:12]}",
        "PUBLIC_PORT": str(public),
        "INTERNAL_PORT": str(internal),
        "API_KEYS": str(stored),
        "GATEWAY_ACCOUNTS": json.dumps({"demo": account, **_bridge(public, environment)}),
        "GATEWAY_ADDRESS_KEYS": ADDRESS_KEY,
        "SIMULATOR_WEBHOOK_URL": f"http://127.0.0.1:{public}/webhooks/whatsapp/demo",
        "SIMULATOR_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
        "SIMULATOR_APP_SECRET": APP_SECRET,
        "SIMULATOR_ACCESS_TOKEN": "e2e-access-token",
        **environment,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    recipes: list[Recipe[Any]] = [GATEWAY, MODERATION, EVENTS, REWARDS, FEEDBACK, SIMULATOR, *more]
    shared = load(SharedSettings, *(recipe.settings for recipe in recipes), dotenv=NO_DOTENV)
    process = Process("e2e", shared, recipes, NO_DOTENV)
    task = asyncio.create_task(process.run())
    ready = asyncio.create_task(process.ready.wait())
    await asyncio.wait({task, ready}, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    async with (
        httpx2.AsyncClient(base_url=process.public_url, timeout=SECONDS) as public_client,
        httpx2.AsyncClient(base_url=process.internal_url, timeout=SECONDS) as internal_client,
    ):
        try:
            yield Platform(process, public_client, internal_client, key)
        finally:
            process.stop()
            assert await asyncio.wait_for(task, SECONDS), "the platform did not stop cleanly"
