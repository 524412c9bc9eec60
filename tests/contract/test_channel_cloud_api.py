"""What every channel promises, asked of the Cloud API; another provider adds a `Subject` of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api.signature import sign
from services.gateway.channels.contract import (
    Accepted,
    Channel,
    Destination,
    Refused,
    TryAgain,
    Unclear,
)
from services.gateway.domain.items import Address, AddressKind, IncomingMessage, Item
from shared.errors import ProviderUnavailable
from shared.http.client import HttpClient
from shared.http.server import HttpServer

BODIES = [
    b"",
    b"{}",
    b'{"entry":[{"changes":[{"field":"messages","value":{"messages":[{}]}}]}]}',
    b"\xff\x00",
]


class Provider:
    """The far end: answers as told and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.answer = 200, b""
        self.received: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.received.append((await receive())["body"])
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": self.answer})


@dataclass
class Subject:
    """A channel, and what only its own tests know."""

    channel: Channel
    provider: Provider
    signed: Callable[[bytes], Mapping[str, str]]
    subscription: Mapping[str, str]
    challenge: str
    message: bytes
    """A body that holds one message."""
    destinations: tuple[Destination, ...]


@pytest.fixture(scope="module", params=["cloud_api"])
async def subject() -> AsyncIterator[Subject]:
    provider = Provider()
    server = HttpServer(provider, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())
    await server.started()
    async with HttpClient() as client:
        channel = CloudApi(
            client,
            api_base=server.url,
            phone_number_id="370000000000001",
            access_token="token",
            app_secrets=["contract-secret"],
            verify_token="contract-token",
        )
        yield Subject(
            channel=channel,
            provider=provider,
            signed=lambda body: {"x-hub-signature-256": sign(body, "contract-secret")},
            subscription={
                "hub.mode": "subscribe",
                "hub.verify_token": "contract-token",
                "hub.challenge": "1158201444",
            },
            challenge="1158201444",
            message=b'{"entry":[{"changes":[{"field":"messages","value":{"messages":'
            b'[{"id":"wamid.1=","from":"919000000101","type":"text","text":{"body":"hi"}}]}}]}]}',
            destinations=(
                Destination(group="group-1"),
                Destination(person=Address(AddressKind.PHONE, "919000000101")),
                Destination(person=Address(AddressKind.BUSINESS_SCOPED, "IN.5501")),
            ),
        )
    server.stop()
    await serving


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary() | st.sampled_from(BODIES))
def test_whatever_comes_is_read_and_reading_it_twice_says_the_same(subject, body):
    items = subject.channel.parse(body)
    assert all(isinstance(each, Item) for each in items)
    assert subject.channel.parse(body) == items


def test_a_message_is_a_message(subject):
    (item,) = subject.channel.parse(subject.message)
    assert isinstance(item, IncomingMessage)
    assert item.sender


@pytest.mark.parametrize("body", BODIES)
def test_what_the_provider_signed_is_authentic_and_nothing_else(subject, body):
    headers = subject.signed(body)
    assert subject.channel.authentic(body, headers)
    assert not subject.channel.authentic(body, {})
    assert not subject.channel.authentic(body + b" ", headers)
    assert not subject.channel.authentic(body, subject.signed(body + b" "))


def test_the_handshake_answers_only_who_knows_the_secret(subject):
    assert subject.channel.handshake(subject.subscription) == subject.challenge
    for name in subject.subscription:
        without = {key: value for key, value in subject.subscription.items() if key != name}
        assert subject.channel.handshake(without) is None
    assert subject.channel.handshake({}) is None


async def test_the_mark_goes_with_every_message(subject):
    subject.provider.received.clear()
    for to in subject.destinations:
        await subject.channel.send_text(to, "जी", "the-mark")
    assert len(subject.provider.received) == len(subject.destinations)
    assert all(b"the-mark" in body for body in subject.provider.received)


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b"null", b"<html>", b'{"error":{"code":1}}'])
async def test_every_answer_of_a_provider_is_one_of_ours(subject, answer):
    subject.provider.answer = answer
    for status in (200, 202, 301, 400, 401, 403, 404, 408, 409, 418, 429, 500, 502, 503, 504):
        subject.provider.status = status
        try:
            outcome = await subject.channel.send_text(subject.destinations[0], "जी", "the-mark")
        except ProviderUnavailable:
            continue
        assert isinstance(outcome, Accepted | Refused | TryAgain | Unclear)
        if status >= 500:
            assert isinstance(outcome, TryAgain | Unclear), (
                "a fault of the provider refused a message for good"
            )
        if status < 300:
            assert not isinstance(outcome, Refused), "a message that may have gone out was called refused"
