from __future__ import annotations

import asyncio
import datetime as dt

import httpx2
import pytest

from shared.clock import FixedClock
from tests.component.test_simulator_api import (
    MEENA,
    NUMBER,
    RAVI,
    SECONDS,
    Gateway,
    Simulator,
    new_prefix,
    running_simulator,
)

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


async def speak(simulator: Simulator, group: str, text: str = "नमस्ते") -> str:
    said = await simulator.post(f"chats/{group}/messages", {"from": RAVI, "text": text})
    return str(said["id"])


async def test_a_refused_webhook_comes_again_until_it_is_taken(mongo_url: str):
    gateway = Gateway(answers=[503, 204])
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        message_id = await speak(simulator, await simulator.group())
        await gateway.until(3)
        assert [each["answered"] for each in gateway.received] == [503, 204, 200]
        assert {value["messages"][0]["id"] for value in gateway.values} == {message_id}
        assert (await simulator.get("webhooks"))["refused"] == 2


async def test_a_refused_webhook_lets_the_next_pass(mongo_url: str):
    gateway = Gateway(answers=[500])
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        group = await simulator.group()
        first, second = await speak(simulator, group), await speak(simulator, group)
        await gateway.until(3)
        assert [value["messages"][0]["id"] for value in gateway.values] == [first, second, first]


async def test_webhooks_of_one_chat_come_in_order(mongo_url: str):
    gateway = Gateway()
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        group = await simulator.group()
        await simulator.put("faults", hold_webhooks=True)
        ids = [await speak(simulator, group, str(number)) for number in range(20)]
        assert gateway.received == []
        assert (await simulator.get("webhooks"))["waiting"] == 20
        await simulator.put("faults")
        await gateway.until(20)
        assert [value["messages"][0]["id"] for value in gateway.values] == ids


async def test_everything_survives_a_restart_and_waiting_webhooks_go_out(mongo_url: str):
    prefix = new_prefix()
    async with running_simulator(mongo_url, prefix, Gateway()) as simulator:
        group = await simulator.group()
        await speak(simulator, group, "पहला")
        await simulator.send(group, "उत्तर", biz_opaque_callback_data="op")
        await simulator.gateway.until(4)
        await simulator.put("faults", hold_webhooks=True)
        await speak(simulator, group, "दूसरा")
        before = await simulator.get(f"chats/{group}/messages")
        cursor = (await simulator.get("world"))["cursor"]

    gateway = Gateway()
    async with running_simulator(mongo_url, prefix, gateway) as again:
        (value,) = await gateway.until(1)
        assert value["messages"][0]["text"]["body"] == "दूसरा"
        after = await again.get(f"chats/{group}/messages")
        assert [each["text"] for each in after["messages"]] == [each["text"] for each in before["messages"]]
        (sent,) = (await again.get("sends", opaque="op"))["messages"]
        assert sent["ticks"] == "read"
        said = await again.post(f"chats/{group}/messages", {"from": RAVI, "text": "तीसरा"})
        assert said["seq"] >= cursor


async def test_each_webhook_can_be_posted_several_times(mongo_url: str):
    gateway = Gateway()
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        group = await simulator.group()
        await simulator.put("faults", duplicate_webhooks=3)
        await speak(simulator, group)
        await gateway.until(3)
        assert len({value["messages"][0]["id"] for value in gateway.values}) == 1
        assert (await simulator.get("webhooks"))["posted"] == 3


async def test_statuses_can_come_last_to_first(mongo_url: str):
    gateway = Gateway()
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        group = await simulator.group()
        await simulator.put("faults", reorder_statuses=True)
        await speak(simulator, group)
        await simulator.send(group)
        await gateway.until(4)
        order = [value["statuses"][0]["status"] for value in gateway.values if "statuses" in value]
        assert order == ["read", "delivered", "sent"]


async def test_the_window_closes_after_a_day(mongo_url: str):
    clock = FixedClock(NOW)
    async with running_simulator(mongo_url, new_prefix(), Gateway(), clock) as simulator:
        group = await simulator.group()
        await speak(simulator, group)
        clock.advance(dt.timedelta(hours=23, minutes=59))
        assert (await simulator.send(group)).status_code == 200
        clock.advance(dt.timedelta(minutes=1))
        assert (await simulator.send(group)).json()["error"]["code"] == 131047


