"""What a provider took for one member alone and could not deliver is said in the chat, where it may be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from services.gateway.channels.contract import Capability, Refused
from services.gateway.domain.aloud import aloud_id
from services.gateway.domain.delivery import Stage
from services.gateway.domain.items import Address
from services.gateway.store import MIGRATIONS
from shared.contracts.gateway import DeliveryStatus, MessageFailed, MessageSend, SendClass
from shared.store.migrations import migrate
from tests.support.sending import SendingBench, failure, sending_bench

MINUTE = dt.timedelta(minutes=1)


@dataclass
class Scene:
    """A group, and a member who has written to us directly."""

    bench: SendingBench
    group: str
    direct: str
    member: str
    phone: Address

    async def told(self, chat: str | None = None, **fields: Any) -> Any:
        """Return a message to the member that the provider has taken."""
        fields = {"aloud": True, "member_id": self.member, **fields}
        command = self.bench.message(chat or self.group, **fields)
        await self.bench.outbound.act(command)
        return command


@pytest.fixture
async def scene(mongo, store) -> Scene:
    bench = sending_bench(mongo, store)
    bench.channel.offered = frozenset({Capability.TEXT, Capability.MENTIONS})
    member, phone = await bench.person()
    direct = (await bench.identities.chats("cloud_api", "main", {member: ("direct", None)}))[member]
    await bench.hears(direct, "नमस्ते")
    return Scene(bench, await bench.group(), direct, member, phone)


async def test_it_is_said_once_and_mentions_the_member(scene):
    command = await scene.told(text="आपकी बात हटाई गई", reply_to=None)
    failed, again = await scene.bench.hears_of(command, DeliveryStatus.FAILED, 131026)
    assert (failed.data.code, failed.data.provider_code) == ("undelivered", 131026)
    assert (again.id, again.partition_key, again.data) == (aloud_id(command.id), scene.group, command.data)
    for _ in range(2):
        await scene.bench.outbound.act(again)
    (to_member, _), (to_group, said) = scene.bench.channel.sent
    assert (to_member.person, to_group.group is not None) == (scene.phone, True)
    assert (said.text, said.mentions) == ("आपकी बात हटाई गई", (scene.phone,))
    shown = await scene.bench.found(again)
    assert (shown.stage, shown.member_id, shown.went_to, shown.aloud) == (
        Stage.ACCEPTED,
        scene.member,
        None,
        True,
    )


async def test_it_is_not_said_again_by_a_report_that_comes_again(scene):
    command = await scene.told()
    assert len(await scene.bench.hears_of(command, DeliveryStatus.FAILED, 131026)) == 2
    for status in (DeliveryStatus.FAILED, DeliveryStatus.SENT, DeliveryStatus.DELIVERED):
        assert await scene.bench.hears_of(command, status, 131026) == []


async def test_nothing_is_said_once_its_time_is_over(scene):
    command = await scene.told(valid_for=10 * MINUTE)
    scene.bench.clock.advance(11 * MINUTE)
    (only,) = await scene.bench.hears_of(command, DeliveryStatus.FAILED)
    assert isinstance(only.data, MessageFailed)


async def test_what_waits_until_its_time_is_over_is_not_said_either(scene):
    command = await scene.told(valid_for=10 * MINUTE)
    _, again = await scene.bench.hears_of(command, DeliveryStatus.FAILED)
    scene.bench.clock.advance(11 * MINUTE)
    await scene.bench.outbound.act(again)
    assert len(scene.bench.channel.sent) == 1
    assert failure(await scene.bench.facts(again)) == "expired"


async def test_what_has_arrived_is_not_said(scene):
    command = await scene.told()
    for status in (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED):
        assert await scene.bench.hears_of(command, status) == []


async def test_what_is_for_the_member_alone_stays_unsaid(scene):
    command = await scene.told(aloud=False)
    (only,) = await scene.bench.hears_of(command, DeliveryStatus.FAILED)
    assert isinstance(only.data, MessageFailed)


async def test_what_was_said_in_the_chat_already_is_not_said_again(scene):
    scene.bench.channel.answers = [Refused("window_closed", 131047)]
    command = await scene.told()
    assert len(scene.bench.channel.sent) == 2
    (only,) = await scene.bench.hears_of(command, DeliveryStatus.FAILED)
    assert isinstance(only.data, MessageFailed)


@pytest.mark.parametrize("refused_at_once", [True, False])
async def test_it_is_never_said_in_a_direct_chat_with_somebody_else(scene, refused_at_once):
    somebody = await scene.bench.direct()
    if refused_at_once:
        scene.bench.channel.answers = [Refused("undeliverable", 131026)]
    command = await scene.told(somebody)
    said = await scene.bench.hears_of(command, DeliveryStatus.FAILED)
    assert not [each for each in said if isinstance(each.data, MessageSend)]
    assert [to.person for to, _ in scene.bench.channel.sent] == [scene.phone]


async def test_in_the_group_it_is_said_in_the_words_that_are_for_everybody(scene):
    command = await scene.told(text="आपकी बात: …", aloud_text="किसी की बात हटाई गई")
    _, again = await scene.bench.hears_of(command, DeliveryStatus.FAILED, 131026)
    await scene.bench.outbound.act(again)
    assert [said.text for _, said in scene.bench.channel.sent] == ["आपकी बात: …", "किसी की बात हटाई गई"]


async def test_what_is_said_keeps_the_rules_of_the_group(scene):
    commands = [await scene.told(send_class=SendClass.DIGEST) for _ in range(4)]
    again = [(await scene.bench.hears_of(each, DeliveryStatus.FAILED))[1] for each in commands]
    for each in again:
        await scene.bench.outbound.act(each)
    assert len(scene.bench.channel.sent) == 4 + 3
    assert failure(await scene.bench.facts(again[-1])) == "noise_budget"


async def test_its_text_is_kept_no_longer_than_it_may_be_said(scene, store):
    await migrate(store, scene.bench.clock, MIGRATIONS)
    command = await scene.told()
    kept = await store["unsaid"].find_one({"_id": command.id})
    assert kept is not None
    assert kept["not_after"] == command.data.not_after
    indexes = await store["unsaid"].index_information()
    assert [each["expireAfterSeconds"] for each in indexes.values() if "expireAfterSeconds" in each] == [0]
    await scene.bench.hears_of(command, DeliveryStatus.FAILED)
    assert await store["unsaid"].find_one({"_id": command.id}) is None


async def test_the_text_of_other_messages_is_not_kept(scene, store):
    for fields in ({"aloud": False}, {"member_id": None}):
        command = await scene.told(**fields)
        assert await store["unsaid"].find_one({"_id": command.id}) is None
