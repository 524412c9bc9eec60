from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.process import free_port
from services.gateway.channels.waha import Waha, ids
from services.gateway.channels.waha.answers import MAX_RETRY_AFTER
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.outgoing import (
    Accepted,
    Delete,
    Destination,
    MessageRef,
    Outgoing,
    React,
    Refused,
    Restrict,
    TryAgain,
    Unclear,
)
from shared.contracts.gateway import Choice, File, SendKind
from shared.errors import ProviderUnavailable
from shared.http.client import MAX_RESPONSE_BYTES
from shared.mentions import mark
from tests.support.waha import ASHA, ASHA_HIDDEN, GROUP_ID, SESSION, FakeWaha, channel_at, connected, probed

GROUP = Destination(group=GROUP_ID)
PERSON, BY_HIDDEN_ID = Destination(person=ASHA), Destination(person=ASHA_HIDDEN)
OTHER = Destination(person=Address(AddressKind.OTHER, "42@msgr"))
SCOPED = Destination(person=Address(AddressKind.BUSINESS_SCOPED, "IN.55"))
CLIENT_ID = "3f1c2d4e-0000-5000-8000-000000000001"
CHOSEN = ids.chosen(CLIENT_ID)
THEIRS = MessageRef(f"false_{GROUP_ID}_3AAA01_70000000000101@lid", ASHA_HIDDEN)
OURS = MessageRef(f"true_{GROUP_ID}_3EB0AAAA")


def text(body: str = "जी", **other: Any) -> Outgoing:
    return Outgoing(text=body, mark="mark", client_id=CLIENT_ID, **other)


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Waha, FakeWaha]]:
    async with connected() as both:
        yield both


@pytest.fixture
def waha(pair) -> FakeWaha:
    return pair[1]


@pytest.fixture
def fresh(pair) -> Waha:
    return pair[0]


@pytest.fixture
async def channel(fresh, waha) -> Waha:
    return await probed(fresh, waha, "NOWEB")


