from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.component.test_simulator_api import (
    MEENA,
    NUMBER,
    RAVI,
    TENZIN,
    TOKEN,
    Gateway,
    Simulator,
    new_prefix,
    running_simulator,
)

BUTTONS = {
    "type": "button",
    "body": {"text": "आएँगे?"},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "हाँ"}}]},
}


@pytest.fixture
async def simulator(mongo_url: str) -> AsyncIterator[Simulator]:
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as running:
        yield running


async def ask(
    simulator: Simulator, method: str, path: str, body: Any = None, **extra: Any
) -> httpx2.Response:
    return await simulator.http.request(method, f"/simulator/v1/{path}", json=body, **extra)


async def graph(simulator: Simulator, method: str, path: str, body: Any = None) -> httpx2.Response:
    headers = {"authorization": f"Bearer {TOKEN}"}
    return await simulator.http.request(method, f"/simulator/graph/v25.0/{path}", json=body, headers=headers)


async def say(simulator: Simulator, chat: str, text: str = "हाँ", **extra: Any) -> str:
    said = await simulator.post(f"chats/{chat}/messages", {"from": RAVI, "text": text, **extra})
    return str(said["id"])


async def told(simulator: Simulator, count: int) -> dict[str, Any]:
    """Return the last of `count` messages that the gateway was told of."""
    values = await simulator.gateway.until(count)
    return values[-1]["messages"][0]


async def upload(simulator: Simulator, body: bytes, kind: str, filename: str) -> str:
    answer = await simulator.http.post(
        "/simulator/v1/media", params={"filename": filename}, content=body, headers={"content-type": kind}
    )
    return str(answer.json()["id"])


async def test_a_file_is_told_of_and_fetched_with_the_token(simulator: Simulator):
    await simulator.group()
    media = await upload(simulator, b"%PDF-", "application/pdf", "प्रमाणपत्र.pdf")
    await say(simulator, RAVI, "देखिए", type="document", media=media)
    document = (await told(simulator, 1))["document"]
    assert document == {
        "id": media,
        "mime_type": "application/pdf",
        "sha256": hashlib.sha256(b"%PDF-").hexdigest(),
        "caption": "देखिए",
        "filename": "प्रमाणपत्र.pdf",
    }
    found = (await graph(simulator, "GET", media)).json()
    assert found["url"].startswith(str(simulator.http.base_url).rstrip("/"))
    right = {"authorization": f"Bearer {TOKEN}"}
    assert (await simulator.http.get(found["url"], headers=right)).content == b"%PDF-"
    assert (await simulator.http.get(found["url"])).status_code == 401
    assert (await graph(simulator, "GET", "4711")).json()["error"]["code"] == 100
    opened = await simulator.http.get(f"/simulator/v1/media/{media}")
    assert opened.headers["content-disposition"] == "attachment"


async def test_the_bot_sends_files_by_id_and_by_address(simulator: Simulator):
    await simulator.group()
    await say(simulator, RAVI)
    media = await upload(simulator, b"x", "image/png", "a.png")
    sent = [
        await simulator.send(RAVI, type="image", image={"id": media, "caption": "यह"}),
        await simulator.send(RAVI, type="video", video={"link": "https://example.org/v.mp4"}),
        await simulator.send(RAVI, type="image", image={"id": "4711"}),
    ]
    assert [each.status_code for each in sent] == [200, 200, 400]
    assert sent[2].json()["error"]["code"] == 131009


async def test_a_voice_message_a_place_and_a_forwarded_text(simulator: Simulator):
    await simulator.group()
    media = await upload(simulator, b"x", "audio/ogg", "v.ogg")
    await say(simulator, RAVI, "", type="audio", media=media, voice=True)
    assert (await told(simulator, 1))["audio"]["voice"] is True
    place = {"latitude": 24.8, "longitude": 85.0, "name": "गया"}
    await say(simulator, RAVI, "", type="location", payload={"location": place})
    assert (await told(simulator, 2))["location"] == place
    await say(simulator, RAVI, "सुना?", forwarded=True)
    assert (await told(simulator, 3))["context"] == {"forwarded": True}


async def test_a_press_of_a_button_is_an_answer_to_its_message(simulator: Simulator):
    await simulator.group()
    await say(simulator, RAVI)
    sent = await simulator.send(RAVI, type="interactive", interactive=BUTTONS)
    asked = sent.json()["messages"][0]["id"]
    pressed = await simulator.post(f"chats/{RAVI}/presses", {"message_id": asked, "choice": "yes"})
    assert (pressed["text"], pressed["reply_to"]) == ("हाँ", asked)
    values = await simulator.gateway.until(5)
    (heard,) = [
        each for value in values for each in value.get("messages", []) if each["type"] == "interactive"
    ]
    assert heard["interactive"] == {"type": "button_reply", "button_reply": {"id": "yes", "title": "हाँ"}}
    assert heard["context"]["id"] == asked
    wrong = await ask(simulator, "POST", f"chats/{RAVI}/presses", {"message_id": asked, "choice": "maybe"})
    assert wrong.status_code == 422


