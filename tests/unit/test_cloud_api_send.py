from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from deploy.local.process import free_port
from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api.channel import MAX_RETRY_AFTER
from services.gateway.channels.contract import (
    Accepted,
    AnswerJoin,
    Destination,
    Outgoing,
    Refused,
    Remove,
    Resident,
    Restrict,
    Roster,
    TryAgain,
    Unclear,
)
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.troubles import advice
from shared.errors import ProviderUnavailable
from shared.http.client import MAX_RESPONSE_BYTES, HttpClient
from shared.http.server import HttpServer

GROUP = Destination(group="Y2FwaV9ncm91cDo5MTExNDAwMDEwMDA6MTIwMzYzMDAwMDAwMDAwMTAx")
PERSON = Destination(person=Address(AddressKind.PHONE, "919000000101"))
SCOPED = Destination(person=Address(AddressKind.BUSINESS_SCOPED, "IN.5501000000000103"))
MARK = "3f1c2d4e-0000-5000-8000-000000000001.3f1c2d4e-0000-5000-8000-000000000002"


def text(body: str) -> Outgoing:
    return Outgoing(body, MARK, client_id="3EB0")


TAKEN = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+919000000101", "wa_id": "919000000101"}],
    "messages": [{"id": "wamid.OUT="}],
}


@dataclass
class Meta:
    """Answers as scripted and keeps what it was asked."""

    status: int = 200
    body: bytes = json.dumps(TAKEN).encode()
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, more = b"", True
        while more:
            message = await receive()
            received, more = received + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope["path"], headers, json.loads(received) if received else None))
        answered = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": answered})
        await send({"type": "http.response.body", "body": self.body})

    def fail(self, status: int, code: Any, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.body = json.dumps(
            {"error": {"message": "(#1) no", "type": "OAuthException", "code": code}}
        ).encode()


@contextlib.asynccontextmanager
async def channel_at(url: str, timeout_seconds: float = 5.0) -> AsyncIterator[CloudApi]:
    async with HttpClient(timeout_seconds=timeout_seconds) as client:
        yield CloudApi(
            client,
            api_base=f"{url}/v25.0/",
            phone_number_id="370000000000001",
            access_token="EAA-token",
            app_secrets=["secret"],
            verify_token="verify",
        )


@pytest.fixture(scope="module")
async def listener() -> AsyncIterator[tuple[list[Meta], HttpServer]]:
    current: list[Meta] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await current[-1](scope, receive, send)

    server = HttpServer(app, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())
    await server.started()
    yield current, server
    server.stop()
    await serving


@pytest.fixture
def meta(listener) -> Meta:
    listener[0].append(Meta())
    return listener[0][-1]


@pytest.fixture
async def channel(listener, meta) -> AsyncIterator[CloudApi]:
    async with channel_at(listener[1].url) as opened:
        yield opened


@pytest.mark.parametrize(
    ("to", "address"),
    [
        (GROUP, {"recipient_type": "group", "to": GROUP.group}),
        (PERSON, {"recipient_type": "individual", "to": "+919000000101"}),
        (SCOPED, {"recipient_type": "individual", "recipient": "IN.5501000000000103"}),
    ],
)
async def test_a_text_goes_out_addressed_as_meta_wants_it(channel, meta, to, address):
    assert await channel.send(to, text("📜 *नियम*\n1. …")) == Accepted("wamid.OUT=")
    ((path, headers, sent),) = meta.asked
    assert path == "/v25.0/370000000000001/messages"
    assert headers["authorization"] == "Bearer EAA-token"
    assert headers["content-type"] == "application/json"
    assert sent == {
        "messaging_product": "whatsapp",
        **address,
        "type": "text",
        "text": {"body": "📜 *नियम*\n1. …", "preview_url": False},
        "biz_opaque_callback_data": MARK,
    }


async def test_a_message_without_an_address_is_a_mistake_of_ours(channel, meta):
    with pytest.raises(ValueError, match="group or to a person"):
        await channel.send(Destination(), text("जी"))
    assert meta.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>ok</html>",
        b"{}",
        b"null",
        b"[]",
        b'{"messages":[]}',
        b'{"messages":[{}]}',
        b'{"messages":[{"id":""}]}',
        b'{"messages":[{"id":7}]}',
        b'{"messages":{"0":{"id":"wamid.OUT="}}}',
        b"[" * 100_000,
    ],
)
async def test_success_that_names_no_message_is_unclear(channel, meta, body):
    meta.body = body
    assert await channel.send(PERSON, text("जी")) == Unclear()


