from __future__ import annotations

import json
from typing import Any

import pytest

from services.gateway.channels.cloud_api import fields
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    IncomingMessage,
    IncomingReaction,
    MediaRef,
    ProviderError,
    StatusUpdate,
    Unread,
)
from shared.contracts.gateway import (
    Attachment,
    DeliveryStatus,
    Location,
    MessageKind,
    Order,
    OrderItem,
    Product,
)
from tests.support.cloud_api import (
    ASHA,
    BOTH_OF_ASHA,
    DIRECT,
    FIXTURES,
    GROUP,
    GROUP_ID,
    MARK,
    REPORTED_AT,
    ROSTER,
    SAID_AT,
    body_of,
    items_in,
    only,
    only_message,
    phone,
    scoped,
    text_message,
)


def message(name: str, kind: MessageKind, **expected: Any) -> IncomingMessage:
    usual: dict[str, Any] = {
        "provider_id": f"wamid.{name.upper()}=",
        "place": DIRECT,
        "sender": BOTH_OF_ASHA,
        "sent_at": SAID_AT,
        "kind": kind,
        "type_name": str(kind),
        "name": "आशा देवी",
    }
    return IncomingMessage(**(usual | expected))


def file(mime_type: str = "image/jpeg", **more: Any) -> dict[str, Any]:
    attachment = Attachment(mime_type=mime_type, sha256="b0a1c2=", **more)
    return {
        "media_id": "810000000000001",
        "media": MediaRef(id="810000000000001"),
        "attachment": attachment,
    }


OGG = "audio/ogg; codecs=opus"
PDF = file("application/pdf", filename="notes .._.._etc.pdf")
LIBRARY = Location(latitude=26.8467, longitude=80.9462, name="पुस्तकालय", address="Lucknow")
MESSAGES: dict[str, tuple[MessageKind, dict[str, Any]]] = {
    "text": (MessageKind.TEXT, {"text": "नमस्ते, कल की क्लास कितने बजे है?"}),
    "text_in_group": (MessageKind.TEXT, {"text": "!नियम", "place": GROUP}),
    "text_reply_forwarded": (
        MessageKind.TEXT,
        {"text": "yeh dekhiye", "reply_to": "wamid.EARLIER=", "forwarded": True},
    ),
    "text_forwarded_often": (
        MessageKind.TEXT,
        {"text": "सबको भेजें", "forwarded": True, "often_forwarded": True},
    ),
    "text_from_advertisement": (
        MessageKind.TEXT,
        {"text": "कोर्स के बारे में बताइए", "from_advertisement": True},
    ),
    "text_about_product": (
        MessageKind.TEXT,
        {
            "text": "यह अभी है?",
            "reply_to": "wamid.EARLIER=",
            "referred_product": Product(product_id="book-1", catalog_id="640000000000001"),
        },
    ),
    "image_caption": (MessageKind.IMAGE, {**file(), "text": "मेरी नई वेबसाइट"}),
    "image_without_caption": (MessageKind.IMAGE, file()),
    "image_with_errors": (MessageKind.IMAGE, {**file(), "error_codes": (131052,)}),
    "video_caption": (MessageKind.VIDEO, {**file("video/mp4"), "text": "class recording"}),
    "document_caption": (MessageKind.DOCUMENT, {**PDF, "text": "नोट्स"}),
    "voice_note": (MessageKind.AUDIO, file(OGG, voice=True)),
    "voice_legacy": (MessageKind.AUDIO, {**file("audio/ogg", voice=True), "type_name": "voice"}),
    "sticker": (MessageKind.STICKER, file("image/webp")),
    "sticker_animated": (MessageKind.STICKER, file("image/webp", animated=True)),
    "location": (MessageKind.LOCATION, {"location": LIBRARY}),
    "contacts": (MessageKind.CONTACTS, {}),
    "button": (
        MessageKind.BUTTON,
        {"text": "हाँ, आऊँगी", "choice": "rsvp:yes:12", "reply_to": "wamid.TEMPLATE="},
    ),
    "interactive_button": (MessageKind.INTERACTIVE, {"text": "शामिल", "choice": "join-12"}),
    "interactive_list": (MessageKind.INTERACTIVE, {"text": "SEO", "choice": "topic-seo"}),
    "interactive_form": (MessageKind.INTERACTIVE, {"text": "Sent", "form": '{"rating":5}'}),
    "interactive_form_broken": (MessageKind.INTERACTIVE, {"text": "Sent", "form": '{"rating":'}),
    "interactive_form_null": (MessageKind.INTERACTIVE, {"form": "null"}),
    "interactive_missing": (MessageKind.INTERACTIVE, {"error_codes": (131000,)}),
    "interactive_call_permission": (
        MessageKind.INTERACTIVE,
        {"choice": "call_permission_reply:accept"},
    ),
    "order": (
        MessageKind.ORDER,
        {
            "text": "ये दोनों किताबें",
            "order": Order(
                catalog_id="640000000000001",
                items=(OrderItem(product_id="book-1", quantity=1, price="250", currency="INR"),),
            ),
        },
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_type_of_message_is_read(name):
    kind, expected = MESSAGES[name]
    assert items_in(name) == [message(name, kind, **expected)]


@pytest.mark.parametrize(
    ("name", "type_name", "expected"),
    [
        ("unsupported_poll", "poll", {"error_codes": (131051,)}),
        ("unsupported_in_group", "unsupported", {"error_codes": (130501,), "place": GROUP}),
        ("type_of_tomorrow", "hologram", {"media_id": "830000000000001"}),
        ("type_request_welcome", "request_welcome", {}),
        ("type_ephemeral", "ephemeral", {}),
    ],
)
def test_b6_04_a_type_nobody_knows_is_kept_as_unsupported_with_its_name(name, type_name, expected):
    assert items_in(name) == [message(name, MessageKind.UNSUPPORTED, type_name=type_name, **expected)]


def test_b6_04_the_name_of_an_unknown_type_is_cut_where_it_has_no_end():
    hostile = only_message(type="unsupported", unsupported={"type": "p" * 5000})
    assert hostile.type_name == "p" * 64


@pytest.mark.parametrize(
    ("name", "place", "emoji"),
    [
        ("reaction", GROUP, "🙏🏽"),
        ("reaction_removed", GROUP, None),
        ("reaction_removed_without_emoji", DIRECT, None),
    ],
)
def test_a_reaction_and_its_removal_are_told_apart(name, place, emoji):
    expected = IncomingReaction(
        f"wamid.{name.upper()}=", place, BOTH_OF_ASHA, "wamid.EARLIER=", emoji, SAID_AT
    )
    assert items_in(name) == [expected]


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("sender_by_scoped_id_in_from", (scoped("IN.5501000000000103"),)),
        (
            "sender_without_phone",
            (
                scoped("IN.5501000000000103"),
                Address(AddressKind.PARENT_BUSINESS_SCOPED, "IN.ENT.7700000000000103"),
            ),
        ),
        ("sender_phone_in_contact_only", (phone("919000000102"), scoped("IN.5501000000000102"))),
    ],
)
def test_a_sender_is_known_by_whatever_the_provider_gives(name, sender):
    (found,) = items_in(name)
    assert isinstance(found, IncomingMessage)
    assert found.sender == sender


