"""What an operator sees of chats and accounts while people talk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.platform import Platform, running


@pytest.fixture(scope="module")
async def platform(mongo_url: str) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch) as started:
            yield started


async def test_a_group_is_given_to_a_community_and_its_account_is_up(platform: Platform):
    group, (asha, *_) = await platform.group("SEO सीखें", "आशा", "Ravi")
    await platform.reply(group, await platform.say(group, asha, "!नियम"))
    chats = (await platform.internal.get("/gateway/v1/chats", headers=platform.headers())).json()["chats"]
    (chat,) = [each for each in chats if each["subject"] == "SEO सीखें"]
    assert (chat["account"], chat["channel"], "text" in chat["capabilities"]) == ("demo", "cloud_api", True)
    url = f"/gateway/v1/chats/{chat['chat_id']}"
    said = {"community": "seo-7", "language": "hi", "zone": "Asia/Kolkata"}
    answer = await platform.internal.put(url, json=said, headers=platform.headers())
    assert answer.json() == {**chat, **said}
    listed = await platform.internal.get(
        "/gateway/v1/chats", params={"community": "seo-7"}, headers=platform.headers()
    )
    assert [each["chat_id"] for each in listed.json()["chats"]] == [chat["chat_id"]]
    (line,) = (await platform.internal.get("/gateway/v1/channels", headers=platform.headers())).json()[
        "channels"
    ]
    assert (line["account"], line["state"]) == ("demo", "up")
    assert None not in (line["webhook_at"], line["accepted_at"], line["since"])
    assert await platform.metric('chaupal_channel_up{account="demo"}') == 1
