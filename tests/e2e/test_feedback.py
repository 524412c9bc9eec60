"""A suggestion becomes a decision, by chat and by REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.test_moderation_large import up
from tests.support.platform import WAHA, Platform, running


@pytest.fixture(scope="module")
async def large(mongo_url: str) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, **WAHA) as platform:
            await up(platform, "waha")
            yield platform


async def asked(platform: Platform, method: str, path: str, **more: Any) -> Any:
    """Return what the REST API of feedback says."""
    headers = platform.headers()
    answer = await platform.internal.request(method, f"/feedback/v1/{path}", headers=headers, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_b10_01_a_suggestion_is_supported_decided_and_its_author_told(large: Platform):
    group, (sunita, ravi, meena) = await large.group("सुझाव सभा", "सुनीता", "Ravi", "Meena", account="waha")
    made = await large.say(group, ravi, "!सुझाव रविवार को भी सत्र रखें")
    assert (await large.reply(group, made))["text"] == "धन्यवाद, सुझाव S1 दर्ज। समर्थन: !वोट 1"
    same = await large.say(group, meena, "!suggest sunday ko bhi session rakho")
    assert "S1" in (await large.reply(group, same))["text"]
    yes = await large.say(group, meena, "haan")
    assert "2" in (await large.reply(group, yes))["text"]
    refused = await large.say(group, sunita, "!सुझाव 1 अस्वीकृत")
    assert "कारण" in (await large.reply(group, refused))["text"]

    answer = await large.internal.get("/gateway/v1/chats", headers=large.headers())
    chat = next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == "सुझाव सभा")
    (found,) = (await asked(large, "GET", f"suggestions?scope=chat:{chat}"))["suggestions"]
    assert (found["number"], found["votes"], found["status"]) == (1, 2, "new")
    path = f"suggestions/{quote(found['suggestion_id'], safe='')}"
    decided = await asked(
        large, "POST", f"{path}:decide", json={"status": "declined", "reason": "रविवार को वक्ता नहीं मिलते"}
    )
    assert decided["status"] == "declined"
    shown = await large.say(group, meena, "!सुझाव 1")
    assert "रविवार को वक्ता नहीं मिलते" in (await large.reply(group, shown))["text"]
    metrics = (await large.internal.get("/metrics")).text
    assert 'chaupal_suggestions{status="new"}' in metrics
