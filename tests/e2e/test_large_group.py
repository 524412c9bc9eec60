"""A large group through a linked device: everything that official groups do not let a bot do."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.actions import (
    ActionDone,
    ActionFailed,
    ActionUnsupported,
    ChatRestrict,
    JoinAnswer,
    MemberRemove,
    MessageDelete,
    MessagePin,
    MessageReact,
)
from shared.contracts.gateway import (
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessageReceived,
    MessageRevoked,
    PollVoted,
    ReactionChanged,
)
from shared.contracts.members import (
    JoinRequested,
    JoinWithdrawn,
    MemberDemoted,
    MemberPresent,
    MemberPromoted,
)
from shared.http.keys import new_key
from tests.support.desk import Desk
from tests.support.platform import WAHA, Platform, running
from tests.support.streams import eventually

MANY = 39
COMMON = "समूह के नियम"
KEY, STORED = new_key("large", frozenset({"messages:send", "gateway:read"}))
OPERATOR = {"authorization": f"Bearer {KEY}"}


class Village:
    """The group, its people, and the desk beside it."""

    def __init__(self, platform: Platform, desk: Desk, group: str, phones: list[str]) -> None:
        self.platform, self.desk, self.group, self.phones = platform, desk, group, phones
        self.admin, *_ = phones

    async def says(self, phone: str, text: str, **more: Any) -> tuple[dict[str, Any], MessageReceived]:
        """Let a member say something; return it, and what the gateway made of it."""
        said = await self.platform.say(self.group, phone, text, **more)
        return said, await self.desk.event(MessageReceived, text=text)

    async def message(self, message_id: str) -> dict[str, Any]:
        """Return a message as the members see it now."""
        messages = (await self.platform.get(f"chats/{self.group}/messages"))["messages"]
        return next(each for each in messages if each["id"] == message_id)

    async def asks(self, command: type[Any], chat_id: str, **what: Any) -> str:
        """Hand a command to the gateway and return its id."""
        not_after = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5)
        return await self.desk.command(command(chat_id=chat_id, not_after=not_after, **what))

    async def sends(self, chat_id: str, key: str, text: str, **more: Any) -> None:
        """Send something through the gateway's API."""
        body = {"chat_id": chat_id, "text": text, "send_class": "reply", **more}
        headers = {**OPERATOR, "Idempotency-Key": key}
        answer = await self.platform.internal.post("/gateway/v1/messages:send", json=body, headers=headers)
        assert answer.status_code == 202, answer.text


@pytest.fixture(scope="module")
async def village(mongo_url: str) -> AsyncIterator[Village]:
    desk = Desk()
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, desk.recipe, API_KEYS=str(STORED), **WAHA) as platform:
            names = [f"Member {number}" for number in range(MANY)]
            group, phones = await platform.group("हुनर मेला", "सुनीता", *names, account="waha")
            yield Village(platform, desk, group, phones)


async def test_a_member_of_forty_asks_and_is_answered_and_everybody_gets_it(village: Village):
    asked = await village.platform.say(village.group, village.phones[7], "!नियम")
    reply = await village.platform.reply(village.group, asked)
    assert COMMON in reply["text"]
    assert reply["id"].startswith(f"true_{village.group}_3EB0"), "the gateway chose the id"
    read = await village.platform.until(
        village.group,
        lambda all_: any(each["id"] == reply["id"] and each["ticks"] == "read" for each in all_),
    )
    (seen,) = [each for each in read if each["id"] == reply["id"]]
    assert len(seen["read"]) == MANY + 1
    assert len(await village.platform.said_by_bot(village.group)) == 1, "the echo is not answered"


async def test_the_bot_deletes_a_members_message(village: Village):
    said, received = await village.says(village.phones[3], "₹5000 रोज़ घर बैठे! http://scam.example")
    action = await village.asks(MessageDelete, received.chat_id, message_id=received.message_id)
    await village.desk.event(ActionDone, action_id=action)
    assert (await village.message(said["id"]))["deleted"]
    revoked = await village.desk.event(MessageRevoked, message_id=received.message_id)
    assert revoked.chat_id == received.chat_id


