"""What services ask the gateway to do to a chat, and what is said of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from services.gateway.channels.contract import (
    Accepted,
    AnswerJoin,
    Capability,
    Delete,
    MessageRef,
    Pin,
    React,
    Refused,
    Remove,
    Restrict,
    TryAgain,
    Unclear,
)
from services.gateway.domain.delivery import Stage
from services.gateway.domain.known import Known
from shared.contracts.actions import (
    ActionDone,
    ActionFailed,
    ActionUnsupported,
    ChatRestrict,
    JoinAnswer,
    MemberRemove,
    MessageDelete,
    MessagePin,
    MessageReact,
)
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind
from shared.errors import NotYet, ProviderUnavailable
from tests.support.sending import ACCOUNT, SECOND, SendingBench, sending_bench

EVERYTHING = frozenset(Capability)
TEN_MINUTES = dt.timedelta(minutes=10)


@pytest.fixture
def bench(mongo, store) -> SendingBench:
    bench = sending_bench(mongo, store)
    bench.channel.offered = EVERYTHING
    return bench


def restrict(bench: SendingBench, chat_id: str) -> Envelope[ChatRestrict]:
    later = bench.clock.now() + TEN_MINUTES
    return bench.wrap(ChatRestrict(chat_id=chat_id, admins_only=True, not_after=later), chat_id)


async def written(bench: SendingBench, chat_id: str, *, by_us: bool = False) -> tuple[str, MessageRef]:
    """Let the gateway know a message; return our id of it and what it is to the provider."""
    member, phone = await bench.person()
    message_id = str(uuid.uuid4())
    bench.messages.remember(
        Known(
            message_id=message_id,
            chat_id=chat_id,
            chat_kind=ChatKind.GROUP,
            account=ACCOUNT,
            provider_id=f"wamid.{message_id}=",
            by_us=by_us,
            at=bench.clock.now(),
            member_id=None if by_us else member,
        )
    )
    author = None if by_us else phone
    return message_id, MessageRef(f"wamid.{message_id}=", author, ours=by_us)


async def test_each_command_asks_the_provider_for_what_it_says(bench):
    chat = await bench.group()
    message_id, message = await written(bench, chat)
    member, phone = await bench.person()
    both = {"chat_id": chat, "not_after": bench.clock.now() + TEN_MINUTES}
    asked = [
        (MessageReact(message_id=message_id, emoji="👍", **both), React(message, "👍")),
        (MessageReact(message_id=message_id, emoji=None, **both), React(message, None)),
        (MessageDelete(message_id=message_id, **both), Delete(message)),
        (MessagePin(message_id=message_id, days=7, **both), Pin(message, 7)),
        (MemberRemove(member_id=member, **both), Remove(phone)),
        (JoinAnswer(request_id="r-1", approved=True, **both), AnswerJoin("r-1", approved=True)),
        (ChatRestrict(admins_only=False, **both), Restrict(admins_only=False)),
    ]
    for data, action in asked:
        command = bench.wrap(data, chat)
        await bench.outbound.act(command)
        assert bench.channel.acted[-1][1] == action
        (fact,) = await bench.facts(command)
        assert fact == ActionDone(
            action_id=command.id, action=data.TYPE, chat_id=chat, done_at=bench.clock.now()
        )


async def test_a_request_that_is_called_by_its_member_names_them_to_the_provider(bench):
    chat = await bench.group()
    member, phone = await bench.person()
    later = bench.clock.now() + TEN_MINUTES
    command = bench.wrap(JoinAnswer(chat_id=chat, request_id=member, approved=False, not_after=later), chat)
    await bench.outbound.act(command)
    assert bench.channel.acted[-1][1] == AnswerJoin(member, approved=False, person=phone)
    assert [type(each) for each in await bench.facts(command)] == [ActionDone]


async def test_the_same_command_ten_times_is_done_once_and_told_once(bench):
    command = restrict(bench, await bench.group())
    for _ in range(10):
        await bench.outbound.act(command)
    assert len(bench.channel.acted) == 1
    assert len(set(await bench.ids(command))) == len(await bench.ids(command)) == 1
    assert (await bench.found(command)).what == "chat.restrict"


@pytest.mark.parametrize(
    ("missing", "data"),
    [
        (Capability.REACTIONS, MessageReact),
        (Capability.PIN, MessagePin),
        (Capability.DELETE_FOREIGN, MessageDelete),
        (Capability.REMOVE_MEMBER, MemberRemove),
        (Capability.ANSWER_JOIN, JoinAnswer),
        (Capability.RESTRICT, ChatRestrict),
    ],
)
async def test_what_the_channel_cannot_do_is_told_with_what_it_lacks(bench, missing, data):
    chat = await bench.group()
    message_id, _ = await written(bench, chat)
    member, _ = await bench.person()
    given = {
        "message_id": message_id,
        "member_id": member,
        "request_id": "r-1",
        "approved": False,
        "admins_only": True,
        "emoji": "👍",
        "days": 1,
    }
    fields = {name: value for name, value in given.items() if name in data.model_fields}
    command = bench.wrap(data(chat_id=chat, not_after=bench.clock.now() + TEN_MINUTES, **fields), chat)
    bench.channel.offered = EVERYTHING - {missing}
    for _ in range(2):
        await bench.outbound.act(command)
    assert bench.channel.acted == []
    (fact,) = await bench.facts(command)
    assert isinstance(fact, ActionUnsupported)
    assert (fact.code, fact.action) == (str(missing), data.TYPE)


async def test_a_channel_that_deletes_its_own_messages_alone_is_not_asked_for_others(bench):
    bench.channel.offered = EVERYTHING - {Capability.DELETE_FOREIGN}
    chat = await bench.group()
    later = bench.clock.now() + TEN_MINUTES
    ours, message = await written(bench, chat, by_us=True)
    await bench.outbound.act(bench.wrap(MessageDelete(chat_id=chat, message_id=ours, not_after=later), chat))
    assert bench.channel.acted[0][1] == Delete(message)


async def test_a_message_of_ours_is_known_by_the_command_that_sent_it_and_by_its_own_id(bench):
    chat = await bench.group()
    sent = bench.message(chat)
    await bench.outbound.act(sent)
    (own_id,) = bench.messages.known
    later = bench.clock.now() + TEN_MINUTES
    for message_id in (sent.id, own_id):
        await bench.outbound.act(
            bench.wrap(MessageDelete(chat_id=chat, message_id=message_id, not_after=later), chat)
        )
        assert bench.channel.acted[-1][1] == Delete(MessageRef("wamid.1=", ours=True))


async def test_a_channel_that_finds_out_only_when_asked_lacks_it_too(bench):
    bench.channel.answers = [Refused("unsupported")]
    command = restrict(bench, await bench.group())
    await bench.outbound.act(command)
    (fact,) = await bench.facts(command)
    assert isinstance(fact, ActionUnsupported)
    assert fact.code == "restrict"


async def fails(bench: SendingBench, command: Envelope[Any]) -> tuple[str, int | None]:
    await bench.outbound.act(command)
    (fact,) = await bench.facts(command)
    assert isinstance(fact, ActionFailed)
    assert fact.action_id == command.id
    return fact.code, fact.provider_code


async def test_what_is_refused_is_told_with_the_codes(bench):
    bench.channel.answers = [Refused("group_unavailable", 131041)]
    assert await fails(bench, restrict(bench, await bench.group())) == ("group_unavailable", 131041)


async def test_x07_what_comes_too_late_is_not_done(bench):
    command = restrict(bench, await bench.group())
    bench.clock.advance(TEN_MINUTES + SECOND)
    assert await fails(bench, command) == ("expired", None)
    assert bench.channel.acted == []


async def test_what_nobody_knows_cannot_be_acted_on(bench):
    chat, nowhere = await bench.group(), "c_" + uuid.uuid4().hex[:20]
    later = bench.clock.now() + TEN_MINUTES
    elsewhere, _ = await written(bench, await bench.group())
    stranger = MemberRemove(chat_id=chat, member_id="m_" + uuid.uuid4().hex[:20], not_after=later)
    assert await fails(bench, bench.wrap(stranger, chat)) == ("no_address", None)
    for message_id in (str(uuid.uuid4()), elsewhere):
        pin = MessagePin(chat_id=chat, message_id=message_id, days=1, not_after=later)
        assert await fails(bench, bench.wrap(pin, chat)) == ("unknown_message", None)
    assert await fails(bench, restrict(bench, nowhere)) == ("unknown_chat", None)
    assert bench.channel.acted == []


async def test_an_action_whose_answer_was_lost_is_asked_for_again(bench):
    bench.channel.answers = [Unclear(), RuntimeError("killed")]
    command = restrict(bench, await bench.group())
    with pytest.raises(NotYet):
        await bench.outbound.act(command)
    assert (await bench.found(command)).stage is Stage.IN_FLIGHT
    with pytest.raises(RuntimeError):
        await bench.outbound.act(command)
    await bench.outbound.act(command)
    assert len(bench.channel.acted) == 3
    assert [type(each) for each in await bench.facts(command)] == [ActionDone]


@pytest.mark.parametrize(("attempt", "told"), [(1, ActionFailed), (2, ActionDone)])
async def test_a_request_that_is_gone_was_answered_by_us_only_if_we_asked_before(bench, attempt, told):
    gone = Refused("unknown_request", 131213)
    bench.channel.answers = [gone] if attempt == 1 else [Unclear(), gone]
    chat = await bench.group()
    later = bench.clock.now() + TEN_MINUTES
    answer = JoinAnswer(chat_id=chat, request_id="r", approved=True, not_after=later)
    command = bench.wrap(answer, chat)
    for _ in range(attempt - 1):
        with pytest.raises(NotYet):
            await bench.outbound.act(command)
    await bench.outbound.act(command)
    assert [type(each) for each in await bench.facts(command)] == [told]


NOT_REACHED = TryAgain("provider_unreachable", 0.5)
AWAY = ProviderUnavailable("The key is refused.")


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ([NOT_REACHED], ActionFailed),
        ([NOT_REACHED, NOT_REACHED], ActionFailed),
        ([AWAY], ActionFailed),
        ([NOT_REACHED, Unclear()], ActionDone),
        ([Unclear(), NOT_REACHED], ActionDone),
        ([Unclear(), AWAY], ActionDone),
        ([RuntimeError("killed"), NOT_REACHED], ActionDone),
    ],
)
async def test_a_request_that_is_gone_was_answered_by_us_only_if_a_call_may_have_reached_it(
    bench, before, told
):
    bench.channel.answers = [*before, Refused("unknown_request")]
    chat = await bench.group()
    answer = JoinAnswer(
        chat_id=chat, request_id="r", approved=True, not_after=bench.clock.now() + TEN_MINUTES
    )
    command = bench.wrap(answer, chat)
    for _ in before:
        with pytest.raises((NotYet, ProviderUnavailable, RuntimeError)):
            await bench.outbound.act(command)
        bench.clock.advance(2 * SECOND)
    await bench.outbound.act(command)
    assert [type(each) for each in await bench.facts(command)] == [told]


async def test_what_is_postponed_is_done_later_and_slows_the_account_down(bench):
    bench.channel.answers = [TryAgain("rate_limited", 2), Accepted("")]
    command = restrict(bench, await bench.group())
    with pytest.raises(NotYet) as postponed:
        await bench.outbound.act(command)
    assert postponed.value.seconds == 2
    assert (await bench.found(command)).stage is Stage.WAITING
    await bench.outbound.act(command)
    assert [type(each) for each in await bench.facts(command)] == [ActionDone]


async def test_w4_a_refused_account_is_waited_for(bench):
    bench.channel.answers = [ProviderUnavailable("The token is refused.")]
    command, other = restrict(bench, await bench.group()), restrict(bench, await bench.group())
    for each in (command, other, command):
        with pytest.raises(ProviderUnavailable):
            await bench.outbound.act(each)
    assert len(bench.channel.acted) == 1
    bench.clock.advance(2 * SECOND)
    await bench.outbound.act(command)
    await bench.outbound.act(other)
    assert [type(each) for each in await bench.facts(command)] == [ActionDone]


async def test_an_action_waits_for_the_message_before_it_in_its_chat(bench):
    chat = await bench.group()
    bench.channel.answers = [TryAgain("provider_failed", 3)]
    first, second = bench.message(chat), restrict(bench, chat)
    done = await bench.run([first, second], 60)
    assert done[first.id] == done[second.id] == 3
