"""A suggestion becomes a decision, by chat and by REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from shared.clock import DEFAULT_ZONE
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
    themes = await asked(large, "GET", f"themes/{quote(f'chat:{chat}', safe='')}")
    assert (themes["remarks"], themes["others"]) == (1, 1)
    path = f"suggestions/{quote(found['suggestion_id'], safe='')}"
    decided = await asked(
        large, "POST", f"{path}:decide", json={"status": "declined", "reason": "रविवार को वक्ता नहीं मिलते"}
    )
    assert decided["status"] == "declined"
    shown = await large.say(group, meena, "!सुझाव 1")
    assert "रविवार को वक्ता नहीं मिलते" in (await large.reply(group, shown))["text"]
    metrics = (await large.internal.get("/metrics")).text
    assert 'chaupal_suggestions{status="new"}' in metrics


async def test_a_strategy_is_registered_by_rest_told_to_the_group_and_shown_with_pictures(large: Platform):
    group, (sunita, *_) = await large.group("प्रयोग सभा", "सुनीता", "Ravi", account="waha")
    hello = await large.say(group, sunita, "!सुझाव")
    await large.reply(group, hello)
    answer = await large.internal.get("/gateway/v1/chats", headers=large.headers())
    chat = next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == "प्रयोग सभा")
    first = dt.datetime.now(DEFAULT_ZONE).date() + dt.timedelta(days=1)
    body = {
        "chat_id": chat,
        "change": "सत्र का समय 7:30 → 8:30",
        "hypothesis": "काम से लौटने वाले आ पाएँगे",
        "metric": "attendance_ratio",
        "first_day": first.isoformat(),
        "last_day": (first + dt.timedelta(days=27)).isoformat(),
        "sessions": 4,
        "owner": "m_0d4c7a1be92f5683a7c4",
    }
    headers = large.headers() | {"Idempotency-Key": "later"}
    made = [
        await large.internal.post("/feedback/v1/strategies", json=body, headers=headers) for _ in range(2)
    ]
    assert [each.status_code for each in made] == [201, 201], made[0].text
    assert made[0].json() == made[1].json()
    heard = await large.until(
        group, lambda messages: any("ST-1" in (each["text"] or "") for each in messages)
    )
    assert sum("ST-1" in (each["text"] or "") for each in heard) == 1

    path = f"strategies/{quote(made[0].json()['strategy_id'], safe='')}"
    effect = await asked(large, "GET", f"{path}/effect")
    assert (effect["verdict"], effect["before"]["n"], effect["after"]["value"]) == ("cannot_tell", 0, None)
    assert effect["reasons"][0] == "running"
    for name, begin in (("svg", b"<svg"), ("png", b"\x89PNG")):
        picture = await large.internal.get(
            f"/feedback/v1/{path}/effect.{name}", params={"language": "hi"}, headers=large.headers()
        )
        assert picture.status_code == 200, picture.text
        assert begin in picture.content[:200]
    (listed,) = (await asked(large, "GET", f"strategies?scope=chat:{chat}"))["strategies"]
    assert listed == made[0].json()
    wrong = await large.internal.post(
        "/feedback/v1/strategies",
        json=body | {"metric": "happiness"},
        headers=headers | {"Idempotency-Key": "x"},
    )
    assert wrong.status_code == 422
    assert "attendance_ratio" in wrong.text


async def test_b10_09_what_is_due_is_listed_by_rest_and_decided_there(large: Platform):
    group, (sunita, *_) = await large.group("समीक्षा सभा", "सुनीता", "Ravi", account="waha")
    hello = await large.say(group, sunita, "!सुझाव")
    await large.reply(group, hello)
    answer = await large.internal.get("/gateway/v1/chats", headers=large.headers())
    chat = next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == "समीक्षा सभा")
    scope = f"chat:{chat}"
    for ref, useful in (("guide", 0.9), ("old-links", 0.2), ("faq", 0.8)):
        body = {"title": ref, "due_on": "2026-11-23", "usefulness": useful, "ratings": 20}
        await asked(large, "PUT", f"reviews/{quote(scope, safe='')}/resource/{ref}", json=body)
    due = await asked(large, "GET", f"reviews-due?scope={scope}&on=2026-11-23")
    assert [each["title"] for each in due["items"]] == ["old-links", "faq", "guide"]
    path = f"reviews/{quote(scope, safe='')}/resource/old-links:decide"
    decided = await asked(large, "POST", path, json={"choice": "change", "next_due_on": "2027-01-10"})
    assert (decided["decisions"][0]["choice"], decided["due_on"]) == ("change", "2027-01-10")
    due = await asked(large, "GET", f"reviews-due?scope={scope}&on=2026-11-23")
    assert [each["title"] for each in due["items"]] == ["faq", "guide"]
    listed = await large.say(group, sunita, "!समीक्षा")
    assert "R3 «faq»" in (await large.reply(group, listed))["text"]


async def test_a_health_report_has_parts_and_pictures_and_no_data_is_no_zero(large: Platform):
    group, (sunita, ravi) = await large.group("सेहत सभा", "सुनीता", "Ravi", account="waha")
    await large.reply(group, await large.say(group, ravi, "!सुझाव"))
    await large.reply(group, await large.say(group, sunita, "!सुझाव"))
    answer = await large.internal.get("/gateway/v1/chats", headers=large.headers())
    chat = next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == "सेहत सभा")
    path = f"health-report/{quote(f'chat:{chat}', safe='')}"
    tomorrow = dt.datetime.now(DEFAULT_ZONE).date() + dt.timedelta(days=1)
    report = await asked(large, "GET", f"{path}?until={tomorrow.isoformat()}")
    parts = {each["metric"]: each for each in report["parts"]}
    assert parts["active_members"]["now"]["value"] == pytest.approx(2 / 28)
    assert parts["attendance_ratio"]["now"] is None
    assert "score" not in report
    for name, begin in (("svg", b"<svg"), ("png", b"\x89PNG")):
        picture = await large.internal.get(
            f"/feedback/v1/{path}/active_members.{name}", headers=large.headers()
        )
        assert picture.status_code == 200, picture.text
        assert begin in picture.content[:200]
    missing = await large.internal.get(f"/feedback/v1/{path}/happiness.svg", headers=large.headers())
    assert missing.status_code == 404
