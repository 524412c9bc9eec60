"""What one member alone is to read, between a group and their direct chat."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.gateway import MessageFailed, MessageReceived
from shared.http.keys import new_key
from shared.mentions import mark
from shared.store.client import Mongo, connect, database
from tests.support.desk import Desk
from tests.support.platform import Platform, running
from tests.support.streams import eventually

KEY, STORED = new_key("private", frozenset({"messages:send", "gateway:read"}))
OPERATOR = {"authorization": f"Bearer {KEY}"}
PREFIX = f"private_{uuid.uuid4().hex[:12]}"


class Village:
    """A group, and the desk beside it."""

    def __init__(self, platform: Platform, desk: Desk, mongo: Mongo) -> None:
        self.platform, self.desk, self.mongo = platform, desk, mongo

    async def meets(self, chat: str, phone: str) -> MessageReceived:
        """Return what the gateway makes of something a member says in a chat."""
        text = f"नमस्ते {uuid.uuid4()}"
        await self.platform.say(chat, phone, text)
        return await self.desk.event(MessageReceived, text=text)

    async def writes_directly(self, phone: str, ago: dt.timedelta = dt.timedelta()) -> str:
        """Let a member write directly, so long ago, and return the chat once that is noted."""
        direct = (await self.meets(phone, phone)).chat_id
        standings = database(self.mongo, f"{PREFIX}_gateway")["standings"]

        async def noted() -> bool:
            return await standings.find_one({"_id": direct}) is not None

        await eventually(noted, "the note of what was written")
        if ago:
            long_ago = dt.datetime.now(dt.UTC) - ago
            await standings.update_one({"_id": direct}, {"$set": {"last_inbound": long_ago}})
        return direct

    async def sends(self, heard: MessageReceived, text: str, **more: Any) -> str:
        """Send the author of a message something through the gateway's API, and return its id."""
        body = {"chat_id": heard.chat_id, "member_id": heard.member_id, "text": text, "send_class": "reply"}
        answer = await self.platform.internal.post(
            "/gateway/v1/messages:send",
            json={**body, **more},
            headers={**OPERATOR, "Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["send_id"])

    async def deliveries(self, heard: MessageReceived) -> list[dict[str, Any]]:
        """Return what the group of a message is shown of what was meant for its author."""
        answer = await self.platform.internal.get(
            "/gateway/v1/deliveries",
            params={"chat_id": heard.chat_id, "member_id": heard.member_id},
            headers=OPERATOR,
        )
        return list(answer.json()["deliveries"])


@pytest.fixture(scope="module")
async def village(mongo_url: str) -> AsyncIterator[Village]:
    desk = Desk()
    with pytest.MonkeyPatch.context() as patch:
        settings = {"API_KEYS": str(STORED), "MONGO_DATABASE_PREFIX": PREFIX}
        async with (
            running(mongo_url, patch, desk.recipe, **settings) as platform,
            connect(mongo_url, application="tests") as mongo,
        ):
            yield Village(platform, desk, mongo)


def said_something(messages: list[dict[str, Any]]) -> bool:
    return any(each["from"] == "bot" and each["kind"] == "text" for each in messages)


async def texts(platform: Platform, chat: str) -> list[str]:
    return [each["text"] for each in await platform.said_by_bot(chat)]


async def test_within_the_window_the_member_alone_reads_it_and_their_answer_is_linked(village: Village):
    platform = village.platform
    group, (asha, _) = await platform.group("निजी", "आशा", "Ravi")
    heard = await village.meets(group, asha)
    direct = await village.writes_directly(asha)
    send_id = await village.sends(heard, "सिर्फ़ आपके लिए 1", aloud=True)
    await platform.until(asha, said_something)
    (said,) = await platform.said_by_bot(asha)
    assert said["text"] == "सिर्फ़ आपके लिए 1"
    assert await texts(platform, group) == []
    answer = f"धन्यवाद {uuid.uuid4()}"
    await platform.say(asha, asha, answer, reply_to=said["id"])
    linked = await village.desk.event(MessageReceived, text=answer)
    assert (linked.chat_id, linked.member_id) == (direct, heard.member_id)
    assert linked.reply_to is not None
    (shown,) = await village.deliveries(heard)
    assert (shown["send_id"], shown["went_to"], shown["aloud"]) == (send_id, direct, False)


async def test_outside_the_window_it_is_said_aloud_where_it_may_be(village: Village):
    platform = village.platform
    group, (asha, _) = await platform.group("सबके सामने", "आशा", "Ravi")
    heard = await village.meets(group, asha)
    await village.writes_directly(asha, ago=dt.timedelta(hours=25))
    await village.sends(heard, f"{mark(1)}, जवाब 2", aloud=True, mentions=[heard.member_id])
    await platform.until(group, said_something)
    assert await texts(platform, group) == ["@आशा, जवाब 2"]
    assert await texts(platform, asha) == []
    (shown,) = await village.deliveries(heard)
    assert (shown["went_to"], shown["aloud"]) == (None, True)


@pytest.mark.parametrize("reason", ["window_closed", "no_private_way"])
async def test_outside_the_window_it_is_dropped_where_it_may_not_be_and_the_reason_is_shown(
    village: Village, reason: str
):
    platform = village.platform
    group, (asha, _) = await platform.group("चुप", "आशा", "Ravi")
    heard = await village.meets(group, asha)
    if reason == "window_closed":
        await village.writes_directly(asha, ago=dt.timedelta(hours=25))
    send_id = await village.sends(heard, f"रहस्य {reason}")
    failed = await village.desk.event(MessageFailed, send_id=send_id)
    assert (failed.code, failed.chat_id) == (reason, heard.chat_id)
    assert await texts(platform, group) == await texts(platform, asha) == []
    (shown,) = await village.deliveries(heard)
    assert (shown["state"], shown["reason"], shown["member_id"]) == ("failed", reason, heard.member_id)
    assert shown["explanation"]
