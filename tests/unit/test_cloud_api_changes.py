"""Edits, deletions, and people who change their names."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway.domain.items import (
    Address,
    AddressKind,
    IncomingEdit,
    IncomingRevoke,
    SystemNotice,
    Unread,
)
from tests.support.cloud_api import (
    ASHA,
    BOTH_OF_ASHA,
    DIRECT,
    GROUP,
    GROUP_ID,
    SAID_AT,
    body_of,
    items_in,
    only,
    phone,
    scoped,
    text_message,
)


def parent(value: str) -> Address:
    return Address(AddressKind.PARENT_BUSINESS_SCOPED, value)


def notice(**system: Any) -> SystemNotice:
    found = only(body_of({"messages": [text_message(type="system", system=system)]}))
    assert isinstance(found, SystemNotice)
    return found


@pytest.mark.parametrize(
    ("name", "text"), [("edit", "कल की क्लास 6 बजे है"), ("edit_of_caption", "मेरी नई दुकान")]
)
def test_an_edit_says_which_message_reads_how_now(name, text):
    expected = IncomingEdit(f"wamid.{name.upper()}=", "wamid.EARLIER=", DIRECT, BOTH_OF_ASHA, text, SAID_AT)
    assert items_in(name) == [expected]


def test_a_deletion_says_which_message_is_gone():
    expected = IncomingRevoke("wamid.EARLIER=", DIRECT, BOTH_OF_ASHA, SAID_AT, "wamid.REVOKE=")
    assert items_in("revoke") == [expected]


@pytest.mark.parametrize("kind", ["edit", "revoke"])
def test_the_message_may_be_named_beside_the_change(kind):
    told = text_message(type=kind, original_message_id="wamid.E=", group_id=GROUP_ID)
    found = only(body_of({"messages": [told]}))
    assert isinstance(found, (IncomingEdit, IncomingRevoke))
    assert (found.target, found.place) == ("wamid.E=", GROUP)


@pytest.mark.parametrize("written", [{"text": {"body": "जी"}}, {"type": "text", "text": {"body": "जी"}}])
def test_an_edited_text_need_not_name_its_type(written):
    told = text_message(type="edit", edit={"original_message_id": "wamid.E=", "message": written})
    found = only(body_of({"messages": [told]}))
    assert isinstance(found, IncomingEdit)
    assert found.text == "जी"


@pytest.mark.parametrize("absurd", [None, 7, "x", [], {"type": "text"}, {"image": []}, {}])
def test_an_edit_of_no_shape_has_no_text(absurd):
    told = text_message(type="edit", edit={"original_message_id": "wamid.E=", "message": absurd})
    found = only(body_of({"messages": [told]}))
    assert isinstance(found, IncomingEdit)
    assert found.text is None


@pytest.mark.parametrize("absurd", [None, 7, "x", [], {}, {"original_message_id": ""}])
@pytest.mark.parametrize("kind", ["edit", "revoke"])
def test_a_change_of_no_message_is_kept(kind, absurd):
    assert isinstance(only(body_of({"messages": [text_message(type=kind, **{kind: absurd})]})), Unread)


@pytest.mark.parametrize("absurd", [7.5, [], {}, True, ["🙏"]])
def test_a_reaction_of_no_shape_takes_none_away(absurd):
    told = text_message(type="reaction", reaction={"message_id": "wamid.E=", "emoji": absurd})
    assert isinstance(only(body_of({"messages": [told]})), Unread)


def test_a_changed_number_leads_to_the_new_one():
    assert items_in("system_number_changed") == [
        SystemNotice(
            "wamid.SYSTEM_NUMBER_CHANGED=",
            "user_changed_number",
            BOTH_OF_ASHA,
            "User A changed from 919000000101 to 919000000199",
            SAID_AT,
            moved_to=(phone("919000000199"),),
        )
    ]


def test_a_notice_needs_no_sender():
    assert items_in("system_user_id_changed") == [
        SystemNotice(
            "wamid.SYSTEM_USER_ID_CHANGED=",
            "user_changed_user_id",
            (),
            None,
            SAID_AT,
            moved_to=(scoped("IN.5501000000000777"),),
            moved_from=(scoped("IN.5501000000000101"),),
        )
    ]


def test_a_changed_id_may_come_with_its_parent():
    (found,) = items_in("system_user_id_and_parent_changed")
    assert isinstance(found, SystemNotice)
    assert found.sender == BOTH_OF_ASHA
    assert found.moved_to == (scoped("IN.5501000000000777"), parent("IN.ENT.7700000000000777"))
    assert found.moved_from == (parent("IN.ENT.7700000000000101"),)


def test_a_changed_number_is_read_in_its_older_shape():
    found = notice(type="customer_changed_number", new_wa_id="919000000199", customer="919000000102")
    assert found.moved_to == (phone("919000000199"),)
    assert found.moved_from == (phone("919000000102"),)
    assert found.sender == (ASHA,)


def test_a_changed_key_moves_nobody():
    (found,) = items_in("system_identity_changed")
    assert isinstance(found, SystemNotice)
    assert (found.subtype, found.moved_to) == ("customer_identity_changed", ())


@pytest.mark.parametrize("absurd", [None, 7.5, "", [], {}, True])
def test_a_notice_that_leads_nowhere_moves_nobody(absurd):
    assert notice(type="user_changed_number", wa_id=absurd).moved_to == ()


@pytest.mark.parametrize("absurd", [None, 7, "x", [], {}])
def test_a_notice_of_no_shape_is_one_of_unknown_kind(absurd):
    found = only(body_of({"messages": [text_message(type="system", system=absurd)]}))
    assert isinstance(found, SystemNotice)
    assert found.subtype == "unknown"
