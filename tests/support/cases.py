"""Moderation's cases, as a client of its REST API sees them."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from tests.support.platform import Platform

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
