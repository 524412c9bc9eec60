from __future__ import annotations

import json
import re
import time
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.observability.redaction import MAX_LENGTH, redact, redact_event

SPELLINGS = [
    "919876543210",
    "+919876543210",
    "+91 98765 43210",
    "+91-98765-43210",
    "+91 9876 543 210",
    "9876543210",
    "098765 43210",
    "(+91) 98765-43210",
    "+91 (98765) 43210",
    "+91 - 98765 43210",
    "+91\u00a098765\u00a043210",
    "\u202a+91 98765 43210\u202c",
    "+91\u201198765\u201143210",
    "98765\u200b43210",
    "९८७६५४३२१०",
    "+९१ ९८७६५ ४३२१०",
    "９８７６５４３２１０",
    "+1 415 555 2671",
    "+442071838750",
    "919876543210@s.whatsapp.net",
    "919876543210@c.us",
    "919876543210-1415126700@g.us",
    "user_919876543210@c.us",
    "wa_id_919876543210",
]
AROUND = ["{}", "from {} to", "tel:{}", "[{}]", '"{}"', "wa_id={},", "{}.", "…{}…", "{}\n", "नंबर {} है"]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("phone", SPELLINGS)
def test_x05_a_phone_number_is_not_written_however_it_is_spelled(phone, around):
    clean = redact(around.format(phone))
    digits = "".join(str(unicodedata.digit(each)) for each in phone if each.isdigit())
    left = "".join(str(unicodedata.digit(each)) for each in re.sub(r"\\u....", "", clean) if each.isdigit())
    assert "[number]" in clean
    assert len(left) < 5, (clean, digits)


@given(
    st.text("0123456789", min_size=10, max_size=15),
    st.sampled_from(["", " ", "-"]),
    st.integers(2, 5),
    st.sampled_from(["", "+"]),
)
def test_x05_no_grouping_of_a_phone_number_passes(digits, separator, size, plus):
    spelled = plus + separator.join(digits[n : n + size] for n in range(0, len(digits), size))
    assert redact(f"call {spelled} now") == "call [number] now"


@pytest.mark.parametrize(
    "wamid",
    [
        "wamid.HBgMOTE5ODc2NTQzMjEwFQIAERgSQTRENEVGRkZGRkZGRkZGRkYA",
        "wamid.HBgMOTE5ODc2NTQzMjEwFQIAEhggQ+/==",
    ],
)
def test_x05_a_provider_message_id_is_not_written_for_it_holds_a_number(wamid):
    assert redact(f"failed {wamid} twice") == "failed [wamid] twice"


@given(st.uuids(version=4))
def test_an_id_of_ours_stays_readable(identity):
    for text in (f"{identity}", f"id={identity}", f"{identity}|{identity}", f"moderation|{identity}"):
        assert redact(text) == text


@given(st.uuids(version=5), st.text("0123456789abcdef", min_size=20, max_size=20))
def test_chats_and_members_stay_readable(identity, number):
    for text in (f"c_{number}", f"m_{number}", f"gateway.inbound.v1/{identity}"):
        assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "consumer moderation",
        "gateway.inbound.v1",
        "took 12.345678901 s",
        "2026-11-05T06:30:00.123456+00:00",
        "200 of 500",
        "mongodb://127.0.0.1:27017",
        "नमस्ते, 🙏",
        str(uuid.UUID(int=0)),
        "12345678-1234-4234-8234-123456789012",
    ],
)
def test_what_is_no_number_stays_readable(text):
    assert redact(text) == text


@given(st.text(st.characters() | st.sampled_from("\u2028\u2029\u202e\x1b\n9 ")))
def test_every_value_is_one_line_that_a_terminal_shows_as_it_is(text):
    clean = redact(text)
    assert not [each for each in clean if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert clean.encode("utf-8").decode() == clean


@pytest.mark.parametrize(
    "hostile",
    ["a\r\nb", "\x1b[31mred", "\u202egnp.exe", "\u2066x\u2069", "a\u200bb", "\x00", "\x7f", "\x85", "\ud800"],
)
def test_control_and_direction_characters_are_spelled_out(hostile):
    clean = redact(hostile)
    assert "\\u" in clean
    assert not set(hostile) - {*"ab[31mred gnp.exe"} & set(clean)


@pytest.mark.parametrize("each", ["x", "9", "\n", "🙏", "wamid.", "98765 43210 ", "-", "9-", "(9) "])
def test_a_megabyte_is_cut_and_costs_little(each):
    began = time.perf_counter()
    clean = redact(each * (2**20 // len(each)))
    assert time.perf_counter() - began < 1.0
    assert len(clean) <= 6 * MAX_LENGTH + 1


def test_a_number_is_found_however_deep_it_lies():
    class Letter:
        def __str__(self) -> str:
            return "to +91 98765 43210"

    phone = "919876543210"
    event = {
        "event": f"sent to {phone}",
        "list": [phone, {"deeper": (phone, {phone})}],
        "as_key": {phone: 1},
        "object": Letter(),
        "error": ValueError(phone),
        "bytes": phone.encode(),
        "flag": True,
        "none": None,
        "seconds": 0.25,
        "count": 12,
    }
    clean = redact_event(None, "info", event)
    assert "98765" not in json.dumps(clean, ensure_ascii=False)
    assert (clean["flag"], clean["none"], clean["seconds"], clean["count"]) == (True, None, 0.25, 12)