async def test_where_the_bot_is_no_admin_a_deletion_fails_with_the_reason(village: Village):
    said, received = await village.says(village.phones[4], "यह रहेगा")
    bot = f"groups/{village.group}/admins/bot"
    await village.platform.post(bot, {}, "DELETE")
    action = await village.asks(MessageDelete, received.chat_id, message_id=received.message_id)
    failed = await village.desk.event(ActionFailed, action_id=action)
    await village.platform.post(bot, {}, "PUT")
    assert failed.code == "not_admin"
    assert not (await village.message(said["id"]))["deleted"]


async def test_the_bot_removes_a_member(village: Village):
    _, received = await village.says(village.phones[5], "अब मैं जाऊँगा")
    action = await village.asks(MemberRemove, received.chat_id, member_id=received.member_id)
    await village.desk.event(ActionDone, action_id=action)
    left = await village.desk.event(MemberLeft, member_id=received.member_id)
    assert left.removed
    members = (await village.platform.get(f"groups/{village.group}"))["members"]
    assert village.phones[5] not in members


async def test_the_bot_lets_only_admins_write_and_then_everybody(village: Village):
    _, received = await village.says(village.phones[6], "बहुत शोर है")
    action = await village.asks(ChatRestrict, received.chat_id, admins_only=True)
    await village.desk.event(ActionDone, action_id=action)
    saying = {"from": village.phones[6], "text": "सुनो"}
    refused = await village.platform.public.post(f"/simulator/v1/chats/{village.group}/messages", json=saying)
    assert refused.status_code == 403
    await village.says(village.admin, "एडमिन बोल सकते हैं")
    again = await village.asks(ChatRestrict, received.chat_id, admins_only=False)
    await village.desk.event(ActionDone, action_id=again)
    await village.says(village.phones[6], "अब फिर सब")


async def test_a_poll_of_the_bot_is_voted_in_and_a_vote_is_changed(village: Village):
    _, received = await village.says(village.phones[8], "कब मिलें?")
    await village.sends(
        received.chat_id, "poll-1", "बैठक कब?", poll=["शाम", "रात", "रविवार"], many_answers=True
    )
    polls = await village.platform.until(
        village.group, lambda all_: any(each["type"] == "poll" for each in all_)
    )
    poll = next(each for each in polls if each["type"] == "poll")
    vote = {"from": village.phones[8], "message_id": poll["id"]}
    votes = f"chats/{village.group}/votes"
    await village.platform.post(votes, {**vote, "options": ["शाम", "रविवार"]})
    first = await village.desk.event(PollVoted, member_id=received.member_id, options=("शाम", "रविवार"))
    await village.platform.post(votes, {**vote, "options": ["रात"]})
    second = await village.desk.event(PollVoted, member_id=received.member_id, options=("रात",))
    assert first.message_id == second.message_id
    assert first.voted_at <= second.voted_at


async def test_members_react_edit_and_take_back(village: Village):
    phone = village.phones[9]
    said, received = await village.says(phone, "कल 5 बजे")
    at = f"chats/{village.group}/messages/{said['id']}"
    await village.platform.post(
        f"chats/{village.group}/reactions",
        {"from": village.phones[10], "message_id": said["id"], "emoji": "🙏"},
    )
    await village.desk.event(ReactionChanged, message_id=received.message_id, emoji="🙏")
    await village.platform.post(at, {"from": phone, "text": "कल 6 बजे"}, "PATCH")
    edited = await village.desk.event(MessageEdited, message_id=received.message_id)
    assert (edited.text, edited.member_id) == ("कल 6 बजे", received.member_id)
    await village.platform.post(f"{at}?from={phone}", {}, "DELETE")
    revoked = await village.desk.event(MessageRevoked, message_id=received.message_id)
    assert revoked.member_id == received.member_id


async def test_an_admin_in_the_group_deletes_what_another_said(village: Village):
    said, received = await village.says(village.phones[11], "गलत ग्रुप में आ गया")
    at = f"chats/{village.group}/messages/{said['id']}"
    await village.platform.post(f"{at}?from={village.admin}", {}, "DELETE")
    revoked = await village.desk.event(MessageRevoked, message_id=received.message_id)
    assert revoked.member_id != received.member_id