async def test_a_message_is_edited_and_taken_back_by_its_author_alone(simulator: Simulator):
    group = await simulator.group()
    said = await say(simulator, group, "छह बजे")
    path = f"chats/{group}/messages/{said}"
    stranger = await ask(simulator, "PATCH", path, {"from": MEENA, "text": "नहीं"})
    assert stranger.status_code == 422
    edited = (await ask(simulator, "PATCH", path, {"from": RAVI, "text": "सात बजे"})).json()
    assert (edited["text"], edited["edited"]) == ("सात बजे", True)
    assert (await told(simulator, 2))["edit"] == {
        "original_message_id": said,
        "message": {"type": "text", "text": {"body": "सात बजे"}},
    }
    gone = (await ask(simulator, "DELETE", path, params={"from": RAVI})).json()
    assert (gone["text"], gone["deleted"]) == ("", True)
    notice = await told(simulator, 3)
    assert (notice["type"], notice["revoke"]) == ("revoke", {"original_message_id": said})
    assert notice["group_id"] == group
    assert (await ask(simulator, "DELETE", path, params={"from": RAVI})).status_code == 422


async def test_three_messages_are_pinned_at_most(simulator: Simulator):
    group = await simulator.group()
    said = [await say(simulator, group, str(number)) for number in range(4)]
    for each in said:
        pin = {"type": "pin", "message_id": each, "expiration_days": 7}
        assert (await simulator.send(group, type="pin", pin=pin)).status_code == 200
    assert (await simulator.get(f"groups/{group}"))["pins"] == said[:0:-1]
    await simulator.send(group, type="pin", pin={"type": "unpin", "message_id": said[3]})
    assert (await simulator.get(f"groups/{group}"))["pins"] == [said[2], said[1]]


async def test_who_asks_to_join_is_let_in_or_not(simulator: Simulator):
    group = await simulator.group(approval=True)
    asked = await simulator.post(f"groups/{group}/join-requests", {"phone": TENZIN})
    (request,) = asked["requests"]
    (created,) = (await simulator.gateway.until(1))[0]["groups"]
    assert (created["type"], created["join_request_id"]) == ("group_join_request_created", request)
    listed = (await graph(simulator, "GET", f"{group}/join_requests")).json()["data"]
    assert listed == [{"join_request_id": request, "wa_id": TENZIN}]
    partly = await graph(simulator, "POST", f"{group}/join_requests", {"join_requests": [request, "other"]})
    assert partly.status_code == 206
    assert partly.json()["approved_join_requests"] == [request]
    assert [each["join_request_id"] for each in partly.json()["failed_join_requests"]] == ["other"]
    assert TENZIN in (await simulator.get(f"groups/{group}"))["members"]
    again = await graph(simulator, "DELETE", f"{group}/join_requests", {"join_requests": [request]})
    assert again.json()["error"]["code"] == 131213


async def test_who_asks_may_withdraw_and_who_was_removed_cannot_come_back(simulator: Simulator):
    group = await simulator.group(approval=True)
    await simulator.post(f"groups/{group}/join-requests", {"phone": TENZIN})
    left = await ask(simulator, "DELETE", f"groups/{group}/join-requests/{TENZIN}")
    assert left.json()["requests"] == {}
    await graph(simulator, "DELETE", f"{group}/participants", {"participants": [{"user": MEENA}]})
    back = [
        await ask(simulator, "POST", f"groups/{group}/{path}", {"phone": MEENA})
        for path in ("members", "join-requests")
    ]
    assert [each.status_code for each in back] == [403, 403]
    types = [value["groups"][0]["type"] for value in await simulator.gateway.until(3)]
    assert types == ["group_join_request_created", "group_join_request_revoked", "group_participants_remove"]


@pytest.mark.parametrize("who", ["page", "bot"])
async def test_a_group_gets_another_subject(simulator: Simulator, who: str):
    group = await simulator.group()
    if who == "page":
        await ask(simulator, "PATCH", f"groups/{group}", {"subject": "कमाई"})
    else:
        await graph(simulator, "POST", group, {"messaging_product": "whatsapp", "subject": "कमाई"})
    (change,) = (await simulator.gateway.until(1))[0]["groups"]
    assert change["group_subject"] == {"text": "कमाई", "update_successful": True}
    assert (await simulator.get(f"groups/{group}"))["subject"] == "कमाई"


async def test_a_new_number_takes_everything_along(mongo_url: str):
    prefix = new_prefix()
    async with running_simulator(mongo_url, prefix, Gateway()) as simulator:
        group = await simulator.group()
        await say(simulator, RAVI, "निजी")
        await say(simulator, group, "सबको")
        moved = await simulator.put(f"members/{RAVI}/number", phone="919999900099")
        assert moved["name"] == "रवि कुमार"
        notice = await told(simulator, 3)
        assert (notice["from"], notice["system"]["wa_id"]) == (RAVI, "919999900099")
        taken = await ask(simulator, "PUT", f"members/{MEENA}/number", {"phone": "919999900099"})
        assert taken.status_code == 409
    async with running_simulator(mongo_url, prefix, Gateway()) as again:
        assert RAVI not in [each["phone"] for each in await again.get("members")]
        assert (await again.get(f"groups/{group}"))["members"] == ["919999900099", MEENA]
        (private,) = (await again.get("chats/919999900099/messages"))["messages"]
        assert (private["text"], private["from"]) == ("निजी", "919999900099")


async def test_limits_are_enforced_when_asked_for(simulator: Simulator):
    await simulator.group()
    assert (await simulator.send(RAVI)).json()["error"]["code"] == 131047
    await simulator.put("limits", window=False, pair_burst=1)
    assert (await simulator.send(RAVI)).status_code == 200
    assert (await simulator.send(RAVI)).json()["error"]["code"] == 131056
    assert (await simulator.send(MEENA)).status_code == 200
    assert (await simulator.get("limits"))["pair_burst"] == 1
    assert (await graph(simulator, "GET", NUMBER)).status_code == 200