class TestMessages:
    @pytest.mark.parametrize(
        ("to", "chat"),
        [
            (GROUP, GROUP_ID),
            (PERSON, "919000000101@c.us"),
            (BY_HIDDEN_ID, "70000000000101@lid"),
            (OTHER, "42@msgr"),
        ],
    )
    async def test_a_text_goes_to_the_chat_it_is_for(self, channel, waha, to, chat):
        assert await channel.send(to, text("📜 *नियम*")) == Accepted("true_919000000101@c.us_3EB0AAAA")
        assert waha.asked == [
            (
                "POST",
                "/api/sendText",
                {
                    "session": SESSION,
                    "chatId": chat,
                    "id": CHOSEN,
                    "text": "📜 *नियम*",
                    "linkPreview": False,
                },
            )
        ]
        assert waha.keys == {"waha-key"}

    async def test_before_a_probe_nothing_is_asked_that_not_every_engine_does(self, fresh, waha):
        await fresh.send(PERSON, text())
        assert "id" not in waha.asked[0][2]

    async def test_a_name_that_waha_does_not_know_is_refused(self, channel, waha):
        assert await channel.send(SCOPED, text()) == Refused("unsupported")
        assert await channel.act(SCOPED, React(OURS, "👍")) == Refused("unsupported")
        assert await channel.find(SCOPED, CLIENT_ID) is None
        assert waha.asked == []

    async def test_a_message_to_nobody_is_a_mistake_of_ours(self, channel, waha):
        with pytest.raises(ValueError, match="group or to a person"):
            await channel.send(Destination(), text())
        assert waha.asked == []

    async def test_a_reply_names_what_it_answers_and_a_mention_stands_in_the_text(self, channel, waha):
        await channel.send(GROUP, text("नमस्ते", reply_to=THEIRS, mentions=(ASHA, ASHA_HIDDEN)))
        ((_, _, sent),) = waha.asked
        assert sent["reply_to"] == THEIRS.provider_id
        assert sent["mentions"] == ["919000000101@c.us", "70000000000101@lid"]
        assert sent["text"] == "नमस्ते\n@919000000101 @70000000000101"

    async def test_a_mark_becomes_the_handle_of_whom_it_stands_for(self, channel, waha):
        marked = f"{mark(2)}, {mark(1)} @1 {mark(3)}।"
        await channel.send(GROUP, text(marked, mentions=(ASHA, ASHA_HIDDEN)))
        assert waha.asked[0][2]["text"] == "@70000000000101, @919000000101 @1 ।"

    async def test_a_handle_that_is_there_already_is_not_said_twice(self, channel, waha):
        await channel.send(GROUP, text("@919000000101 नमस्ते", mentions=(ASHA,)))
        assert waha.asked[0][2]["text"] == "@919000000101 नमस्ते"

    @pytest.mark.parametrize(
        ("file", "path", "expected"),
        [
            (
                File(kind=SendKind.IMAGE, link="https://x.in/a.png"),
                "sendImage",
                {"file": {"url": "https://x.in/a.png", "mimetype": "image/png"}, "caption": "जी"},
            ),
            (
                File(kind=SendKind.VIDEO, link="https://x.in/v"),
                "sendVideo",
                {"file": {"url": "https://x.in/v", "mimetype": "video/mp4"}, "caption": "जी"},
            ),
            (
                File(kind=SendKind.DOCUMENT, link="https://x.in/f", filename="notes.pdf"),
                "sendFile",
                {
                    "file": {"url": "https://x.in/f", "mimetype": "application/pdf", "filename": "notes.pdf"},
                    "caption": "जी",
                },
            ),
            (
                File(kind=SendKind.AUDIO, link="https://x.in/a"),
                "sendFile",
                {"file": {"url": "https://x.in/a", "mimetype": "audio/mpeg"}, "caption": "जी"},
            ),
            (
                File(kind=SendKind.VOICE, link="https://x.in/a"),
                "sendVoice",
                {"file": {"url": "https://x.in/a", "mimetype": "audio/ogg; codecs=opus"}, "convert": True},
            ),
        ],
    )
    async def test_a_file_goes_by_its_address(self, channel, waha, file, path, expected):
        assert isinstance(await channel.send(GROUP, text(file=file, reply_to=THEIRS)), Accepted)
        common = {"session": SESSION, "chatId": GROUP_ID, "reply_to": THEIRS.provider_id}
        assert waha.asked == [("POST", f"/api/{path}", common | expected)]

    @pytest.mark.parametrize(
        "file",
        [File(kind=SendKind.IMAGE, provider_media="77"), File(kind=SendKind.UNKNOWN, link="https://x.in/a")],
    )
    async def test_a_file_that_is_not_at_an_address_cannot_go(self, channel, waha, file):
        assert await channel.send(GROUP, text(file=file)) == Refused("unsupported")
        assert waha.asked == []

    async def test_a_poll_is_asked_with_an_id_of_ours(self, channel, waha):
        await channel.send(GROUP, text("कब?", poll=("6 बजे", "8 बजे"), many_answers=True))
        assert waha.asked == [
            (
                "POST",
                "/api/sendPoll",
                {
                    "session": SESSION,
                    "chatId": GROUP_ID,
                    "id": CHOSEN,
                    "poll": {"name": "कब?", "options": ["6 बजे", "8 बजे"], "multipleAnswers": True},
                },
            )
        ]

    async def test_choices_nobody_can_show_are_left_out(self, channel, waha):
        await channel.send(GROUP, text(choices=(Choice(id="a", title="हाँ"),)))
        assert waha.asked[0][1] == "/api/sendText"


