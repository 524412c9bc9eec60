"""Private words and mentions through a linked device: who has written to it reads them alone."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.gateway import MessageFailed, MessageReceived
from shared.http.keys import new_key
from shared.mentions import mark
from tests.support.desk import Desk
from tests.support.platform import WAHA, Platform, running
from tests.support.streams import eventually

KEY, STORED = new_key("linked", frozenset({"messages:send", "gateway:read"}))
OPERATOR = {"authorization": f"Bearer {KEY}"}


class Village:
    """A group of the linked number, and the desk beside it."""

    def __init__(self, platform: Platform, desk: Desk, group: str, phones: list[str]) -> None:
        self.platform, self.desk, self.group, self.phones = platform, desk, group, phones

    async def meets(self, phone: str, chat: str | None = None) -> MessageReceived:
        """Return what the gateway makes of something a member says, in the group if nowhere else."""
        text = f"नमस्ते {uuid.uuid4()}"
        await self.platform.say(chat or self.group, phone, text)
        return await self.desk.event(MessageReceived, text=text)

    async def writes_directly(self, phone: str) -> tuple[str, MessageReceived]:
        """Let a member write to the linked number; return that chat once it counts as begun."""
        chat = direct(phone)
        heard = await self.meets(phone, chat)
        group = await self.meets(phone)

        async def begun() -> bool:
            # Only what goes to a chat that they have begun is given to the provider at all.
            send_id = await self.sends(group, "सुनिए", member_id=heard.member_id)
            failed = await self.settled(send_id)
            return failed["reason"] is None

        await eventually(begun, "the direct chat")
        return chat, heard

    async def sends(self, heard: MessageReceived, text: str, **more: Any) -> str:
        """Send something to the chat of a message through the gateway's API, and return its id."""
        body = {"chat_id": heard.chat_id, "text": text, "send_class": "reply", **more}
        headers = {**OPERATOR, "Idempotency-Key": str(uuid.uuid4())}
        answer = await self.platform.internal.post("/gateway/v1/messages:send", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["send_id"])

    async def settled(self, send_id: str) -> dict[str, Any]:
        """Return what became of a message, once the provider has it or never will."""
        found: dict[str, Any] = {}

        async def is_settled() -> bool:
            answer = await self.platform.internal.get(f"/gateway/v1/deliveries/{send_id}", headers=OPERATOR)
            found.update(answer.json() if answer.status_code == 200 else {"state": "waiting"})
            return found["state"] not in {"waiting", "in_flight"}

        await eventually(is_settled, "the fate of a message")
        return found

    async def handles(self, phone: str) -> set[str]:
        """Return how WhatsApp writes a mention of a member: by their hidden id, or by their number."""
        members = (await self.platform.get("world"))["members"]
        (member,) = [each for each in members if each["phone"] == phone]
        return {f"@{member['hidden_id']}", f"@{phone}"}

    async def said(self, chat: str) -> list[str]:
        """Return what the bot has said in a chat."""
        return [each["text"] for each in await self.platform.said_by_bot(chat)]

    async def hears(self, chat: str, ending: str) -> str:
        """Return what the bot says in a chat with this ending, once it does."""
        found = await self.platform.until(
            chat, lambda all_: any(each["from"] == "bot" and each["text"].endswith(ending) for each in all_)
        )
        (text,) = [each["text"] for each in found if each["text"].endswith(ending)]
        return str(text)


@pytest.fixture(scope="module")
async def village(mongo_url: str) -> AsyncIterator[Village]:
    desk = Desk()
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, desk.recipe, API_KEYS=str(STORED), **WAHA) as platform:
            names = ["सुनीता", *(f"Member {number}" for number in range(8))]
            group, phones = await platform.group("निजी मेला", *names, account="waha")
            yield Village(platform, desk, group, phones)


def direct(phone: str) -> str:
    return f"{phone}@c.us"


async def test_who_has_written_to_the_linked_number_reads_it_alone(village: Village):
    asha = village.phones[1]
    chat, alone = await village.writes_directly(asha)
    heard = await village.meets(asha)
    assert heard.member_id == alone.member_id, "one person in the group and alone"
    send_id = await village.sends(heard, "सिर्फ़ आपके लिए", member_id=heard.member_id, aloud=True)
    await village.hears(chat, "सिर्फ़ आपके लिए")
    shown = await village.settled(send_id)
    assert (shown["went_to"], shown["aloud"]) == (alone.chat_id, False)
    assert "सिर्फ़ आपके लिए" not in await village.said(village.group)