def test_a_message_without_any_sender_is_kept_unread():
    (found,) = items_in("sender_missing")
    assert isinstance(found, Unread)
    assert found.reason == "unreadable:KeyError"


@pytest.mark.parametrize("nobody", ["", "+", "  ", "()", "\u00a0-"])
def test_a_number_of_which_nothing_is_left_is_nobody(nobody):
    found = only(body_of({"messages": [text_message(**{"from": nobody})]}))
    assert isinstance(found, Unread)


@pytest.mark.parametrize("written", ["919000000101", "+919000000101", "+91 90000-00101", "(91) 9000000101"])
def test_one_number_is_one_address_however_it_is_written(written):
    assert only_message(**{"from": written}).sender == (ASHA,)


def test_everything_in_one_body_is_read_and_names_go_with_their_owners():
    found = items_in("several_of_everything")
    assert [
        each.provider_id
        for each in found
        if isinstance(each, (IncomingMessage, IncomingReaction, StatusUpdate))
    ] == [
        "wamid.ONE=",
        "wamid.TWO=",
        "wamid.OUT=",
        "wamid.THREE=",
    ]
    assert [each.name for each in found if isinstance(each, IncomingMessage)] == ["आशा देवी", "Ravi", None]


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "played"])
def test_every_status_is_read_with_our_mark(status):
    assert items_in(f"status_{status}") == [
        StatusUpdate("wamid.OUT=", DeliveryStatus(status), DIRECT, ASHA, REPORTED_AT, MARK)
    ]


@pytest.mark.parametrize(
    ("name", "status", "recipient", "codes"),
    [
        ("status_failed", DeliveryStatus.FAILED, ASHA, (131026,)),
        ("status_of_tomorrow", DeliveryStatus.UNKNOWN, ASHA, ()),
        ("status_to_scoped_id", DeliveryStatus.SENT, scoped("IN.5501000000000103"), ()),
        ("status_to_scoped_id_of_early_shape", DeliveryStatus.SENT, scoped("user.9373795779eb6441"), ()),
    ],
)
def test_a_status_says_whom_it_concerns_and_why_it_failed(name, status, recipient, codes):
    assert items_in(name) == [
        StatusUpdate("wamid.OUT=", status, DIRECT, recipient, REPORTED_AT, error_codes=codes)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("status_group", [("wamid.OUT=", "sent", None)]),
        (
            "status_group_two_participants",
            [("wamid.OUT=", "delivered", ASHA), ("wamid.OUT=", "delivered", phone("919000000102"))],
        ),
        ("status_group_two_messages", [("wamid.OUT=", "read", ASHA), ("wamid.OUT2=", "read", ASHA)]),
        ("status_group_other_spelling", [("wamid.OUT=", "read", ASHA)]),
    ],
)
def test_statuses_of_a_group_are_read_one_by_one(name, expected):
    assert items_in(name) == [
        StatusUpdate(provider_id, DeliveryStatus(status), GROUP, member, REPORTED_AT)
        for provider_id, status, member in expected
    ]


