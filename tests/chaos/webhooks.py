"""The gateway as a process, and a provider that delivers webhooks to it until they are accepted."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from deploy.local.process import LOOPBACK, free_port
from tests.chaos.workers import Worker
from tests.chaos.world import World
from tests.support.keys import ADDRESS_KEY

NUMBER: Final = "100000000000001"
SECRET: Final = "chaos-app-secret"
TOKEN: Final = "chaos-access-token"
AGAIN_SECONDS: Final = 0.5
"""After this an unanswered or refused webhook is delivered again; a provider takes longer."""


async def gateway(world: World, provider_port: int | None = None, **settings: str) -> Worker:
    """Start a gateway; where no provider is named nothing listens there."""
    account = {
        "phone_number_id": NUMBER,
        "app_secrets": [SECRET],
        "verify_token": "chaos-verify-token",
        "access_token": TOKEN,
        "api_base": f"http://{LOOPBACK}:{provider_port or free_port()}/simulator/graph/v25.0",
    }
    ours = {"GATEWAY_ACCOUNTS": json.dumps({"demo": account}), "GATEWAY_ADDRESS_KEYS": ADDRESS_KEY}
    return await world.worker(module="services.gateway", ready=True, **ours, **settings)


async def simulator(world: World, webhooks_to: str) -> Worker:
    """Start a stand-in for WhatsApp, which takes what the gateway sends."""
    return await world.worker(
        module="services.simulator",
        MONGO_DATABASE_PREFIX=f"{world.prefix}s",
        SIMULATOR_WEBHOOK_URL=f"{webhooks_to}/webhooks/whatsapp/demo",
        SIMULATOR_APP_SECRET=SECRET,
        SIMULATOR_ACCESS_TOKEN=TOKEN,
        SIMULATOR_PHONE_NUMBER_ID=NUMBER,
    )


def message(identity: str, content: Mapping[str, Any], *, group: str = "group-1") -> bytes:
    """Return the body of a webhook with one message."""
    phone = "918888800001"
    said = {
        "from": phone,
        "group_id": group,
        "id": f"wamid.{identity}",
        # To the hour: delivered again it is the same.
        "timestamp": str(int(time.time()) // 3600 * 3600),
        **content,
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919999900000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": phone}],
        "messages": [said],
    }
    change = {"field": "messages", "value": value}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    ).encode()


def text(identity: str, words: str, *, group: str = "group-1") -> bytes:
    """Return a webhook in which somebody writes `words`."""
    return message(identity, {"type": "text", "text": {"body": words}}, group=group)


def reaction(identity: str) -> bytes:
    """Return a webhook of which no consumer of the scenarios takes notice."""
    return message(identity, {"type": "reaction", "reaction": {"message_id": "wamid.other", "emoji": "👍"}})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said to one delivery."""

    at: float
    seconds: float
    status: int
    """0 where there was no answer."""
    retry_after: str | None = None


async def deliver(client: httpx2.AsyncClient, body: bytes) -> Answer:
    """Deliver a webhook once."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}
    began = time.monotonic()
    try:
        answer = await client.post("/webhooks/whatsapp/demo", content=body, headers=headers)
    except (httpx2.HTTPError, OSError):
        return Answer(time.monotonic(), time.monotonic() - began, 0)
    ended = time.monotonic()
    return Answer(ended, ended - began, answer.status_code, answer.headers.get("retry-after"))


@dataclass
class Provider:
    """Delivers webhooks at a steady rate, each again and again until it is accepted."""

    url: str
    prefix: str
    answers: list[Answer] = field(default_factory=list)
    accepted: int = 0
    _enough: bool = False

    async def run(self, per_second: float) -> None:
        """Deliver until `stop`, then until the last one is accepted."""
        async with (
            # As many connections as it takes: what waits for one would count as a slow answer.
            httpx2.AsyncClient(base_url=self.url, timeout=10, limits=httpx2.Limits()) as client,
            asyncio.TaskGroup() as group,
        ):
            for number in itertools.count():
                if self._enough:
                    return
                group.create_task(self._until_accepted(client, reaction(f"{self.prefix}{number}")))
                await asyncio.sleep(1 / per_second)

    async def _until_accepted(self, client: httpx2.AsyncClient, body: bytes) -> None:
        while True:
            answer = await deliver(client, body)
            self.answers.append(answer)
            if answer.status == 200:
                self.accepted += 1
                return
            await asyncio.sleep(AGAIN_SECONDS)

    def stop(self) -> None:
        """Begin no more deliveries."""
        self._enough = True

    def between(self, since: float, until: float) -> list[Answer]:
        """Return the answers of a stretch of time."""
        return [each for each in self.answers if since <= each.at <= until]