async def test_the_bot_reacts_and_pins(village: Village):
    said, received = await village.says(village.phones[12], "सबके काम की बात")
    for command, what in ((MessageReact, {"emoji": "👍"}), (MessagePin, {"days": 7})):
        action = await village.asks(command, received.chat_id, message_id=received.message_id, **what)
        await village.desk.event(ActionDone, action_id=action)
    assert (await village.message(said["id"]))["reactions"] == {"bot": "👍"}
    assert (await village.platform.get(f"groups/{village.group}"))["pins"] == [said["id"]]


async def test_people_come_rise_and_go(village: Village):
    phone = await village.platform.member("नई सदस्य")
    members = f"groups/{village.group}/members"
    await village.platform.post(members, {"phone": phone})
    _, received = await village.says(phone, "मैं नई हूँ")
    who = {"member_id": received.member_id}
    await village.desk.event(MemberJoined, **who)
    rank = f"groups/{village.group}/admins/{phone}"
    await village.platform.post(rank, {}, "PUT")
    await village.desk.event(MemberPromoted, **who)
    await village.platform.post(rank, {}, "DELETE")
    await village.desk.event(MemberDemoted, **who)
    await village.platform.post(f"{members}/{phone}", {}, "DELETE")
    assert not (await village.desk.event(MemberLeft, **who)).removed


async def asking(village: Village, name: str) -> tuple[str, JoinRequested]:
    """Let somebody ask to come in; return their phone, and what the gateway made of it."""
    group = f"groups/{village.group}"
    await village.platform.post(group, {"approval": True}, "PATCH")
    before = await village.desk.events(JoinRequested)
    phone = await village.platform.member(name)
    await village.platform.post(f"{group}/join-requests", {"phone": phone})
    new: list[JoinRequested] = []

    async def told() -> bool:
        new[:] = [each for each in await village.desk.events(JoinRequested) if each not in before]
        return bool(new)

    await eventually(told, "join.requested")
    return phone, new[0]


async def test_the_bot_lets_in_who_asks_to_come_in(village: Village):
    asha, wish = await asking(village, "आशा पूछती")
    action = await village.asks(JoinAnswer, wish.chat_id, request_id=wish.request_id, approved=True)
    await village.desk.event(ActionDone, action_id=action)
    await village.desk.event(MemberJoined, member_id=wish.member_id)
    group = await village.platform.get(f"groups/{village.group}")
    assert (asha in group["members"], group["requests"]) == (True, {})


async def test_the_bot_sends_away_who_asks_to_come_in_and_says_so_once(village: Village):
    ravi, wish = await asking(village, "Ravi asks")
    refusal = {"request_id": wish.request_id, "approved": False}
    await village.desk.event(ActionDone, action_id=await village.asks(JoinAnswer, wish.chat_id, **refusal))
    await village.desk.event(JoinWithdrawn, member_id=wish.member_id)
    group = await village.platform.get(f"groups/{village.group}")
    assert (ravi in group["members"], group["requests"]) == (False, {})
    again = await village.asks(JoinAnswer, wish.chat_id, **refusal)
    assert (await village.desk.event(ActionFailed, action_id=again)).code == "unknown_request"


async def test_on_an_older_server_who_asks_is_let_in_by_hand(village: Village):
    meena, wish = await asking(village, "Meena waits")
    await village.platform.post("session", {"status": "WORKING", "version": "2026.8.1"}, "PUT")
    try:
        action = await village.asks(JoinAnswer, wish.chat_id, request_id=wish.request_id, approved=True)
        unsupported = await village.desk.event(ActionUnsupported, action_id=action)
    finally:
        await village.platform.post("session", {"status": "WORKING", "version": "2026.8.2"}, "PUT")
    assert unsupported.code == "answer_join"
    settle = f"groups/{village.group}/join-requests/{meena}"
    await village.platform.post(settle, {"approved": True}, "PUT")
    await village.desk.event(MemberJoined, member_id=wish.member_id)


