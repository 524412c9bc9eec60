"""The simulated WAHA server, asked over HTTP as a gateway asks it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.component.test_simulator_api import (
    MEENA,
    RAVI,
    TENZIN,
    TOKEN,
    Gateway,
    Simulator,
    new_prefix,
    running_simulator,
)

CHAT = {"session": "chaupal"}


@pytest.fixture
async def simulator(mongo_url: str) -> AsyncIterator[Simulator]:
    async with running_simulator(mongo_url, new_prefix(), Gateway(), waha=True) as running:
        yield running


async def ask(
    simulator: Simulator, method: str, path: str, body: Any = None, key: str = TOKEN
) -> httpx2.Response:
    return await simulator.http.request(
        method, f"/simulator/waha/api/{path}", json=body, headers={"x-api-key": key}
    )


async def text(simulator: Simulator, chat: str, words: str = "नियम…", **more: Any) -> httpx2.Response:
    return await ask(simulator, "POST", "sendText", {**CHAT, "chatId": chat, "text": words, **more})


async def a_group(simulator: Simulator, **more: Any) -> str:
    return await simulator.group(account="waha", **more)


async def hidden(simulator: Simulator, phone: str) -> str:
    members = await simulator.get("members")
    return next(f"{each['hidden_id']}@lid" for each in members if each["phone"] == phone)


async def test_without_the_key_nothing_is_answered(simulator: Simulator):
    for path in ("sessions/chaupal", "server/version", "files/chaupal/1.png", "chaupal/groups"):
        assert (await ask(simulator, "GET", path, key="wrong")).status_code == 401
    assert (await ask(simulator, "POST", "sendText", {}, key="")).status_code == 401


async def test_a_session_says_what_drives_it_and_another_is_not_there(simulator: Simulator):
    described = (await ask(simulator, "GET", "sessions/chaupal")).json()
    assert (described["status"], described["engine"]) == ("WORKING", {"engine": "NOWEB"})
    assert described["me"]["id"] == "919999900100@c.us"
    assert (await ask(simulator, "GET", "sessions/other")).status_code == 404
    other = await ask(simulator, "POST", "sendText", {"session": "other", "chatId": "x", "text": "x"})
    assert (other.status_code, other.json()["error"]) == (422, 'Session "other" does not exist')


async def test_a_session_that_waits_for_its_phone_does_nothing_and_tells(simulator: Simulator):
    group = await a_group(simulator)
    await simulator.put("session", status="SCAN_QR_CODE")
    refused = await text(simulator, group)
    assert (refused.status_code, refused.json()["expected"]) == (422, ["WORKING"])
    assert (await simulator.gateway.told("session.status"))[0]["status"] == "SCAN_QR_CODE"
    assert (await ask(simulator, "GET", "sessions/chaupal")).json()["me"] is None
    await simulator.put("session", status="WORKING")
    assert (await text(simulator, group)).status_code == 201


async def test_a_text_under_a_chosen_id_is_there_once_and_found_by_it(simulator: Simulator):
    group = await a_group(simulator)
    for _ in range(2):
        sent = await text(simulator, group, id="3EB0ABCDEF")
        assert (sent.status_code, sent.json()["id"]) == (201, f"true_{group}_3EB0ABCDEF")
    (kept,) = (await simulator.get("sends"))["messages"]
    found = await ask(simulator, "GET", f"chaupal/chats/{group}/messages/{kept['id']}?downloadMedia=false")
    assert found.json()["body"] == "नियम…"
    missing = await ask(simulator, "GET", f"chaupal/chats/{group}/messages/true_{group}_3EB0FFFF")
    assert missing.status_code == 404
    (echo,) = await simulator.gateway.told("message.any")
    assert echo["fromMe"] is True


async def test_people_are_written_to_under_either_name(simulator: Simulator):
    await a_group(simulator)
    for jid in (f"{RAVI}@c.us", f"{RAVI}@s.whatsapp.net", await hidden(simulator, RAVI)):
        assert (await text(simulator, jid)).status_code == 201
    assert len((await simulator.get(f"chats/{RAVI}@c.us/messages"))["messages"]) == 3
    assert (await simulator.get(f"chats/{RAVI}/messages"))["messages"] == []
    assert (await text(simulator, "910000000000@c.us")).status_code == 500


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("sendText", {}),
        ("sendText", {"text": 1}),
        ("sendText", {"text": "x", "reply_to": 1}),
        ("sendText", {"text": "x", "mentions": ["a", 1]}),
        ("sendText", {"text": "x", "id": "no id"}),
        ("sendImage", {"file": {"url": "http://x"}}),
        ("sendImage", {"file": {"url": "ftp://x", "mimetype": "image/png"}}),
        ("sendFile", {"file": {"data": "§", "mimetype": "image/png"}}),
        ("sendFile", {"file": {"url": "http://x", "mimetype": "a/b"}, "caption": 1}),
        ("sendPoll", {"poll": {"name": "?", "options": ["one"]}}),
        ("sendPoll", {"poll": {"name": "?", "options": ["one", "one"]}}),
        ("sendPoll", {"poll": {"name": "?", "options": ["one", "two"], "multipleAnswers": 1}}),
    ],
)
async def test_what_does_not_fit_is_refused(simulator: Simulator, call: str, body: dict[str, Any]):
    group = await a_group(simulator)
    refused = await ask(simulator, "POST", call, {**CHAT, "chatId": group, **body})
    assert refused.status_code == 400
    assert (await simulator.get("sends"))["messages"] == []


async def test_a_body_that_is_no_json_is_refused(simulator: Simulator):
    answer = await simulator.http.post(
        "/simulator/waha/api/sendText", content=b"{", headers={"x-api-key": TOKEN}
    )
    assert answer.status_code == 400


async def test_a_file_within_the_call_is_kept_and_handed_out_with_the_key(simulator: Simulator):
    group = await a_group(simulator)
    file = {"mimetype": "image/png", "data": base64.b64encode(b"bytes").decode()}
    sent = await ask(
        simulator, "POST", "sendImage", {**CHAT, "chatId": group, "file": file, "caption": "देखिए"}
    )
    path = sent.json()["media"]["url"].partition("/api/")[2]
    handed = await ask(simulator, "GET", path)
    assert (handed.content, handed.headers["content-type"]) == (b"bytes", "image/png")
    assert (await ask(simulator, "GET", "files/chaupal/404.png")).status_code == 404


async def test_who_is_no_admin_moderates_nobody(simulator: Simulator):
    group = await a_group(simulator, bot_admin=False)
    said = await simulator.post(f"chats/{group}/messages", {"from": RAVI, "text": "spam"})
    where = f"chaupal/groups/{group}"
    person = {"participants": [{"id": await hidden(simulator, RAVI)}]}
    for method, path, body in (
        ("DELETE", f"chaupal/chats/{group}/messages/{said['id']}", None),
        ("POST", f"{where}/participants/remove", person),
        ("POST", f"{where}/admin/promote", person),
        ("PUT", f"{where}/settings/security/messages-admin-only", {"adminsOnly": True}),
    ):
        refused = await ask(simulator, method, path, body)
        assert (refused.status_code, refused.json()["exception"]["message"]) == (500, "not-authorized")


async def test_an_admin_deletes_removes_and_raises(simulator: Simulator):
    group = await a_group(simulator)
    said = await simulator.post(f"chats/{group}/messages", {"from": RAVI, "text": "spam"})
    without_author = said["id"].rpartition("_")[0]
    at = f"chaupal/chats/{group}/messages"
    assert (await ask(simulator, "DELETE", f"{at}/{without_author}")).status_code == 500
    for _ in range(2):
        assert (await ask(simulator, "DELETE", f"{at}/{said['id']}")).status_code == 200
    assert len(await simulator.gateway.told("message.revoked")) == 1
    where = f"chaupal/groups/{group}"
    meena = {"participants": [{"id": await hidden(simulator, MEENA)}]}
    await ask(simulator, "POST", f"{where}/admin/promote", meena)
    listed = (await ask(simulator, "GET", f"{where}/participants/v2")).json()
    assert {each["pn"]: each["role"] for each in listed} == {
        "919999900100@c.us": "admin",
        f"{RAVI}@c.us": "participant",
        f"{MEENA}@c.us": "admin",
    }
    await ask(simulator, "POST", f"{where}/participants/add", {"participants": [{"id": f"{TENZIN}@c.us"}]})
    gone = await ask(simulator, "POST", f"{where}/participants/remove", meena)
    again = await ask(simulator, "POST", f"{where}/participants/remove", meena)
    assert [gone.json()[0]["status"], again.json()[0]["status"]] == ["200", "404"]
    assert (await simulator.get(f"groups/{group}"))["members"] == [RAVI, TENZIN]
    # Unlike from a group of the Cloud API, whoever was removed may come back by the link.
    await simulator.post(f"groups/{group}/members", {"phone": MEENA})
    kinds = [each["type"] for each in await simulator.gateway.told("group.v2.participants", 4)]
    assert kinds == ["promote", "join", "leave", "join"]


async def test_our_own_messages_are_edited_pinned_and_reacted_to(simulator: Simulator):
    group = await a_group(simulator)
    sent = (await text(simulator, group, "पुराना")).json()["id"]
    at = f"chaupal/chats/{group}/messages/{sent}"
    assert (await ask(simulator, "PUT", at, {"text": "नया"})).status_code == 200
    assert (await ask(simulator, "POST", f"{at}/pin", {"duration": 1})).status_code == 400
    assert (await ask(simulator, "POST", f"{at}/pin", {"duration": 86_400})).status_code == 201
    assert (await simulator.get(f"groups/{group}"))["pins"] == [sent]
    assert (await ask(simulator, "POST", f"{at}/unpin", {})).status_code == 201
    for emoji in ("👍", ""):
        react = {**CHAT, "messageId": sent, "reaction": emoji}
        assert (await ask(simulator, "PUT", "reaction", react)).status_code == 200
    (message,) = [
        each for each in (await simulator.get(f"chats/{group}/messages"))["messages"] if each["id"] == sent
    ]
    assert (message["text"], message["edited"], message["reactions"]) == ("नया", True, {})
    assert (await ask(simulator, "DELETE", at)).status_code == 200


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"fault": "fail", "status": 503}, 503),
        ({"fault": "rate_limit", "retry_after": 7}, 429),
        ({"fault": "pair_limit"}, 429),
        ({"fault": "token_expired"}, 401),
    ],
)
async def test_faults_speak_as_waha_does(simulator: Simulator, rule: dict[str, Any], status: int):
    group = await a_group(simulator)
    await simulator.put("faults", rules=[{**rule, "first": 1, "to": group}])
    assert (await text(simulator, f"{RAVI}@c.us")).status_code == 201
    refused = await text(simulator, group)
    assert refused.status_code == status
    assert refused.headers.get("retry-after") == ("7" if "retry_after" in rule else None)
    assert (await text(simulator, group)).status_code == 201


async def test_a_poll_takes_what_it_offers(simulator: Simulator):
    group = await a_group(simulator)
    poll = {"name": "कब?", "options": ["शाम", "रात"], "multipleAnswers": False}
    sent = (await ask(simulator, "POST", "sendPoll", {**CHAT, "chatId": group, "poll": poll})).json()["id"]
    votes = f"/simulator/v1/chats/{group}/votes"
    for options, status in ((["शाम", "रात"], 422), (["सुबह"], 422), (["रात"], 201), ([], 201)):
        vote = {"from": RAVI, "message_id": sent, "options": options}
        assert (await simulator.http.post(votes, json=vote)).status_code == status
    assert [each["vote"]["selectedOptions"] for each in await simulator.gateway.told("poll.vote", 2)] == [
        ["रात"],
        [],
    ]


@pytest.mark.parametrize("yes", [1, 0, "true", "yes"])
async def test_only_true_and_false_are_true_and_false(simulator: Simulator, yes: object):
    for path, body in (
        ("members", {"phone": RAVI, "name": "R", "phone_hidden": yes}),
        ("groups", {"subject": "x", "announce": yes}),
    ):
        assert (await simulator.http.post(f"/simulator/v1/{path}", json=body)).status_code == 422
    for path, body in (
        ("faults", {"hold_webhooks": yes}),
        ("pace", {"read": yes}),
        ("limits", {"window": yes}),
    ):
        assert (await simulator.http.put(f"/simulator/v1/{path}", json=body)).status_code == 422


async def test_everything_is_as_before_after_a_restart(mongo_url: str):
    prefix = new_prefix()
    async with running_simulator(mongo_url, prefix, Gateway(), seed_demo=True) as before:
        assert (await before.get("world"))["waha"] is None
        assert len((await before.get("world"))["groups"]) == 2
    async with running_simulator(mongo_url, prefix, Gateway(), seed_demo=True, waha=True) as simulator:
        (group,) = [each for each in await simulator.get("groups") if each["account"] == "waha"]
        assert len(group["members"]) == 40
        await simulator.put(f"groups/{group['id']}/admins/{RAVI}")
        lines = (await simulator.get(f"chats/{group['id']}/messages"))["messages"]
    async with running_simulator(mongo_url, prefix, Gateway(), seed_demo=True, waha=True) as again:
        (kept,) = [each for each in await again.get("groups") if each["account"] == "waha"]
        assert kept["admins"] == sorted([*group["admins"], RAVI])
        (poll,) = [each for each in lines if each["type"] == "poll"]
        found = (await again.get(f"chats/{group['id']}/messages"))["messages"]
        assert poll in found
        assert poll["votes"]


async def test_who_asks_is_listed_and_let_in_or_sent_away(simulator: Simulator):
    group = await a_group(simulator, approval=True)
    script, where = f"groups/{group}/join-requests", f"chaupal/groups/{group}/participants/join-requests"
    await simulator.post(script, {"phone": TENZIN})
    tenzin = await hidden(simulator, TENZIN)
    (told,) = await simulator.gateway.told("group.v2.participants.join-request")
    (listed,) = (await ask(simulator, "GET", where)).json()
    assert (listed["requesterId"], listed["timestamp"]) == (tenzin, told["timestamp"] // 1000)
    person = {"participants": [{"id": tenzin}, {"id": "910000000000@c.us"}]}
    sent_away = await ask(simulator, "POST", f"{where}/reject", person)
    assert [each.get("error") for each in sent_away.json()] == [None, 404]
    assert (await ask(simulator, "GET", where)).json() == []
    await simulator.post(script, {"phone": TENZIN})
    answers = [await ask(simulator, "POST", f"{where}/approve", person) for _ in range(2)]
    assert [each.json()[0].get("error") for each in answers] == [None, 409]
    shown = await simulator.get(f"groups/{group}")
    assert (TENZIN in shown["members"], shown["requests"]) == (True, {})


async def test_who_is_no_admin_and_who_runs_an_older_server_sees_no_requests(simulator: Simulator):
    for version, admin, status in (("2026.8.2", False, 500), ("2026.8.1", True, 404)):
        await simulator.put("session", status="WORKING", version=version)
        assert (await ask(simulator, "GET", "server/version")).json()["version"] == version
        group = await a_group(simulator, approval=True, bot_admin=admin)
        await simulator.post(f"groups/{group}/join-requests", {"phone": TENZIN})
        where = f"chaupal/groups/{group}/participants/join-requests"
        person = {"participants": [{"id": await hidden(simulator, TENZIN)}]}
        for method, path in (("GET", where), ("POST", f"{where}/approve"), ("POST", f"{where}/reject")):
            assert (await ask(simulator, method, path, person)).status_code == status
        assert len((await simulator.get(f"groups/{group}"))["requests"]) == 1
    assert (await ask(simulator, "GET", where)).json()["message"].startswith("Cannot GET ")
    assert len(await simulator.gateway.told("group.v2.participants.join-request")) == 1
