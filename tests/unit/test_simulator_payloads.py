from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from dataclasses import replace

from services.simulator.domain import payloads
from services.simulator.domain.dialect import Payload
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT, Group, Line, Member
from services.simulator.domain.signature import encode, sign

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
SECONDS = str(int(NOW.timestamp()))
LINE = Line("100000000000001", "919999900000", "चौपाल")
RAVI = Member("919999900002", "रवि कुमार")
MEENA = Member("919999900003", "Meena Patel")
HIDDEN = Member("919999900004", "Gurpreet", username="@gurpreet", phone_hidden=True)
GROUP = Group("R3JvdXA=", "SEO", NOW, "https://chat.whatsapp.com/abc", members=(RAVI.phone, MEENA.phone))


def said(chat: str = GROUP.id, **changes: object) -> Message:
    first = Message("wamid.M", chat, 1, RAVI.phone, NOW, Kind.TEXT, "क्या चल रहा है?")
    return replace(first, **changes)  # type: ignore[arg-type]


def value_of(payload: Payload, field: str = "messages") -> Payload:
    assert payload["object"] == "whatsapp_business_account"
    (entry,) = payload["entry"]
    (change,) = entry["changes"]
    assert change["field"] == field
    value = change["value"]
    assert value["messaging_product"] == "whatsapp"
    assert value["metadata"] == {
        "display_phone_number": "919999900000",
        "phone_number_id": "100000000000001",
    }
    return value


def test_a_group_text_looks_as_whatsapp_sends_it():
    value = value_of(payloads.message_received(LINE, RAVI, said(), None))
    assert value["contacts"] == [
        {"profile": {"name": "रवि कुमार"}, "user_id": RAVI.user_id, "wa_id": RAVI.phone}
    ]
    assert value["messages"] == [
        {
            "from_user_id": RAVI.user_id,
            "from": RAVI.phone,
            "id": "wamid.M",
            "timestamp": SECONDS,
            "type": "text",
            "group_id": GROUP.id,
            "text": {"body": "क्या चल रहा है?"},
        }
    ]


def test_a_direct_text_has_no_group():
    (message,) = value_of(payloads.message_received(LINE, RAVI, said(RAVI.phone), None))["messages"]
    assert "group_id" not in message


def test_somebody_with_a_username_shows_no_number_anywhere():
    payload = payloads.message_received(LINE, HIDDEN, said(author=HIDDEN.phone), None)
    value = value_of(payload)
    assert HIDDEN.phone not in json.dumps(payload)
    assert value["contacts"][0]["profile"] == {"name": "Gurpreet", "username": "@gurpreet"}
    assert value["messages"][0]["from_user_id"] == HIDDEN.user_id


def test_a_reply_names_the_message_and_its_author():
    bots = said(id="wamid.B", author=BOT)
    theirs = said(id="wamid.T", author=MEENA.phone)
    for quoted, author in ((bots, LINE.display_phone_number), (theirs, MEENA.phone)):
        answer = said(reply_to=quoted.id)
        (message,) = value_of(payloads.message_received(LINE, RAVI, answer, quoted))["messages"]
        assert message["context"] == {"from": author, "id": quoted.id}


def test_a_reaction_and_its_removal():
    reaction = said(kind=Kind.REACTION, type="reaction", text="👍", reply_to="wamid.B")
    (message,) = value_of(payloads.message_received(LINE, RAVI, reaction, None))["messages"]
    assert (message["type"], message["reaction"]) == ("reaction", {"message_id": "wamid.B", "emoji": "👍"})
    removed = replace(reaction, text="")
    (message,) = value_of(payloads.message_received(LINE, RAVI, removed, None))["messages"]
    assert message["reaction"] == {"message_id": "wamid.B"}


def test_an_unsupported_message_brings_the_error_of_its_kind_of_chat():
    for chat, code in ((GROUP.id, 130501), (RAVI.phone, 131051)):
        odd = said(chat, kind=Kind.OTHER, type="unsupported", text="")
        (message,) = value_of(payloads.message_received(LINE, RAVI, odd, None))["messages"]
        assert message["errors"][0]["code"] == code
        assert "text" not in message


