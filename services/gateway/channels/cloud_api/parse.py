"""Reads the body of a Cloud API webhook: every entry, change, message and status, whatever surrounds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from services.gateway.channels.cloud_api import fields, groups, messages, statuses
from services.gateway.channels.cloud_api.people import People
from services.gateway.domain.items import Item, ProviderError, Unread

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

ECHOES = "smb_message_echoes"
"""What somebody wrote on a phone of ours."""

KNOWN_FIELDS = GROUP_FIELDS | {"messages", ECHOES}

LISTS = ("messages", "statuses", "groups", "message_echoes", "errors")
"""What a change can hold, whatever its field is called."""

_EXPECTED = frozenset({*LISTS, "contacts"})

MAX_FIELD = 64
"""Longest name of an unknown field that is repeated in the reason it is kept for."""


def parse(body: bytes, number: str | None = None) -> Iterator[Item]:
    """Yield everything `body` contains; what cannot be read is yielded as `Unread`, never left out.

    An item is made when it is asked for: tens of thousands fit into a body, and all at once take a hundred
    times its size.

    Args:
        body: the bytes of the webhook.
        number: the id of the phone number it must be about. Meta delivers all numbers of an app to one
            address unless told otherwise, and another number's messages must not be answered from this one.
    """
    try:
        document = _load(body)
    except (ValueError, RecursionError):
        yield Unread("not_json", body.decode("utf-8", "replace"))
        return
    if not isinstance(document, dict) or not isinstance(document.get("entry"), list):
        yield Unread("no_entries", document)
        return
    for entry in document["entry"]:
        yield from _entry(entry, number)


def _load(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # The strict parser refuses lone surrogates; one such message must not take its neighbours with it.
        return json.loads(body)


def _entry(entry: object, number: str | None) -> Iterator[Item]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Unread("no_changes", entry)
        return
    for change in changes:
        yield from _change(change, number)


def _change(change: object, number: str | None) -> Iterator[Item]:
    if not isinstance(change, dict) or not isinstance(change.get("value"), dict):
        yield Unread("no_value", change)
        return
    field, value = change.get("field"), change["value"]
    about = fields.text(value, "metadata", "phone_number_id")
    if number is not None and about not in (number, None):
        yield Unread("other_number", change)
        return
    match field:
        case str() if field in KNOWN_FIELDS:
            yield from _known(field, value)
        case str() if field.isidentifier():
            yield Unread(f"field:{field[:MAX_FIELD]}", change)
        case _:
            yield Unread("field", change)


def _known(field: str, value: Mapping[str, Any]) -> Iterator[Item]:
    if all(value.get(name) is None for name in LISTS):
        yield Unread("no_content", value)
        return
    people = People.of(value)
    if field == ECHOES:
        yield from _each(value, "messages", messages.echo)
    else:
        yield from _each(value, "messages", messages.message, people)
    yield from _each(value, "statuses", statuses.status, people)
    yield from _each(value, "groups", groups.change, field, value)
    yield from _each(value, "message_echoes", messages.echo)
    yield from _each(value, "errors", _error)
    for name, listed in value.items():
        if name not in _EXPECTED and isinstance(listed, list) and listed:
            # A further kind of content; single values come and go and mean nothing to us.
            known = name[:MAX_FIELD] if name.isidentifier() else "unnamed"
            yield Unread(f"list:{known}", {name: listed})


def _each(value: Mapping[str, Any], name: str, read: Callable[..., Item], *context: Any) -> Iterator[Item]:
    """Yield what `read` makes of each element of the list called `name`.

    A shape nobody foresaw becomes `Unread`; its neighbours stay.
    """
    parts = value.get(name)
    if not isinstance(parts, list):
        if parts is not None:
            yield Unread(f"no_list:{name}", value)
        return
    for part in parts:
        try:
            yield read(part, *context) if isinstance(part, dict) else Unread("no_object", part)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            yield Unread(f"unreadable:{type(error).__name__}", part)


def _error(part: Mapping[str, Any]) -> Item:
    code = fields.error_code(part)
    if code is None:
        raise KeyError("code")
    return ProviderError(code)
