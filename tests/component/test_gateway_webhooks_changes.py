"""What members do to messages and groups, and who they become, from a signed webhook to the log."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Collection
from typing import Any

import pytest

from services.gateway.domain.items import (
    Address,
    AddressKind,
    IncomingMessage,
    IncomingRevoke,
    IncomingVote,
    Item,
    Passed,
    Place,
)
from services.gateway.domain.known import Known, Whereabouts
from services.gateway.ingest import Ingest
from shared.contracts.gateway import (
    ChatKind,
    MemberJoined,
    MemberLeft,
    MessageEdited,
    MessageKind,
    MessageReceived,
    MessageRevoked,
    WebhookUnparsed,
)
from shared.contracts.members import JoinRequested, JoinWithdrawn
from tests.component.test_gateway_webhooks import (
    ACCOUNT,
    CLOCK,
    FIXTURES,
    Gateway,
    counted,
    gateway,
    number,
    text_message,
    wamid,
    webhook,
)

__all__ = ["gateway"]


class Index:
    """Remembers messages, and says where they are."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.asked = 0

    def remember(self, known: Known) -> None:
        self.known[known.message_id] = known

    async def chats_of(self, message_ids: Collection[str]) -> dict[str, Whereabouts]:
        self.asked += 1
        return {
            each: Whereabouts(self.known[each].chat_id, self.known[each].chat_kind)
            for each in message_ids
            if each in self.known
        }


class Says:
    """A channel whose webhooks say what they are told to."""

    name = "cloud_api"

    def __init__(self, *items: Item) -> None:
        self._items = items

    def parse(self, body: bytes) -> list[Item]:
        return list(self._items)


async def accept(opened: Gateway, *items: Item, index: Index | None = None) -> None:
    ingest = Ingest(opened.log, opened.identities, CLOCK, index)
    channel: Any = Says(*items)
    await ingest.accept(channel, ACCOUNT, b"{}")


async def fixture(opened: Gateway, *names: str) -> None:
    for name in names:
        assert (await opened.deliver((FIXTURES / f"{name}.json").read_bytes())).status_code == 200


async def test_an_edit_and_a_deletion_follow_the_message_in_its_chat(gateway):
    sender, first = number(), wamid()
    edit = {"original_message_id": first, "message": {"type": "text", "text": {"body": "नया"}}}
    revoke = {"original_message_id": first}
    body = webhook(
        text_message(sender, id=first),
        text_message(sender, type="edit", edit=edit),
        text_message(sender, type="revoke", revoke=revoke),
    )
    assert (await gateway.deliver(body)).status_code == 200
    (message,) = gateway.storage.data(MessageReceived)
    (edited,) = gateway.storage.data(MessageEdited)
    (revoked,) = gateway.storage.data(MessageRevoked)
    assert {each.message_id for each in (message, edited, revoked)} == {message.message_id}
    assert {each.chat_id for each in (message, edited, revoked)} == {message.chat_id}
    assert (edited.text, edited.member_id, revoked.member_id) == ("नया", message.member_id, message.member_id)
    assert len({(record.topic, record.partition) for record in gateway.storage.all()}) == 1


class TestDeletionsThatNameOnlyTheMessage:
    async def test_one_that_is_known_is_told_in_its_chat(self, gateway):
        index, sender, first = Index(), Address(AddressKind.PHONE, number()), wamid()
        message = dataclasses.replace(said(first, sender), place=Place(ChatKind.GROUP, "group-revoked"))
        await accept(gateway, message, index=index)
        assert index.asked == 0
        await accept(gateway, IncomingRevoke(first, None, (), None), index=index)
        (received,) = gateway.storage.data(MessageReceived)
        (revoked,) = gateway.storage.data(MessageRevoked)
        assert (revoked.chat_id, revoked.chat_kind) == (received.chat_id, ChatKind.GROUP)
        assert (revoked.message_id, revoked.member_id) == (received.message_id, None)
        assert index.asked == 1

    async def test_one_of_the_same_webhook_is_known(self, gateway):
        sender, first = Address(AddressKind.PHONE, number()), wamid()
        gone = IncomingRevoke(first, None, (), None)
        await accept(gateway, said(first, sender), gone, index=Index())
        assert len(gateway.storage.data(MessageRevoked)) == 1

    @pytest.mark.parametrize("index", [None, Index()], ids=["no index", "empty index"])
    async def test_one_that_is_unknown_is_counted_and_kept(self, gateway, index):
        before = counted("IncomingRevoke")
        first = wamid()
        await accept(gateway, IncomingRevoke(first, None, (), None), index=index)
        (kept,) = gateway.storage.data(WebhookUnparsed)
        assert kept.reason == "unknown_message"
        assert first in kept.raw
        assert counted("IncomingRevoke") == before + 1


