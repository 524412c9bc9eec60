from __future__ import annotations

from typing import Any

import pytest

from services.gateway.channels.waha import fields, ids
from services.gateway.channels.waha.ids import Key
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
    MediaRef,
    Passed,
    Place,
    StatusUpdate,
    Unread,
)
from shared.contracts.gateway import Attachment, DeliveryStatus, Location, MessageKind
from tests.support.waha import (
    ASHA,
    ASHA_HIDDEN,
    CHANGED_AT,
    DIRECT,
    FIXTURES,
    GROUP,
    GROUP_ID,
    SAID_AT,
    SESSION,
    US,
    body_of,
    hidden,
    item_in,
    only,
    phone,
    said,
)

QUESTION = "नमस्ते, कल की क्लास कितने बजे है?"


def message(kind: MessageKind = MessageKind.TEXT, **expected: Any) -> IncomingMessage:
    usual: dict[str, Any] = {
        "provider_id": f"false_{GROUP_ID}_3AAA01_70000000000101@lid",
        "place": GROUP,
        "sender": (ASHA_HIDDEN,),
        "sent_at": SAID_AT,
        "kind": kind,
        "type_name": str(kind),
    }
    return IncomingMessage(**(usual | expected))


BOTH = (ASHA, ASHA_HIDDEN)
IN_GROUP = message(sender=BOTH, type_name="conversation", name="आशा देवी", text=QUESTION)
POLL = "Earn ₹5000 a day?\nhttp://scam.example\nNo"
VOICE = Attachment(mime_type="audio/ogg; codecs=opus", voice=True)

