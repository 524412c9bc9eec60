"""A captured webhook is sent again: its signature is right, for it has no date."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.security.conftest import Installation
from tests.security.payloads import text, webhook

COPIES = 1000
AT_ONCE = 50


async def test_a_captured_webhook_sent_a_thousand_times_has_one_effect(installation: Installation):
    platform = installation.platform
    group, (asha, _) = await platform.group("दोहराव", "आशा", "Ravi")
    captured = webhook(text(asha, "!नियम", group))
    statuses: set[int] = set()
    for _ in range(0, COPIES, AT_ONCE):
        answers = await asyncio.gather(*(installation.deliver(captured) for _ in range(AT_ONCE)))
        statuses |= {each.status_code for each in answers}
    assert statuses == {200}
    # What one chat says is handled in order: once this is answered, so is everything before it.
    await platform.say(group, asha, "!मदद")
    rules, *further = [
        each["text"] for each in await platform.until(group, _answered_twice) if each["from"] == "bot"
    ]
    assert len(further) == 1
    assert further[0] != rules


def _answered_twice(messages: list[dict[str, Any]]) -> bool:
    return len({each["text"] for each in messages if each["from"] == "bot"}) > 1
