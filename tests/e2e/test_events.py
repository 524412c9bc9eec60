"""A session, from one line in the group to a seat, by chat and by REST."""

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
    """Return what the REST API of events says."""
    headers = platform.headers() | more.pop("headers", {})
    answer = await platform.internal.request(method, f"/events/v1/{path}", headers=headers, **more)
    assert answer.status_code < 300, answer.text
    return answer.json()


async def called(platform: Platform, group: str, admin: str, text: str) -> dict[str, Any]:
    """Let an admin call a session, and return what the group hears of it."""
    question = await platform.say(group, admin, f"!कार्यक्रम नया {text}")
    assert "पक्का करें" in (await platform.reply(group, question))["text"]
    yes = await platform.say(group, admin, "हाँ")
    return await platform.reply(group, yes)


async def test_b2_01_a_session_is_called_in_the_group_and_members_take_and_wait_for_seats(large: Platform):
    group, (sunita, ravi, meena) = await large.group("सीखो", "सुनीता", "Ravi", "Meena", account="waha")

    announced = await called(large, group, sunita, "SEO वेबिनार कल शाम साढ़े सात बजे 1 सीट")
    assert "SEO वेबिनार" in announced["text"]
    assert "!शामिल 1" in announced["text"]

    joined = await large.say(group, ravi, "!शामिल 1")
    assert "पक्की" in (await large.reply(group, joined))["text"]
    waiting = await large.say(group, meena, "!shamil 1")
    assert "पहले नंबर" in (await large.reply(group, waiting))["text"]

    (webinar,) = [
        each for each in (await asked(large, "GET", "webinars"))["webinars"] if each["title"] == "SEO वेबिनार"
    ]
    path = f"webinars/{quote(webinar['webinar_id'], safe='')}"
    counts = (await asked(large, "GET", path))["counts"]
    assert (counts["confirmed"], counts["waiting"]) == (1, 1)
    seats = [each["seat"] for each in (await asked(large, "GET", f"{path}/registrations"))["registrations"]]
    assert seats == ["confirmed", "waiting"]

    left = await large.say(group, ravi, "!नहीं 1")
    await large.reply(group, left)
    seen = await large.until(
        group, lambda messages: any("ख़ाली हुई" in (each["text"] or "") for each in messages)
    )
    assert any("Meena" in (each["text"] or "") or meena in str(each) for each in seen)


async def test_a_session_called_by_rest_is_announced_once_however_often_the_request_comes(large: Platform):
    group, (sunita, *_) = await large.group("हुनर सभा", "सुनीता", "Ravi", account="waha")
    hello = await large.say(group, sunita, "!कार्यक्रम")
    assert "कोई कार्यक्रम" in (await large.reply(group, hello))["text"]
    answer = await large.internal.get("/gateway/v1/chats", headers=large.headers())
    chat = next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == "हुनर सभा")
    origin = {"kind": "suggestion", "origin_id": "community:hunar#S34", "title": "Freelancing सिखाएँ"}
    body = {
        "chat_id": chat,
        "title": "Freelancing की शुरुआत",
        "starts": "2031-01-07T19:30",
        "capacity": 20,
        "origin": origin,
    }

    first = await asked(large, "POST", "webinars", json=body, headers={"Idempotency-Key": "one"})
    again = await asked(large, "POST", "webinars", json=body, headers={"Idempotency-Key": "one"})

    assert first["webinar_id"] == again["webinar_id"]
    assert first["starts_at"] == "2031-01-07T14:00:00Z"
    heard = await large.until(
        group, lambda messages: any("Freelancing" in (each["text"] or "") for each in messages)
    )
    assert sum("Freelancing" in (each["text"] or "") for each in heard) == 1
    made = await asked(large, "GET", "webinars", params={"origin": origin["origin_id"]})
    assert [(each["webinar_id"], each["origin"]) for each in made["webinars"]] == [
        (first["webinar_id"], origin)
    ]
    path = f"webinars/{quote(first['webinar_id'], safe='')}"
    cancelled = await asked(large, "POST", f"{path}:cancel", json={"reason": "छुट्टी"})
    assert cancelled["stage"] == "cancelled"
    await large.until(group, lambda messages: any("छुट्टी" in (each["text"] or "") for each in messages))


async def test_a_series_is_called_moved_and_ended_by_rest(large: Platform):
    group, (sunita, *_) = await large.group("शृंखला", "सुनीता", "Ravi", account="waha")
    hello = await large.say(group, sunita, "!कार्यक्रम")
    await large.reply(group, hello)
    answer = await large.internal.get("/gateway/v1/chats", headers=large.headers())
    chat = next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == "शृंखला")
    starts = dt.datetime.now(DEFAULT_ZONE).replace(tzinfo=None) + dt.timedelta(days=2)
    day = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[starts.weekday()]
    body = {
        "chat_id": chat,
        "title": "SEO क्लिनिक",
        "starts": f"{starts:%Y-%m-%dT%H:%M}",
        "rule": f"FREQ=WEEKLY;BYDAY={day};COUNT=3",
    }
    refused = await large.internal.post(
        "/events/v1/webinars",
        json=body | {"rule": "FREQ=DAILY"},
        headers=large.headers() | {"Idempotency-Key": "daily"},
    )
    assert refused.status_code == 422, refused.text

    first = await asked(large, "POST", "webinars", json=body, headers={"Idempotency-Key": "weekly"})

    async def ahead() -> list[dict[str, Any]]:
        found = await asked(large, "GET", "webinars", params={"scope": first["scope"], "stage": "scheduled"})
        return list(found["webinars"])

    made = await ahead()
    assert [each["number"] for each in made] == [1, 2, 3]
    second = f"webinars/{quote(made[1]['webinar_id'], safe='')}"
    later = dt.datetime.fromisoformat(made[1]["wall"]) + dt.timedelta(hours=1)
    change = {"starts": f"{later:%Y-%m-%dT%H:%M}", "whole": "following"}
    await asked(large, "PATCH", second, json=change)
    moved = await ahead()
    assert [each["wall"][11:16] for each in moved] == [f"{starts:%H:%M}", *[f"{later:%H:%M}"] * 2]
    await asked(large, "POST", f"{second}:cancel", json={"whole": "all"})
    assert [each["number"] for each in await ahead()] == [1]
