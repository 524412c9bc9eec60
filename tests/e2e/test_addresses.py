"""Of whom something is said is known by a random id alone: in every topic and in every service's store."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator

import pytest
from bson import encode

from shared.contracts.gateway import MemberLeft, MessageReceived
from shared.contracts.topics import TOPICS
from shared.http.keys import new_key
from shared.mentions import mark
from shared.store.client import Mongo, connect, database
from tests.support.desk import Desk
from tests.support.platform import APP_SECRET, WAHA, Platform, running
from tests.support.streams import eventually

KEY, STORED = new_key("addresses", frozenset({"messages:send", "gateway:read"}))
OPERATOR = {"authorization": f"Bearer {KEY}"}
NAMES = ("Canaria Eins", "Canaria Zwei", "Canaria Drei")
TOKENS = (APP_SECRET, "e2e-access-token", "e2e-verify-token", WAHA["SIMULATOR_WAHA_API_KEY"])


@pytest.fixture(scope="module")
async def village(mongo_url: str) -> AsyncIterator[tuple[Platform, Desk]]:
    desk = Desk()
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, desk.recipe, API_KEYS=str(STORED), **WAHA) as platform:
            yield platform, desk


async def a_day(platform: Platform, desk: Desk, mongo: Mongo, account: str) -> list[str]:
    """Let people write, be mentioned, told alone, react, go and be sent away; return what names them."""
    group, phones = await platform.group("खेती", *NAMES, account=account)
    asha, ravi, meera = phones
    asked = await platform.say(group, asha, "!नियम")
    reply = await platform.reply(group, asked)
    await platform.post(f"chats/{group}/reactions", {"from": ravi, "message_id": reply["id"], "emoji": "🙏"})
    heard = []
    for chat, phone in ((group, asha), (group, ravi), (f"{asha}@c.us" if account == "waha" else asha, asha)):
        text = f"नमस्ते {uuid.uuid4()}"
        await platform.say(chat, phone, text, **({"reply_to": reply["id"]} if chat == group else {}))
        heard.append(await desk.event(MessageReceived, text=text))
    standings = database(mongo, f"{os.environ['MONGO_DATABASE_PREFIX']}_gateway")["standings"]

    async def noted() -> bool:
        return await standings.find_one({"_id": heard[-1].chat_id}) is not None

    await eventually(noted, "the note of what was written directly")
    said = f"{mark(1)} {mark(2)}: {uuid.uuid4()}"
    body = {"chat_id": heard[0].chat_id, "text": said, "send_class": "reply", "aloud": True}
    for private in ({}, {"member_id": heard[0].member_id}, {"member_id": heard[1].member_id}):
        answer = await platform.internal.post(
            "/gateway/v1/messages:send",
            json={key: value for key, value in body.items() if private or key != "aloud"}
            | {"mentions": [heard[0].member_id, heard[1].member_id]}
            | private,
            headers={**OPERATOR, "Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 202, answer.text
    tail = said.partition(": ")[2]
    await platform.until(group, lambda all_: sum(tail in (each["text"] or "") for each in all_) == 2)
    before = len(await desk.events(MemberLeft))
    await platform.post(f"groups/{group}/members/{meera}", {}, "DELETE")

    async def gone() -> bool:
        return len(await desk.events(MemberLeft)) > before

    await eventually(gone, "somebody gone")
    people = [each for each in (await platform.get("world"))["members"] if each["phone"] in phones]
    return [group, *(each[name] for each in people for name in ("phone", "hidden_id", "user_id"))]


async def test_x05_no_topic_and_no_store_names_anybody_and_none_holds_a_token(
    village: tuple[Platform, Desk], mongo_url: str
):
    platform, desk = village
    secrets = [*NAMES, *TOKENS, WAHA["SIMULATOR_WAHA_HMAC_KEY"], "wamid."]
    async with connect(mongo_url, application="tests") as mongo:
        for account in ("cloud_api", "waha"):
            secrets += await a_day(platform, desk, mongo, account)
    public = {}
    for topic in TOPICS:
        if not topic.private:
            records = [each async for page in desk.logs[0].browse(topic.name) for each in page]
            public[topic.name] = b"".join(
                each.value + (each.key or b"") + b"".join(each.headers.values()) for each in records
            )
    prefix = os.environ["MONGO_DATABASE_PREFIX"]
    async with connect(mongo_url, application="tests") as client:
        # The simulator plays WhatsApp, which knows everybody; the log was gone through by its topics.
        stores = [
            each
            for each in await client.list_database_names()
            if each.startswith(f"{prefix}_") and not each.endswith(("_simulator", "_log"))
        ]
        for name in stores:
            for collection in await client[name].list_collection_names():
                found = client[name][collection].find()
                public[f"{name}.{collection}"] = b"".join([encode(each) async for each in found])
    assert {f"{prefix}_gateway", f"{prefix}_moderation"} <= set(stores)
    # What was said is there, so what is not there was looked for in the right places.
    assert sum("नमस्ते".encode() in everything for everything in public.values()) >= 1
    assert public[f"{prefix}_gateway.addresses"]
    for place, everything in public.items():
        assert [each for each in secrets if each.encode() in everything] == [], place
