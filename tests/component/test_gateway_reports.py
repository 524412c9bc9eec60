"""Reports find the message they are about, by the mark it carried or by our id of the message itself."""

from __future__ import annotations

import uuid

import pytest

from services.gateway.channels.contract import Accepted, Capability, Unclear
from services.gateway.domain.delivery import Stage
from services.gateway.domain.resolved import MESSAGE, Resolved
from shared.contracts.gateway import DeliveryStatus
from shared.errors import NotYet
from shared.store.unit_of_work import Session
from tests.support.sending import ObedientChannel, sending_bench

LARGE = "large"
GROUP = "120363000000000001@g.us"


@pytest.fixture
def bridge() -> ObedientChannel:
    return ObedientChannel(frozenset({Capability.TEXT, Capability.CLIENT_IDS}), "waha")


@pytest.fixture
def bench(mongo, store, bridge):
    return sending_bench(mongo, store, others={LARGE: bridge})


@pytest.fixture
def whole() -> str:
    """What the bridge calls a message."""
    return f"true_{GROUP}_3EB0{uuid.uuid4().hex[:12].upper()}"


async def group_of(bench) -> str:
    return (await bench.identities.chats("waha", LARGE, {GROUP: ("group", None)}))[GROUP]


async def reported(bench, name: str, status: DeliveryStatus = DeliveryStatus.READ) -> Stage | None:
    """Return how far the message that a report calls `name` has come by it, None where it is not found."""

    async def work(session: Session) -> Stage | None:
        found = (await bench.deliveries.load(session, [name]))[name]
        if found is None:
            return None
        await bench.deliveries.save(session, {name: found.reported(status, None)})
        return (await bench.deliveries.load(session, [found.send_id]))[found.send_id].stage

    return await bench.runtime.unit_of_work.run(work)


def our_id(provider_id: str) -> str:
    return Resolved("waha", LARGE, {}, {}).id(MESSAGE, provider_id)


async def test_a_message_of_a_linked_device_is_found_by_its_own_id(bench, bridge, whole):
    bridge.answers = [Accepted(whole)]
    command = bench.message(await group_of(bench))
    await bench.outbound.act(command)
    # In a group some engines add whose it is, which for ours says nothing.
    assert await reported(bench, our_id(f"{whole}_911234567890@c.us")) is Stage.READ
    assert (await bench.found(command)).stage is Stage.READ


async def test_one_whose_answer_was_lost_is_found_once_the_bridge_has_named_it(bench, bridge, whole):
    bridge.answers = [Unclear()]
    command = bench.message(await group_of(bench))
    with pytest.raises(NotYet):
        await bench.outbound.act(command)
    assert await reported(bench, our_id(whole)) is None
    bridge.found = dict.fromkeys([bridge.sent[0][1].client_id], whole)
    await bench.outbound.act(command)
    assert await reported(bench, our_id(whole)) is Stage.READ


async def test_a_message_that_carries_our_mark_needs_no_other_name(bench, store):
    command = bench.message(await bench.group())
    await bench.outbound.act(command)
    kept = await store["deliveries"].find_one({"_id": command.id})
    assert kept is not None
    assert "message_id" not in kept
    assert await reported(bench, command.id, DeliveryStatus.DELIVERED) is Stage.DELIVERED
