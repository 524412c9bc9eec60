"""Reads the body of a WAHA webhook: one event, whatever its engine made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import orjson

from services.gateway.channels.waha import groups, messages, statuses
from services.gateway.channels.waha.event import Event
from services.gateway.domain.items import Item, Passed, Unread

_READERS: dict[str, Callable[[Event], Item]] = {
    "message": messages.message,
    "message.any": messages.message,
    "message.waiting": messages.waiting,
    "message.reaction": messages.reaction,
    "message.edited": messages.edited,
    "message.revoked": messages.revoked,
    "message.ack": statuses.ack,
    "message.ack.group": statuses.ack,
    "poll.vote": messages.vote,
    "poll.vote.failed": messages.vote,
    "group.v2.join": groups.ours,
    "group.v2.leave": groups.ours,
    "group.v2.update": groups.update,
    "group.v2.participants": groups.participants,
    "group.v2.participants.join-request": groups.join_request,
    "group.join": groups.before_v2,
    "group.leave": groups.before_v2,
}

_PASSED = ("session.", "state.", "engine.", "label.", "chat.", "call.", "presence.", "event.response")
"""How events begin that concern nobody's words: how the session is, who is typing, who rings."""

_NAME = re.compile(r"[a-z0-9._-]{1,64}")


def parse(body: bytes, session: str | None = None) -> list[Item]:
    """Return everything `body` contains; what cannot be read is returned as `Unread`, never left out.

    Args:
        body: the bytes of the webhook.
        session: the session it must be about. One server runs several, each with a number of its own, and
            what another number was told must not be answered from this one.
    """
    try:
        document = _load(body)
    except (ValueError, RecursionError):
        return [Unread("not_json", body.decode("utf-8", "replace"))]
    if not isinstance(document, dict) or not isinstance(document.get("event"), str):
        return [Unread("no_event", document)]
    if session is not None and document.get("session") not in (session, None):
        return [Unread("other_session", document)]
    return [_read(document["event"], document)]


def _load(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # The strict parser refuses lone surrogates, which a sender can put into any message.
        return json.loads(body)


def _read(name: str, document: dict[str, Any]) -> Item:
    if not _NAME.fullmatch(name):
        return Unread("event", document)
    reader = _READERS.get(name)
    if reader is None:
        provider_id = _id(document) if name.startswith(_PASSED) else None
        return Passed(name, provider_id) if name.startswith(_PASSED) else Unread(f"event:{name}", document)
    try:
        return reader(Event.of(name, document))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        return Unread(f"unreadable:{type(error).__name__}", document)


def _id(document: dict[str, Any]) -> str | None:
    payload = document.get("payload")
    found = payload.get("id") if isinstance(payload, dict) else None
    return found[:1024] if isinstance(found, str) else None