def test_errors_of_the_account_are_read_even_code_0():
    assert items_in("errors_of_the_account") == [ProviderError(130429), ProviderError(0)]


@pytest.mark.parametrize(
    ("name", "echo"),
    [
        ("own_message_from_phone", Echo("wamid.ECHO=", "text")),
        ("own_edit_from_phone", Echo("wamid.ECHO=", "edit")),
        ("own_message_in_messages", Echo("wamid.OWN_MESSAGE_IN_MESSAGES=", "text")),
    ],
)
def test_what_we_wrote_on_the_phone_itself_is_an_echo(name, echo):
    assert items_in(name) == [echo]


def test_what_is_called_messages_among_echoes_is_ours_too():
    assert only(body_of({"messages": [text_message()]}, "smb_message_echoes")) == Echo("wamid.A=", "text")


def test_a_status_tells_further_names_of_its_recipient():
    (found,) = items_in("status_to_person_with_scoped_id")
    parent = Address(AddressKind.PARENT_BUSINESS_SCOPED, "IN.ENT.7700000000000101")
    assert isinstance(found, StatusUpdate)
    assert (found.recipient, found.also) == (ASHA, (parent, BOTH_OF_ASHA[1]))
    (early,) = items_in("status_of_reaction")
    assert isinstance(early, StatusUpdate)
    assert (early.recipient, early.also) == (ASHA, (parent,))


def test_a_status_of_a_group_that_names_none_is_kept():
    told = {"id": "wamid.OUT=", "status": "read", "recipient_type": "group"}
    assert isinstance(only(body_of({"statuses": [told]})), Unread)


def test_a_participant_alone_shows_that_a_status_is_of_a_group():
    told = {"id": "wamid.OUT=", "status": "read", "recipient_id": GROUP_ID}
    found = only(body_of({"statuses": [{**told, "participant_recipient_id": "919000000101"}]}))
    assert isinstance(found, StatusUpdate)
    assert (found.place, found.recipient) == (GROUP, ASHA)


def test_a_list_nobody_knows_is_kept_and_a_single_value_is_passed_over():
    known, unknown = items_in("list_of_tomorrow")
    assert isinstance(known, IncomingMessage)
    assert unknown == Unread("list:whispers", {"whispers": [{"id": "1"}]})


@pytest.mark.parametrize("field", [ROSTER, "smb_message_echoes", "group_settings_update"])
def test_an_error_is_read_beside_whatever_it_stands(field):
    assert only(body_of({"errors": [{"code": 131057}]}, field)) == ProviderError(131057)


@pytest.mark.parametrize("name", ["field_of_tomorrow", "account_update"])
def test_a_field_no_rule_reads_is_kept_whole(name):
    (change,) = json.loads((FIXTURES / f"{name}.json").read_bytes())["entry"][0]["changes"]
    assert items_in(name) == [Unread(f"field:{change['field']}", change)]


KEPT_UNREAD = {"sender_missing", "field_of_tomorrow", "account_update", "list_of_tomorrow"}


@pytest.mark.parametrize("name", sorted(each.stem for each in FIXTURES.glob("*.json")))
def test_nothing_realistic_is_left_unread(name):
    assert any(isinstance(each, Unread) for each in items_in(name)) == (name in KEPT_UNREAD)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1795410000", SAID_AT),
        (1795410000, SAID_AT),
        (1795410000.0, SAID_AT),
        ("1795410000.0", SAID_AT),
        (1795410000123, SAID_AT.replace(microsecond=123000)),
        ("1795410000123", SAID_AT.replace(microsecond=123000)),
        ("", None),
        ("soon", None),
        ("<TIMESTAMP>", None),
        (None, None),
        (0, None),
        ("0", None),
        (-5, None),
        (True, None),
        ("nan", None),
        ("inf", None),
        (float("inf"), None),
        (10**30, None),
        (10**400, None),
        ([1795410000], None),
        ({"seconds": 1}, None),
    ],
)
def test_a_timestamp_is_read_in_every_form_it_has_been_seen_in(given, expected):
    assert fields.instant(given) == expected


def test_a_timestamp_nobody_understands_does_not_cost_the_message():
    assert only_message(timestamp="yesterday").sent_at is None