async def test_any_success_that_names_the_message_is_acceptance(channel, meta):
    meta.status = 202
    assert await channel.send(PERSON, text("जी")) == Accepted("wamid.OUT=")


async def test_any_success_that_names_none_is_unclear(channel, meta):
    meta.status, meta.body = 204, b""
    assert await channel.send(PERSON, text("जी")) == Unclear()


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [
        (400, 131047, "window_closed"),
        (400, 131051, "window_closed"),
        (400, 131026, "undeliverable"),
        (400, 131021, "undeliverable"),
        (400, 131030, "undeliverable"),
        (400, 130472, "undeliverable"),
        (400, 131049, "undeliverable"),
        (400, 131062, "undeliverable"),
        (400, 131050, "opted_out"),
        (400, 131020, "group_unavailable"),
        (404, 131041, "group_unavailable"),
        (403, 131207, "group_unavailable"),
        (400, 100, "rejected"),
        (400, 131008, "rejected"),
        (400, 132000, "rejected"),
        (400, 999999, "rejected"),
        (404, None, "rejected"),
    ],
)
async def test_what_can_never_go_out_is_refused(channel, meta, status, code, ours):
    meta.fail(status, code)
    assert await channel.send(PERSON, text("जी")) == Refused(ours, code)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 4, TryAgain("rate_limited", 2)),
        (400, 80007, TryAgain("rate_limited", 2)),
        (400, 130429, TryAgain("rate_limited", 2)),
        (429, 131208, TryAgain("rate_limited", 2)),
        (429, None, TryAgain("rate_limited", 2)),
        (400, 131056, TryAgain("pair_rate_limited", 6)),
        (400, 131048, TryAgain("spam_rate_limited", 60)),
        (400, 133016, TryAgain("spam_rate_limited", 60)),
        (500, 1, TryAgain("provider_failed", 0.5)),
        (400, 2, TryAgain("provider_failed", 0.5)),
        (500, 131000, TryAgain("provider_failed", 0.5)),
        (400, 131016, TryAgain("provider_failed", 0.5)),
        (400, 131057, TryAgain("provider_failed", 0.5)),
        (500, None, TryAgain("provider_failed", 0.5)),
        (502, None, TryAgain("provider_failed", 0.5)),
        (503, 999999, TryAgain("provider_failed", 0.5)),
    ],
)
async def test_what_may_go_out_later_is_tried_again(channel, meta, status, code, expected):
    meta.fail(status, code)
    assert await channel.send(PERSON, text("जी")) == expected


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((401, 190), (401, None), (403, None), (400, 0), (403, 10), (403, 200), (403, 299), (400, 131005)),
        *((400, 131031), (403, 368), (400, 131042), (400, 131037)),
    ],
)
async def test_a_refused_account_stops_everything(channel, meta, status, code):
    meta.fail(status, code)
    with pytest.raises(ProviderUnavailable) as refused:
        await channel.send(PERSON, text("जी"))
    assert "919000000101" not in refused.value.sentence
    assert "EAA-token" not in refused.value.sentence


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("17", 17),
        ("1", 2),
        ("999999", MAX_RETRY_AFTER),
        ("Mon, 23 Nov 2026 10:00:00 GMT", 2),
        ("-5", 2),
        ("1e9", 2),
        ("", 2),
        ("9" * 5000, MAX_RETRY_AFTER),
    ],
)
async def test_retry_after_is_heeded_within_reason(channel, meta, retry_after, seconds):
    meta.fail(429, 130429, **{"retry-after": retry_after})
    assert await channel.send(PERSON, text("जी")) == TryAgain("rate_limited", seconds)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error":"no"}', b'{"error":{"code":"x"}}', b"[1]"])
async def test_an_error_nobody_can_read_is_judged_by_its_status(channel, meta, body):
    meta.status, meta.body = 503, body
    assert await channel.send(PERSON, text("जी")) == TryAgain("provider_failed", 0.5)
    meta.status = 400
    assert await channel.send(PERSON, text("जी")) == Refused("rejected")


async def test_a_redirect_is_not_followed(channel, meta, listener):
    meta.status, meta.headers = 307, {"location": f"{listener[1].url}/elsewhere"}
    assert await channel.send(PERSON, text("जी")) == Refused("rejected")
    assert [path for path, _, _ in meta.asked] == ["/v25.0/370000000000001/messages"]


async def test_an_answer_of_absurd_size_is_not_read_to_its_end(channel, meta):
    meta.body = json.dumps(TAKEN).encode().ljust(MAX_RESPONSE_BYTES + 1)
    assert await channel.send(PERSON, text("जी")) == Unclear()