async def test_a_vote_nobody_can_read_is_counted_and_kept_and_a_story_only_counted(gateway):
    before = counted("IncomingVote"), counted("Passed")
    voter = Address(AddressKind.PHONE, number())
    vote = IncomingVote("poll-1", Place(ChatKind.DIRECT), (voter,), None, None)
    await accept(gateway, vote, Passed("story"))
    assert [each.reason for each in gateway.storage.data(WebhookUnparsed)] == ["unread_vote"]
    assert len(gateway.storage.all()) == 1
    assert (counted("IncomingVote"), counted("Passed")) == (before[0] + 1, before[1] + 1)


async def test_asking_joining_and_leaving_are_told_of_one_member(gateway):
    await fixture(gateway, "group_join_requested", "group_join_request_revoked")
    (asked,), (withdrawn,) = gateway.storage.data(JoinRequested), gateway.storage.data(JoinWithdrawn)
    assert (asked.member_id, asked.request_id) == (withdrawn.member_id, withdrawn.request_id)
    await fixture(gateway, "group_joined", "group_left", "group_removed_without_saying_who")
    joined = gateway.storage.data(MemberJoined)
    left = gateway.storage.data(MemberLeft)
    assert [each.removed for each in left] == [False, True]
    assert {each.member_id for each in left} == {joined[0].member_id}


async def test_a_change_of_a_group_nobody_foresaw_is_kept_whole(gateway):
    await fixture(gateway, "group_type_of_tomorrow")
    (kept,) = gateway.storage.data(WebhookUnparsed)
    assert kept.reason == "group_change"
    assert "group_participants_blessed" in kept.raw


async def test_names_that_a_roster_tells_together_are_one_member(gateway):
    sender, scoped = number(), f"IN.{number()}"
    joined = {
        "group_id": "group-of-names",
        "type": "group_participants_add",
        "added_participants": [{"wa_id": sender, "user_id": scoped}],
    }
    body = webhook(field="group_participants_update", groups=[joined]).replace(b'"messages": [], ', b"")
    assert (await gateway.deliver(body)).status_code == 200
    nameless = text_message("", from_user_id=scoped, group_id="group-of-names")
    del nameless["from"]
    assert (await gateway.deliver(webhook(nameless))).status_code == 200
    (told,), (message,) = gateway.storage.data(MemberJoined), gateway.storage.data(MessageReceived)
    assert (told.member_id, told.chat_id) == (message.member_id, message.chat_id)


class TestNewNames:
    async def test_who_changes_their_number_stays_who_they_are(self, gateway):
        before, after = number(), number()
        await gateway.deliver(webhook(text_message(before)))
        notice = text_message(before, type="system", system={"type": "user_changed_number", "wa_id": after})
        # In one webhook with the first words under the new number.
        await gateway.deliver(webhook(notice, text_message(after)))
        old, new = gateway.storage.data(MessageReceived)
        assert (old.member_id, old.chat_id) == (new.member_id, new.chat_id)

    async def test_who_gets_a_new_scoped_id_stays_who_they_are(self, gateway):
        before, after = f"IN.{number()}", f"IN.{number()}"
        first = text_message(before)
        await gateway.deliver(webhook(first))
        system = {"type": "user_changed_user_id", "user_id": after, "previous_user_id": before}
        notice = {"id": wamid(), "timestamp": "1895410000", "type": "system", "system": system}
        await gateway.deliver(webhook(notice))
        await gateway.deliver(webhook(text_message(after)))
        old, new = gateway.storage.data(MessageReceived)
        assert old.member_id == new.member_id

    async def test_a_notice_that_comes_ten_times_at_once_changes_nothing_more(self, gateway):
        before, after = number(), number()
        await gateway.deliver(webhook(text_message(before)))
        notice = text_message(before, type="system", system={"type": "user_changed_number", "wa_id": after})
        answers = await asyncio.gather(*(gateway.deliver(webhook(notice)) for _ in range(10)))
        assert {each.status_code for each in answers} == {200}
        await gateway.deliver(webhook(text_message(after)))
        assert len({each.member_id for each in gateway.storage.data(MessageReceived)}) == 1


def said(provider_id: str, sender: Address) -> Any:
    return IncomingMessage(provider_id, Place(ChatKind.DIRECT), (sender,), None, MessageKind.TEXT, "text")
