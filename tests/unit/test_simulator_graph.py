from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest

from services.simulator.domain.faults import Fault, Mischief, Plan, Rule
from services.simulator.domain.graph import parse_send
from services.simulator.domain.ids import group_id, invite_link, wamid
from services.simulator.domain.people import Member, digits
from services.simulator.domain.redelivery import KEPT, Redelivery
from services.simulator.domain.refusal import GraphError

TEXT = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "नमस्ते"}}
TO_GROUP = {**TEXT, "recipient_type": "group", "to": "R3JvdXA="}
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def test_a_text_to_a_group():
    send = parse_send({**TO_GROUP, "context": {"message_id": "wamid.X"}, "biz_opaque_callback_data": "op"})
    assert (send.kind, send.chat, send.text, send.reply_to, send.opaque) == (
        "group",
        "R3JvdXA=",
        "नमस्ते",
        "wamid.X",
        "op",
    )
    assert send.free_form


def test_a_phone_may_be_written_with_plus_and_spaces():
    assert parse_send({**TEXT, "to": "+91 99999-00002"}).chat == "919999900002"


def test_the_phone_wins_over_the_business_scoped_id():
    assert parse_send({**TEXT, "recipient": "IN.123"}).kind == "user_id"
    assert parse_send({**TEXT, "recipient": "IN.123", "to": "919999900002"}).kind == "phone"


def test_a_reaction_needs_no_window():
    send = parse_send({**TO_GROUP, "type": "reaction", "reaction": {"message_id": "wamid.X", "emoji": "👍"}})
    assert (send.target, send.text, send.free_form) == ("wamid.X", "👍", False)


def test_the_longest_text_is_taken_and_one_more_is_not():
    assert parse_send({**TO_GROUP, "text": {"body": "क" * 4096}}).text
    with pytest.raises(GraphError) as refused:
        parse_send({**TO_GROUP, "text": {"body": "क" * 4097}})
    assert refused.value.code == 100


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, 100),
        ([], 100),
        ({}, 100),
        ({**TO_GROUP, "messaging_product": "telegram"}, 100),
        ({**TEXT}, 131008),
        ({**TEXT, "to": 5}, 131008),
        ({**TEXT, "to": "919999900002", "recipient_type": "broadcast"}, 100),
        ({**TEXT, "recipient_type": "group"}, 131008),
        ({**TO_GROUP, "text": {}}, 131008),
        ({**TO_GROUP, "text": {"body": 5}}, 131008),
        ({**TO_GROUP, "text": None}, 131008),
        ({**TO_GROUP, "type": ["text"]}, 131008),
        ({**TO_GROUP, "type": "reaction", "reaction": {}}, 131008),
        ({**TO_GROUP, "type": "poll", "poll": {}}, 100),
        ({**TO_GROUP, "type": "interactive", "interactive": {}}, 100),
        ({**TO_GROUP, "type": "image", "image": {"caption": "x" * 1025}}, 100),
        ({**TO_GROUP, "biz_opaque_callback_data": 5}, 100),
        ({**TO_GROUP, "biz_opaque_callback_data": "x" * 513}, 100),
    ],
)
def test_what_whatsapp_refuses(body: Any, code: int):
    with pytest.raises(GraphError) as refused:
        parse_send(body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("type_", "content", "shown"),
    [
        ("image", {"link": "https://example.org/a.png", "caption": "चित्र"}, "चित्र"),
        ("document", {"id": "1", "filename": "certificate.pdf"}, "certificate.pdf"),
        ("template", {"name": "reminder", "language": {"code": "hi"}}, "reminder"),
        ("pin", {"type": "pin", "message_id": "wamid.X"}, "pin"),
    ],
)
def test_other_kinds_keep_their_content(type_: str, content: dict[str, Any], shown: str):
    send = parse_send({**TO_GROUP, "type": type_, type_: content})
    assert send.text == shown
    assert send.payload == {type_: content}


def test_errors_have_metas_shape():
    body = GraphError(100, "Nothing here.", subcode=33).body("A1")
    assert body == {
        "error": {
            "message": "(#100) Invalid parameter",
            "type": "OAuthException",
            "code": 100,
            "error_subcode": 33,
            "error_data": {"messaging_product": "whatsapp", "details": "Nothing here."},
            "fbtrace_id": "A1",
        }
    }


def test_ids_look_like_whatsapps():
    one = wamid("919999900002", b"123456789")
    assert one.startswith("wamid.HBgM")
    assert base64.b64decode(one.removeprefix("wamid."), validate=True)
    assert one != wamid("919999900002", b"123456780")
    group = group_id("919999900000", b"12345678")
    assert base64.b64decode(group, validate=True).startswith(b"capi_group:919999900000:")
    assert not set(group) & set("/+")
    assert invite_link(group).startswith("https://chat.whatsapp.com/")
    assert Member("919999900002", "Ravi").user_id == Member("919999900002", "other").user_id


def test_digits_are_ascii_digits():
    assert digits("+91 (99999) 00-002") == "919999900002"
    assert digits("९९९") == ""


def hits(rule: Rule, calls: int = 6, roll: float = 0.5) -> list[int]:
    mischief = Mischief(Plan(rules=(rule,)))
    return [call for call in range(1, calls + 1) if mischief.next(roll)]


def test_a_rule_hits_all_every_nth_the_first_n_or_by_chance():
    assert hits(Rule(Fault.FAIL)) == [1, 2, 3, 4, 5, 6]
    assert hits(Rule(Fault.FAIL, every=3)) == [3, 6]
    assert hits(Rule(Fault.FAIL, first=2)) == [1, 2]
    assert hits(Rule(Fault.FAIL, rate=0.4)) == []
    assert hits(Rule(Fault.FAIL, rate=0.6, first=1)) == [1]


def test_the_first_rule_that_hits_decides_and_is_counted():
    mischief = Mischief(Plan(rules=(Rule(Fault.DROP, first=1), Rule(Fault.FAIL))))
    assert [rule.fault for rule in (mischief.next(0), mischief.next(0)) if rule] == [Fault.DROP, Fault.FAIL]
    assert mischief.hits == {"drop": 1, "fail": 1}
    assert mischief.calls == 2


def test_redelivery_begins_quickly_and_ends_after_a_day_and_a_half():
    policy = Redelivery()
    assert [policy.gap(attempt, NOW, NOW) for attempt in (1, 2, 3, 4)] == [0.5, 1, 2, 5]
    assert policy.gap(1000, NOW, NOW) == 3600
    assert policy.gap(1000, NOW, NOW + KEPT) is None
