"""What one member alone is to read: where it goes, and what happens where there is no such place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from services.gateway.channels.contract import Capability, Destination, Refused, TryAgain, Unclear
from services.gateway.domain.chat import Configuration
from services.gateway.domain.delivery import Search, Stage
from services.gateway.domain.items import Address
from services.gateway.domain.pacing import Pace
from services.gateway.store import Chats, Merges
from shared.contracts.gateway import ChatKind, MessageAccepted, SendClass, Template
from shared.errors import NotYet
from shared.mentions import mark
from tests.support.sending import (
    ACCOUNT,
    NOISE_PER_HOUR,
    SECOND,
    UNPACED,
    ObedientChannel,
    SendingBench,
    failure,
    sending_bench,
)

CLOUD = frozenset({Capability.TEXT, Capability.TEMPLATES, Capability.WINDOW, Capability.REPLIES})
BRIDGE = frozenset({Capability.TEXT, Capability.MENTIONS})
TEMPLATE = Template(name="news", language="hi")
HOUR = dt.timedelta(hours=1)
BY_BRIDGE = "large"


@dataclass
class Scene:
    """A group, a member of it, and two accounts."""

    bench: SendingBench
    bridge: ObedientChannel
    group: str
    member: str
    phone: Address

    async def writes(self, account: str = ACCOUNT, text: str = "नमस्ते", member: str | None = None) -> str:
        """Let the member write to us directly, and return the chat."""
        who = member or self.member
        channel = "cloud_api" if account == ACCOUNT else "waha"
        chat = (await self.bench.identities.chats(channel, account, {who: ("direct", None)}))[who]
        await self.bench.hears(chat, text)
        return chat

    def message(self, send_class: SendClass = SendClass.REPLY, **fields: Any) -> Any:
        return self.bench.message(self.group, send_class, member_id=self.member, **fields)


@pytest.fixture
async def scene(mongo, store) -> Scene:
    bridge = ObedientChannel(BRIDGE, "waha")
    bench = sending_bench(mongo, store, UNPACED, others={BY_BRIDGE: bridge})
    bench.channel.offered = CLOUD
    member, phone = await bench.person()
    return Scene(bench, bridge, await bench.group(), member, phone)


@pytest.mark.parametrize("send_class", [SendClass.REPLY, SendClass.SAFETY, SendClass.REMINDER])
async def test_within_the_window_it_goes_to_the_member_alone(scene, send_class):
    direct = await scene.writes()
    command = scene.message(send_class, aloud=True)
    await scene.bench.outbound.act(command)
    ((to, _),) = scene.bench.channel.sent
    assert to == Destination(person=scene.phone)
    found = await scene.bench.found(command)
    assert (found.chat_id, found.member_id, found.went_to, found.aloud) == (
        scene.group,
        scene.member,
        direct,
        False,
    )
    (fact,) = await scene.bench.facts(command)
    assert isinstance(fact, MessageAccepted)
    assert fact.chat_id == scene.group
    # What they answer to it is found in the chat where it stands.
    (known,) = scene.bench.messages.known.values()
    assert (known.chat_id, known.chat_kind) == (direct, ChatKind.DIRECT)


@pytest.mark.parametrize("send_class", [SendClass.REPLY, SendClass.SAFETY, SendClass.REMINDER])
async def test_outside_the_window_it_is_dropped_with_the_reason(scene, send_class):
    await scene.writes()
    scene.bench.clock.advance(24 * HOUR)
    command = scene.message(send_class)
    await scene.bench.outbound.act(command)
    assert scene.bench.channel.sent == []
    assert failure(await scene.bench.facts(command)) == "window_closed"
    page = await scene.bench.deliveries.page(Search(scene.group, member_id=scene.member), None, 10)
    assert [(each.send_id, each.stage, each.code) for each in page] == [
        (command.id, Stage.FAILED, "window_closed")
    ]


async def test_outside_the_window_a_template_goes_to_the_member(scene):
    await scene.writes()
    scene.bench.clock.advance(24 * HOUR)
    await scene.bench.outbound.act(scene.message(SendClass.SAFETY, fallback=TEMPLATE, aloud=True))
    ((to, sent),) = scene.bench.channel.sent
    assert (to.person, sent.template) == (scene.phone, TEMPLATE)


async def test_who_has_never_written_directly_is_not_written_to(scene):
    scene.bench.channel.offered = BRIDGE
    for command in (scene.message(), scene.message(SendClass.DIGEST, fallback=TEMPLATE)):
        await scene.bench.outbound.act(command)
        assert failure(await scene.bench.facts(command)) == "no_private_way"
    assert scene.bench.channel.sent == scene.bridge.sent == []


async def test_what_may_be_said_aloud_is_said_in_the_chat_and_mentions_the_member(scene):
    scene.bench.channel.offered = BRIDGE
    command = scene.message(aloud=True, text="आपका जवाब")
    await scene.bench.outbound.act(command)
    ((to, sent),) = scene.bench.channel.sent
    assert to.group is not None
    assert sent.mentions == (scene.phone,)
    found = await scene.bench.found(command)
    assert (found.went_to, found.aloud, found.stage) == (None, True, Stage.ACCEPTED)


async def test_what_has_other_words_for_everybody_names_nobody_in_the_chat(scene):
    scene.bench.channel.offered = BRIDGE
    command = scene.message(
        SendClass.SAFETY,
        aloud=True,
        text=f"{mark(1)}, आपकी अपील का जवाब",
        mentions=(scene.member,),
        aloud_text="M1: !क्यों M1",
    )
    await scene.bench.outbound.act(command)
    ((to, sent),) = scene.bench.channel.sent
    assert to.group is not None
    assert (sent.text, sent.mentions) == ("M1: !क्यों M1", ())
    found = await scene.bench.found(command)
    assert (found.member_id, found.aloud, found.stage) == (scene.member, True, Stage.ACCEPTED)


async def test_words_for_everybody_are_not_said_to_the_member_alone(scene):
    await scene.writes()
    await scene.bench.outbound.act(scene.message(aloud=True, text="आपका जवाब", aloud_text="M1"))
    ((to, sent),) = scene.bench.channel.sent
    assert (to.person, sent.text) == (scene.phone, "आपका जवाब")


async def test_what_the_provider_refuses_to_the_member_is_said_in_the_words_for_everybody(scene):
    await scene.writes()
    scene.bench.channel.answers = [Refused("window_closed", 131047)]
    await scene.bench.outbound.act(scene.message(aloud=True, text="आपका जवाब", aloud_text="M1"))
    assert [(to.person, sent.text) for to, sent in scene.bench.channel.sent] == [
        (scene.phone, "आपका जवाब"),
        (None, "M1"),
    ]


async def test_what_is_said_aloud_keeps_the_rules_of_the_group(scene):
    scene.bench.channel.offered = BRIDGE
    said = [scene.message(SendClass.DIGEST, aloud=True) for _ in range(NOISE_PER_HOUR + 1)]
    for command in said:
        await scene.bench.outbound.act(command)
    assert len(scene.bench.channel.sent) == NOISE_PER_HOUR
    assert failure(await scene.bench.facts(said[-1])) == "noise_budget"


async def test_what_goes_to_members_alone_is_no_noise_in_the_group(scene):
    await scene.writes()
    for _ in range(NOISE_PER_HOUR + 1):
        await scene.bench.outbound.act(scene.message(SendClass.REMINDER))
    await scene.bench.hears(scene.group, "जी", ChatKind.GROUP)
    to_all = scene.bench.message(scene.group, SendClass.REMINDER)
    await scene.bench.outbound.act(to_all)
    assert len(scene.bench.channel.sent) == NOISE_PER_HOUR + 2


async def test_b8_04_who_said_stop_gets_what_they_asked_for_and_nothing_else(scene):
    await scene.writes(text="रोकें")
    unasked = scene.message(SendClass.REMINDER)
    for command in (unasked, scene.message()):
        await scene.bench.outbound.act(command)
    assert failure(await scene.bench.facts(unasked)) == "opted_out"
    assert len(scene.bench.channel.sent) == 1


async def test_who_has_written_to_another_number_of_ours_is_answered_there(scene):
    direct = await scene.writes(BY_BRIDGE)
    command = scene.message()
    await scene.bench.outbound.act(command)
    assert scene.bench.channel.sent == []
    assert [to.person for to, _ in scene.bridge.sent] == [scene.phone]
    assert (await scene.bench.found(command)).went_to == direct


async def test_whoever_was_merged_with_the_member_is_the_member(scene, store):
    other, phone = await scene.bench.person()
    await scene.writes(member=other)
    await Merges(store, scene.bench.clock).merge(scene.member, other, "an operator")
    await scene.bench.outbound.act(scene.message())
    assert [to.person for to, _ in scene.bench.channel.sent] == [phone]


async def test_in_their_own_direct_chat_it_is_a_message_like_any_other(scene):
    direct = await scene.writes()
    scene.bench.clock.advance(24 * HOUR)
    command = scene.bench.message(direct, member_id=scene.member)
    await scene.bench.outbound.act(command)
    assert [to.person for to, _ in scene.bench.channel.sent] == [scene.phone]
    assert (await scene.bench.found(command)).went_to is None


async def test_it_is_never_said_aloud_to_somebody_else(scene):
    somebody = await scene.bench.direct()
    command = scene.bench.message(somebody, member_id=scene.member, aloud=True)
    await scene.bench.outbound.act(command)
    assert scene.bench.channel.sent == []
    assert failure(await scene.bench.facts(command)) == "no_private_way"


async def test_what_the_provider_refuses_to_the_member_is_said_aloud_once(scene):
    await scene.writes()
    scene.bench.channel.answers = [Refused("window_closed", 131047), TryAgain("provider_failed", 1)]
    command = scene.message(aloud=True)
    with pytest.raises(NotYet):
        await scene.bench.outbound.act(command)
    await scene.bench.outbound.act(command)
    await scene.bench.outbound.act(command)
    assert [to.person for to, _ in scene.bench.channel.sent] == [scene.phone, None, None]
    assert [type(each) for each in await scene.bench.facts(command)] == [MessageAccepted]


async def test_what_the_provider_refuses_to_the_member_stays_unsaid_where_it_is_not_for_all(scene):
    await scene.writes()
    scene.bench.channel.answers = [Refused("window_closed", 131047)]
    command = scene.message()
    await scene.bench.outbound.act(command)
    assert failure(await scene.bench.facts(command)) == "window_closed"
    assert len(scene.bench.channel.sent) == 1


async def test_x04_a_private_message_of_unknown_fate_is_not_said_aloud_meanwhile(scene):
    await scene.writes()
    scene.bench.channel.answers = [Unclear()]
    command = scene.message(aloud=True, valid_for=48 * HOUR)
    with pytest.raises(NotYet):
        await scene.bench.outbound.act(command)
    scene.bench.clock.advance(24 * HOUR)
    await scene.bench.outbound.act(command)
    assert [to.person for to, _ in scene.bench.channel.sent] == [scene.phone, scene.phone]


async def test_a_pair_is_paced_by_the_chat_it_is_said_in(mongo, store):
    bench = sending_bench(mongo, store, Pace(1000.0, burst=500.0, pair_seconds=6.0, pair_burst=1.0))
    member, phone = await bench.person()
    scene = Scene(bench, ObedientChannel(), await bench.group(), member, phone)
    direct = await scene.writes()
    done = await bench.run([bench.message(direct), scene.message()], 60)
    assert sorted(done.values()) == pytest.approx([0.0, 6.0], abs=0.01)


async def test_who_can_be_mentioned_is_and_others_are_a_word_in_the_language_of_the_chat(scene, store):
    said = {"text": f"{mark(1)}, @1", "mentions": (scene.member,)}
    await scene.bench.outbound.act(scene.bench.message(scene.group, **said))
    await Chats(store, scene.bench.clock).configure(scene.group, Configuration(language="en"))
    await scene.bench.outbound.act(scene.bench.message(scene.group, **said))
    scene.bench.channel.offered = BRIDGE
    await scene.bench.outbound.act(scene.bench.message(scene.group, **said))
    assert [(each.text, each.mentions) for _, each in scene.bench.channel.sent] == [
        ("@सदस्य, @1", ()),
        ("@member, @1", ()),
        (f"{mark(1)}, @1", (scene.phone,)),
    ]


async def test_x05_a_private_message_shows_the_number_of_nobody_else(scene):
    scene.bench.channel.offered = BRIDGE
    await scene.writes()
    other, number = await scene.bench.person()
    with structlog.testing.capture_logs() as logs:
        await scene.bench.outbound.act(
            scene.message(text=f"{mark(1)}, {mark(2)}", mentions=(other, scene.member))
        )
    ((_, sent),) = scene.bench.channel.sent
    assert (sent.text, sent.mentions) == (f"@सदस्य, {mark(1)}", (scene.phone,))
    assert not [each for each in logs if number.value in str(each) or scene.phone.value in str(each)]


async def test_it_goes_out_in_the_order_of_the_chat_it_was_meant_for(scene):
    await scene.writes()
    to_all = scene.bench.message(scene.group, text="दो")
    commands = [scene.message(text="एक"), to_all, scene.message(text="तीन")]
    assert {each.partition_key for each in commands} == {scene.group}
    scene.bench.channel.answers = [TryAgain("provider_failed", 5)]
    done = await scene.bench.run(commands, 60)
    assert len(done) == len(commands)
    assert [each.text for _, each in scene.bench.channel.sent] == ["एक", "एक", "दो", "तीन"]
    assert done[to_all.id] >= 5 * SECOND.total_seconds()
