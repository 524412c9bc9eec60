from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.gateway.channels.waha.parse import _READERS, parse
from services.gateway.domain.items import (
    Address,
    AddressKind,
    IncomingMessage,
    IncomingReaction,
    Item,
    Passed,
    Unread,
)
from shared.contracts.gateway import MAX_TEXT
from tests.support.waha import ASHA, FIXTURES, GROUP_ID, body_of, only, said

PAYLOADS = {path.stem: json.loads(path.read_bytes()) for path in sorted(FIXTURES.glob("*.json"))}
EVENTS = sorted(_READERS)


def only_message(**other: Any) -> IncomingMessage:
    found = only(body_of(said(**other)))
    assert isinstance(found, IncomingMessage)
    return found


class TestHostile:
    def test_nul_and_lone_surrogates_are_replaced_and_the_rest_stays(self):
        assert only_message(body="क\x00ख\ud800ग").text == "क\ufffdख\ufffdग"
        assert only_message(body="🙏\ud800").text == "🙏\ufffd"
        assert only_message(body="🙏").text == "🙏"

    def test_an_author_may_be_called_anything_and_stays_data(self):
        part = said(id="grp-4", participant="<script>@evil")
        found = only(body_of({**part, "from": GROUP_ID}))
        assert isinstance(found, IncomingMessage)
        assert found.sender == (Address(AddressKind.OTHER, "<script>@evil"),)
        assert found.place.group == GROUP_ID

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("  Evil\u0000Corp\nSupport  ", "Evil Corp Support"),
            ("\u001b[31mred", "[31mred"),
            ("न" * 9000, "न" * 128),
            ("\t\n", None),
            ("क्\u200dष 👩\u200d💻", "क्\u200dष 👩\u200d💻"),
            (["x"], None),
            (7, "7"),
        ],
    )
    def test_a_name_is_on_one_line_and_nowhere_identity(self, name, shown):
        found = only_message(_data={"Info": {"PushName": name}})
        assert found.name == shown
        assert found.sender == (ASHA,)

    def test_a_text_beyond_what_whatsapp_takes_is_judged_by_its_beginning(self):
        text = only_message(body="य" * (MAX_TEXT + 1)).text
        assert text == "य" * MAX_TEXT

    def test_a_reaction_is_as_long_as_an_emoji_can_be(self):
        part = {"id": "a", "from": "919000000101@c.us", "reaction": {"text": "x" * 999, "messageId": "b"}}
        found = only(body_of(part, "message.reaction"))
        assert isinstance(found, IncomingReaction)
        assert found.emoji == "x" * 64

    @pytest.mark.parametrize(
        "absurd",
        [
            {"id": "w" * 2000},
            {"from": "9" * 2000},
            {"participant": "9" * 2000},
            {"replyTo": {"id": "w" * 2000}},
        ],
    )
    def test_an_id_without_end_becomes_no_key(self, absurd):
        assert isinstance(only(body_of(said(**absurd))), Unread)

    def test_a_claim_to_be_us_makes_nothing_ours_of_somebody_elses(self):
        # Only the number counts that WhatsApp has checked; a name or a text may say what it likes.
        found = only_message(_data={"Info": {"PushName": "true", "IsFromMe": True}, "fromMe": True})
        assert found.sender == (ASHA,)

    @pytest.mark.parametrize(
        "where", ["file:///etc/passwd", "javascript:alert(1)", "//waha/x", 7, ["http://x"]]
    )
    def test_a_file_is_nowhere_but_behind_http(self, where):
        assert only_message(hasMedia=True, media={"url": where, "mimetype": "image/jpeg"}).media is None

    @pytest.mark.parametrize("event", ["message.ack", "message.reaction", "message.edited", "poll.vote"])
    @pytest.mark.parametrize("chat", ["status@broadcast", "1@newsletter", "2@broadcast"])
    def test_stories_and_channels_never_reach_members(self, event, chat):
        part = said(id=f"false_{chat}_3A_919000000101@c.us", **{"from": chat})
        found = only(body_of({**part, "vote": part, "poll": {"id": "p"}, "editedMessageId": "x"}, event))
        assert isinstance(found, Passed)

    @pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
    def test_nesting_without_end_is_kept_as_it_came(self, bracket):
        body = bracket * 100_000
        assert parse(body) == [Unread("not_json", body.decode())]

    @pytest.mark.parametrize("depth", [50, 400, 900])
    @pytest.mark.parametrize("name", ["id", "body", "_data", "media", "replyTo", "participant", "timestamp"])
    def test_nesting_anywhere_is_survived(self, name, depth):
        body = body_of(said(**{name: "HERE"})).decode().replace('"HERE"', "[" * depth + "]" * depth)
        assert len(parse(body.encode())) == 1

    def test_wrappers_without_end_are_opened_only_so_far(self):
        inner: dict[str, Any] = {"conversation": "x"}
        for _ in range(200):
            inner = {"ephemeralMessage": {"message": inner}}
        assert only_message(_data={"message": inner}).text == "जी"

    @pytest.mark.parametrize(
        "body", [b"", b"null", b"[]", b'"event"', b"42", b'{"event":7}', b"\xff\xfe", b"NaN", b"{", b"{}"]
    )
    def test_what_is_no_webhook_at_all_is_kept(self, body):
        assert isinstance(only(body), Unread)

    @pytest.mark.parametrize("name", ["", "Message", "a event", "e" * 100_000, "\ud800", "message\n"])
    def test_an_event_of_any_name_gives_a_short_reason(self, name):
        found = only(body_of({}, name))
        assert isinstance(found, Unread)
        assert len(found.reason) < 100

    @pytest.mark.parametrize("absurd", [None, 7, True, "text", [], [[]], 1.5])
    @pytest.mark.parametrize("event", EVENTS)
    def test_a_payload_of_any_shape_is_kept(self, event, absurd):
        assert isinstance(only(body_of(absurd, event)), Unread)

    @pytest.mark.parametrize("event", EVENTS)
    def test_an_event_that_tells_nothing_is_kept(self, event):
        assert isinstance(only(body_of({}, event)), Unread | Passed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        *(
            "true",
            "READ",
            "join",
            "leave",
            "created",
            "3EB0AAAA",
            "1795410000",
            "ptt",
            "http://x/y",
            "image/png",
        ),
        *("919000000101@c.us", "7@lid", GROUP_ID, "status@broadcast", "me", f"true_{GROUP_ID}_3A_7@lid"),
    ]
)


