from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.channels.cloud_api.errors import CATALOGUE, Treatment, meaning_of
from services.gateway.channels.cloud_api.outgoing import (
    LIST_LABEL,
    action_call,
    capabilities,
    message_call,
)
from services.gateway.channels.contract import (
    AnswerJoin,
    Capability,
    Delete,
    Destination,
    MessageRef,
    Outgoing,
    Pin,
    React,
    Remove,
    Restrict,
)
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.lengths import length
from shared.contracts.gateway import ChatKind, Choice, File, SendKind, Template

NUMBER = "370000000000001"
GROUP = Destination(group="Y2FwaV9n/cm91cA==")
PERSON = Destination(person=Address(AddressKind.PHONE, "919000000101"))
MESSAGE = MessageRef("wamid.IN=")


def body(message: Outgoing, to: Destination = PERSON) -> dict[str, Any]:
    call = message_call(NUMBER, to, message)
    assert (call.method, call.path) == ("POST", f"{NUMBER}/messages")
    assert call.body["messaging_product"] == "whatsapp"
    return call.body


def outgoing(text: str = "कौन सा दिन?", **fields: Any) -> Outgoing:
    return Outgoing(text, "the-mark", client_id="3EB0", **fields)


def choices(*titles: str, description: str | None = None) -> tuple[Choice, ...]:
    return tuple(
        Choice(id=f"id-{number}", title=title, description=description) for number, title in enumerate(titles)
    )


def test_a_reply_names_the_message_it_answers():
    assert body(outgoing(reply_to=MESSAGE))["context"] == {"message_id": "wamid.IN="}
    assert "context" not in body(outgoing())


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            File(kind=SendKind.IMAGE, link="https://files.example/a.jpg"),
            {"type": "image", "image": {"link": "https://files.example/a.jpg", "caption": "कौन सा दिन?"}},
        ),
        (
            File(kind=SendKind.VIDEO, provider_media="77"),
            {"type": "video", "video": {"id": "77", "caption": "कौन सा दिन?"}},
        ),
        (File(kind=SendKind.AUDIO, provider_media="77"), {"type": "audio", "audio": {"id": "77"}}),
        (File(kind=SendKind.VOICE, provider_media="77"), {"type": "audio", "audio": {"id": "77"}}),
        (
            File(kind=SendKind.DOCUMENT, provider_media="77", filename="पाठ.pdf"),
            {
                "type": "document",
                "document": {"id": "77", "caption": "कौन सा दिन?", "filename": "पाठ.pdf"},
            },
        ),
        (
            File(kind=SendKind.UNKNOWN, provider_media="77"),
            {"type": "document", "document": {"id": "77", "caption": "कौन सा दिन?"}},
        ),
        (File(kind=SendKind.IMAGE), {"type": "text", "text": {"body": "कौन सा दिन?", "preview_url": False}}),
    ],
)
def test_a_file_goes_by_link_or_id_with_its_caption(file, expected):
    assert expected.items() <= body(outgoing(file=file)).items()


def test_a_caption_that_is_too_long_is_cut():
    sent = body(outgoing("क" * 2000, file=File(kind=SendKind.IMAGE, provider_media="77")))
    assert length(sent["image"]["caption"]) == 1024
    assert sent["image"]["caption"].endswith("…")


def test_up_to_three_short_choices_are_buttons():
    sent = body(outgoing(choices=choices("हाँ", "नहीं", "शायद")))
    assert sent["interactive"]["type"] == "button"
    assert [each["reply"] for each in sent["interactive"]["action"]["buttons"]] == [
        {"id": "id-0", "title": "हाँ"},
        {"id": "id-1", "title": "नहीं"},
        {"id": "id-2", "title": "शायद"},
    ]


@pytest.mark.parametrize(
    "offered",
    [
        choices(*"abcd"),
        choices("इक्कीस अक्षर का शीर्षक", "b"),
        choices("a", "b", description="अधिक"),
        choices(*"abcdefghij"),
    ],
)
def test_more_or_longer_choices_are_a_list(offered):
    interactive = body(outgoing(choices=offered))["interactive"]
    assert interactive["type"] == "list"
    assert interactive["action"]["button"] == LIST_LABEL
    (section,) = interactive["action"]["sections"]
    assert [row["id"] for row in section["rows"]] == [each.id for each in offered]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("क" * 1025, choices("हाँ", "नहीं")),
        ("किसे?", choices("वही", "वही")),
        ("किसे?", (Choice(id="x", title="a"), Choice(id="x", title="b"))),
        ("किसे?", choices("👨‍👩‍👧‍👦" * 3)),
        ("किसे?", choices(" ")),
    ],
)
def test_choices_that_would_be_refused_become_lines(text, offered):
    sent = body(outgoing(text, choices=offered))
    assert sent["type"] == "text"
    assert sent["text"]["body"].startswith(text)
    assert f"1. {offered[0].title}" in sent["text"]["body"]


def test_a_template_is_filled_with_one_line_each():
    template = Template(name="reminder", language="hi", parameters=("कल\nशाम\t7  बजे", " "))
    sent = body(outgoing(template=template))
    assert sent["type"] == "template"
    assert sent["template"] == {
        "name": "reminder",
        "language": {"code": "hi"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "कल शाम 7 बजे"},
                    {"type": "text", "text": "–"},
                ],
            }
        ],
    }
    bare = body(outgoing(template=Template(name="hello", language="en")))
    assert bare["template"] == {"name": "hello", "language": {"code": "en"}}


