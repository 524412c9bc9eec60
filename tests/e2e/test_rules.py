"""A member asks for the rules, and everything that happens on the way."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.support.platform import Platform

COMMON = "समूह के नियम"


async def chat_id_of(platform: Platform, subject: str) -> str:
    answer = await platform.internal.get("/gateway/v1/chats", headers=platform.headers())
    return next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == subject)


@pytest.mark.parametrize("command", ["!नियम", "!niyam", "!rules", "/rules", "!RULES", "\u200d!नियम।"])
async def test_x06_every_name_of_the_rules_gives_the_same_reply(platform: Platform, command: str):
    group, (asha, *_) = await platform.group("तीन नाम", "आशा", "Ravi")
    asked = await platform.say(group, asha, command)
    reply = await platform.reply(group, asked)
    assert COMMON in reply["text"]
    assert "1. " in reply["text"]


async def test_x06_ordinary_text_gets_no_reply(platform: Platform):
    group, (asha, ravi) = await platform.group("सादी बात", "आशा", "Ravi")
    for text in ("!!! सुनो", "wow!", "!", "नियम क्या हैं?", "कल/!नियम"):
        await platform.say(group, asha, text)
    asked = await platform.say(group, ravi, "!नियम")
    await platform.reply(group, asked)
    assert len(await platform.said_by_bot(group)) == 1, (
        "only the command is answered, and messages of one chat are handled in order"
    )


async def test_rules_an_admin_publishes_come_back_in_the_groups_language(platform: Platform):
    group, (asha, *_) = await platform.group("Blogging adda", "Asha", "Ravi")
    await platform.reply(group, await platform.say(group, asha, "!rules"))
    chat_id = await chat_id_of(platform, "Blogging adda")
    body = {
        "language": "hi-Latn",
        "rules": [
            {"id": "topic", "texts": {"hi-Latn": "Topic par rahein.", "hi": "विषय पर रहें।"}},
            {"id": "spam", "texts": {"hi-Latn": "Spam nahi."}},
        ],
    }
    put = await platform.internal.put(
        f"/moderation/v1/policies/{chat_id}", json=body, headers=platform.headers()
    )
    assert put.status_code == 200
    assert put.json()["version"] == 1
    reply = await platform.reply(group, await platform.say(group, asha, "!नियम"))
    assert "1. Topic par rahein.\n2. Spam nahi." in reply["text"]
    assert "विषय" not in reply["text"]


async def test_a_member_may_ask_in_a_direct_chat(platform: Platform):
    asha = await platform.member("आशा")
    reply = await platform.reply(asha, await platform.say(asha, asha, "!मदद"))
    assert "!नियम" in reply["text"]


async def test_a_slip_in_a_name_gets_one_hint_at_most(platform: Platform):
    group, (asha, *_) = await platform.group("गलती", "आशा", "Ravi")
    first = await platform.say(group, asha, "!नियमावलि")
    await platform.say(group, asha, "!हेल")
    await platform.say(group, asha, "!नियमन")
    asked = await platform.say(group, asha, "!नियम")
    await platform.until(group, lambda all_: COMMON in all_[-1]["text"] and all_[-1]["from"] == "bot")
    said = await platform.said_by_bot(group)
    assert len(said) <= 2, "one hint at most, then the rules"
    assert first["seq"] < said[0]["seq"]
    assert said[-1]["seq"] > asked["seq"]


async def test_the_reply_gets_its_delivery_ticks(platform: Platform):
    group, (asha, *_) = await platform.group("टिक", "आशा", "Ravi", "Meera")
    reply = await platform.reply(group, await platform.say(group, asha, "!नियम"))
    done = await platform.until(
        group, lambda all_: any(each["id"] == reply["id"] and each["ticks"] == "read" for each in all_)
    )
    assert done


async def test_x03_a_webhook_delivered_ten_times_at_once_gets_one_reply(platform: Platform):
    group, (asha, ravi) = await platform.group("दस बार", "आशा", "Ravi")
    await platform.misbehave(duplicate_webhooks=10)
    try:
        asked = await platform.say(group, asha, "!नियम")
        await platform.reply(group, asked)
    finally:
        await platform.misbehave()
    after = await platform.say(group, ravi, "!मदद")
    await platform.until(group, lambda all_: "!नियम" in all_[-1]["text"] and all_[-1]["from"] == "bot")
    sent = [each for each in await platform.sends() if each["chat"] == group]
    assert len(sent) == 2, "one reply to each command"
    assert sent[-1]["seq"] > after["seq"]


@pytest.mark.parametrize("fault", ["fail", "rate_limit"])
async def test_a_provider_that_fails_for_a_while_gets_the_message_once(platform: Platform, fault: str):
    group, (asha, *_) = await platform.group("टूटा", "आशा", "Ravi")
    await platform.misbehave(rules=[{"fault": fault, "first": 2, "retry_after": 0}])
    try:
        await platform.reply(group, await platform.say(group, asha, "!नियम"))
    finally:
        await platform.misbehave()
    assert len([each for each in await platform.sends() if each["chat"] == group]) == 1


async def test_a_message_whose_answer_was_lost_is_settled_by_its_status_and_not_sent_again(
    platform: Platform,
):
    group, (asha, *_) = await platform.group("खोया", "आशा", "Ravi")
    await platform.misbehave(rules=[{"fault": "drop", "first": 1}])
    try:
        await platform.reply(group, await platform.say(group, asha, "!नियम"))
        # The next message of the chat goes out only once the fate of the first is known.
        asked = await platform.say(group, asha, "!मदद")
        await platform.reply(group, asked)
    finally:
        await platform.misbehave()
    assert len([each for each in await platform.sends() if each["chat"] == group]) == 2


async def test_statuses_out_of_order_never_take_a_delivery_back(platform: Platform):
    group, (asha, *_) = await platform.group("उल्टा", "आशा", "Ravi")
    await platform.misbehave(reorder_statuses=True)
    try:
        reply = await platform.reply(group, await platform.say(group, asha, "!नियम"))
        await platform.until(
            group, lambda all_: any(each["id"] == reply["id"] and each["ticks"] == "read" for each in all_)
        )
    finally:
        await platform.misbehave()
    send_id = next(each["opaque"] for each in await platform.sends() if each["id"] == reply["id"]).split(".")[
        0
    ]
    async with asyncio.timeout(10):
        while True:
            answer = await platform.internal.get(
                f"/gateway/v1/deliveries/{send_id}", headers=platform.headers()
            )
            if answer.json()["state"] == "read":
                break


async def test_x01_a_wrong_or_missing_signature_changes_nothing(platform: Platform):
    body = json.dumps({"object": "whatsapp_business_account", "entry": []}).encode()
    counter = 'chaupal_webhooks_refused_total{channel="cloud_api",reason="signature"}'
    before = await platform.metric(counter)
    assert await platform.raw_webhook(body, "wrong") == 401
    assert await platform.raw_webhook(body, "missing") == 401
    assert await platform.metric(counter) == before + 2
    assert await platform.raw_webhook(body) == 200


async def test_every_service_has_its_documentation_page(platform: Platform):
    for service in ("gateway", "moderation", "simulator"):
        page = await platform.internal.get(f"/{service}/docs")
        assert page.status_code == 200
        paths = (await platform.internal.get(f"/{service}/openapi.json")).json()["paths"]
        assert paths


async def test_the_public_listener_offers_no_internal_api(platform: Platform):
    for path in ("/metrics", "/gateway/v1/chats", "/moderation/docs"):
        assert (await platform.public.get(path)).status_code == 404
