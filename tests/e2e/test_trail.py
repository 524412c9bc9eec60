"""An operator asks what became of a message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from services.gateway.api.trail import TRACE
from shared.http.keys import new_key
from tests.support.platform import Platform, running
from tests.support.streams import eventually

KEY, STORED = new_key("operator", frozenset({TRACE}))


@pytest.fixture(scope="module")
async def platform(mongo_url: str) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, API_KEYS=str(STORED)) as started:
            yield started


async def test_the_trail_of_a_question_leads_to_the_answer_that_was_read(platform: Platform):
    group, (asha, _) = await platform.group("पता", "आशा Canary", "Ravi")
    with structlog.testing.capture_logs() as lines:
        reply = await platform.reply(group, await platform.say(group, asha, "!नियम canary"))
    await platform.until(
        group, lambda all_: any(each["id"] == reply["id"] and each["ticks"] == "read" for each in all_)
    )
    message_id = next(each["correlation_id"] for each in lines if each.get("note") == "rules_shown")
    trail: dict[str, Any] = {}

    async def read() -> bool:
        answer = await platform.internal.get(
            f"/gateway/v1/trace/{message_id}", headers={"authorization": f"Bearer {KEY}"}
        )
        trail.update(answer.json())
        return {"accepted", "sent", "delivered", "read"} <= {hop["what"] for hop in trail.get("hops", ())}

    await eventually(read, "the trail's end")
    what = [hop["what"] for hop in trail["hops"]]
    assert what[:2] == ["received", "said"]
    assert "reported" not in what
    assert [each["state"] for each in trail["messages"]] == ["read"]
    assert trail["trace_id"] == message_id.replace("-", "")
    for secret in ("canary", "Canary", "नियम", asha, "wamid"):
        assert secret not in str(trail)