async def test_who_was_in_the_group_before_the_bot_is_known_at_once_and_no_newcomer(village: Village):
    _, received = await village.says(village.phones[18], "मैं पहले से हूँ")
    await village.desk.event(MemberPresent, member_id=received.member_id, chat_id=received.chat_id)
    assert await village.desk.events(MemberJoined, member_id=received.member_id) == []


async def test_a_private_chat_with_the_linked_number_is_answered_there(village: Village):
    chat = f"{village.phones[13]}@c.us"
    asked = await village.platform.say(chat, village.phones[13], "!मदद")
    reply = await village.platform.reply(chat, asked)
    assert "!नियम" in reply["text"]
    assert await village.platform.said_by_bot(village.phones[13]) == []


async def test_a_file_of_a_member_is_fetched_with_the_key_and_one_of_ours_arrives(village: Village):
    png = b"\x89PNG\r\n\x1a\n" + bytes(32)
    kept = (
        await village.platform.public.post(
            "/simulator/v1/media", content=png, headers={"content-type": "image/png"}
        )
    ).json()
    said, received = await village.says(village.phones[14], "तस्वीर", type="image", media=kept["id"])
    assert said["type"] == "image"
    assert received.attachment is not None
    assert received.attachment.mime_type == "image/png"
    file = {"kind": "document", "link": "https://example.org/rules.pdf", "filename": "नियम.pdf"}
    await village.sends(received.chat_id, "file-1", "पढ़िए", file=file)
    await village.platform.until(
        village.group,
        lambda all_: any(each["type"] == "document" and each["text"] == "पढ़िए" for each in all_),
    )


@pytest.mark.parametrize("fault", ["fail", "rate_limit", "drop", "garbage", "status_first"])
async def test_x04_a_server_that_fails_for_a_while_gets_the_message_once(village: Village, fault: str):
    await village.platform.misbehave(
        rules=[{"fault": fault, "first": 1, "retry_after": 0, "to": village.group}],
        duplicate_webhooks=3,
        reorder_statuses=True,
    )
    before = len(await village.platform.said_by_bot(village.group))
    try:
        asked = await village.platform.say(village.group, village.phones[15], "!नियम")
        await village.platform.reply(village.group, asked)
        # Messages of one chat go out in order, so the first is settled when the second is there.
        again = await village.platform.say(village.group, village.phones[16], "!मदद")
        await village.platform.until(
            village.group, lambda all_: all_[-1]["from"] == "bot" and all_[-1]["seq"] > again["seq"]
        )
    finally:
        await village.platform.misbehave()
    assert len(await village.platform.said_by_bot(village.group)) == before + 2


async def test_while_the_session_is_logged_out_messages_wait(village: Village):
    await village.platform.post("session", {"status": "SCAN_QR_CODE"}, "PUT")
    before = len(await village.platform.said_by_bot(village.group))
    asked = await village.platform.say(village.group, village.phones[17], "!नियम")
    await village.desk.event(MessageReceived, text="!नियम")
    assert len(await village.platform.said_by_bot(village.group)) == before
    shown: dict[str, Any] = {}

    async def down() -> bool:
        answer = await village.platform.internal.get("/gateway/v1/channels/large", headers=OPERATOR)
        shown.update(answer.json())
        return bool(shown["state"] == "down")

    await eventually(down, "the account that is down")
    assert shown["reason"] == "scan_qr"
    assert "QR" in shown["explanation"]
    await village.platform.post("session", {"status": "WORKING"}, "PUT")
    # What else has waited meanwhile goes out as well, in its order.
    await village.platform.until(
        village.group,
        lambda all_: any(COMMON in (each["text"] or "") and each["seq"] > asked["seq"] for each in all_),
    )


async def test_x01_an_unsigned_webhook_of_the_linked_number_changes_nothing(village: Village):
    for signature, status in (("wrong", 401), ("missing", 401), ("right", 200)):
        answer = await village.platform.public.post(
            "/simulator/v1/raw-webhooks",
            content=b'{"event":"session.status","session":"chaupal","payload":{}}',
            params={"signature": signature, "account": "waha"},
        )
        assert answer.json()["status"] == status
