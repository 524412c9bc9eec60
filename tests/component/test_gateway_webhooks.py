from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from prometheus_client import generate_latest
from pymongo import AsyncMongoClient

from deploy.local.process import free_port
from services.gateway.api.webhooks import webhook_router
from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api.signature import sign
from services.gateway.ingest import Ingest
from services.gateway.store import Identities
from shared.clock import SystemClock
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode
from shared.contracts.gateway import (
    DeliveryReported,
    MemberJoined,
    MessageKind,
    MessageReceived,
    ReactionChanged,
    WebhookUnparsed,
)
from shared.contracts.topics import TOPICS, topic_named
from shared.http.client import HttpClient
from shared.http.direct import public_app
from shared.log.embedded import EmbeddedLog
from shared.log.memory import MemoryStorage
from shared.log.record import MAX_RECORD_BYTES, Record
from shared.observability.metrics import REGISTRY
from shared.store.client import Database, Mongo

FIXTURES = Path(__file__).parents[1] / "fixtures" / "webhooks" / "cloud_api"
SECRET, VERIFY = "component-app-secret", "component-verify-token"
ACCOUNT = "main"
URL = f"/webhooks/whatsapp/{ACCOUNT}"
CLOCK = SystemClock()
MAX_BODY = 4 * 1024 * 1024


