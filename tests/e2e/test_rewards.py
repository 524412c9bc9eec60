"""Thanks for a message become points, on boards and in the ledger, by chat and by REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from shared.store.client import connect
from tests.e2e.test_moderation_large import up
from tests.support.platform import WAHA, Platform, running
from tests.support.streams import eventually


@pytest.fixture(scope="module")
async def large(mongo_url: str) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, **WAHA) as platform:
            await up(platform, "waha")
            yield platform


async def asked(platform: Platform, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
    """Return what the REST API of rewards says."""
    headers = platform.headers() | more.pop("headers", {})
    answer = await platform.internal.request(method, f"/rewards/v1/{path}", headers=headers, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


async def scope_of(platform: Platform, subject: str) -> str:
    answer = await platform.internal.get("/gateway/v1/chats", headers=platform.headers())
    chat = next(each for each in answer.json()["chats"] if each["subject"] == subject)
    return f"chat:{chat['chat_id']}"


async def test_b9_01_thanks_in_the_group_become_points_on_the_board_and_lines_of_the_ledger(large: Platform):
    group, (sunita, ravi, meena) = await large.group("मदद मंडली", "सुनीता", "Ravi", "Meena", account="waha")
    answer = await large.say(group, ravi, "Search Console में URL inspection से देखिए")
    thanks = await large.say(group, meena, "!धन्यवाद", reply_to=answer["id"])
    assert "2 अंक" in (await large.reply(group, thanks))["text"]
    again = await large.say(group, meena, "!thanks", reply_to=answer["id"])
    assert "पहले ही" in (await large.reply(group, again))["text"]
    points = await large.say(group, ravi, "!अंक")
    assert "कुल 2 (स्थान 1)" in (await large.reply(group, points))["text"]
    board = await large.say(group, sunita, "!बोर्ड")
    assert "1. " in (await large.reply(group, board))["text"]

    scope = await scope_of(large, "मदद मंडली")
    (line,) = (await asked(large, "GET", f"ledger?scope={scope}"))["entries"]
    assert (line["action"], line["points"], line["reason"]) == ("thanks", 2, "earned")
    place = (await asked(large, "GET", f"boards/{quote(scope, safe='')}/all"))["lines"]
    assert place == [{"place": 1, "member_id": line["member_id"], "points": 2}]

    same = await asked(large, "POST", "rules:simulate", json={"scope": scope})
    assert same["changed"] == 0
    assert same["before"] == same["after"]
    richer = {"scope": scope, "rules": {"points": {"thanks": 9}}}
    assert (await asked(large, "POST", "rules:simulate", json=richer))["changes"][0]["after"] == 9

    body = {"scope": scope, "entries": [line["entry_id"]], "why": "आपसी धन्यवाद"}
    back = await asked(large, "POST", "ledger:reverse", json=body, headers={"Idempotency-Key": "r1"})
    assert [each["points"] for each in back["entries"]] == [-2]
    account = await asked(large, "GET", f"accounts/{line['member_id']}?scope={scope}")
    assert account["total"] == 0
    await asked(large, "POST", "ledger:restore", json=body, headers={"Idempotency-Key": "r2"})
    lines = await asked(large, "GET", f"ledger?scope={scope}&limit=2")
    assert [each["points"] for each in lines["entries"]] == [2, -2]
    rest = await asked(large, "GET", f"ledger?scope={scope}&after={quote(lines['next'])}")
    assert [each["points"] for each in rest["entries"]] == [2]


async def test_rules_are_changed_from_now_on_and_not_behind_anybodys_back(large: Platform):
    scope = "community:hunar"
    path = f"rules/{quote(scope, safe='')}"
    built_in = (await asked(large, "GET", path))["versions"]
    assert [each["version"] for each in built_in] == [0]
    changed = await asked(large, "PUT", path, json={"points": {"thanks": 3}, "based_on": 0})
    assert [each["version"] for each in changed["versions"]] == [1]
    await asked(large, "PUT", path, json={"based_on": 0, "day_limit": 9}, status=409)
    await asked(large, "PUT", path, json={"points": {"Thanks!": 3}}, status=422)
    await asked(large, "PUT", path, json={"since": "2020-01-01T00:00:00Z", "day_limit": 9}, status=422)
    await asked(large, "PUT", path, json={"messages": 1}, status=422)


async def test_lines_of_another_community_are_not_corrected(large: Platform):
    body = {"scope": "community:hunar", "entries": ["nothing"], "why": "x"}
    await asked(large, "POST", "ledger:reverse", json=body, headers={"Idempotency-Key": "r3"}, status=404)
    await asked(large, "POST", "ledger:reverse", json=body, status=422)


async def test_a_card_is_drawn_only_for_who_was_named(large: Platform):
    for path in (
        "contributors/community:hunar/2026-W47/1.png",
        "contributors/community:hunar/2026-W99/1.png",
    ):
        answer = await large.public.get(f"/{path}")
        assert answer.status_code in {404, 422}, answer.text
    await asked(large, "GET", "cards/community:hunar/2026-W47/1.png?name=x", status=404)


async def test_where_nobody_can_be_mentioned_members_have_names_and_the_database_has_none_in_clear(
    large: Platform, mongo_url: str
):
    group, (sunita, ravi, meena) = await large.group("छोटी मंडली", "सुनीता", "Ravi Kumar", "Meena")
    rules = await large.say(group, sunita, "!नियम")
    await large.reply(group, rules)
    scope = quote(await scope_of(large, "छोटी मंडली"), safe="")
    # Everybody here has just come.
    await asked(large, "PUT", f"rules/{scope}", json={"newcomer_days": 0})

    async def thanked() -> bool:
        answer = await large.say(group, ravi, "Sitemap दोबारा जमा कीजिए")
        thanks = await large.say(group, meena, "!धन्यवाद", reply_to=answer["id"])
        # What was written within the same second was written before the rules changed.
        return "@Ravi Kumar को 2 अंक" in (await large.reply(group, thanks))["text"]

    await eventually(thanked, "thanks by name")

    async def kept() -> bool:
        client = connect(mongo_url, application="e2e")
        found = [
            bytes(each["name"])  # type: ignore[call-overload]
            for name in await client.list_database_names()
            if name.endswith("_gateway")
            async for each in client[name]["names"].find()
        ]
        await client.close()
        assert not any(b"Ravi" in each for each in found)
        return bool(found)

    await eventually(kept, "names in the database")