TITLES = st.lists(st.text(min_size=1, max_size=24), max_size=10)


@given(st.text(min_size=1, max_size=4096), TITLES, st.text(max_size=72), st.booleans())
def test_nothing_is_ever_longer_than_the_provider_takes(text, titles, description, with_file):
    file = File(kind=SendKind.DOCUMENT, provider_media="7", filename="x" * 256) if with_file else None
    offered = choices(*titles, description=description or None)
    sent = body(outgoing(text, choices=() if file else offered, file=file))
    match sent["type"]:
        case "text":
            assert 0 < length(sent["text"]["body"]) <= 4096
        case "document":
            assert length(sent["document"]["caption"]) <= 1024
        case "interactive":
            assert length(sent["interactive"]["body"]["text"]) <= 1024
            action = sent["interactive"]["action"]
            buttons = [each["reply"]["title"] for each in action.get("buttons", ())]
            assert all(0 < length(each) <= 20 for each in buttons)
            assert len(buttons) <= 3
            rows = [row for section in action.get("sections", ()) for row in section["rows"]]
            assert all(0 < length(row["title"]) <= 24 for row in rows)
            assert all(0 < length(row.get("description", "-")) <= 72 for row in rows)
            assert len(rows) <= 10


def test_reactions_and_pins_are_messages():
    react = action_call(NUMBER, PERSON, React(MESSAGE, "👍"))
    assert react is not None
    assert react.body["reaction"] == {"message_id": "wamid.IN=", "emoji": "👍"}
    gone = action_call(NUMBER, PERSON, React(MESSAGE, None))
    assert gone is not None
    assert gone.body["reaction"]["emoji"] == ""
    pin = action_call(NUMBER, GROUP, Pin(MESSAGE, 7))
    assert pin is not None
    assert pin.body["pin"] == {"type": "pin", "message_id": "wamid.IN=", "expiration_days": 7}
    unpin = action_call(NUMBER, GROUP, Pin(MESSAGE, 0))
    assert unpin is not None
    assert unpin.body["pin"] == {"type": "unpin", "message_id": "wamid.IN="}


def test_what_is_asked_of_a_group_goes_to_its_own_address():
    person = Address(AddressKind.PHONE, "919000000101")
    remove = action_call(NUMBER, GROUP, Remove(person))
    assert remove is not None
    assert (remove.method, remove.path) == ("DELETE", "Y2FwaV9n%2Fcm91cA%3D%3D/participants")
    assert remove.body["participants"] == [{"user": "+919000000101"}]
    for approved, method in ((True, "POST"), (False, "DELETE")):
        answer = action_call(NUMBER, GROUP, AnswerJoin("r-1", approved))
        assert answer is not None
        assert (answer.method, answer.body["join_requests"]) == (method, ["r-1"])


@pytest.mark.parametrize("action", [Delete(MESSAGE), Restrict(admins_only=True)])
def test_what_there_is_no_way_to_do_is_not_asked(action):
    assert action_call(NUMBER, GROUP, action) is None


def test_in_a_direct_chat_nobody_is_removed():
    assert action_call(NUMBER, PERSON, Remove(Address(AddressKind.PHONE, "919000000101"))) is None
    assert Capability.REMOVE_MEMBER not in capabilities(ChatKind.DIRECT)


def test_groups_have_no_buttons_and_nobody_deletes():
    direct, group = capabilities(ChatKind.DIRECT), capabilities(ChatKind.GROUP)
    assert Capability.CHOICES in direct - group
    assert {Capability.PIN, Capability.REMOVE_MEMBER, Capability.ANSWER_JOIN} <= group - direct
    for kind in ChatKind:
        missing = {Capability.DELETE_OWN, Capability.DELETE_FOREIGN, Capability.POLLS, Capability.MENTIONS}
        assert not missing & capabilities(kind)
        assert {Capability.TEXT, Capability.WINDOW} <= capabilities(kind)


def test_every_code_stands_in_the_catalogue_once():
    codes = [code for meaning in CATALOGUE for code in meaning.codes]
    assert len(codes) == len(set(codes))
    known = {
        *(0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 299, 368, 80007, 130429, 130472, 130497, 131000),
        *(131005, 131008, 131009, 131016, 131020, 131021, 131026, 131030, 131031, 131037, 131041, 131042),
        *(131045, 131047, 131048, 131049, 131050, 131051, 131053, 131056, 131057, 131059, 131062),
        *range(131201, 131205),
        *range(131207, 131216),
        *range(132000, 132017),
        *(132068, 132069, 133004, 133016, 135000, 137000),
    }
    assert known <= set(codes)


@pytest.mark.parametrize("meaning", CATALOGUE, ids=lambda meaning: f"{meaning.kind}:{meaning.code}")
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_the_code_decides_whatever_the_status(meaning, status):
    for code in meaning.codes:
        assert meaning_of(status, code) is meaning


@pytest.mark.parametrize(
    ("status", "treatment"),
    [
        (429, Treatment.RETRY),
        (401, Treatment.PAUSE),
        (403, Treatment.PAUSE),
        (500, Treatment.RETRY),
        (400, Treatment.REFUSE),
        (404, Treatment.REFUSE),
    ],
)
def test_where_the_code_is_unknown_the_status_decides(status, treatment):
    assert meaning_of(status, 999_999).treatment is treatment
    assert meaning_of(status, None).treatment is treatment
