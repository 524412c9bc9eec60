from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.simulator.domain.contents import shown
from services.simulator.domain.files import File
from services.simulator.domain.graph import parse_send
from services.simulator.domain.interactive import reply
from services.simulator.domain.limits import Limits, Meter
from services.simulator.domain.refusal import GraphError

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
PDF = {"link": "https://example.org/a.pdf", "filename": "a.pdf"}
DIRECT = {"messaging_product": "whatsapp", "to": "+919999900002"}


def button(choice: str = "yes", title: str = "हाँ") -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": choice, "title": title}}


def buttons(*given: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"type": "button", "body": {"text": "आएँगे?"}, "action": {"buttons": list(given)}, **extra}


def rows(*given: dict[str, Any], label: str = "चुनें", **extra: Any) -> dict[str, Any]:
    action = {"button": label, "sections": [{"rows": list(given)}]}
    return {"type": "list", "body": {"text": "क्या?"}, "action": action, **extra}


def row(choice: str = "1", title: str = "SEO", **extra: Any) -> dict[str, Any]:
    return {"id": choice, "title": title, **extra}


def template(*texts: Any) -> dict[str, Any]:
    parameters = [{"type": "text", "text": each} for each in texts]
    components = [{"type": "body", "parameters": parameters}]
    return {"name": "reminder", "language": {"code": "hi"}, "components": components}


@pytest.mark.parametrize(
    ("type_", "content", "seen"),
    [
        ("image", {"id": "1", "caption": "क" * 1024}, "क" * 1024),
        ("document", PDF, "a.pdf"),
        ("audio", {"id": "1"}, ""),
        ("interactive", buttons(button("a", "A"), button("b", "B"), button("c", "C")), "आएँगे?"),
        ("interactive", rows(*(row(str(n)) for n in range(10))), "क्या?"),
        ("template", template("आशा", "7 बजे"), "reminder · आशा · 7 बजे"),
        ("location", {"latitude": 24.8, "longitude": 85, "name": "गया"}, "गया"),
        ("contacts", [{"name": {"formatted_name": "आशा"}}], "आशा"),
    ],
)
def test_what_whatsapp_takes_in_a_direct_chat(type_: str, content: Any, seen: str):
    assert shown(type_, content, group=False) == (seen, None)


@pytest.mark.parametrize(
    ("type_", "content", "code"),
    [
        ("image", {}, 131008),
        ("image", {"id": "1", "link": "https://example.org/a.png"}, 131009),
        ("image", {"link": "file:///etc/passwd"}, 131009),
        ("audio", {"id": "1", "caption": "x"}, 100),
        ("reaction", {"message_id": "wamid.X", "emoji": 5}, 131009),
        ("interactive", {}, 131009),
        ("interactive", buttons(), 131009),
        ("interactive", buttons(*(button(str(n), str(n)) for n in range(4))), 131009),
        ("interactive", buttons(button(title="क" * 21)), 100),
        ("interactive", buttons(button("x" * 257)), 100),
        ("interactive", buttons(button(), button()), 100),
        ("interactive", buttons(button("a"), button("b")), 100),
        ("interactive", buttons({"type": "url"}), 131009),
        ("interactive", buttons(button(), body={"text": "x" * 1025}), 100),
        ("interactive", buttons(button(), footer={"text": "x" * 61}), 100),
        ("interactive", buttons(button(), action=None), 131008),
        ("interactive", rows(*(row(str(n)) for n in range(11))), 131009),
        ("interactive", rows(), 131009),
        ("interactive", rows(row(), row()), 100),
        ("interactive", rows(row(title="x" * 25)), 100),
        ("interactive", rows(row(description="x" * 73)), 100),
        ("interactive", rows(row(), label="x" * 21), 100),
        ("interactive", rows(row(), header={"type": "image"}), 131009),
        ("template", {"name": "t"}, 131008),
        ("template", template("दो\nपंक्तियाँ"), 132012),
        ("template", template(""), 131008),
        ("location", {"latitude": 91, "longitude": 0}, 131009),
        ("location", {"latitude": 1}, 131008),
        ("contacts", [], 131008),
        ("pin", {"type": "pin", "message_id": "wamid.X"}, 100),
    ],
)
def test_what_whatsapp_refuses_in_a_direct_chat(type_: str, content: Any, code: int):
    with pytest.raises(GraphError) as refused:
        shown(type_, content, group=False)
    assert refused.value.code == code


@pytest.mark.parametrize("type_", ["interactive", "location", "contacts"])
def test_what_no_group_takes(type_: str):
    with pytest.raises(GraphError) as refused:
        shown(type_, buttons(button()) if type_ == "interactive" else {}, group=True)
    assert refused.value.code == 100


@pytest.mark.parametrize("wrong", [{"type": "glue"}, {"expiration_days": 31}, {"expiration_days": "7"}])
def test_a_pin_lasts_up_to_a_month(wrong: dict[str, Any]):
    right = {"type": "pin", "message_id": "wamid.X", "expiration_days": 30}
    assert shown("pin", right, group=True) == ("pin", "wamid.X")
    with pytest.raises(GraphError) as refused:
        shown("pin", {**right, **wrong}, group=True)
    assert refused.value.code == 131009


def test_a_file_is_known_by_its_id():
    sent = parse_send({**DIRECT, "type": "image", "image": {"id": "77"}})
    assert sent.media_id == "77"
    assert parse_send({**DIRECT, "type": "document", "document": PDF}).media_id is None


def test_a_press_tells_what_was_chosen():
    asked = {"interactive": buttons(button("yes", "हाँ"))}
    assert reply(asked, "yes") == {"type": "button_reply", "button_reply": {"id": "yes", "title": "हाँ"}}
    listed = {"interactive": rows(row("2", "SEO", description="खोज"))}
    assert reply(listed, "2") == {
        "type": "list_reply",
        "list_reply": {"id": "2", "title": "SEO", "description": "खोज"},
    }
    assert [reply(each, "no") for each in (asked, listed, {})] == [None, None, None]


def test_a_webhook_says_of_a_file_what_its_kind_has():
    pdf = File("1", "application/pdf", b"x", "a.pdf")
    assert pdf.described("document", "यह लो")["filename"] == "a.pdf"
    assert pdf.described("document", "यह लो")["caption"] == "यह लो"
    voice = File("2", "audio/ogg", b"x", "v.ogg").described("audio", "छिपा", voice=True)
    assert voice["voice"]
    assert not voice.keys() & {"caption", "filename"}


def codes(limits: Limits, seconds: list[float], *, group: bool = False) -> list[int | None]:
    meter, found = Meter(), list[int | None]()
    for each in seconds:
        try:
            meter.take(limits, "919999900002", NOW + dt.timedelta(seconds=each), group=group)
        except GraphError as error:
            found.append(error.code)
        else:
            found.append(None)
    return found


def test_one_person_gets_a_burst_and_then_one_message_every_six_seconds():
    limits = Limits(pair_burst=2)
    assert codes(limits, [0, 0, 0, 5.9, 6, 6]) == [None, None, 131056, 131056, None, 131056]
    assert codes(limits, [0, 0, 0], group=True) == [None, None, None]


def test_a_number_says_so_much_in_a_second():
    assert codes(Limits(per_second=2), [0, 0, 0.9, 1]) == [None, None, 130429, None]


def test_without_limits_nothing_is_too_much():
    assert set(codes(Limits(), [0] * 100)) == {None}