MESSAGES: dict[str, Item] = {
    "text_in_group_gows": IN_GROUP,
    "text_in_group_seen_twice": IN_GROUP,
    "text_direct_noweb": message(
        provider_id="false_919000000101@c.us_3AAA02",
        place=DIRECT,
        sender=BOTH,
        sent_at=fields.instant(1795410000.853),
        type_name="extendedTextMessage",
        name="आशा देवी",
        text="yeh dekhiye",
        reply_to="true_919000000101@c.us_3EB0EARLIER",
        forwarded=True,
        often_forwarded=True,
        mentions=(phone("919000000102"), hidden("70000000000103")),
    ),
    "image_webjs": message(
        MessageKind.IMAGE,
        provider_id=f"false_{GROUP_ID}_3AAA03_919000000101@c.us",
        sender=(ASHA,),
        name="आशा देवी",
        text="मेरी नई वेबसाइट",
        reply_to=f"true_{GROUP_ID}_3EB0QUESTION_911140001000@c.us",
        media=MediaRef(url="http://waha:3000/api/files/chaupal/3AAA03.jpg"),
        attachment=Attachment(mime_type="image/jpeg", sha256="n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="),
        mentions=(phone("919000000102"),),
    ),
    "voice_noweb": message(MessageKind.AUDIO, sender=BOTH, type_name="audioMessage", attachment=VOICE),
    "document_with_caption": message(
        MessageKind.DOCUMENT,
        type_name="documentMessage",
        text="नोट्स",
        media=MediaRef(url="https://waha.example/api/files/chaupal/notes.pdf"),
        attachment=Attachment(mime_type="application/pdf", filename="notes.pdf"),
    ),
    "media_not_fetched": message(
        MessageKind.VIDEO,
        attachment=Attachment(mime_type="video/mp4"),
        error_codes=("media_unavailable",),
    ),
    "sticker": message(
        MessageKind.STICKER,
        type_name="stickerMessage",
        media=MediaRef(url="http://waha:3000/api/files/s.webp"),
        attachment=Attachment(mime_type="image/webp", animated=True),
    ),
    "location": message(
        MessageKind.LOCATION, location=Location(latitude=23.2599, longitude=77.4126, name="Bhopal")
    ),
    "location_nowhere": message(MessageKind.LOCATION),
    "contacts": message(MessageKind.CONTACTS),
    "button_pressed": message(
        MessageKind.BUTTON, type_name="buttonsResponseMessage", text="हाँ, आऊँगी", choice="join:yes"
    ),
    "row_chosen": message(
        MessageKind.INTERACTIVE, type_name="listResponseMessage", text="SEO", choice="topic:seo"
    ),
    "poll_created": message(MessageKind.UNSUPPORTED, type_name="pollCreationMessageV3", text=POLL),
    "from_advertisement": message(type_name="extendedTextMessage", text=QUESTION, from_advertisement=True),
    "type_of_tomorrow": message(MessageKind.UNSUPPORTED, type_name="hologram"),
    "author_in_id_only": message(
        provider_id=f"false_{GROUP_ID}_3AAA06_70000000000101@lid", sent_at=None, text="x"
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_read_whole(name):
    assert item_in(name) == MESSAGES[name]


REACTION = IncomingReaction(
    provider_id=f"false_{GROUP_ID}_3AAA09_70000000000101@lid",
    place=GROUP,
    sender=(ASHA_HIDDEN,),
    target=f"true_{GROUP_ID}_3EB0BBBB_88000000000001@lid",
    emoji="🙏",
    sent_at=SAID_AT,
)
WHOLE = f"false_{GROUP_ID}_3AAA01_70000000000101@lid"
WHAT_FOLLOWS: dict[str, Item] = {
    "reaction": REACTION,
    "reaction_removed_wpp": IncomingReaction(
        provider_id=f"false_{GROUP_ID}_3AAA10_919000000101@c.us",
        place=GROUP,
        sender=(ASHA,),
        target=f"false_{GROUP_ID}_3AAA01_919000000102@c.us",
        emoji=None,
        sent_at=SAID_AT,
    ),
    "edited": IncomingEdit(
        provider_id=f"false_{GROUP_ID}_3AAA11_70000000000101@lid",
        target=WHOLE,
        place=GROUP,
        sender=(ASHA_HIDDEN,),
        text="कल 6 बजे",
        at=SAID_AT,
    ),
    "revoked_by_author": IncomingRevoke(
        WHOLE, GROUP, (ASHA_HIDDEN,), SAID_AT, f"false_{GROUP_ID}_3AAA12_70000000000101@lid"
    ),
    "revoked_by_admin": IncomingRevoke(
        WHOLE, GROUP, (phone("919000000109"),), SAID_AT, f"false_{GROUP_ID}_3AAA13_919000000109@c.us"
    ),
    "revoked_author_unknown": IncomingRevoke(
        "3AAA01", GROUP, (ASHA_HIDDEN,), SAID_AT, f"false_{GROUP_ID}_3AAA14_70000000000101@lid"
    ),
    "revoked_direct": IncomingRevoke(
        "false_919000000101@c.us_3AAA02", DIRECT, (ASHA,), SAID_AT, "false_919000000101@c.us_3AAA15"
    ),
    "revoked_id_only": IncomingRevoke("3AAA01", None, (), CHANGED_AT),
    "revoked_with_before": IncomingRevoke(
        WHOLE, GROUP, (ASHA_HIDDEN,), SAID_AT, f"false_{GROUP_ID}_3AAA16_70000000000101@lid"
    ),
    "vote_in_group": IncomingVote(
        poll=f"true_{GROUP_ID}_3EB0EEEE_88000000000001@lid",
        place=GROUP,
        sender=(ASHA_HIDDEN,),
        options=("शाम 6 बजे", "शाम 8 बजे"),
        at=CHANGED_AT,
    ),
    "vote_direct": IncomingVote("true_919000000101@c.us_3EB0EEEE", DIRECT, (ASHA,), (), SAID_AT),
    "vote_failed": IncomingVote("true_919000000101@c.us_3EB0EEEE", DIRECT, (ASHA,), None, SAID_AT),
}


@pytest.mark.parametrize("name", WHAT_FOLLOWS)
def test_what_people_do_to_messages_is_read_whole(name):
    assert item_in(name) == WHAT_FOLLOWS[name]


def status(status: DeliveryStatus, **expected: Any) -> StatusUpdate:
    usual: dict[str, Any] = {
        "provider_id": "true_919000000101@c.us_3EB0DDDD",
        "status": status,
        "place": DIRECT,
        "recipient": ASHA,
        "reported_at": CHANGED_AT,
    }
    return StatusUpdate(**(usual | expected))


STATUSES: dict[str, Item] = {
    "ack_server": status(DeliveryStatus.SENT),
    "ack_read_in_group": status(
        DeliveryStatus.READ,
        provider_id=f"true_{GROUP_ID}_3EB0DDDD_88000000000001@lid",
        place=GROUP,
        recipient=ASHA_HIDDEN,
    ),
    "ack_played_by_number": status(
        DeliveryStatus.PLAYED, provider_id="true_70000000000101@lid_3EB0DDDD", recipient=ASHA_HIDDEN
    ),
    "ack_error": status(DeliveryStatus.FAILED, error_codes=(463,)),
    "ack_pending": Passed("message.ack:PENDING", "true_919000000101@c.us_3EB0DDDD"),
    "ack_of_theirs": Passed("message.ack:theirs", "false_919000000101@c.us_3AAA02"),
}


@pytest.mark.parametrize("name", STATUSES)
def test_a_receipt_is_a_status_of_our_message_alone(name):
    assert item_in(name) == STATUSES[name]


def change(field: str, kind: str, **expected: Any) -> GroupChange:
    return GroupChange(field=field, type=kind, group=GROUP_ID, **({"at": CHANGED_AT} | expected))


ROSTER = "group.v2.participants"
LEFT = "group_participants_remove"
CHANGES: dict[str, Item] = {
    "joined": change(ROSTER, "group_participants_add", added=(ASHA, hidden("70000000000102")), names=(BOTH,)),
    "left": change(ROSTER, LEFT, removed=(ASHA_HIDDEN,), initiated_by="participant"),
    "removed": change(ROSTER, LEFT, removed=(ASHA_HIDDEN,), initiated_by="business"),
    "gone_somehow": change(ROSTER, LEFT, removed=(ASHA,)),
    "promoted": change(ROSTER, "group_participants_promote", promoted=(ASHA,)),
    "demoted": change(ROSTER, "group_participants_demote", demoted=(ASHA,)),
    "participants_ours": Passed("group.v2.participants:ours"),
    "we_joined": change(
        "group.v2.join", "group_joined_by_us", subject="SEO सीखें", present=(ASHA,), promoted=(ASHA,)
    ),
    "we_left": change("group.v2.leave", "group_left_by_us"),
    "subject_changed": change("group.v2.update", "group_settings_update", at=SAID_AT, subject="SEO और ब्लॉग"),
    "join_requested": change(
        f"{ROSTER}.join-request",
        "group_join_request_created",
        person=phone("919000000103"),
        join_request_id="70000000000103@lid",
        names=((phone("919000000103"), hidden("70000000000103")),),
    ),
    "join_rejected": change(
        f"{ROSTER}.join-request",
        "group_join_request_revoked",
        person=hidden("70000000000103"),
        join_request_id="70000000000103@lid",
    ),
    "joined_before_v2": change("group.join", "group_participants_add", at=SAID_AT, added=(ASHA,)),
    "removed_before_v2": change("group.leave", LEFT, at=SAID_AT, removed=(ASHA,), initiated_by="business"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_group_is_read_whole(name):
    assert item_in(name) == CHANGES[name]


NOT_SAID: dict[str, Item] = {
    "own_message_from_api": Echo(f"true_{GROUP_ID}_3EB0AAAA_88000000000001@lid", "text"),
    "own_message_known_by_address": Echo(f"false_{GROUP_ID}_3AAA04_88000000000001@lid", "text"),
    "reaction_ours": Echo(f"true_{GROUP_ID}_3EB0CCCC_88000000000001@lid", "reaction"),
    "vote_ours": Echo(f"true_{GROUP_ID}_3EB0FFFF_88000000000001@lid", "vote"),
    "story": Passed("broadcast", "false_status@broadcast_3AAA07_919000000101@c.us"),
    "newsletter": Passed("newsletter", "false_120363000000000999@newsletter_3AAA08"),
    "waiting": Passed("message.waiting", WHOLE),
    "not_decrypted_yet": Passed("message:ciphertext", WHOLE),
    "event_response": Passed("event.response", "false_919000000101@c.us_58AA"),
    "session_working": Passed("session.status"),
}


@pytest.mark.parametrize("name", NOT_SAID)
def test_what_no_member_says_is_no_message(name):
    assert item_in(name) == NOT_SAID[name]


KEPT = {
    "author_missing": "unreadable:KeyError",
    "ack_of_tomorrow": "unreadable:KeyError",
    "participants_of_tomorrow": "unreadable:KeyError",
    "event_of_tomorrow": "event:message.pinned",
    "other_session": "other_session",
}


@pytest.mark.parametrize("name", KEPT)
def test_what_cannot_be_read_is_kept_with_its_reason(name):
    found = item_in(name)
    assert isinstance(found, Unread)
    assert found.reason == KEPT[name]
    assert found.raw


def test_every_fixture_is_expected_somewhere():
    expected = {*MESSAGES, *WHAT_FOLLOWS, *STATUSES, *CHANGES, *NOT_SAID, *KEPT}
    assert expected == {path.stem for path in FIXTURES.glob("*.json")}


@pytest.mark.parametrize(
    "event",
    [
        *("label.upsert", "label.chat.added", "chat.archive", "call.received", "presence.update"),
        *("engine.event", "state.change", "event.response.failed", "session.status"),
    ],
)
def test_what_concerns_nobodys_words_is_passed(event):
    assert only(body_of({"id": 7}, event)) == Passed(event)
    assert only(body_of(None, event)) == Passed(event)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1795410000, SAID_AT),
        (1795410000.0, SAID_AT),
        (1795410000000, SAID_AT),
        ("1795410000", SAID_AT),
        ({"low": 1795410000, "high": 0, "unsigned": True}, SAID_AT),
        (SAID_AT.isoformat(), SAID_AT),
        (0, None),
        (-5, None),
        ("", None),
        (None, None),
        (True, None),
        ("soon", None),
        (1e300, None),
        ([1795410000], None),
    ],
)
def test_a_time_is_read_in_seconds_and_milliseconds(given, expected):
    found = only(body_of(said(timestamp=given)))
    assert isinstance(found, IncomingMessage)
    assert found.sent_at == expected


@pytest.mark.parametrize(
    ("jid", "expected"),
    [
        ("919000000101@c.us", ASHA),
        ("919000000101@s.whatsapp.net", ASHA),
        ("919000000101:7@s.whatsapp.net", ASHA),
        ("70000000000101@lid", ASHA_HIDDEN),
        ("70000000000101:7@lid", ASHA_HIDDEN),
        ("919000000101@example", Address(AddressKind.OTHER, "919000000101@example")),
        ("<script>@evil", Address(AddressKind.OTHER, "<script>@evil")),
        ("@c.us", Address(AddressKind.OTHER, "@c.us")),
        ("+919@c.us", Address(AddressKind.OTHER, "+919@c.us")),
        ("९१९@c.us", Address(AddressKind.OTHER, "९१९@c.us")),
        ("me", Address(AddressKind.OTHER, "me")),
        (GROUP_ID, None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_says_by_its_server_what_it_is(jid, expected):
    assert ids.address(jid) == expected


def test_a_number_comes_before_a_hidden_id_and_nobody_twice():
    assert (
        ids.people("70000000000101@lid", None, "919000000101@c.us", "919000000101:3@s.whatsapp.net") == BOTH
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("true_919000000101@c.us_3EB0", Key(by_us=True, chat="919000000101@c.us", id="3EB0")),
        (f"false_{GROUP_ID}_3A_7@lid", Key(by_us=False, chat=GROUP_ID, id="3A", author="7@lid")),
        ("false_7:2@s.whatsapp.net_3A_out", Key(by_us=False, chat="7@c.us", id="3A")),
        ("3EB0", None),
        ("maybe_919@c.us_3A", None),
        ("true_919_3A", None),
        ("true__3A", None),
        ("true_919@c.us_", None),
        ("", None),
        (None, None),
    ],
)
def test_an_id_is_taken_apart(text, key):
    assert Key.read(text) == key


def test_a_bare_id_is_the_part_that_whatsapp_gave():
    assert ids.bare(WHOLE) == "3AAA01"
    assert ids.bare("3AAA01") == "3AAA01"


def test_the_id_we_choose_has_whatsapps_form_and_never_changes():
    assert ids.chosen("3f1c2d4e") == ids.chosen("3f1c2d4e") != ids.chosen("3f1c2d4f")
    assert ids.chosen("3f1c2d4e").startswith("3EB0")
    assert len(ids.chosen("")) == 22
    assert set(ids.chosen("जी")) <= set("0123456789ABCDEF")


@pytest.mark.parametrize("event", ["message", "message.any"])
def test_both_subscriptions_tell_the_same_message(event):
    assert only(body_of(said(), event)) == only(body_of(said()))


def test_a_session_we_do_not_know_is_asked_only_where_we_know_ours():
    body = body_of(said(), session="another")
    assert isinstance(only(body, None), IncomingMessage)
    assert isinstance(only(body, SESSION), Unread)


def test_a_reply_whose_author_is_not_told_keeps_the_bare_id():
    found = only(body_of(said(replyTo={"id": "3EB0"})))
    assert isinstance(found, IncomingMessage)
    assert found.reply_to == "3EB0"


@pytest.mark.parametrize(
    ("author", "whole"),
    [
        ("911140001000@c.us", f"true_{GROUP_ID}_3A"),
        ("88000000000001:9@lid", f"true_{GROUP_ID}_3A"),
        ("70000000000102:4@lid", f"false_{GROUP_ID}_3A_70000000000102@lid"),
    ],
)
def test_a_reply_in_a_group_names_the_author_of_what_it_answers(author, whole):
    me = {"id": "911140001000@c.us", "lid": "88000000000001@lid"}
    part = said(id=WHOLE, participant="70000000000101@lid", replyTo={"id": "3A", "participant": author})
    found = only(body_of({**part, "from": GROUP_ID}, me=me))
    assert isinstance(found, IncomingMessage)
    assert found.reply_to == whole
    assert found.place == Place(GROUP.kind, GROUP_ID)


def test_a_receipt_without_any_name_is_still_a_status():
    found = only(body_of({"id": "msg-out", "ackName": "DEVICE"}, "message.ack"))
    assert found == StatusUpdate("msg-out", DeliveryStatus.DELIVERED, DIRECT, None, None)


def test_our_own_receipt_in_a_group_is_nobodys():
    part = {
        "id": f"true_{GROUP_ID}_3A_{US.value}@c.us",
        "participant": f"{US.value}@c.us",
        "ackName": "SERVER",
    }
    found = only(body_of(part, "message.ack", me={"id": f"{US.value}@c.us"}))
    assert isinstance(found, StatusUpdate)
    assert found.place == GROUP
    assert found.recipient is None


def test_when_we_come_everybody_else_is_there_already():
    listed = [
        {"id": "70000000000101@lid", "pn": "919000000101@c.us", "role": "participant"},
        {"id": "88000000000001@lid", "pn": "911140001000@c.us", "role": "admin"},
        {"id": "919000000103@c.us", "role": "left"},
        {"id": "9" * 5000, "role": "admin"},
        "nobody",
    ]
    me = {"id": "911140001000@c.us", "lid": "88000000000001:3@lid"}
    group = {"group": {"id": GROUP_ID, "participants": listed}, "timestamp": 1795410000123}
    came = only(body_of(group, "group.v2.join", me=me))
    assert came == change("group.v2.join", "group_joined_by_us", present=(ASHA,), names=(BOTH,))
    left = only(body_of(group, "group.v2.leave", me=me))
    assert left == change("group.v2.leave", "group_left_by_us")