async def test_of_what_the_linked_number_says_it_is_known_whom_it_has_reached(village: Village):
    heard = await village.meets(village.phones[0])
    send_id = await village.sends(heard, "सबके लिए")
    shown: dict[str, Any] = {}

    async def read_by_all() -> bool:
        shown.update(await village.settled(send_id))
        return bool(shown["read"] == len(village.phones))

    await eventually(read_by_all, "the receipts of the group")
    assert (shown["state"], shown["delivered"], shown["failed"]) == ("read", len(village.phones), 0)


async def test_who_has_not_is_called_by_name_in_the_group_where_it_may_be_said(village: Village):
    ravi = village.phones[2]
    heard = await village.meets(ravi)
    text = f"{mark(1)}, आपका जवाब"
    send_id = await village.sends(
        heard, text, member_id=heard.member_id, mentions=[heard.member_id], aloud=True
    )
    said = await village.hears(village.group, ", आपका जवाब")
    assert said.removesuffix(", आपका जवाब") in await village.handles(ravi)
    assert await village.said(direct(ravi)) == []
    shown = await village.settled(send_id)
    assert (shown["went_to"], shown["aloud"]) == (None, True)


async def test_who_has_not_hears_nothing_where_it_is_for_them_alone(village: Village):
    meena = village.phones[3]
    heard = await village.meets(meena)
    send_id = await village.sends(heard, "रहस्य", member_id=heard.member_id)
    failed = await village.desk.event(MessageFailed, send_id=send_id)
    assert (failed.code, failed.chat_id) == ("no_private_way", heard.chat_id)
    assert "रहस्य" not in [*await village.said(village.group), *await village.said(direct(meena))]


async def test_what_the_direct_chat_took_and_never_delivered_is_said_in_the_group_once(village: Village):
    kavita = village.phones[4]
    chat, alone = await village.writes_directly(kavita)
    heard = await village.meets(kavita)
    text = f"खोया हुआ {uuid.uuid4()}"
    await village.platform.misbehave(rules=[{"fault": "undelivered", "to": chat}], duplicate_webhooks=3)
    try:
        send_id = await village.sends(heard, text, member_id=alone.member_id, aloud=True)
        await village.platform.until(
            village.group, lambda all_: any((each["text"] or "").startswith(text) for each in all_)
        )
        failed = await village.desk.event(MessageFailed, send_id=send_id)
        # What is said behind it in the group is there, so nothing more of it is on its way.
        await village.sends(heard, "आख़िरी")
        await village.hears(village.group, "आख़िरी")
    finally:
        await village.platform.misbehave()
    assert failed.code == "undelivered"
    (said,) = [each for each in await village.said(village.group) if each.startswith(text)]
    assert said.removeprefix(text).strip() in await village.handles(kavita)


async def test_many_are_mentioned_and_nobody_by_what_was_only_typed(village: Village):
    heard = [await village.meets(phone) for phone in village.phones[5:8]]
    text = f"{mark(2)} {mark(1)} {mark(3)} @1 @919999900001: टोली"
    await village.sends(heard[0], text, mentions=[each.member_id for each in heard])
    said = await village.hears(village.group, "टोली")
    *called, typed, number, _ = said.split(" ")
    assert (typed, number) == ("@1", "@919999900001:")
    for handle, phone in zip(called, [village.phones[6], village.phones[5], village.phones[7]], strict=True):
        assert handle in await village.handles(phone)


async def test_alone_others_are_named_but_only_the_reader_is_called(village: Village):
    asha, other = village.phones[1], await village.meets(village.phones[5])
    chat, alone = await village.writes_directly(asha)
    heard = await village.meets(asha)
    text = f"{mark(1)} और {mark(2)} की बात"
    await village.sends(heard, text, member_id=alone.member_id, mentions=[other.member_id, alone.member_id])
    said = await village.hears(chat, " की बात")
    somebody, reader = said.removesuffix(" की बात").split(" और ")
    assert somebody == "@Member 4", "a name, not a number that somebody could call"
    assert reader in await village.handles(asha)
