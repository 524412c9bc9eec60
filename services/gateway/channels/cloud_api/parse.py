"""Reads the body of a Cloud API webhook: every entry, change, message and status, whatever surrounds it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from services.gateway.channels.cloud_api import fields, groups, messages
from services.gateway.domain.items import Echo, Item, ProviderError, Unread

GROUP_FIELDS = frozenset(
    {
        "group_lifecycle_update",
        "group_participants_update",
        # The reference page spells it so; the wire has been seen with the other.
        "group_participant_update",
        "group_settings_update",
        "group_status_update",
    }
)


def parse(body: bytes) -> list[Item]:
    """Return everything `body` contains; what cannot be read is returned as `Unread`, never left out."""
    try:
        document = _load(body)
    except (ValueError, RecursionError):
        return [Unread("not_json", body.decode("utf-8", "replace"))]
    if not isinstance(document, dict) or not isinstance(document.get("entry"), list):
        return [Unread("no_entries", document)]
    return [item for entry in document["entry"] for item in _entry(entry)]


def _load(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # The strict parser refuses lone surrogates; one such message must not take its neighbours with it.
        return json.loads(body)


def _entry(entry: object) -> Iterator[Item]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Unread("no_changes", entry)
        return
    for change in changes:
        yield from _change(change)


def _change(change: object) -> Iterator[Item]:
    if not isinstance(change, dict) or not isinstance(change.get("value"), dict):
        yield Unread("no_value", change)
        return
    field, value = str(change.get("field")), change["value"]
    match field:
        case "messages":
            yield from _messages(value)
        case "smb_message_echoes":
            for echo in fields.dicts(value, "message_echoes"):
                yield Echo(fields.text(echo, "id") or "", fields.text(echo, "type") or "")
        case _ if field in GROUP_FIELDS:
            for group in fields.dicts(value, "groups"):
                yield _guarded(groups.change, group, field, value)
        case _:
            yield Unread(f"field:{field}" if field.isidentifier() else "field", change)


def _messages(value: Mapping[str, Any]) -> Iterator[Item]:
    people = messages.People.of(value)
    for message in fields.dicts(value, "messages"):
        yield _guarded(messages.message, message, people)
    for status in fields.dicts(value, "statuses"):
        yield _guarded(messages.status, status)
    for code in fields.error_codes(value):
        yield ProviderError(code)
    if not any(isinstance(value.get(part), list) for part in ("messages", "statuses", "errors")):
        yield Unread("no_content", value)


def _guarded(read: Any, part: Mapping[str, Any], *context: Any) -> Item:
    """Return what `read` makes of `part`; a shape nobody foresaw becomes `Unread`, its neighbours stay."""
    try:
        item: Item = read(part, *context)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        return Unread(f"unreadable:{type(error).__name__}", part)
    return item