async def test_where_nobody_listens_nothing_was_sent():
    async with channel_at(f"http://127.0.0.1:{free_port()}") as channel:
        assert await channel.send(PERSON, text("जी")) == TryAgain("provider_unreachable", 0.5)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")
    await writer.drain()


async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 smtp.example ESMTP\r\n")
    await writer.drain()


@pytest.mark.parametrize("talk", [hang_up, break_off, stay_silent, talk_nonsense])
async def test_once_it_may_have_been_sent_the_outcome_is_unclear(talk: Talk):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await talk(reader, writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with channel_at(f"http://127.0.0.1:{port}", timeout_seconds=0.2) as channel:
            assert await channel.send(PERSON, text("जी")) == Unclear()


REMOVE = Remove(Address(AddressKind.PHONE, "919000000101"))
JOIN = AnswerJoin("request-1", approved=False)


@pytest.mark.parametrize(
    ("answer", "action", "expected"),
    [
        ((200, b"{}"), REMOVE, Accepted("")),
        ((200, b""), JOIN, Accepted("")),
        ((200, b'{"failed_participants":[]}'), REMOVE, Accepted("")),
        (
            (206, b'{"failed_participants":[{"errors":[{"code":131207}]}]}'),
            REMOVE,
            Refused("group_unavailable", 131207),
        ),
        ((200, b'{"failed_join_requests":[{"id":"x"}]}'), JOIN, Refused("partly_done", 131201)),
        (
            (206, b'{"errors":[{"code":131213}],"failed_join_requests":[{}]}'),
            JOIN,
            Refused("unknown_request", 131213),
        ),
        ((400, b'{"error":{"code":131212}}'), REMOVE, Accepted("")),
        ((400, b'{"error":{"code":131213}}'), JOIN, Refused("unknown_request", 131213)),
        ((429, b'{"error":{"code":131208}}'), JOIN, TryAgain("rate_limited", 2)),
        ((504, b""), REMOVE, Unclear()),
    ],
)
async def test_an_action_is_judged_by_what_became_of_it(channel, meta, answer, action, expected):
    meta.status, meta.body = answer
    assert await channel.act(GROUP, action) == expected


async def test_an_action_there_is_no_way_for_is_not_asked(channel, meta):
    assert await channel.act(GROUP, Restrict(admins_only=True)) == Refused("unsupported")
    assert meta.asked == []


async def test_the_provider_names_messages_itself(channel, meta):
    assert await channel.find(GROUP, "3EB0") is None
    assert meta.asked == []


async def test_a_probe_tells_whether_the_account_works(channel, meta):
    meta.body = b'{"id":"370000000000001"}'
    await channel.probe()
    for status, code, reason in (
        (401, 190, "credentials_refused"),
        (400, 368, "account_blocked"),
        (400, 131031, "account_blocked"),
        (429, 80007, "rate_limited"),
        (500, 1, "provider_failed"),
        (400, 131056, "provider_failed"),
        (404, 100, "unknown_number"),
        (504, None, "unreachable"),
    ):
        meta.fail(status, code)
        with pytest.raises(ProviderUnavailable) as refused:
            await channel.probe()
        assert refused.value.reason == reason
        assert advice(reason)


async def test_who_is_in_a_group_is_asked_of_the_group(channel, meta):
    meta.body = json.dumps(
        {
            "subject": "खेती",
            "participants": [{"wa_id": "919000000101", "user_id": "IN.5501"}, {"wa_id": ""}, 7],
        }
    ).encode()
    roster = await channel.roster("Z3JvdXA/=")
    assert roster == Roster(
        (
            Resident(
                (
                    Address(AddressKind.PHONE, "919000000101"),
                    Address(AddressKind.BUSINESS_SCOPED, "IN.5501"),
                )
            ),
        ),
        subject="खेती",
        we_are_admin=True,
    )
    meta.fail(404, 131041)
    assert await channel.roster("group") is None
    meta.fail(401, 190)
    with pytest.raises(ProviderUnavailable):
        await channel.roster("group")


async def test_where_nobody_listens_nobody_can_be_asked():
    async with channel_at(f"http://127.0.0.1:{free_port()}") as channel:
        assert await channel.act(GROUP, REMOVE) == TryAgain("provider_unreachable", 0.5)
        with pytest.raises(ProviderUnavailable) as refused:
            await channel.probe()
        assert refused.value.reason == "unreachable"
        with pytest.raises(ProviderUnavailable):
            await channel.roster("group")