def _dump(document: object) -> bytes:
    return json.dumps(document).encode()


def _spots(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to everything in `part`."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [path, *(spot for key, value in inner for spot in _spots(value, (*path, key)))]


def _changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


@given(
    st.sampled_from(sorted(PAYLOADS)), st.integers(0, 10**6), st.lists(JSON | WORDS, min_size=1, max_size=4)
)
def test_a_webhook_with_anything_anywhere_is_one_item(name, seed, values):
    document = PAYLOADS[name]
    dice = random.Random(seed)  # noqa: S311 - chooses what to break
    for value in values:
        spots = [spot for spot in _spots(document) if spot]
        if not spots:
            break
        document = _changed(document, dice.choice(spots), value)
    (found,) = parse(_dump(document))
    assert isinstance(found, Item)
    if isinstance(found, IncomingMessage | IncomingReaction):
        assert found.sender
        assert all(address.value for address in found.sender)
        assert found.provider_id


@given(
    st.sampled_from(EVENTS), st.dictionaries(st.sampled_from(["id", "from", "vote", "group", "_data"]), JSON)
)
def test_every_event_is_one_item_whatever_it_holds(event, payload):
    assert len(parse(_dump({"event": event, "payload": payload}))) == 1


@given(JSON)
def test_no_json_makes_the_parser_fail(document):
    assert all(isinstance(each, Item) for each in parse(_dump(document)))


@given(st.binary())
@example(b"\xed\xa0\x80")
def test_no_bytes_make_the_parser_fail(body):
    assert parse(body)