class Storage(MemoryStorage):
    """Keeps records, unless told to refuse them or never to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.refusing = False
        self.asked = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()

    async def write(self, records: Sequence[Record]) -> None:
        self.asked.set()
        await self.answering.wait()
        if self.refusing:
            raise OSError("no space left on device")
        await super().write(records)

    def all(self) -> list[Record]:
        return [record for records in self.records.values() for record in records]

    def events(self) -> list[Envelope[EventModel]]:
        return [decode(record.value, record.headers) for record in self.all()]

    def data(self, kind: type[Any]) -> list[Any]:
        return [each.data for each in self.events() if isinstance(each.data, kind)]


@dataclass
class Gateway:
    """The public listener, with a log of its own."""

    client: httpx2.AsyncClient
    log: EmbeddedLog
    storage: Storage
    identities: Identities

    async def deliver(self, body: bytes, **headers: str) -> httpx2.Response:
        signed = {"x-hub-signature-256": sign(body, SECRET)}
        return await self.client.post(URL, content=body, headers=signed | headers)


@pytest.fixture
async def gateway(store: Database) -> AsyncIterator[Gateway]:
    storage = Storage()
    log = EmbeddedLog("memory", storage)
    await log.ensure_topics(TOPICS)
    async with HttpClient() as http:
        channel = CloudApi(
            http,
            api_base="http://127.0.0.1:1",
            phone_number_id="370000000000001",
            access_token="token",
            app_secrets=["the-secret-before-it", SECRET],
            verify_token=VERIFY,
        )
        identities = Identities(store, CLOCK)
        router = webhook_router({ACCOUNT: channel}, Ingest(log, identities, CLOCK))
        app = public_app("public", router, max_body_bytes=MAX_BODY)
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield Gateway(client, log, storage, identities)
    storage.answering.set()
    await log.stop()


def refused(reason: str, channel: str = "cloud_api") -> float:
    labels = {"channel": channel, "reason": reason}
    return REGISTRY.get_sample_value("chaupal_webhooks_refused_total", labels) or 0.0


def counted(kind: str) -> float:
    labels = {"channel": "cloud_api", "kind": kind}
    return REGISTRY.get_sample_value("chaupal_webhook_items_total", labels) or 0.0


def number() -> str:
    """Return a phone number that nobody has had before."""
    return f"91{uuid.uuid4().int % 10**10:010d}"


def wamid() -> str:
    return f"wamid.{uuid.uuid4().hex}="


def text_message(sender: str, text: str = "नमस्ते", **other: Any) -> dict[str, Any]:
    plain = {"from": sender, "id": wamid(), "timestamp": "1795410000", "type": "text"}
    return {**plain, "text": {"body": text}, **other}


def webhook(*messages: object, field: str = "messages", **value: Any) -> bytes:
    changes = [{"field": field, "value": {"messages": list(messages), **value}}]
    return json.dumps({"entry": [{"id": "1", "changes": changes}]}).encode()


class TestHandshake:
    async def ask(self, gateway: Gateway, **changed: str) -> httpx2.Response:
        usual = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
        return await gateway.client.get(URL, params=usual | changed)

    async def test_the_right_token_gets_the_challenge_back(self, gateway):
        answer = await self.ask(gateway)
        assert (answer.status_code, answer.text) == (200, "1158201444")
        assert answer.headers["content-type"].startswith("text/plain")

    @pytest.mark.parametrize(
        "changed", [{"hub.verify_token": "guess"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}]
    )
    async def test_any_other_request_gets_nothing_back(self, gateway, changed):
        answer = await self.ask(gateway, **changed)
        assert answer.status_code == 403
        assert "1158201444" not in answer.text

    async def test_an_account_nobody_has_is_not_there(self, gateway):
        answer = await gateway.client.get("/webhooks/whatsapp/nobody")
        assert answer.status_code == 404


class TestAuthenticity:
    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "sha256=",
            "sha256=" + "0" * 64,
            sign(b"another body", SECRET),
            sign(b"{}", "another secret"),
        ],
        ids=["missing", "empty", "no digest", "zeros", "another body", "another secret"],
    )
    async def test_x01_a_wrong_signature_gets_401_no_event_and_is_counted(self, gateway, header):
        body = webhook(text_message(number()))
        before = refused("signature")
        answer = await gateway.client.post(
            URL, content=body, headers={} if header is None else {"x-hub-signature-256": header}
        )
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert gateway.storage.all() == []
        assert refused("signature") == before + 1

    async def test_x01_a_digest_in_upper_case_is_wrong_too(self, gateway):
        body = webhook(text_message(number()))
        upper = "sha256=" + sign(body, SECRET).removeprefix("sha256=").upper()
        assert (await gateway.deliver(body, **{"x-hub-signature-256": upper})).status_code == 401
        assert gateway.storage.all() == []

    async def test_a_secret_that_is_being_replaced_still_signs(self, gateway):
        body = webhook(text_message(number()))
        answer = await gateway.deliver(body, **{"x-hub-signature-256": sign(body, "the-secret-before-it")})
        assert answer.status_code == 200
        assert len(gateway.storage.all()) == 1

    async def test_the_bytes_are_judged_as_they_came(self, gateway):
        body = webhook(text_message(number(), "क")).replace(b" ", b"")
        written_anew = json.dumps(json.loads(body), ensure_ascii=False).encode()
        assert written_anew != body
        answer = await gateway.deliver(written_anew, **{"x-hub-signature-256": sign(body, SECRET)})
        assert answer.status_code == 401

    async def test_an_account_nobody_has_is_not_there_and_counted_under_one_name(self, gateway):
        before = refused("account", "unknown")
        for name in ("nobody", "somebody", "%00", "a" * 5000):
            body = webhook(text_message(number()))
            headers = {"x-hub-signature-256": sign(body, SECRET)}
            answer = await gateway.client.post(f"/webhooks/whatsapp/{name}", content=body, headers=headers)
            assert answer.status_code == 404
        assert gateway.storage.all() == []
        assert refused("account", "unknown") == before + 4

    async def test_a_body_above_the_limit_is_refused_whatever_it_says_of_itself(self, gateway):
        body = b" " * (MAX_BODY + 1)

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(body), 2**20):
                yield body[start : start + 2**20]

        headers = {"x-hub-signature-256": sign(body, SECRET)}
        assert (await gateway.client.post(URL, content=body, headers=headers)).status_code == 413
        before = refused("size")
        assert (await gateway.client.post(URL, content=chunks(), headers=headers)).status_code == 413
        assert refused("size") == before + 1
        assert gateway.storage.all() == []


class TestDurability:
    async def test_200_means_that_everything_is_on_the_log(self, gateway):
        body = webhook(text_message(number()))
        gateway.storage.answering.clear()
        answering = asyncio.create_task(gateway.deliver(body))
        await gateway.storage.asked.wait()
        assert not answering.done()
        gateway.storage.answering.set()
        assert (await answering).status_code == 200
        assert len(gateway.storage.data(MessageReceived)) == 1

    async def test_x02_while_the_log_is_down_the_provider_is_asked_to_come_again(self, gateway):
        body = webhook(text_message(number()), text_message(number()))
        gateway.storage.refusing = True
        before = refused("log_unavailable")
        answer = await gateway.deliver(body)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert gateway.storage.all() == []
        assert refused("log_unavailable") == before + 1

        gateway.storage.refusing = False
        assert (await gateway.deliver(body)).status_code == 200
        assert len(gateway.storage.data(MessageReceived)) == 2

    async def test_x02_while_the_log_does_not_answer_the_provider_is_asked_to_come_again(self, gateway):
        body = webhook(text_message(number()))
        gateway.storage.answering.clear()
        gateway.log._timeout = 0.01
        answer = await gateway.deliver(body)
        assert (answer.status_code, answer.json()["title"]) == (503, "log_unavailable")
        assert "retry-after" in answer.headers

    async def test_x02_what_an_outage_let_through_has_the_ids_of_its_second_coming(self, gateway):
        body = webhook(text_message(number()))
        gateway.storage.answering.clear()
        usual, gateway.log._timeout = gateway.log._timeout, 0.01
        assert (await gateway.deliver(body)).status_code == 503
        gateway.storage.answering.set()
        gateway.log._timeout = usual
        assert (await gateway.deliver(body)).status_code == 200
        assert len({event.id for event in gateway.storage.events()}) == 1

    async def test_x02_while_the_database_is_down_a_new_face_has_to_come_again(self, gateway, store):
        away: Mongo = AsyncMongoClient(f"mongodb://127.0.0.1:{free_port()}", serverSelectionTimeoutMS=50)
        known, new = number(), number()
        await gateway.deliver(webhook(text_message(known)))
        addresses = gateway.identities._addresses
        gateway.identities._addresses = away["nowhere"]["addresses"]
        before = refused("store_unavailable")
        try:
            answer = await gateway.deliver(webhook(text_message(known), text_message(new)))
            assert (answer.status_code, answer.json()["title"]) == (503, "store_unavailable")
            assert "retry-after" in answer.headers
            assert refused("store_unavailable") == before + 1
            assert len(gateway.storage.all()) == 1
            assert (await gateway.deliver(webhook(text_message(known)))).status_code == 200
            assert len(gateway.storage.all()) == 2
        finally:
            gateway.identities._addresses = addresses
            # The driver leaves a socket behind where it is closed in the middle of an attempt to connect.
            for _ in range(5):
                await asyncio.sleep(0)
            await away.close()

    async def test_the_same_webhook_ten_times_at_once_is_one_set_of_events(self, gateway):
        sender = number()
        messages = [text_message(sender), text_message(number(), group_id="group-of-ten")]
        status = {
            "id": wamid(),
            "status": "read",
            "recipient_type": "group",
            "recipient_id": "group-of-ten",
            "recipient_participant_id": sender,
        }
        body = webhook(*messages, statuses=[status])
        answers = await asyncio.gather(*(gateway.deliver(body) for _ in range(10)))
        assert [answer.status_code for answer in answers] == [200] * 10
        events = gateway.storage.events()
        assert len(events) == 30
        assert len({event.id for event in events}) == 3
        assert len({(event.id, event.partition_key) for event in events}) == 3
        assert len({event.data.member_id for event in events if isinstance(event.data, MessageReceived)}) == 2


class TestEvents:
    async def test_a_realistic_body_becomes_the_events_it_tells_of(self, gateway):
        for name in ("text_in_group", "reaction", "status_group_two_participants", "group_joined"):
            assert (await gateway.deliver((FIXTURES / f"{name}.json").read_bytes())).status_code == 200
        (message,) = gateway.storage.data(MessageReceived)
        (reaction,) = gateway.storage.data(ReactionChanged)
        reports = gateway.storage.data(DeliveryReported)
        joined = gateway.storage.data(MemberJoined)
        assert (message.kind, message.text) == (MessageKind.TEXT, "!नियम")
        assert {each.chat_id for each in (message, reaction, *reports, *joined)} == {message.chat_id}
        assert reaction.member_id == message.member_id == reports[0].member_id == joined[0].member_id
        assert len({each.member_id for each in (*reports, *joined)}) == 3

    async def test_what_happens_in_one_chat_stays_in_order(self, gateway):
        sender = number()
        sent = [text_message(sender, str(position), group_id="group-in-order") for position in range(50)]
        await gateway.deliver(webhook(*sent))
        assert [each.text for each in gateway.storage.data(MessageReceived)] == [
            str(each) for each in range(50)
        ]
        assert len({(record.topic, record.partition) for record in gateway.storage.all()}) == 1

    async def test_b6_04_an_unknown_type_is_kept_with_its_name_and_counted_and_the_next_is_handled(
        self, gateway
    ):
        before = counted("Unsupported"), counted("IncomingMessage")
        sender = number()
        poll: dict[str, Any] = {
            "type": "unsupported",
            "unsupported": {"type": "poll"},
            "errors": [{"code": 131051}],
        }
        body = webhook(
            text_message(sender, **poll), text_message(sender, type="hologram"), text_message(sender)
        )
        assert (await gateway.deliver(body)).status_code == 200
        received = gateway.storage.data(MessageReceived)
        assert [(each.kind, each.unsupported_type) for each in received] == [
            (MessageKind.UNSUPPORTED, "poll"),
            (MessageKind.UNSUPPORTED, "hologram"),
            (MessageKind.TEXT, None),
        ]
        assert counted("Unsupported") == before[0] + 2
        assert counted("IncomingMessage") == before[1] + 1

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"null",
            b"hello",
            b"\xff\x00",
            b'"\\ud800"',
            b'{"entry":["\\ud800",{"changes":["\\udfff"]}]}',
        ],
    )
    async def test_a_signed_body_nobody_can_read_is_kept_counted_and_acknowledged(self, gateway, body):
        before = counted("Unread")
        assert (await gateway.deliver(body)).status_code == 200
        kept = gateway.storage.data(WebhookUnparsed)
        assert kept
        assert {each.account for each in kept} == {ACCOUNT}
        assert counted("Unread") == before + len(kept)

    @pytest.mark.parametrize("depth", [300, 900, 1000, 1020])
    async def test_a_value_nested_without_sense_is_kept(self, gateway, depth):
        nested = b"[" * depth + b"1" + b"]" * depth
        body = b'{"entry":[{"changes":[{"field":"odd","value":{"deep":' + nested + b"}}]}]}"
        assert (await gateway.deliver(body)).status_code == 200
        kept = "".join(each.raw for each in gateway.storage.data(WebhookUnparsed))
        assert "[" * depth + "1" + "]" * depth in kept

    @pytest.mark.parametrize("letter", ["x", "\\", "\x01", "न", "🙏"], ids=ascii)
    async def test_a_large_body_nobody_can_read_is_kept_in_parts(self, gateway, letter):
        body = (letter * (1_200_000 // len(letter.encode()))).encode()
        for _ in range(2):
            assert (await gateway.deliver(body)).status_code == 200
        records = gateway.storage.all()
        assert all(len(record.value) < MAX_RECORD_BYTES for record in records)
        events = {event.id: event.data for event in gateway.storage.events()}
        assert 2 * len(events) == len(records) > 2
        parts = [data.raw for data in events.values() if isinstance(data, WebhookUnparsed)]
        assert "".join(parts) == body.decode()

    async def test_a_message_longer_than_any_is_kept_aside_and_its_neighbours_are_published(self, gateway):
        sender = number()
        body = webhook(
            text_message(sender, "before"), text_message(sender, "क" * 70_000), text_message(sender, "behind")
        )
        assert (await gateway.deliver(body)).status_code == 200
        assert [each.text for each in gateway.storage.data(MessageReceived)] == ["before", "behind"]
        (kept,) = gateway.storage.data(WebhookUnparsed)
        assert kept.reason == "invalid:IncomingMessage"
        assert "क" * 70_000 in kept.raw

    @pytest.mark.parametrize(
        "absurd",
        [
            {"type": "image", "image": {"id": "8" * 1_100_000}},
            {"from": "9" * 1_100_000},
            {"type": "x" * 1_100_000},
            {"type": "reaction", "reaction": {"message_id": "wamid.1=", "emoji": "🙏" * 300_000}},
        ],
        ids=["media", "from", "type", "emoji"],
    )
    async def test_no_single_value_keeps_a_webhook_from_being_taken(self, gateway, absurd):
        body = webhook(text_message(number(), **absurd), text_message(number(), "behind"))
        assert (await gateway.deliver(body)).status_code == 200
        assert gateway.storage.data(MessageReceived)[-1].text == "behind"

    async def test_a_field_of_absurd_length_is_kept(self, gateway):
        assert (await gateway.deliver(webhook(field="f" * 1_100_000))).status_code == 200
        kept = gateway.storage.data(WebhookUnparsed)
        assert "f" * 1_100_000 in "".join(each.raw for each in kept)

    @pytest.mark.parametrize(
        "name",
        ["own_message_from_phone", "own_message_in_messages", "errors_of_the_account", "group_suspended"],
    )
    async def test_what_concerns_no_service_is_acknowledged_and_published_nowhere(self, gateway, name):
        assert (await gateway.deliver((FIXTURES / f"{name}.json").read_bytes())).status_code == 200
        assert gateway.storage.all() == []

    async def test_a_groups_subject_outlives_what_the_same_webhook_says_next(self, gateway):
        created = {"group_id": "group-with-subject", "type": "group_create", "subject": "SEO सीखें"}
        changed = {"group_id": "group-with-subject", "type": "group_settings_update"}
        body = {
            "entry": [
                {
                    "changes": [
                        {"field": "group_lifecycle_update", "value": {"groups": [created]}},
                        {"field": "group_settings_update", "value": {"groups": [changed]}},
                    ]
                }
            ]
        }
        assert (await gateway.deliver(json.dumps(body).encode())).status_code == 200
        page = await gateway.identities._registry.page(None, 1000)
        found = [await gateway.identities.chat(each.chat_id) for each in page]
        assert [each.subject for each in found if each and each.group == "group-with-subject"] == ["SEO सीखें"]


async def test_x05_neither_numbers_nor_names_nor_provider_ids_leave_the_gateway(gateway):
    sender, other, message_id = number(), number(), wamid()
    scoped, name, group = f"IN.{uuid.uuid4().int}", f"Asha-{uuid.uuid4().hex}", f"group-{uuid.uuid4().hex}"
    contacts = [{"profile": {"name": name, "username": f"@{name}"}, "wa_id": sender, "user_id": scoped}]
    told = {"from_user_id": scoped, "group_id": group, "context": {"id": message_id, "from": other}}
    status = {"status": "failed", "recipient_type": "group", "recipient_id": group}
    body = {
        "entry": [
            {
                "changes": [
                    {
                        "field": "messages",
                        "value": {
                            "contacts": contacts,
                            "messages": [
                                text_message(sender, "जी", id=message_id, **told),
                                text_message(
                                    sender,
                                    type="reaction",
                                    reaction={"message_id": message_id, "emoji": "🙏"},
                                ),
                                text_message(sender, "क" * 70_000, id=message_id),
                                {"id": message_id, "from": sender, "type": "reaction"},
                            ],
                            "statuses": [{**status, "id": message_id, "recipient_participant_id": sender}],
                        },
                    },
                    {
                        "field": "group_participants_update",
                        "value": {
                            "groups": [
                                {
                                    "group_id": group,
                                    "type": "group_participants_add",
                                    "added_participants": [{"wa_id": other}],
                                }
                            ]
                        },
                    },
                ]
            }
        ]
    }
    with structlog.testing.capture_logs() as lines:
        assert (await gateway.deliver(json.dumps(body).encode())).status_code == 200
        wrong = await gateway.deliver(json.dumps(body).encode(), **{"x-hub-signature-256": "sha256=no"})
        gateway.storage.refusing = True
        away = await gateway.deliver(json.dumps(body).encode())
    assert (wrong.status_code, away.status_code) == (401, 503)
    public = [record for record in gateway.storage.all() if not topic_named(record.topic).private]
    assert {record.topic for record in public} == {
        "gateway.inbound.v1",
        "gateway.chats.v1",
        "gateway.delivery.v1",
    }
    assert len(gateway.storage.data(WebhookUnparsed)) == 2
    assert lines
    said = [repr(record) for record in public]
    said += [repr(line) for line in lines]
    said += [wrong.text, away.text, generate_latest(REGISTRY).decode()]
    for secret in (sender, other, message_id, scoped, name, group):
        assert not [text for text in said if secret in text]
