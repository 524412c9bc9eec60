from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.gateway.channels.cloud_api import fields
from services.gateway.channels.cloud_api.parse import GROUP_FIELDS, parse
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    GroupChange,
    IncomingMessage,
    IncomingReaction,
    Item,
    Place,
    ProviderError,
    StatusUpdate,
    SystemNotice,
    Unread,
)
from shared.contracts.gateway import ChatKind, DeliveryStatus, MessageKind

FIXTURES = Path(__file__).parents[1] / "fixtures" / "webhooks" / "cloud_api"

GROUP_ID = "Y2FwaV9ncm91cDo5MTExNDAwMDEwMDA6MTIwMzYzMDAwMDAwMDAwMTAx"
OTHER_GROUP_ID = "Y2FwaV9ncm91cDo5MTExNDAwMDEwMDA6MTIwMzYzMDAwMDAwMDAwMjAy"
DIRECT, GROUP = Place(ChatKind.DIRECT), Place(ChatKind.GROUP, GROUP_ID)
MARK = "3f1c2d4e-0000-5000-8000-000000000001.3f1c2d4e-0000-5000-8000-000000000002"


def phone(number: str) -> Address:
    return Address(AddressKind.PHONE, number)


def scoped(value: str) -> Address:
    return Address(AddressKind.BUSINESS_SCOPED, value)


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


ASHA = phone("919000000101")
BOTH_OF_ASHA = (ASHA, scoped("IN.5501000000000101"))
SAID_AT, REPORTED_AT, CHANGED_AT = at(1795410000), at(1795410100), at(1795410200)


def items_in(name: str) -> list[Item]:
    return parse((FIXTURES / f"{name}.json").read_bytes())


