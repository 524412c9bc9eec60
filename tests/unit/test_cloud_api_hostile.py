from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.gateway.channels.cloud_api.parse import GROUP_FIELDS
from services.gateway.domain.items import (
    IncomingMessage,
    IncomingReaction,
    Item,
    Unread,
)
from tests.support.cloud_api import (
    ASHA,
    ROSTER,
    body_of,
    only,
    only_message,
    parsed,
    phone,
    text_message,
)


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
        assert [each.provider_id for each in parsed(body) if isinstance(each, IncomingMessage)] == [
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
        assert parsed(body) == [Unread("not_json", body.decode())]

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
        assert len(parsed(body.encode())) == 1

    def test_a_thousand_messages_are_a_thousand_messages(self):
        messages = [text_message(f"wamid.{number}=") for number in range(1000)]
        found = parsed(body_of({"messages": messages}))
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
        found = parsed(json.dumps(added).encode())
        assert len(found) == 2
        assert [each.provider_id for each in found if isinstance(each, IncomingMessage)] == ["wamid.A="]

    @pytest.mark.parametrize("name", ["messages", "statuses", "errors"])
    @pytest.mark.parametrize("absurd", [7, "text", {"0": {}}, True])
    def test_a_list_that_is_none_is_kept_beside_what_can_be_read(self, name, absurd):
        others = {"messages": "statuses", "statuses": "messages", "errors": "messages"}
        part = text_message() if others[name] == "messages" else {"id": "wamid.O=", "status": "sent"}
        found = parsed(body_of({name: absurd, others[name]: [part]}))
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
    assert all(isinstance(each, Item) for each in parsed(_dump(document)))


@given(st.binary())
@example(b"\xed\xa0\x80")
def test_no_bytes_make_the_parser_fail(body):
    assert parsed(body)


@given(
    st.sampled_from([("messages", "messages"), ("messages", "statuses"), ("messages", "errors")])
    | st.sampled_from([(ROSTER, "groups"), ("smb_message_echoes", "message_echoes")]),
    PARTS,
    PARTS,
)
def test_every_element_is_one_item_whatever_it_holds(where, parts, contacts):
    field, name = where
    found = parsed(
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
    assert len(parsed(_dump(document))) == sum(map(sum, shape))
