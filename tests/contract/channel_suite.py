"""What every channel promises. A provider adds a `Subject` of its own and inherits the rest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from services.gateway.channels.contract import Channel
from services.gateway.domain.items import IncomingMessage, Item
from services.gateway.domain.outgoing import (
    Accepted,
    Action,
    AnswerJoin,
    Capability,
    Delete,
    Destination,
    MessageRef,
    Outgoing,
    Pin,
    React,
    Refused,
    Remove,
    Restrict,
    TryAgain,
    Unclear,
)
from shared.contracts.gateway import ChatKind
from shared.errors import ProviderUnavailable
from shared.http.server import HttpServer

BODIES = [
    b"",
    b"{}",
    b'{"entry":[{"changes":[{"field":"messages","value":{"messages":[{}]}}]}]}',
    b'{"event":"message","payload":{"id":7}}',
    b"\xff\x00",
]
STATUSES = (200, 202, 301, 400, 401, 403, 404, 408, 409, 418, 429, 500, 502, 503, 504)
ANSWERS = [b"", b"{}", b"[]", b"null", b"false", b"<html>", b'{"error":{"code":1}}', b'{"error":"no"}']


class Provider:
    """The far end: answers as told and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.answer = 200, b""
        self.received: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.received.append((await receive())["body"])
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": self.answer})


@contextlib.asynccontextmanager
async def listening(provider: Provider) -> AsyncIterator[str]:
    """Yield where `provider` answers."""
    server = HttpServer(provider, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())
    await server.started()
    yield server.url
    server.stop()
    await serving


@dataclass
class Subject:
    """A channel, and what only its own tests know."""

    channel: Channel
    provider: Provider
    signed: Callable[[bytes], Mapping[str, str]]
    subscription: Mapping[str, str]
    """What proves to the channel that the provider asks; empty where no provider asks for a handshake."""
    challenge: str | None
    message: bytes
    """A body that holds one message."""
    destinations: tuple[Destination, ...]
    recognised_by: Callable[[Outgoing], str]
    """What in a request makes the message known again afterwards."""
    theirs: MessageRef
    """A message of a member."""


def outgoing(text: str = "जी") -> Outgoing:
    """Return a message to send."""
    return Outgoing(text=text, mark="the-mark", client_id="the-client-id")


def actions_on(message: MessageRef) -> dict[Capability, Action]:
    """Return what is asked of a channel that offers it, about a member's message and its author."""
    assert message.author is not None
    return {
        Capability.REACTIONS: React(message, "👍"),
        Capability.PIN: Pin(message, 7),
        Capability.DELETE_OWN: Delete(message),
        Capability.DELETE_FOREIGN: Delete(message),
        Capability.REMOVE_MEMBER: Remove(message.author),
        Capability.ANSWER_JOIN: AnswerJoin("request-1", approved=True),
        Capability.RESTRICT: Restrict(admins_only=True),
    }


class ChannelSuite:
    """Inherited by the tests of each channel; their fixture `subject` makes the `Subject`."""

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors])
    @given(st.binary() | st.sampled_from(BODIES))
    def test_whatever_comes_is_read_and_reading_it_twice_says_the_same(self, subject, body):
        items = list(subject.channel.parse(body))
        assert all(isinstance(each, Item) for each in items)
        assert list(subject.channel.parse(body)) == items

    def test_a_message_is_a_message(self, subject):
        (item,) = subject.channel.parse(subject.message)
        assert isinstance(item, IncomingMessage)
        assert item.sender

    @pytest.mark.parametrize("body", BODIES)
    def test_what_the_provider_signed_is_authentic_and_nothing_else(self, subject, body):
        headers = subject.signed(body)
        assert subject.channel.authentic(body, headers)
        assert not subject.channel.authentic(body, {})
        assert not subject.channel.authentic(body + b" ", headers)
        assert not subject.channel.authentic(body, subject.signed(body + b" "))

    def test_the_handshake_answers_only_who_knows_the_secret(self, subject):
        assert subject.channel.handshake(subject.subscription) == subject.challenge
        for name in subject.subscription:
            without = {key: value for key, value in subject.subscription.items() if key != name}
            assert subject.channel.handshake(without) is None
        assert subject.channel.handshake({}) is None

    async def test_what_makes_a_message_known_again_goes_with_every_message(self, subject):
        subject.provider.received.clear()
        for to in subject.destinations:
            await subject.channel.send(to, outgoing())
        assert len(subject.provider.received) == len(subject.destinations)
        known_by = subject.recognised_by(outgoing()).encode()
        assert all(known_by in body for body in subject.provider.received)

    @pytest.mark.parametrize("answer", ANSWERS)
    async def test_every_answer_to_a_message_is_one_of_ours(self, subject, answer):
        subject.provider.answer = answer
        for status in STATUSES:
            subject.provider.status = status
            try:
                outcome = await subject.channel.send(subject.destinations[0], outgoing())
            except ProviderUnavailable:
                continue
            assert isinstance(outcome, Accepted | Refused | TryAgain | Unclear)
            if status >= 500:
                assert isinstance(outcome, TryAgain | Unclear), (
                    "a fault of the provider refused a message for good"
                )
            if status < 300:
                assert not isinstance(outcome, Refused), "a message that may have gone out was called refused"

    @pytest.mark.parametrize("answer", ANSWERS)
    @pytest.mark.parametrize("kind", [ChatKind.GROUP, ChatKind.DIRECT])
    async def test_every_answer_to_an_action_is_one_of_ours(self, subject, kind, answer):
        to = next(each for each in subject.destinations if (kind is ChatKind.GROUP) == bool(each.group))
        actions = actions_on(subject.theirs)
        subject.provider.answer = answer
        for action in (actions[each] for each in subject.channel.capabilities(kind) if each in actions):
            for status in STATUSES:
                subject.provider.status = status
                with contextlib.suppress(ProviderUnavailable):
                    outcome = await subject.channel.act(to, action)
                    assert isinstance(outcome, Accepted | Refused | TryAgain | Unclear)

    async def test_what_a_channel_does_not_offer_is_refused_and_not_tried(self, subject):
        group = next(each for each in subject.destinations if each.group)
        offered = subject.channel.capabilities(ChatKind.GROUP)
        assert Capability.ANSWER_JOIN in offered or isinstance(
            await subject.channel.act(group, AnswerJoin("request-1", approved=True)), Refused
        )

    @pytest.mark.parametrize("answer", ANSWERS)
    async def test_a_question_is_answered_or_the_provider_is_away(self, subject, answer):
        subject.provider.answer = answer
        for status in STATUSES:
            subject.provider.status = status
            with contextlib.suppress(ProviderUnavailable):
                assert await subject.channel.find(subject.destinations[0], "never-sent") is None
            with contextlib.suppress(ProviderUnavailable):
                await subject.channel.roster("no-such-group")
            with contextlib.suppress(ProviderUnavailable):
                await subject.channel.probe()

    @pytest.mark.parametrize("answer", [b"", b"null", b"<html>", b"[1,{}]", b'{"participants":[1,{}]}'])
    async def test_what_nobody_can_read_says_nothing_of_a_roster(self, subject, answer):
        subject.provider.status, subject.provider.answer = 200, answer
        roster = await subject.channel.roster("group-1")
        assert roster is None or roster.people == ()

    @pytest.mark.parametrize("kind", list(ChatKind))
    def test_every_channel_can_at_least_send_a_text(self, subject, kind):
        assert Capability.TEXT in subject.channel.capabilities(kind)
