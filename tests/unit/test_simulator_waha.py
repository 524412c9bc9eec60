"""What the simulated WAHA server tells, read by the channel that has to understand the real one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from services.gateway.channels.waha.parse import parse
from services.gateway.channels.waha.signature import verify
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    GroupChange,
    IncomingEdit,
    IncomingMessage,
    IncomingReaction,
    IncomingRevoke,
    IncomingVote,
    Item,
    Passed,
    StatusUpdate,
)
from services.simulator.domain.dialect import Payload
from services.simulator.domain.files import File
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT, Group, Member
from services.simulator.domain.waha.dialect import Waha
from services.simulator.domain.waha.session import Session
from services.simulator.hooks import WahaHook
from shared.contracts.gateway import ChatKind, DeliveryStatus, MessageKind

NOW = dt.datetime(2026, 11, 20, 12, 0, 0, 123000, tzinfo=dt.UTC)
SECOND = NOW.replace(microsecond=0)
WAHA = Waha(Session("chaupal", "919999900100", "चौपाल", "http://bridge.example"))
RAVI, MEENA = Member("919999900002", "रवि कुमार"), Member("919999900003", "Meena Patel")
HIDDEN = Member("919999900004", "Gurpreet", phone_hidden=True)
GROUP = Group(
    "120363000000000001@g.us",
    "हुनर मेला",
    NOW,
    "https://chat.whatsapp.com/abc",
    members=(RAVI.phone, MEENA.phone),
    admins=frozenset({MEENA.phone, BOT}),
)
NONCE = bytes(9)
OURS = f"true_{GROUP.id}_3EB0{'00' * 9}"
BODY = dt.datetime.fromtimestamp(NOW.timestamp(), dt.UTC)


def phone(member: Member) -> Address:
    return Address(AddressKind.PHONE, member.phone)


def hidden(member: Member) -> Address:
    return Address(AddressKind.HIDDEN, member.hidden_id)


def read(payloads: Iterable[Payload]) -> Item:
    (payload,) = payloads
    (item,) = parse(WAHA.encode(payload, 7, NOW), "chaupal")
    return item


def said(author: Member | None = RAVI, **changes: object) -> Message:
    name = BOT if author is None else author.phone
    own = WAHA.message_id(str(changes.get("chat", GROUP.id)), author, NONCE)
    first = Message(own, GROUP.id, 1, name, NOW, Kind.TEXT, "क्या चल रहा है?")
    return replace(first, **changes)  # type: ignore[arg-type]


def heard(message: Message, author: Member = RAVI, quoted: Message | None = None) -> IncomingMessage:
    item = read(WAHA.received(author, message, quoted))
    assert isinstance(item, IncomingMessage)
    return item


def test_a_text_in_a_group_names_its_author_by_both_names():
    item = heard(said())
    assert (item.place.kind, item.place.group) == (ChatKind.GROUP, GROUP.id)
    assert item.sender == (phone(RAVI), hidden(RAVI))
    assert (item.text, item.name, item.kind) == ("क्या चल रहा है?", "रवि कुमार", MessageKind.TEXT)
    assert item.sent_at == SECOND
    assert item.provider_id == f"false_{GROUP.id}_3A{'00' * 9}_{RAVI.hidden_id}@lid"


def test_who_shows_no_number_is_known_by_the_hidden_id_alone():
    message = said(HIDDEN)
    assert heard(message, HIDDEN).sender == (hidden(HIDDEN),)
    (payload,) = WAHA.received(HIDDEN, message, None)
    assert HIDDEN.phone not in WAHA.encode(payload, 1, NOW).decode()


@pytest.mark.parametrize("member", [RAVI, HIDDEN])
def test_a_direct_text_has_no_group_and_a_sender(member: Member):
    item = heard(said(member, chat=f"{member.phone}@c.us"), member)
    assert item.place.kind is ChatKind.DIRECT
    assert item.sender[0] == (hidden(member) if member.phone_hidden else phone(member))


@pytest.mark.parametrize("author", [None, MEENA])
def test_a_reply_names_the_whole_id_of_what_it_answers(author: Member | None):
    quoted = said(author)
    assert heard(said(reply_to=quoted.id), quoted=quoted).reply_to == quoted.id


def test_a_forwarded_message_says_so():
    assert heard(said(forwarded=True)).forwarded


@pytest.mark.parametrize(
    ("type_", "mime_type", "kind"),
    [
        ("image", "image/png", MessageKind.IMAGE),
        ("video", "video/mp4", MessageKind.VIDEO),
        ("audio", "audio/ogg", MessageKind.AUDIO),
        ("document", "application/pdf", MessageKind.DOCUMENT),
        ("sticker", "image/webp", MessageKind.STICKER),
    ],
)
def test_a_file_is_described_and_found_at_the_server(type_: str, mime_type: str, kind: MessageKind):
    file = File("1234567890123456", mime_type, b"bytes", "नाम.bin")
    described = {type_: file.described(type_, "देखिए", voice=True)}
    item = heard(said(kind=Kind.OTHER, type=type_, text="", payload=described))
    assert item.kind is kind
    assert item.attachment is not None
    assert (item.attachment.mime_type, item.attachment.voice) == (mime_type, type_ == "audio")
    assert item.media is not None
    assert (item.media.url or "").startswith("http://bridge.example/api/files/chaupal/1234567890123456.")
    assert item.text == (None if type_ == "audio" else "देखिए")


def test_a_place_and_a_poll_of_a_member_are_read():
    where = {"latitude": 24.8, "longitude": 85.0, "name": "बाज़ार"}
    place = heard(said(kind=Kind.OTHER, type="location", text="", payload={"location": where}))
    assert place.location is not None
    assert (place.location.latitude, place.location.name) == (24.8, "बाज़ार")
    asked = {"name": "कब?", "options": ["शाम", "रात"]}
    poll = heard(said(kind=Kind.OTHER, type="poll", text="कब?", payload={"poll": asked}))
    assert poll.text == "कब?\nशाम\nरात"


def test_any_shape_can_be_scripted():
    assert heard(said(payload={"body": "और कुछ", "source": "api"})).text == "और कुछ"


def test_our_own_messages_come_back_as_echoes():
    assert read(WAHA.echoed(said(None))) == Echo(OURS, "text")
    reaction = said(None, kind=Kind.REACTION, text="👍", reply_to=said().id)
    assert read(WAHA.echoed(reaction)) == Echo(OURS, "reaction")


@pytest.mark.parametrize("emoji", ["🙏", ""])
def test_a_reaction_names_its_message(emoji: str):
    item = read(WAHA.received(RAVI, said(kind=Kind.REACTION, text=emoji, reply_to=OURS), None))
    assert isinstance(item, IncomingReaction)
    assert (item.target, item.emoji, item.sender[0]) == (OURS, emoji or None, hidden(RAVI))


def test_an_edit_leads_to_the_whole_id():
    target = said(text="अब यह")
    item = read(WAHA.edited(RAVI, said(id=WAHA.message_id(GROUP.id, RAVI, b"n" * 9)), target))
    assert isinstance(item, IncomingEdit)
    assert (item.target, item.text) == (target.id, "अब यह")


@pytest.mark.parametrize("author", [RAVI, MEENA, None])
def test_a_deletion_by_anybody_leads_to_the_whole_id(author: Member | None):
    notice = said(author, id=WAHA.message_id(GROUP.id, author, b"n" * 9))
    item = read(WAHA.revoked(author, notice, said()))
    assert isinstance(item, IncomingRevoke)
    assert item.target == said().id
    assert item.by == (() if author is None else (hidden(author),))


def test_a_deletion_in_a_direct_chat_leads_to_the_whole_id():
    chat = f"{RAVI.phone}@c.us"
    item = read(WAHA.revoked(RAVI, said(chat=chat, id=f"false_{chat}_3AFF"), said(chat=chat)))
    assert isinstance(item, IncomingRevoke)
    assert item.target == said(chat=chat).id


@pytest.mark.parametrize("chosen", [("शाम", "रात"), ()])
def test_a_vote_is_the_whole_choice(chosen: tuple[str, ...]):
    poll = said(None, kind=Kind.OTHER, type="poll", votes={RAVI.phone: chosen})
    item = read(WAHA.voted(RAVI, said(), poll))
    assert isinstance(item, IncomingVote)
    assert (item.poll, item.options, item.sender[0]) == (OURS, chosen, hidden(RAVI))
    assert item.place.group == GROUP.id


@pytest.mark.parametrize(
    ("status", "reported"),
    [
        (Status.SENT, DeliveryStatus.SENT),
        (Status.FAILED, DeliveryStatus.FAILED),
        (Status.DELIVERED, DeliveryStatus.DELIVERED),
        (Status.READ, DeliveryStatus.READ),
    ],
)
def test_how_far_a_message_came_is_told_of_each_member(status: Status, reported: DeliveryStatus):
    told = list(WAHA.reached(said(None), status, NOW, [RAVI, MEENA], group=True))
    each_own = status in (Status.DELIVERED, Status.READ)
    items = [read([each]) for each in told]
    assert all(isinstance(each, StatusUpdate) and each.status is reported for each in items)
    assert [each.recipient for each in items if isinstance(each, StatusUpdate)] == (
        [hidden(RAVI), hidden(MEENA)] if each_own else [None]
    )


def test_a_status_of_a_direct_message_names_the_other_side():
    chat = f"{RAVI.phone}@c.us"
    item = read(WAHA.reached(said(None, chat=chat), Status.READ, NOW, [RAVI], group=False))
    assert isinstance(item, StatusUpdate)
    assert (item.recipient, item.place.kind) == (phone(RAVI), ChatKind.DIRECT)


def change(payloads: Iterable[Payload]) -> GroupChange:
    item = read(payloads)
    assert isinstance(item, GroupChange)
    assert (item.group, item.at) == (GROUP.id, BODY)
    return item


def test_who_comes_and_goes_is_told():
    came = change(WAHA.joined(GROUP, [RAVI, HIDDEN], NOW))
    assert (came.added, came.names) == ((phone(RAVI), hidden(HIDDEN)), ((phone(RAVI), hidden(RAVI)),))
    went = change(WAHA.left(GROUP, [RAVI], NOW, request_id=None, by=None))
    assert (went.removed, went.initiated_by) == ((phone(RAVI),), "participant")


@pytest.mark.parametrize(("request_id", "by"), [("r1", None), (None, MEENA)])
def test_who_was_removed_is_told_from_who_left(request_id: str | None, by: Member | None):
    assert change(WAHA.left(GROUP, [RAVI], NOW, request_id=request_id, by=by)).initiated_by == "business"


def test_who_rises_and_falls_is_told_but_not_that_we_do():
    assert change(WAHA.ranked(GROUP, MEENA, NOW)).promoted == (phone(MEENA),)
    assert change(WAHA.ranked(GROUP, RAVI, NOW)).demoted == (phone(RAVI),)
    assert isinstance(read(WAHA.ranked(GROUP, None, NOW)), Passed)


def test_what_a_group_is_called_and_that_we_are_in_it_is_told():
    assert change(WAHA.founded(GROUP, [RAVI], NOW, None)).subject == GROUP.subject
    assert change(WAHA.described(GROUP, ("subject",), NOW)).subject == GROUP.subject
    restricted = replace(GROUP, admins_only=True)
    (payload,) = WAHA.described(restricted, ("admins_only",), NOW)
    assert payload["payload"]["group"] == {"id": GROUP.id, "membersCanSendMessages": False}


@pytest.mark.parametrize("what", ["created", "revoked", "rejected"])
def test_a_wish_to_come_in_names_who_has_it(what: str):
    item = change(WAHA.asked(GROUP, RAVI, "r1", NOW, what=what))
    assert (item.person, item.join_request_id) == (phone(RAVI), f"{RAVI.hidden_id}@lid")


def test_how_the_session_is_concerns_nobodys_words():
    assert isinstance(read([WAHA.status_changed("FAILED", NOW)]), Passed)


def test_what_is_told_is_whole_and_signed_as_waha_signs():
    (payload,) = WAHA.received(RAVI, said(), None)
    body = WAHA.encode(payload, 7, NOW)
    document = json.loads(body)
    assert document.keys() >= {"id", "timestamp", "event", "session", "metadata", "me", "payload", "engine"}
    assert document["timestamp"] == round(NOW.timestamp() * 1000)
    assert "क्या".encode() in body, "not escaped, unlike Meta's"
    hook = WahaHook("http://gateway.example", b"a long key")
    headers = {name.lower(): value for name, value in hook.headers(body, NOW).items()}
    assert headers["x-webhook-timestamp"] == str(document["timestamp"])
    assert headers["x-webhook-hmac-algorithm"] == "sha512"
    assert verify(body, headers, ["a long key"])
    assert not verify(body + b" ", headers, ["a long key"])
    assert not verify(body, {**hook.headers(None, NOW)}, ["a long key"])
    assert [hook.taken(each) for each in (200, 204, 302, 401, None)] == [True, True, False, False, False]


def test_a_name_that_is_no_text_is_still_sent():
    (payload,) = WAHA.received(RAVI, said(payload={"body": "\ud800"}), None)
    assert b"\\ud800" in WAHA.encode(payload, 1, NOW)
