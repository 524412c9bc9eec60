"""What a message of the Cloud API consists of, type by type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.gateway.channels.cloud_api import fields, shopping
from services.gateway.domain.items import MediaRef
from shared.contracts.gateway import Attachment, Location, MessageKind, Order

KINDS: Mapping[str, MessageKind] = {
    "text": MessageKind.TEXT,
    "image": MessageKind.IMAGE,
    "video": MessageKind.VIDEO,
    "audio": MessageKind.AUDIO,
    "voice": MessageKind.AUDIO,
    "document": MessageKind.DOCUMENT,
    "sticker": MessageKind.STICKER,
    "location": MessageKind.LOCATION,
    "contacts": MessageKind.CONTACTS,
    "button": MessageKind.BUTTON,
    "interactive": MessageKind.INTERACTIVE,
    "order": MessageKind.ORDER,
}
"""The types that are read; any other is told of as unsupported, with its name."""

MAX_CHOICE = 256
MAX_PLACE = 1024

_LATITUDES, _LONGITUDES = 90, 180


@dataclass(frozen=True, slots=True)
class Content:
    """What one message says, however it says it."""

    text: str | None = None
    media_id: str | None = None
    media: MediaRef | None = None
    attachment: Attachment | None = None
    location: Location | None = None
    choice: str | None = None
    form: str | None = None
    order: Order | None = None


NOTHING = Content()


def content(message: Mapping[str, Any], type_name: str) -> Content:
    """Return what stands in `message` under the name of its type.

    Raises:
        ValueError: the id of its file is longer than any can be.
    """
    body = message.get(type_name)
    if not isinstance(body, dict):
        # Cards of other people too: that somebody shared them is all that is told of them.
        return NOTHING
    if (read := _READERS.get(type_name)) is not None:
        return read(body)
    # Not of `context`, which is no type of message: what stands there is the id of another one.
    return NOTHING if type_name == "context" else Content(media_id=fields.identifier(body, "id"))


def any_content(message: Mapping[str, Any]) -> Content:
    """Return what `message` says where it need not name its type."""
    type_name = fields.text(message, "type") or next((name for name in KINDS if name in message), "")
    return content(message, type_name)


def _text(body: Mapping[str, Any]) -> Content:
    return Content(fields.text(body, "body"))


def _order(body: Mapping[str, Any]) -> Content:
    return Content(fields.text(body, "text"), order=shopping.order(body))


def _button(body: Mapping[str, Any]) -> Content:
    return Content(fields.text(body, "text"), choice=_choice(body, "payload"))


def _voice(body: Mapping[str, Any]) -> Content:
    return _file({**body, "voice": True})


def _file(body: Mapping[str, Any]) -> Content:
    media_id = fields.identifier(body, "id")
    return Content(
        text=fields.text(body, "caption"),
        media_id=media_id,
        # The address beside it lives for minutes and may be anybody's: a file is asked for by its id.
        media=MediaRef(id=media_id) if media_id else None,
        attachment=Attachment(
            mime_type=fields.token(body, "mime_type"),
            filename=fields.filename(body, "filename"),
            sha256=fields.token(body, "sha256"),
            voice=body.get("voice") is True,
            animated=body.get("animated") is True,
        ),
    )


def _interactive(body: Mapping[str, Any]) -> Content:
    for name in ("button_reply", "list_reply"):
        if isinstance(reply := body.get(name), dict):
            return Content(fields.text(reply, "title"), choice=_choice(reply, "id"))
    if isinstance(reply := body.get("nfm_reply"), dict):
        return Content(fields.text(reply, "body"), form=_form(reply))
    if isinstance(reply := body.get("call_permission_reply"), dict):
        response = fields.text(reply, "response") or "unknown"
        # Nobody gave this button its id, so its name keeps it apart from all that have one.
        return Content(choice=f"call_permission_reply:{response}"[:MAX_CHOICE])
    return NOTHING


def _choice(body: Mapping[str, Any], name: str) -> str | None:
    """Return what was chosen; cut short it would be another choice, and a longer one is none of ours."""
    found = fields.text(body, name)
    return found if found is None or len(found) <= MAX_CHOICE else None


def _form(reply: Mapping[str, Any]) -> str | None:
    """Return what a flow gave back: meant to be JSON in a string, and seen as null and cut off as well."""
    if "response_json" not in reply:
        return None
    given = reply["response_json"]
    if isinstance(given, str):
        return fields.clean(given)
    try:
        return orjson.dumps(given).decode()
    except TypeError:
        return json.dumps(given)


def _place(body: Mapping[str, Any]) -> Content:
    return Content(location=_location(body))


def _location(body: Mapping[str, Any]) -> Location | None:
    latitude, longitude = fields.number(body, "latitude"), fields.number(body, "longitude")
    if latitude is None or longitude is None or abs(latitude) > _LATITUDES or abs(longitude) > _LONGITUDES:
        return None
    name, address = fields.text(body, "name"), fields.text(body, "address")
    return Location(
        latitude=latitude,
        longitude=longitude,
        name=name[:MAX_PLACE] if name else None,
        address=address[:MAX_PLACE] if address else None,
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Content]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker"), _file),
    "voice": _voice,
    "location": _place,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
}