def test_a_scripted_payload_overrides_everything():
    scripted = said(
        kind=Kind.OTHER, type="image", payload={"image": {"id": "9", "mime_type": "image/png"}, "id": "x"}
    )
    (message,) = value_of(payloads.message_received(LINE, RAVI, scripted, None))["messages"]
    assert message["image"] == {"id": "9", "mime_type": "image/png"}
    assert message["id"] == "x"


def test_group_statuses_are_aggregated_by_participant_and_carry_our_data():
    sent = said(author=BOT, opaque="op-1")
    payload = payloads.status_changed(LINE, sent, Status.DELIVERED, NOW, [RAVI, MEENA], group=True)
    statuses = value_of(payload)["statuses"]
    assert [each["recipient_participant_id"] for each in statuses] == [RAVI.phone, MEENA.phone]
    for each in statuses:
        assert each["id"] == "wamid.M"
        assert each["status"] == "delivered"
        assert each["timestamp"] == SECONDS
        assert each["recipient_type"] == "group"
        assert each["recipient_id"] == GROUP.id
        assert each["biz_opaque_callback_data"] == "op-1"
        assert each["pricing"]["category"] == "group_service"


def test_sent_to_a_group_names_no_participant():
    payload = payloads.status_changed(LINE, said(author=BOT), Status.SENT, NOW, [], group=True)
    (status,) = value_of(payload)["statuses"]
    assert "recipient_participant_id" not in status
    assert "biz_opaque_callback_data" not in status


def test_a_direct_status_names_its_recipient():
    payload = payloads.status_changed(
        LINE, said(RAVI.phone, author=BOT), Status.READ, NOW, [RAVI], group=False
    )
    (status,) = value_of(payload)["statuses"]
    assert status["recipient_id"] == RAVI.phone
    assert "recipient_type" not in status


def test_a_failed_status_says_why_and_costs_nothing():
    doomed = said(RAVI.phone, author=BOT, failure=131026)
    payload = payloads.status_changed(LINE, doomed, Status.FAILED, NOW, [RAVI], group=False)
    (status,) = value_of(payload)["statuses"]
    assert status["errors"][0]["code"] == 131026
    assert "pricing" not in status


def test_group_events():
    created = value_of(payloads.group_created(LINE, GROUP, NOW, "REQ"), "group_lifecycle_update")["groups"][0]
    assert created["type"] == "group_create"
    assert created["subject"] == "SEO"
    assert created["invite_link"] == GROUP.invite_link
    assert created["request_id"] == "REQ"
    joined = value_of(payloads.joined(LINE, GROUP, [RAVI, HIDDEN], NOW), "group_participants_update")[
        "groups"
    ][0]
    assert joined["type"] == "group_participants_add"
    assert joined["timestamp"] == int(NOW.timestamp())
    assert joined["added_participants"] == [
        {"user_id": RAVI.user_id, "wa_id": RAVI.phone},
        {"user_id": HIDDEN.user_id},
    ]


def test_leaving_and_being_removed_differ_in_who_began_it():
    gone = value_of(payloads.left(LINE, GROUP, [RAVI], NOW), "group_participants_update")["groups"][0]
    removed = payloads.left(LINE, GROUP, [RAVI], NOW, request_id="REQ")
    out = value_of(removed, "group_participants_update")["groups"][0]
    assert (gone["initiated_by"], out["initiated_by"]) == ("participant", "business")
    assert "input" not in gone["removed_participants"][0]
    assert out["removed_participants"][0]["input"] == RAVI.phone


def test_the_body_is_ascii_with_escaped_slashes_and_means_the_same():
    payload = {"text": "नमस्ते 🙏 / é", "url": "https://example.org/a"}
    body = encode(payload)
    assert body.isascii()
    assert rb"https:\/\/example.org\/a" in body
    assert rb"\u0928" in body
    assert json.loads(body) == payload


def test_the_signature_covers_the_raw_bytes():
    body = encode({"text": "चौपाल"})
    expected = hmac.new(b"app-secret", body, hashlib.sha256).hexdigest()
    assert sign(b"app-secret", body) == f"sha256={expected}"
    assert sign(b"app-secret", body + b" ") != f"sha256={expected}"
