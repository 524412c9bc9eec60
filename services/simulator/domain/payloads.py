"""Webhook bodies in WhatsApp's exact shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.simulator.domain.dialect import Payload
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT, Group, Line, Member

MESSAGES = "messages"
LIFECYCLE = "group_lifecycle_update"
PARTICIPANTS = "group_participants_update"

_UNSUPPORTED_DIRECT = {
    "code": 131051,
    "title": "Message type unknown",
    "message": "Message type unknown",
    "error_data": {"details": "Message type is currently not supported."},
}
_UNSUPPORTED_GROUP = {
    "code": 130501,
    "title": "Unsupported message type",
    "message": "Message type is not currently supported",
    "error_data": {"details": "Message type is not currently supported in groups."},
}


def message_received(line: Line, author: Member, message: Message, quoted: Message | None) -> Payload:
    """Return the webhook for something a member said or reacted with.

    Args:
        line: the business number that hears it.
        author: who said it.
        message: what was said; its payload overrides every key, so that any shape can be scripted.
        quoted: the message it answers.
    """
    said: Payload = {
        **_sender(author),
        "id": message.id,
        "timestamp": _seconds(message.at),
        "type": message.type,
    }
    if message.chat != author.phone:
        said["group_id"] = message.chat
    if message.kind is Kind.REACTION:
        said["reaction"] = {"message_id": message.reply_to, "emoji": message.text}
        if not message.text:
            del said["reaction"]["emoji"]
    elif message.kind is Kind.TEXT:
        said["text"] = {"body": message.text}
    elif message.type == "unsupported":
        said["errors"] = [_UNSUPPORTED_GROUP if "group_id" in said else _UNSUPPORTED_DIRECT]
    context: Payload = {}
    if message.reply_to and message.kind is not Kind.REACTION:
        context = {"from": _author_number(line, quoted), "id": message.reply_to}
    if message.forwarded:
        context["forwarded"] = True
    if context:
        said["context"] = context
    return envelope(
        line, MESSAGES, {"contacts": [_contact(author)], "messages": [{**said, **message.payload}]}
    )


def status_changed(
    line: Line,
    message: Message,
    status: Status,
    at: dt.datetime,
    participants: Sequence[Member],
    *,
    group: bool,
) -> Payload:
    """Return the webhook that says how far one of our messages has come, for several participants at once.

    Args:
        line: the business number that sent it.
        message: the message.
        status: what was reached.
        at: when.
        participants: who reached it; nobody means WhatsApp's own servers did.
        group: whether the message went to a group.
    """
    base: Payload = {"id": message.id, "status": status.value, "timestamp": _seconds(at)}
    if message.opaque is not None:
        base["biz_opaque_callback_data"] = message.opaque
    if status is Status.FAILED:
        base["errors"] = [_failure(message.failure or 131000)]
    else:
        base["pricing"] = {
            "billable": False,
            "pricing_model": "PMP",
            "type": "free_group_customer_service" if group else "free_customer_service",
            "category": "group_service" if group else "service",
        }
    if group:
        base |= {"recipient_id": message.chat, "recipient_type": "group"}
        statuses = [{**base, **_participant(each)} for each in participants] or [base]
    else:
        statuses = [{**base, **_recipient(each)} for each in participants] or [
            {**base, "recipient_id": message.chat}
        ]
    return envelope(line, MESSAGES, {"statuses": statuses})


def group_created(line: Line, group: Group, at: dt.datetime, request_id: str | None) -> Payload:
    """Return the webhook that completes the creation of a group."""
    created: Payload = {
        "timestamp": int(at.timestamp()),
        "group_id": group.id,
        "type": "group_create",
        "subject": group.subject,
        "description": group.description,
        "invite_link": group.invite_link,
        "join_approval_mode": approval_mode(group),
    }
    if request_id is not None:
        created["request_id"] = request_id
    return envelope(line, LIFECYCLE, {"groups": [created]})


def approval_mode(group: Group) -> str:
    """Return WhatsApp's name for how people come into a group."""
    return "approval_required" if group.approval else "auto_approve"


def joined(line: Line, group: Group, people: Iterable[Member], at: dt.datetime) -> Payload:
    """Return the webhook for people who used the invite link."""
    change = {
        "timestamp": int(at.timestamp()),
        "group_id": group.id,
        "type": "group_participants_add",
        "reason": "invite_link",
        "added_participants": [address(each) for each in people],
    }
    return envelope(line, PARTICIPANTS, {"groups": [change]})


def left(
    line: Line, group: Group, people: Iterable[Member], at: dt.datetime, *, request_id: str | None = None
) -> Payload:
    """Return the webhook for people who left or, with `request_id`, whom the business removed."""
    change: Payload = {
        "timestamp": int(at.timestamp()),
        "group_id": group.id,
        "type": "group_participants_remove",
        "initiated_by": "business" if request_id else "participant",
        "removed_participants": [
            {**address(each), **({"input": each.phone} if request_id else {})} for each in people
        ],
    }
    if request_id:
        change["request_id"] = request_id
    return envelope(line, PARTICIPANTS, {"groups": [change]})


def envelope(line: Line, about: str, value: Mapping[str, Any]) -> Payload:
    """Return a whole webhook: `value` under the field `about`."""
    metadata = {"display_phone_number": line.display_phone_number, "phone_number_id": line.phone_number_id}
    full = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {"id": line.account_id, "changes": [{"value": full, "field": about}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _contact(member: Member) -> Payload:
    profile = {"name": member.name}
    if member.username:
        profile["username"] = member.username
    return {"profile": profile, **address(member)}


def address(member: Member) -> Payload:
    """Return the names by which a group's webhooks know somebody."""
    return {"user_id": member.user_id, **({} if member.phone_hidden else {"wa_id": member.phone})}


def _sender(member: Member) -> Payload:
    return {"from_user_id": member.user_id, **({} if member.phone_hidden else {"from": member.phone})}


def _recipient(member: Member) -> Payload:
    known = {} if member.phone_hidden else {"recipient_id": member.phone}
    return {**known, "recipient_user_id": member.user_id}


def _participant(member: Member) -> Payload:
    known = {} if member.phone_hidden else {"recipient_participant_id": member.phone}
    return {**known, "recipient_participant_user_id": member.user_id}


def _author_number(line: Line, quoted: Message | None) -> str:
    return line.display_phone_number if quoted is None or quoted.author == BOT else quoted.author


def _failure(code: int) -> Payload:
    return {
        "code": code,
        "title": "Message undeliverable",
        "message": "Message undeliverable",
        "error_data": {"details": "The simulator was asked to let this message fail."},
    }


def _seconds(at: dt.datetime) -> str:
    return str(int(at.timestamp()))
