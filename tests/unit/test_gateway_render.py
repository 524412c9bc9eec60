from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.channels.contract import Capability, MessageRef
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.lengths import length
from services.gateway.domain.render import MAX_TEXT, render, render_fallback, with_lines
from shared.contracts.gateway import Choice, File, MessageSend, SendClass, SendKind, Template
from shared.mentions import mark

CHAT = "c_" + "1" * 20
LATER = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)
EVERYTHING = frozenset(Capability)
TEXT_ALONE = frozenset({Capability.TEXT})
NAMES: dict[str, Any] = {"mark": "the-mark", "client_id": "3EB0"}
ASKED = MessageRef("wamid.ASKED=")
SITA = Address(AddressKind.PHONE, "919000000101")
ASHA, RAVI = "m_" + "a" * 20, "m_" + "b" * 20
PHOTO = File(kind=SendKind.IMAGE, link="https://files.example/a.jpg")
TWO = (Choice(id="yes", title="हाँ"), Choice(id="no", title="नहीं", description="फिर कभी"))


def send(text: str = "क्या आप आएँगे?", **fields: Any) -> MessageSend:
    return MessageSend(chat_id=CHAT, text=text, send_class=SendClass.REPLY, not_after=LATER, **fields)


def test_what_a_channel_can_do_it_is_given():
    message = send(choices=TWO, reply_to="3f1c2d4e-0000-5000-8000-000000000001")
    given_ = render(message, EVERYTHING, **NAMES, reply_to=ASKED, mentions=(SITA,))
    assert (given_.text, given_.choices, given_.reply_to) == (message.text, TWO, ASKED)
    assert (given_.mentions, given_.mark, given_.client_id) == ((SITA,), "the-mark", "3EB0")


def test_choices_become_numbered_lines():
    given_ = render(send(choices=TWO), TEXT_ALONE, **NAMES)
    assert given_.text == "क्या आप आएँगे?\n\n1. हाँ\n2. नहीं – फिर कभी"
    assert given_.choices == ()


def test_a_poll_becomes_numbered_lines():
    given_ = render(send(poll=("सोमवार", "मंगलवार")), TEXT_ALONE, **NAMES)
    assert (given_.text, given_.poll) == ("क्या आप आएँगे?\n\n1. सोमवार\n2. मंगलवार", ())


def test_a_poll_stays_one_where_there_are_polls():
    given_ = render(send(poll=("सोमवार", "मंगलवार"), many_answers=True), EVERYTHING, **NAMES)
    assert (given_.text, given_.poll, given_.many_answers) == (
        "क्या आप आएँगे?",
        ("सोमवार", "मंगलवार"),
        True,
    )


def test_a_file_becomes_its_link():
    given_ = render(send(file=PHOTO), TEXT_ALONE, **NAMES)
    assert (given_.text, given_.file) == ("क्या आप आएँगे?\n\nhttps://files.example/a.jpg", None)


def test_a_file_that_has_no_link_is_left_out():
    stored = File(kind=SendKind.AUDIO, provider_media="77")
    assert render(send(file=stored), TEXT_ALONE, **NAMES).text == "क्या आप आएँगे?"


def test_a_file_with_choices_carries_them_as_lines():
    given_ = render(send(file=PHOTO, choices=TWO), EVERYTHING, **NAMES)
    assert (given_.file, given_.choices) == (PHOTO, ())
    assert given_.text.endswith("1. हाँ\n2. नहीं – फिर कभी")


def test_mentions_and_quotes_are_left_out_where_there_are_none():
    given_ = render(send(), TEXT_ALONE, **NAMES, reply_to=ASKED, mentions=(SITA,))
    assert (given_.reply_to, given_.mentions) == (None, ())


def test_lines_stay_whole_and_the_text_gives_way():
    given_ = render(send("क" * 4096, choices=TWO), TEXT_ALONE, **NAMES)
    assert length(given_.text) == MAX_TEXT
    assert given_.text.endswith("…\n\n1. हाँ\n2. नहीं – फिर कभी")


def test_a_template_takes_the_place_of_everything():
    template = Template(name="reminder", language="hi", parameters=("कल",))
    given_ = render_fallback(send(fallback=template), EVERYTHING, **NAMES)
    assert given_ is not None
    assert given_.template == template
    assert render_fallback(send(fallback=template), TEXT_ALONE, **NAMES) is None
    assert render_fallback(send(), EVERYTHING, **NAMES) is None


CAPABILITIES = st.frozensets(st.sampled_from(Capability))
OPTIONS = st.lists(st.text(min_size=1, max_size=100), max_size=12).map(tuple)


@given(st.text(min_size=1, max_size=4096), CAPABILITIES, OPTIONS, st.booleans())
def test_nothing_goes_beyond_what_the_channel_can_do(text, capabilities, poll, with_file):
    message = send(text, poll=poll, choices=TWO, file=PHOTO if with_file else None)
    given_ = render(message, capabilities, **NAMES, reply_to=ASKED, mentions=(SITA,))
    asked = {
        Capability.FILES: given_.file is not None,
        Capability.CHOICES: bool(given_.choices),
        Capability.POLLS: bool(given_.poll),
        Capability.REPLIES: given_.reply_to is not None,
        Capability.MENTIONS: bool(given_.mentions),
    }
    assert {each for each, used in asked.items() if used} <= capabilities
    assert length(given_.text) <= MAX_TEXT


@pytest.mark.parametrize("limit", [10, 40])
def test_lines_that_have_no_room_are_cut_too(limit):
    assert length(with_lines("प्रश्न", ["1. " + "क" * 50], limit)) <= limit


def test_who_can_be_mentioned_is_marked_anew_and_others_are_somebody():
    wanted = send(f"{mark(1)}, {mark(2)} और {mark(3)}: @1", mentions=(ASHA, RAVI))
    given_ = render(wanted, EVERYTHING, **NAMES, mentions=(None, SITA), called=("@सदस्य", "@सदस्य"))
    assert given_.text == f"@सदस्य, {mark(1)} और @सदस्य: @1"
    assert given_.mentions == (SITA,)


@pytest.mark.parametrize(
    ("capabilities", "fields"), [(TEXT_ALONE, {}), (EVERYTHING, {"poll": ("हाँ", "नहीं")})]
)
def test_where_nobody_can_be_mentioned_no_mark_is_left(capabilities, fields):
    wanted = send(f"{mark(1)}, आइए", mentions=(ASHA,), **fields)
    given_ = render(wanted, capabilities, **NAMES, mentions=(SITA,), called=("@सदस्य",))
    assert (given_.text, given_.mentions) == ("@सदस्य, आइए", ())