def body_of(value: object, field: object = "messages") -> bytes:
    return json.dumps({"entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}).encode()


def text_message(provider_id: str = "wamid.A=", **other: Any) -> dict[str, Any]:
    plain = {"from": "919000000101", "id": provider_id, "timestamp": "1795410000", "type": "text"}
    return {**plain, "text": {"body": "जी"}, **other}


def only(body: bytes) -> Item:
    (item,) = parse(body)
    return item


def only_message(**other: Any) -> IncomingMessage:
    item = only(body_of({"messages": [text_message(**other)]}))
    assert isinstance(item, IncomingMessage)
    return item


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


LIFECYCLE, ROSTER = "group_lifecycle_update", "group_participants_update"
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


class TestHostile:
    def test_nul_and_lone_surrogates_are_replaced_and_the_rest_stays(self):
        body = body_of({"messages": [text_message(text={"body": "क\x00ख\ud800ग"})]})
        found = only(body)
        assert isinstance(found, IncomingMessage)
        assert found.text == "क\ufffdख\ufffdग"
        assert only_message(text={"body": "a\x00b"}).text == "a\ufffdb"

    def test_a_lone_surrogate_does_not_take_its_neighbours_along(self):
        body = body_of(
            {"messages": [text_message("wamid.1=", text={"body": "\udfff"}), text_message("wamid.2=")]}
        )
        assert [each.provider_id for each in parse(body) if isinstance(each, IncomingMessage)] == [
            "wamid.1=",
            "wamid.2=",
        ]

    def test_a_pair_of_surrogates_is_the_letter_it_stands_for(self):
        body = body_of({"messages": [text_message(text={"body": "🙏\ud800"})]})
        found = only(body)
        assert isinstance(found, IncomingMessage)
        assert found.text == "🙏\ufffd"

    @pytest.mark.parametrize(
        "name", ["<script>alert(1)</script>", "\u202eevil\u202c", "न" * 9000, "*bold*\n- list"]
    )
    def test_a_name_is_taken_as_it_is_and_nowhere_as_identity(self, name):
        contact = {"profile": {"name": name}, "wa_id": "919000000101"}
        found = only(body_of({"contacts": [contact], "messages": [text_message()]}))
        assert isinstance(found, IncomingMessage)
        assert found.name == name
        assert found.sender == (ASHA,)

    def test_a_sender_may_be_called_anything(self):
        assert only_message(**{"from": "<script>@evil"}).sender == (phone("<script>@evil"),)

    @pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
    def test_nesting_without_end_is_kept_as_it_came(self, bracket):
        body = bracket * 100_000
        assert parse(body) == [Unread("not_json", body.decode())]

    @pytest.mark.parametrize("depth", [50, 400, 1000])
    @pytest.mark.parametrize(
        "place",
        [
            '{{"field":{},"value":{{}}}}',
            '{{"field":"messages","value":{{"messages":[{{"timestamp":{}}}]}}}}',
            '{{"field":"messages","value":{{"messages":[{{"id":"1","from":"2","type":"text","text":{}}}]}}}}',
            '{{"field":"messages","value":{{"statuses":[{}]}}}}',
            '{{"field":"group_status_update","value":{{"groups":[{{"type":{}}}]}}}}',
        ],
    )
    def test_nesting_anywhere_is_survived(self, place, depth):
        nested = "[" * depth + "]" * depth
        body = '{"entry":[{"changes":[' + place.format(nested) + "]}]}"
        assert len(parse(body.encode())) == 1

    def test_a_thousand_messages_are_a_thousand_messages(self):
        messages = [text_message(f"wamid.{number}=") for number in range(1000)]
        found = parse(body_of({"messages": messages}))
        assert [each.provider_id for each in found if isinstance(each, IncomingMessage)] == [
            f"wamid.{number}=" for number in range(1000)
        ]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b'"entry"',
            b"42",
            b'{"entry":{}}',
            b'{"object":"page"}',
            b"\xff\xfe",
            b"NaN",
            b"{",
        ],
    )
    def test_what_is_no_webhook_at_all_is_kept(self, body):
        assert isinstance(only(body), Unread)

    @pytest.mark.parametrize("absurd", [None, 7, True, "text", [], {}, [[]], 1.5])
    @pytest.mark.parametrize(
        "level", ["entry", "change", "value", "message", "status", "error", "group", "echo"]
    )
    def test_a_broken_element_does_not_take_its_neighbours_along(self, level, absurd):
        whole = json.loads(body_of({"messages": [text_message()]}))
        change = whole["entry"][0]["changes"][0]
        added = {
            "entry": {"entry": [absurd, *whole["entry"]]},
            "change": {"entry": [{"changes": [absurd, change]}]},
            "value": {"entry": [{"changes": [{"field": "messages", "value": absurd}, change]}]},
            "message": {"entry": [{"changes": [_messages(messages=[absurd, text_message()])]}]},
            "status": {"entry": [{"changes": [_messages(messages=[text_message()], statuses=[absurd])]}]},
            "error": {"entry": [{"changes": [_messages(messages=[text_message()], errors=[absurd])]}]},
            "group": {
                "entry": [{"changes": [{"field": ROSTER, "value": {"groups": [absurd]}}, change]}],
            },
            "echo": {
                "entry": [
                    {
                        "changes": [
                            {"field": "smb_message_echoes", "value": {"message_echoes": [absurd]}},
                            change,
                        ]
                    }
                ],
            },
        }[level]
        found = parse(json.dumps(added).encode())
        assert len(found) == 2
        assert [each.provider_id for each in found if isinstance(each, IncomingMessage)] == ["wamid.A="]

    @pytest.mark.parametrize("name", ["messages", "statuses", "errors"])
    @pytest.mark.parametrize("absurd", [7, "text", {"0": {}}, True])
    def test_a_list_that_is_none_is_kept_beside_what_can_be_read(self, name, absurd):
        others = {"messages": "statuses", "statuses": "messages", "errors": "messages"}
        part = text_message() if others[name] == "messages" else {"id": "wamid.O=", "status": "sent"}
        found = parse(body_of({name: absurd, others[name]: [part]}))
        assert len(found) == 2
        assert [each.reason for each in found if isinstance(each, Unread)] == [f"no_list:{name}"]

    @pytest.mark.parametrize("field", sorted(GROUP_FIELDS | {"smb_message_echoes", "messages"}))
    def test_a_known_field_without_its_list_is_kept(self, field):
        assert isinstance(only(body_of({"messaging_product": "whatsapp"}, field)), Unread)

    @pytest.mark.parametrize("field", [None, 7, ["messages"], {}, "a field", "f" * 100_000, "\ud800"])
    def test_a_field_of_any_shape_gives_a_short_reason(self, field):
        found = only(body_of({}, field))
        assert isinstance(found, Unread)
        assert len(found.reason) < 100

    @pytest.mark.parametrize(
        "absurd",
        [
            {"id": "w" * 2000},
            {"from": "9" * 2000},
            {"group_id": "g" * 2000},
            {"type": "image", "image": {"id": "8" * 2000}},
            {"context": {"id": "w" * 2000}},
        ],
    )
    def test_an_id_without_end_becomes_no_key(self, absurd):
        assert isinstance(only(body_of({"messages": [text_message(**absurd)]})), Unread)


