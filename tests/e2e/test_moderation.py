"""Rules are kept in a group: what members, admins and reviewers see of it, from webhook to webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.platform import WAHA, Platform, running

SCAM = "घर बैठे रोज ₹3000 कमाओ, रजिस्ट्रेशन ₹499, Telegram पर आओ t.me/kamai_daily"
INVITE = "मेरे ग्रुप में आइए, सबको बुला रहे हैं https://chat.whatsapp.com/AbCdEfGhIjK12345678901"
SECONDS = 20.0


async def asked(platform: Platform, path: str, **query: str) -> Any:
    """Return what moderation's REST API says."""
    answer = await platform.internal.get(f"/moderation/v1/{path}", params=query, headers=platform.headers())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def case_of(platform: Platform, chat_id: str, **query: str) -> dict[str, Any]:
    """Return the newest case of a chat that fits, once there is one."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = (await asked(platform, "cases", chat_id=chat_id, **query))["cases"]
            if found:
                return dict(found[0])
            await asyncio.sleep(0.05)


async def rule(platform: Platform, case: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    """Decide about a case over REST."""
    answer = await platform.internal.post(
        f"/moderation/v1/cases/{quote(case['case_id'], safe='')}:{what}",
        json=body,
        headers=platform.headers() | {"Idempotency-Key": f"{what}-{case['case_id']}"},
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def chat_id_of(platform: Platform, subject: str) -> str:
    answer = await platform.internal.get("/gateway/v1/chats", headers=platform.headers())
    return next(str(each["chat_id"]) for each in answer.json()["chats"] if each["subject"] == subject)


async def test_b5_08_a_newcomers_scam_is_told_to_all_explained_appealed_and_undone(platform: Platform):
    group, (_, ravi, *_) = await platform.group("ठगी से बचाव", "आशा", "Ravi", "Meena")
    await platform.say(group, ravi, SCAM)
    said = await platform.until(
        group, lambda messages: any("1930" in (each["text"] or "") for each in messages)
    )
    (notice,) = [each["text"] for each in said if "1930" in (each["text"] or "")]
    assert "cybercrime.gov.in" in notice
    assert "3000" not in notice, "the offer is not repeated"
    chat_id = await chat_id_of(platform, "ठगी से बचाव")
    case = await case_of(platform, chat_id)
    assert (case["rule"], case["points"], case["step"]) == ("income", 3, "remove")
    why = await platform.reply(ravi, await platform.say(ravi, ravi, f"!क्यों {case['name']}"))
    assert "नियम 4" in why["text"]
    appealed = await platform.say(ravi, ravi, f"!अपील {case['name']} यह मेरी अपनी साइट है")
    assert case["name"] in (await platform.reply(ravi, appealed))["text"]
    case = await case_of(platform, chat_id, state="appealed")
    words = "माफ़ कीजिए, हमसे भूल हुई।"
    answered = await rule(platform, case, "answer", upheld=False, reason="wrong_match", words=words)
    assert answered["state"] == "overturned"
    told = await platform.until(
        ravi, lambda messages: any(words in (each["text"] or "") for each in messages)
    )
    assert len([each for each in told if words in (each["text"] or "")]) == 1


async def test_b5_04_what_an_official_group_cannot_do_is_said_and_becomes_a_task(platform: Platform):
    group, (_, ravi, *_) = await platform.group("हाथ से हटाएँ", "आशा", "Ravi", "Meena")
    said = await platform.say(group, ravi, INVITE)
    assert "M" in (await platform.reply(group, said))["text"]
    chat_id = await chat_id_of(platform, "हाथ से हटाएँ")
    case = await case_of(platform, chat_id, tasks="true")
    assert case["tasks"] == ["message.delete"]
    await rule(platform, case, "done-by-hand")
    assert (await asked(platform, "cases", chat_id=chat_id, tasks="true"))["cases"] == []


async def test_b5_05_ordinary_talk_of_a_group_about_earning_makes_no_case(platform: Platform):
    group, (asha, ravi, *_) = await platform.group("सादी बातचीत", "आशा", "Ravi")
    for text in (
        "मैंने 3 महीने में ब्लॉग से ₹5,200 कमाए, तरीका पूछ सकते हैं",
        "50% chhoot wali deal kahan hai",
        "Lodha जी, chutti kal hai",
        "सावधान! ऐसे मैसेज ठगी हैं: 'घर बैठे रोज 3000 कमाओ'",
        "🙏🙏🙏🙏🙏",
    ):
        await platform.say(group, ravi, text)
    # The chat is handled in order: once this is answered, all before it is judged.
    await platform.reply(group, await platform.say(group, asha, "!नियम"))
    chat_id = await chat_id_of(platform, "सादी बातचीत")
    assert [
        each for each in (await asked(platform, "cases", chat_id=chat_id))["cases"] if each["points"]
    ] == []


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
