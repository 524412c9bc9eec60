"""Webhooks about people and groups that hold no message: other numbers, other names, wishes to come in."""

from __future__ import annotations

import datetime as dt

from services.simulator.domain.dialect import Payload
from services.simulator.domain.payloads import MESSAGES, PARTICIPANTS, address, envelope
from services.simulator.domain.people import Group, Line, Member

SETTINGS = "group_settings_update"


def number_changed(line: Line, before: Member, after: Member, message_id: str, at: dt.datetime) -> Payload:
    """Return the notice that somebody has another number; it comes without a contact."""
    told: Payload = {"id": message_id, "timestamp": str(int(at.timestamp())), "type": "system"}
    if before.phone_hidden:
        told["system"] = {
            "type": "user_changed_user_id",
            "body": "User changed their number",
            "user_id": after.user_id,
            "previous_user_id": before.user_id,
        }
    else:
        told |= {"from": before.phone, "from_user_id": before.user_id}
        told["system"] = {
            "type": "user_changed_number",
            "body": f"User changed from {before.phone} to {after.phone}",
            "wa_id": after.phone,
        }
    return envelope(line, MESSAGES, {"messages": [told]})


def settings_changed(line: Line, group: Group, changed: tuple[str, ...], at: dt.datetime) -> Payload:
    """Return the webhook for a new subject or description, which are the names in `changed`."""
    told: Payload = {"timestamp": int(at.timestamp()), "group_id": group.id, "type": "group_settings_update"}
    values = {"subject": group.subject, "description": group.description}
    for name in changed:
        told[f"group_{name}"] = {"text": values[name], "update_successful": True}
    return envelope(line, SETTINGS, {"groups": [told]})


def join_asked(
    line: Line, group: Group, member: Member, request: str, at: dt.datetime, *, withdrawn: bool
) -> Payload:
    """Return the webhook for somebody who asks to come in, or asks no more."""
    told: Payload = {
        "timestamp": int(at.timestamp()),
        "group_id": group.id,
        "type": "group_join_request_revoked" if withdrawn else "group_join_request_created",
        "join_request_id": request,
        **address(member),
    }
    return envelope(line, PARTICIPANTS, {"groups": [told]})
