"""Rules are kept where the channel can delete and knows its admins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.cases import INVITE, SECONDS, case_of, chat_id_of
from tests.support.platform import WAHA, Platform, running


@pytest.fixture(scope="module")
async def large(mongo_url: str) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, **WAHA) as platform:
            await up(platform, "waha")
            yield platform


async def up(platform: Platform, channel: str) -> None:
    """Return once it is known what a channel can do."""
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await platform.internal.get("/gateway/v1/channels", headers=platform.headers())
            found = [each for each in answer.json()["channels"] if each["channel"] == channel]
            if any("delete_foreign" in str(each) for each in found):
                return
            await asyncio.sleep(0.05)


async def test_b5_02_where_the_channel_can_a_message_goes_and_an_admin_restricts_and_pardons(large: Platform):
    group, (sunita, ravi, *_) = await large.group("हुनर", "सुनीता", "Ravi", "Meena", account="waha")
    said = await large.say(group, ravi, INVITE)
    await large.until(
        group, lambda messages: any(each["id"] == said["id"] and each["deleted"] for each in messages)
    )
    talk = await large.say(group, ravi, "ठीक है, आगे से ध्यान रखेंगे, माफ़ कीजिए")
    await large.say(group, sunita, "!रोको 24h", reply_to=talk["id"])
    await large.until(group, lambda messages: any("M2" in (each["text"] or "") for each in messages))
    case = await case_of(large, await chat_id_of(large, "हुनर"), state="decided")
    pardoned = await large.say(group, sunita, f"!माफ {case['name']}")
    assert case["name"] in (await large.reply(group, pardoned))["text"]
    assert (await case_of(large, case["chat_id"], state="overturned"))["name"] == case["name"]