@pytest.mark.parametrize(
    ("rule", "status", "accepted"),
    [
        ({"fault": "fail", "status": 400, "code": 131000}, 400, 0),
        ({"fault": "rate_limit", "retry_after": 7}, 429, 0),
        ({"fault": "garbage"}, 200, 1),
        ({"fault": "undelivered", "code": 131026}, 200, 1),
    ],
)
async def test_faults(mongo_url: str, rule: dict[str, object], status: int, accepted: int):
    gateway = Gateway()
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        group = await simulator.group()
        await speak(simulator, group)
        await simulator.put("faults", rules=[{**rule, "first": 1}], latency_ms=1)
        hit = await simulator.send(group)
        assert hit.status_code == status
        assert len((await simulator.get("sends"))["messages"]) == accepted
        assert (await simulator.send(group)).status_code == 200
        told = await simulator.get("faults")
        assert (told["calls"], told["hits"]) == (2, {rule["fault"]: 1})
        if rule["fault"] == "rate_limit":
            assert hit.headers["retry-after"] == "7"
            assert hit.json()["error"]["code"] == 130429
        if rule["fault"] == "garbage":
            with pytest.raises(ValueError, match="Expecting"):
                hit.json()
        if rule["fault"] == "undelivered":
            await gateway.until(6)
            failed = [each for each in gateway.statuses if each["status"] == "failed"]
            assert {each["errors"][0]["code"] for each in failed} == {131026}
            assert {each["recipient_participant_id"] for each in failed} == {RAVI, MEENA}


async def test_a_dropped_connection_leaves_the_message_accepted(mongo_url: str):
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as simulator:
        group = await simulator.group()
        await speak(simulator, group)
        await simulator.put("faults", rules=[{"fault": "drop"}])
        with pytest.raises(httpx2.RemoteProtocolError):
            await simulator.send(group, biz_opaque_callback_data="op")
        (sent,) = (await simulator.get("sends", opaque="op"))["messages"]
        assert sent["from"] == "bot"


@pytest.mark.parametrize(("fault", "status", "accepted"), [("hang", 503, 0), ("hang_accepted", 200, 1)])
async def test_a_call_hangs_until_the_faults_change(mongo_url: str, fault: str, status: int, accepted: int):
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as simulator:
        group = await simulator.group()
        await speak(simulator, group)
        await simulator.put("faults", rules=[{"fault": fault}])
        hanging = asyncio.ensure_future(simulator.send(group))
        async with asyncio.timeout(SECONDS):
            while not (await simulator.get("faults"))["hits"]:
                pass
        while len((await simulator.get("sends"))["messages"]) < accepted:
            pass
        assert not hanging.done()
        await simulator.put("faults")
        assert (await hanging).status_code == status


@pytest.mark.parametrize(("signature", "status"), [("right", 200), ("wrong", 401), ("missing", 401)])
async def test_raw_webhooks_reach_the_gateway_as_they_are(mongo_url: str, signature: str, status: int):
    gateway = Gateway()
    async with running_simulator(mongo_url, new_prefix(), gateway) as simulator:
        answer = await simulator.http.post(
            "/simulator/v1/raw-webhooks", params={"signature": signature}, content=b'{"entry": [],  "a":1}'
        )
        assert answer.json() == {"status": status}
        assert [each["a"] for each in gateway.received] == ([1] if status == 200 else [])


async def test_reset_forgets_everything_for_good(mongo_url: str):
    prefix = new_prefix()
    async with running_simulator(mongo_url, prefix, Gateway()) as simulator:
        group = await simulator.group()
        await speak(simulator, group)
        await simulator.put("faults", hold_webhooks=True)
        await speak(simulator, group)
        await simulator.post("reset")
        assert (await simulator.get("world"))["groups"] == []
        assert (await simulator.get("webhooks"))["waiting"] == 0
        assert not (await simulator.get("faults"))["plan"]["hold_webhooks"]
    gateway = Gateway()
    async with running_simulator(mongo_url, prefix, gateway) as again:
        assert (await again.get("world"))["members"] == []
        assert gateway.received == []


async def test_the_demo_is_there_once_and_quiet(mongo_url: str):
    prefix = new_prefix()
    for _ in range(2):
        gateway = Gateway()
        async with running_simulator(mongo_url, prefix, gateway, seed_demo=True) as simulator:
            whole = await simulator.get("world")
            assert len(whole["groups"]) == 2
            (learning, _) = whole["groups"]
            assert len(learning["members"]) == 7
            assert len(learning["admins"]) == 1
            lines = (await simulator.get(f"chats/{learning['id']}/messages"))["messages"]
            assert any(each["reactions"] for each in lines)
            assert (await simulator.get("sends"))["messages"] == []
            number = await simulator.graph(NUMBER)
            assert number.json()["verified_name"] == whole["bot"]["name"]
        fields = {each["entry"][0]["changes"][0]["field"] for each in gateway.received}
        assert fields <= {"group_lifecycle_update", "group_participants_update"}
