"""A sender that dies while the provider holds its message: what people see of it."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from deploy.local.process import LOOPBACK, free_port
from shared.contracts.envelope import decode, originate
from shared.contracts.gateway import MessageAccepted, MessageSend, SendClass
from shared.contracts.topics import topic_of
from shared.ids import deterministic_id
from tests.chaos import ledger
from tests.chaos.scenario import scenario
from tests.chaos.workers import Worker
from tests.chaos.world import World
from tests.support import events
from tests.support.keys import ADDRESS_KEY

COMMANDS = 40
CRASHES = 4
NUMBER, SECRET, TOKEN = "100000000000001", "chaos-app-secret", "chaos-access-token"
DELIVERY = topic_of(MessageAccepted).name


@dataclass
class Provider:
    """The simulator as WhatsApp, and the gateway in front of it, each a process."""

    world: World
    simulator: Worker
    settings: Mapping[str, str]

    async def gateway(self, faults: str = "") -> Worker:
        """Start the gateway; one that is to die may do so before it is ready."""
        return await self.world.worker(faults, module="services.gateway", ready=not faults, **self.settings)

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the script API of the simulator."""
        url = f"{self.simulator.public_url}/simulator/v1"
        async with httpx2.AsyncClient(base_url=url, timeout=20) as client:
            answer = await client.request(method, path, json=body)
            answer.raise_for_status()
            return answer.json()

    async def sends(self) -> Counter[str]:
        """Return how often the provider accepted each text."""
        found = (await self.ask("GET", "/sends"))["messages"]
        return Counter(each["text"] for each in found if each["kind"] == "text")

    async def chats(self, count: int) -> list[str]:
        """Return chats in which somebody has just written."""
        for number in range(count):
            phone = f"91777780{number:04d}"
            await self.ask("POST", "/members", {"phone": phone, "name": f"Member {number}"})
            await self.ask("POST", f"/chats/{phone}/messages", {"text": "नमस्ते"})
        known: set[str] = set()

        async def all_known() -> bool:
            records = await self.world.view.read(ledger.INBOUND, {})
            known.update(record.key.decode() for record in records)
            return len(known) >= count

        await self.world.until(all_known, "the members' messages", 20)
        return sorted(known)


async def _provider(world: World, **settings: str) -> Provider:
    gateway, simulator = free_port(), free_port()
    account = {
        "phone_number_id": NUMBER,
        "app_secrets": [SECRET],
        "verify_token": "chaos-verify-token",
        "access_token": TOKEN,
        "api_base": f"http://{LOOPBACK}:{simulator}/simulator/graph/v25.0",
    }
    ours = {
        "PUBLIC_PORT": str(gateway),
        "GATEWAY_ACCOUNTS": json.dumps({"demo": account}),
        "GATEWAY_ADDRESS_KEYS": ADDRESS_KEY,
        # What is counted here is sent as fast as it can be.
        "GATEWAY_SENDS_PER_SECOND": "1000",
        "GATEWAY_PAIR_SECONDS": "0",
        **settings,
    }
    started = await world.worker(
        module="services.simulator",
        PUBLIC_PORT=str(simulator),
        # The local log of a prefix has one owner, and that is the gateway.
        MONGO_DATABASE_PREFIX=f"{world.prefix}s",
        SIMULATOR_WEBHOOK_URL=f"http://{LOOPBACK}:{gateway}/webhooks/whatsapp/demo",
        SIMULATOR_APP_SECRET=SECRET,
        SIMULATOR_ACCESS_TOKEN=TOKEN,
        SIMULATOR_PHONE_NUMBER_ID=NUMBER,
    )
    return Provider(world, started, ours)


@scenario("P5", "kill -9 between the call and its record, the status comes", seconds=120)
async def status_comes(world: World) -> None:
    provider = await _provider(world)
    twice = await _crashes(world, provider, chats=8)
    world.report.double += twice
    world.report.expect(twice == 0, f"{twice} messages were sent twice although their status came")


@scenario("P5.silent", "kill -9 between the call and its record, no status comes", seconds=120)
async def no_status(world: World) -> None:
    provider = await _provider(world, GATEWAY_RECONCILE_SECONDS="2")
    twice = await _crashes(world, provider, chats=1, hold=True)
    world.report.expect(twice <= CRASHES, f"{twice} messages were sent twice in {CRASHES} crashes")


async def _crashes(world: World, provider: Provider, *, chats: int, hold: bool = False) -> int:
    """Return how many messages were sent more often than once although the gateway died so many times."""
    gateway = await provider.gateway()
    where = await provider.chats(chats)
    await gateway.terminate()
    await provider.ask("PUT", "/faults", {"hold_webhooks": hold})
    commands = [_command(world.seed, where[number % chats], number) for number in range(COMMANDS)]
    await world.append([events.record(each) for each in commands])
    for _ in range(CRASHES):
        gateway = await provider.gateway(f"after_http_before_record:kill9@{COMMANDS // CRASHES // 2}")
        code = await gateway.ended()
        world.report.expect(code == -9, f"the gateway ended with {code}: {gateway.log()[-300:]}")
    gateway = await provider.gateway()
    wanted = {each.id for each in commands}

    async def accepted() -> bool:
        return wanted <= await _accepted(world)

    await world.until(accepted, "an outcome of every message", 60)
    sends = await provider.sends()
    texts = [each.data.text for each in commands]
    world.report.inputs += COMMANDS
    world.report.effects += sum(min(1, sends[text]) for text in texts)
    missing = [text for text in texts if not sends[text]]
    world.report.lost += len(missing)
    world.report.expect(not missing, f"{len(missing)} messages were never sent")
    twice = sum(sends[text] - 1 for text in texts if sends[text])
    world.report.note(f"{CRASHES} crashes, {twice} messages sent twice")
    return twice


async def _accepted(world: World) -> set[str]:
    """Return which commands the gateway says the provider took."""
    found = [decode(each.value, each.headers).data for each in await world.view.read(DELIVERY, {})]
    return {each.send_id for each in found if isinstance(each, MessageAccepted)}


def _command(seed: int, chat: str, number: int) -> Any:
    now = dt.datetime.now(dt.UTC)
    data = MessageSend(
        chat_id=chat,
        text=f"message {number}",
        send_class=SendClass.REPLY,
        not_after=now + dt.timedelta(hours=1),
    )
    identity = deterministic_id("chaos", str(seed), chat, str(number))
    return originate(data, event_id=identity, source="/chaos", key=chat, time=now)