class TestAnswers:
    @pytest.mark.parametrize(
        ("body", "provider_id"),
        [
            ({"id": "true_919000000101@c.us_3EB0AAAA"}, "true_919000000101@c.us_3EB0AAAA"),
            ({"id": {"_serialized": "true_919000000101@c.us_3EB0AAAA"}}, "true_919000000101@c.us_3EB0AAAA"),
            ({"_data": {"id": {"_serialized": "true_1@c.us_3EB0"}}}, "true_1@c.us_3EB0"),
            (
                {"key": {"remoteJid": "1@s.whatsapp.net", "fromMe": True, "id": "3EB0"}},
                f"true_{GROUP_ID}_3EB0",
            ),
            ({"id": "3EB0"}, f"true_{GROUP_ID}_3EB0"),
        ],
    )
    async def test_every_engine_names_the_message_in_its_own_way(self, channel, waha, body, provider_id):
        waha.body = json.dumps(body).encode()
        assert await channel.send(GROUP, text()) == Accepted(provider_id)

    @pytest.mark.parametrize(
        "body",
        [b"", b"<html>", b"{}", b"null", b"[]", b'{"id":""}', b'{"id":[]}', b'{"id":{}}', b"[" * 100_000],
    )
    async def test_success_that_names_no_message_is_unclear(self, channel, waha, body):
        waha.body = body
        assert await channel.send(PERSON, text()) == Unclear()

    @pytest.mark.parametrize(
        ("status", "body", "outcome"),
        [
            (400, None, Refused("rejected", 400)),
            (404, None, Refused("rejected", 404)),
            (422, {"message": "chatId is required"}, Refused("rejected", 422)),
            (501, None, Refused("unsupported")),
            (307, None, Refused("rejected", 307)),
            (408, None, TryAgain("provider_failed", 0.5)),
            (429, None, TryAgain("rate_limited", 2)),
            (503, None, TryAgain("provider_failed", 0.5)),
            (500, None, Unclear()),
            (500, {"exception": {"message": "Timed Out"}}, Unclear()),
            (500, {"exception": {"message": "not-authorized"}}, Refused("not_admin")),
            (500, {"exception": {"message": "server returned error 463"}}, Refused("account_restricted")),
            (500, {"exception": {"message": "item-not-found"}}, Refused("group_unavailable")),
            (502, None, Unclear()),
            (504, None, Unclear()),
        ],
    )
    async def test_an_error_says_whether_the_message_can_have_gone(
        self, channel, waha, status, body, outcome
    ):
        waha.fail(status, body)
        assert await channel.send(GROUP, text()) == outcome

    @pytest.mark.parametrize(
        ("status", "body", "sentence"),
        [
            (401, None, "key"),
            (403, {"message": "Forbidden"}, "key"),
            (
                422,
                {"error": "not as expected", "status": "SCAN_QR_CODE", "expected": ["WORKING"]},
                "SCAN_QR_CODE",
            ),
            (422, {"error": 'Session "chaupal" does not exist'}, "no such session"),
            (404, {"message": "Session chaupal does not exist"}, "no such session"),
            (404, {"error": "Not Found", "message": "Session chaupal does not exist"}, "no such session"),
        ],
    )
    async def test_a_session_that_cannot_send_stops_everything(self, channel, waha, status, body, sentence):
        waha.fail(status, body)
        for attempt in (
            channel.send(PERSON, text()),
            channel.act(GROUP, Delete(THEIRS)),
            channel.roster(GROUP_ID),
        ):
            with pytest.raises(ProviderUnavailable) as refused:
                await attempt
            assert sentence in refused.value.sentence
            assert "waha-key" not in refused.value.sentence

    @pytest.mark.parametrize(
        ("retry_after", "seconds"),
        [
            ("17", 17),
            ("1", 2),
            ("999999", MAX_RETRY_AFTER),
            ("soon", 2),
            ("-5", 2),
            ("9" * 5000, MAX_RETRY_AFTER),
        ],
    )
    async def test_retry_after_is_heeded_within_reason(self, channel, waha, retry_after, seconds):
        waha.fail(429, None, **{"retry-after": retry_after})
        assert await channel.send(PERSON, text()) == TryAgain("rate_limited", seconds)

    async def test_an_answer_of_absurd_size_is_not_read_to_its_end(self, channel, waha):
        waha.body = waha.body.ljust(MAX_RESPONSE_BYTES + 1)
        assert await channel.send(PERSON, text()) == Unclear()

    async def test_where_nobody_listens_nothing_was_sent(self):
        async with channel_at(f"http://127.0.0.1:{free_port()}") as nowhere:
            assert await nowhere.send(PERSON, text()) == TryAgain("provider_unreachable", 0.5)
            assert await nowhere.act(GROUP, Delete(OURS)) == TryAgain("provider_unreachable", 0.5)
            for question in (nowhere.probe(), nowhere.find(PERSON, CLIENT_ID), nowhere.roster(GROUP_ID)):
                with pytest.raises(ProviderUnavailable):
                    await question

    async def test_once_it_may_have_been_sent_the_outcome_is_unclear(self):
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with channel_at(url, timeout_seconds=0.5) as channel:
                assert await channel.send(PERSON, text()) == Unclear()
                assert await channel.act(GROUP, Restrict(admins_only=True)) == Unclear()
