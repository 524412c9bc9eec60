from __future__ import annotations

import json
from typing import Any

import pytest

from services.gateway.channels.cloud_api import fields
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    GroupChange,
    IncomingMessage,
    IncomingReaction,
    ProviderError,
    StatusUpdate,
    SystemNotice,
    Unread,
)
from shared.contracts.gateway import DeliveryStatus, MessageKind
from tests.support.cloud_api import (
    ASHA,
    BOTH_OF_ASHA,
    CHANGED_AT,
    DIRECT,
    FIXTURES,
    GROUP,
    GROUP_ID,
    LIFECYCLE,
    MARK,
    OTHER_GROUP_ID,
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


MEDIA = {"media_id": "810000000000001"}
MESSAGES: dict[str, tuple[MessageKind, dict[str, Any]]] = {
    "text": (MessageKind.TEXT, {"text": "नमस्ते, कल की क्लास कितने बजे है?"}),
    "text_in_group": (MessageKind.TEXT, {"text": "!नियम", "place": GROUP}),
    "text_reply_forwarded": (
        MessageKind.TEXT,
        {"text": "yeh dekhiye", "reply_to": "wamid.EARLIER=", "forwarded": True},
    ),
    "text_forwarded_often": (MessageKind.TEXT, {"text": "सबको भेजें", "forwarded": True}),
    "image_caption": (MessageKind.IMAGE, {**MEDIA, "text": "मेरी नई वेबसाइट"}),
    "image_without_caption": (MessageKind.IMAGE, MEDIA),
    "image_with_errors": (MessageKind.IMAGE, {**MEDIA, "error_codes": (131052,)}),
    "video_caption": (MessageKind.VIDEO, {**MEDIA, "text": "class recording"}),
    "document_caption": (MessageKind.DOCUMENT, {**MEDIA, "text": "नोट्स"}),
    "voice_note": (MessageKind.AUDIO, MEDIA),
    "voice_legacy": (MessageKind.AUDIO, {**MEDIA, "type_name": "voice"}),
    "sticker": (MessageKind.STICKER, MEDIA),
    "location": (MessageKind.LOCATION, {}),
    "contacts": (MessageKind.CONTACTS, {}),
    "button": (MessageKind.BUTTON, {"text": "हाँ, आऊँगी", "reply_to": "wamid.TEMPLATE="}),
    "interactive_button": (MessageKind.INTERACTIVE, {"text": "शामिल"}),
    "interactive_list": (MessageKind.INTERACTIVE, {"text": "SEO"}),
    "interactive_form": (MessageKind.INTERACTIVE, {"text": "Sent"}),
    "interactive_form_broken": (MessageKind.INTERACTIVE, {"text": "Sent"}),
    "interactive_form_null": (MessageKind.INTERACTIVE, {}),
    "interactive_missing": (MessageKind.INTERACTIVE, {"error_codes": (131000,)}),
    "order": (MessageKind.ORDER, {"text": "ये दोनों किताबें"}),
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


def test_a_changed_number_is_a_notice_not_a_message():
    assert items_in("system_number_changed") == [
        SystemNotice(
            "wamid.SYSTEM_NUMBER_CHANGED=",
            "user_changed_number",
            BOTH_OF_ASHA,
            "User A changed from 919000000101 to 919000000199",
            SAID_AT,
        )
    ]


def test_a_notice_needs_no_sender():
    (notice,) = items_in("system_user_id_changed")
    assert isinstance(notice, SystemNotice)
    assert (notice.subtype, notice.sender) == ("user_changed_user_id", ())


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
        each.provider_id for each in found if not isinstance(each, (Unread, GroupChange, ProviderError))
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


GROUP_CHANGES: dict[str, dict[str, Any]] = {
    "group_created": {
        "field": LIFECYCLE,
        "type": "group_create",
        "subject": "SEO सीखें",
        "request_id": "REQ-1",
    },
    "group_not_created": {
        "field": LIFECYCLE,
        "type": "group_create",
        "group": None,
        "request_id": "REQ-2",
        "error_codes": (131211,),
    },
    "group_deleted": {"field": LIFECYCLE, "type": "group_delete", "request_id": "REQ-3"},
    "group_joined": {
        "field": ROSTER,
        "type": "group_participants_add",
        "added": (ASHA, scoped("IN.5501000000000103")),
    },
    "group_joined_other_spelling": {
        "field": "group_participant_update",
        "type": "group_add_participants",
        "added": (ASHA,),
    },
    "group_left": {
        "field": ROSTER,
        "type": "group_participants_remove",
        "removed": (ASHA,),
        "initiated_by": "participant",
    },
    "group_left_said_beside": {
        "field": ROSTER,
        "type": "group_participants_remove",
        "removed": (ASHA,),
        "initiated_by": "participant",
    },
    "group_removed": {
        "field": ROSTER,
        "type": "group_participants_remove",
        "removed": (ASHA,),
        "failed": (phone("919000000102"),),
        "initiated_by": "business",
        "request_id": "REQ-4",
        "error_codes": (131201,),
    },
    "group_removed_other_spelling": {
        "field": "group_participant_update",
        "type": "group_remove_participants",
        "removed": (ASHA,),
        "request_id": "REQ-5",
    },
    "group_join_requested": {
        "field": ROSTER,
        "type": "group_join_request_created",
        "person": phone("919000000105"),
        "join_request_id": "JR-1",
    },
    "group_join_request_revoked": {
        "field": ROSTER,
        "type": "group_join_request_revoked",
        "person": phone("919000000105"),
        "join_request_id": "JR-1",
    },
    "group_settings": {
        "field": "group_settings_update",
        "type": "group_settings_update",
        "request_id": "REQ-6",
    },
    "group_suspended": {"field": "group_status_update", "type": "group_suspend"},
}


@pytest.mark.parametrize("name", GROUP_CHANGES)
def test_every_change_of_a_group_is_read(name):
    usual: dict[str, Any] = {"group": GROUP_ID, "at": CHANGED_AT}
    assert items_in(name) == [GroupChange(**(usual | GROUP_CHANGES[name]))]


def test_two_groups_in_one_change_are_two_changes():
    assert [
        (each.group, each.type) for each in items_in("group_two_at_once") if isinstance(each, GroupChange)
    ] == [
        (GROUP_ID, "group_suspend"),
        (OTHER_GROUP_ID, "group_suspend_cleared"),
    ]


def test_what_we_wrote_on_the_phone_itself_is_an_echo():
    assert items_in("own_message_from_phone") == [Echo("wamid.ECHO=", "text")]


@pytest.mark.parametrize("name", ["field_of_tomorrow", "account_update"])
def test_a_field_no_rule_reads_is_kept_whole(name):
    (change,) = json.loads((FIXTURES / f"{name}.json").read_bytes())["entry"][0]["changes"]
    assert items_in(name) == [Unread(f"field:{change['field']}", change)]


KEPT_UNREAD = {"sender_missing", "field_of_tomorrow", "account_update"}


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