def _messages(**value: Any) -> dict[str, Any]:
    return {"field": "messages", "value": value}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "id",
    "from",
    "from_user_id",
    "type",
    "timestamp",
    "text",
    "body",
    "image",
    "caption",
    "reaction",
    "message_id",
    "emoji",
    "status",
    "recipient_id",
    "recipient_type",
    "group_id",
    "errors",
    "code",
    "added_participants",
    "removed_participants",
    "wa_id",
    "user_id",
    "profile",
    "name",
    "context",
    "interactive",
    "system",
    "unsupported",
    "initiated_by",
    "request_id",
    "biz_opaque_callback_data",
]
TYPES = [
    "text",
    "image",
    "reaction",
    "interactive",
    "system",
    "unsupported",
    "group_participants_add",
    "read",
]
PLAUSIBLE = st.dictionaries(
    st.sampled_from(NAMES),
    st.sampled_from(TYPES)
    | st.sampled_from(["919000000101", "IN.55", "wamid.A=", "1795410000", "group"])
    | JSON
    | st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["919000000101", "x"]) | JSON, max_size=3),
    max_size=8,
)
PARTS = st.lists(PLAUSIBLE | JSON, max_size=4)


def _dump(document: object) -> bytes:
    return json.dumps(document).encode()


@given(JSON)
def test_no_json_makes_the_parser_fail(document):
    assert all(isinstance(each, Item) for each in parse(_dump(document)))


@given(st.binary())
@example(b"\xed\xa0\x80")
def test_no_bytes_make_the_parser_fail(body):
    assert parse(body)


@given(
    st.sampled_from([("messages", "messages"), ("messages", "statuses"), ("messages", "errors")])
    | st.sampled_from([(ROSTER, "groups"), ("smb_message_echoes", "message_echoes")]),
    PARTS,
    PARTS,
)
def test_every_element_is_one_item_whatever_it_holds(where, parts, contacts):
    field, name = where
    found = parse(
        _dump({"entry": [{"changes": [{"field": field, "value": {name: parts, "contacts": contacts}}]}]})
    )
    assert len(found) == len(parts)
    for each in found:
        if isinstance(each, (IncomingMessage, IncomingReaction)):
            assert each.sender
            assert all(address.value for address in each.sender)
            assert each.provider_id


@given(st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=3))
def test_nothing_is_left_out_of_however_many_entries_and_changes(shape):
    document = {
        "entry": [
            {
                "changes": [
                    _messages(messages=[text_message(f"{e}.{c}.{n}") for n in range(count)])
                    for c, count in enumerate(changes)
                ]
            }
            for e, changes in enumerate(shape)
        ]
    }
    assert len(parse(_dump(document))) == sum(map(sum, shape))
