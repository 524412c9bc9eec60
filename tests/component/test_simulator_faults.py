from __future__ import annotations

import asyncio

import httpx2
import pytest

from tests.component.test_simulator_api import (
    MEENA,
    RAVI,
    SECONDS,
    Gateway,
    Simulator,
    new_prefix,
    running_simulator,
)


async def ready(simulator: Simulator) -> None:
    await simulator.group()
    for phone in (RAVI, MEENA):
        await simulator.post(f"chats/{phone}/messages", {"text": "नमस्ते"})


async def accepted(simulator: Simulator) -> int:
    return len((await simulator.get("sends"))["messages"])


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [
        ({"fault": "pair_limit"}, 400, 131056),
        ({"fault": "token_expired"}, 401, 190),
        ({"fault": "fail", "status": 503, "code": 131016}, 503, 131016),
        ({"fault": "fail", "status": 400, "code": 131049}, 400, 131049),
    ],
)
async def test_one_chat_is_refused_and_the_others_are_not(
    mongo_url: str, rule: dict[str, object], status: int, code: int
):
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as simulator:
        await ready(simulator)
        await simulator.put("faults", rules=[{**rule, "to": RAVI, "first": 1}])
        assert (await simulator.send(MEENA)).status_code == 200
        refused = await simulator.send(f"{RAVI}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
        assert (await simulator.send(RAVI)).status_code == 200
        assert await accepted(simulator) == 2


async def test_a_reset_connection_leaves_nothing_accepted(mongo_url: str):
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as simulator:
        await ready(simulator)
        await simulator.put("faults", rules=[{"fault": "reset"}])
        with pytest.raises(httpx2.RemoteProtocolError):
            await simulator.send(RAVI)
        assert await accepted(simulator) == 0


async def test_a_half_open_connection_ends_when_the_faults_change(mongo_url: str):
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as simulator:
        await ready(simulator)
        await simulator.put("faults", rules=[{"fault": "half_open"}])
        hanging = asyncio.ensure_future(simulator.send(RAVI))
        async with asyncio.timeout(SECONDS):
            while not await accepted(simulator):
                pass
        assert not hanging.done()
        await simulator.put("faults")
        with pytest.raises(httpx2.RemoteProtocolError):
            await hanging


async def test_an_answer_may_drip(mongo_url: str):
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as simulator:
        await ready(simulator)
        await simulator.put("faults", rules=[{"fault": "slow_drip", "delay_ms": 0}])
        dripped = await simulator.send(RAVI)
        assert dripped.json()["messages"]
        await simulator.put("faults", rules=[{"fault": "slow_drip", "delay_ms": 600_000}])
        with pytest.raises(httpx2.ReadTimeout):
            await simulator.http.post(
                "/simulator/graph/v25.0/100000000000001/messages",
                headers={"authorization": "Bearer component-access-token"},
                json={"messaging_product": "whatsapp", "to": RAVI, "type": "text", "text": {"body": "x"}},
                timeout=0.2,
            )
        assert await accepted(simulator) == 2


async def test_a_share_of_the_calls_is_slow(mongo_url: str):
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as simulator:
        await ready(simulator)
        await simulator.put("faults", rules=[{"fault": "slow", "delay_ms": 1, "every": 2}])
        assert [(await simulator.send(RAVI)).status_code for _ in range(4)] == [200] * 4
        assert (await simulator.get("faults"))["hits"] == {"slow": 2}


async def test_a_status_may_come_before_the_answer(mongo_url: str):
    gateway = Gateway()
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        await ready(simulator)
        await simulator.put("faults", rules=[{"fault": "status_first"}])
        answer = await simulator.send(RAVI)
        (first, *_) = gateway.statuses
        assert (first["id"], first["status"]) == (answer.json()["messages"][0]["id"], "sent")
