"""What a message of each type may hold, what people see of it, and the message it acts on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from services.simulator.domain import interactive
from services.simulator.domain.files import MEDIA
from services.simulator.domain.refusal import (
    INVALID,
    MALFORMED,
    MISSING,
    GraphError,
    optional,
    required,
    text_of,
)

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_EMOJI = 32
LONGEST_PIN = 30
MOST_CONTACTS = 257
LATITUDES, LONGITUDES = 90, 180

_CAPTIONED = ("image", "video", "document")
_UNFIT = re.compile(r"[\n\t]| {5,}")
"""What no parameter of a template may hold."""


def shown(type_: str, content: Any, *, group: bool) -> tuple[str, str | None]:
    """Return what people see of `content`, and the message it acts on.

    Raises:
        GraphError: WhatsApp would refuse it.
    """
    read = _READERS.get(type_)
    if content is None or (not isinstance(content, dict) and type_ != "contacts"):
        raise GraphError(MISSING, f"The parameter '{type_}' is required for this type.")
    if read is None or type_ in (_DIRECT_ALONE if group else _GROUPS_ALONE):
        raise GraphError(MALFORMED, f"Param type cannot be '{type_}' for this recipient.")
    text = read(content)
    return text, required(content, type_, "message_id") if type_ in _ON_ANOTHER else None


def _text(content: Mapping[str, Any]) -> str:
    return required(content, "text", "body", LONGEST_TEXT)


def _reaction(content: Mapping[str, Any]) -> str:
    emoji = content.get("emoji", "")
    if not isinstance(emoji, str) or len(emoji) > LONGEST_EMOJI:
        raise GraphError(INVALID, "The parameter reaction['emoji'] must be one emoji, or empty.")
    return emoji


def _media(type_: str, content: Mapping[str, Any]) -> str:
    caption = optional(content, type_, "caption", LONGEST_CAPTION)
    if caption and type_ not in _CAPTIONED:
        raise GraphError(MALFORMED, f"A message of type {type_} takes no caption.")
    link, media_id = text_of(content, "link"), text_of(content, "id")
    if not link and not media_id:
        raise GraphError(MISSING, f"The parameter {type_}['id'] or {type_}['link'] is required.")
    if link and media_id:
        raise GraphError(INVALID, f"Only one of {type_}['id'] and {type_}['link'] can be given.")
    if link and not link.startswith(("https://", "http://")):
        raise GraphError(INVALID, f"The parameter {type_}['link'] must be an address.")
    return caption or text_of(content, "filename") or ""


def _pin(content: Mapping[str, Any]) -> str:
    type_ = required(content, "pin", "type")
    if type_ not in ("pin", "unpin"):
        raise GraphError(INVALID, "pin['type'] must be pin or unpin.")
    days = content.get("expiration_days", 1)
    if not isinstance(days, int) or not 1 <= days <= LONGEST_PIN:
        raise GraphError(INVALID, f"pin['expiration_days'] must be 1 to {LONGEST_PIN}.")
    return type_


def _template(content: Mapping[str, Any]) -> str:
    name = required(content, "template", "name")
    required(content.get("language"), "template['language']", "code")
    components = content.get("components", [])
    if not isinstance(components, list):
        raise GraphError(INVALID, "template['components'] takes a list.")
    filled = [text for each in components for text in _parameters(each)]
    return " · ".join([name, *filled])


def _parameters(component: Any) -> list[str]:
    given = component.get("parameters", []) if isinstance(component, dict) else None
    if not isinstance(given, list):
        raise GraphError(INVALID, "A component of a template takes a list of parameters.")
    texts = [required(each, "parameter", "text") for each in given if _is_text(each)]
    if any(_UNFIT.search(each) for each in texts):
        raise GraphError(132012, "A parameter holds a line break, a tab or too many blanks in a row.")
    return texts


def _is_text(parameter: Any) -> bool:
    return isinstance(parameter, dict) and parameter.get("type") == "text"


def _location(content: Mapping[str, Any]) -> str:
    for key, most in (("latitude", LATITUDES), ("longitude", LONGITUDES)):
        value = content.get(key)
        if value is None:
            raise GraphError(MISSING, f"The parameter location['{key}'] is required.")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > most:
            raise GraphError(INVALID, f"The parameter location['{key}'] is no such place.")
    return text_of(content, "name") or text_of(content, "address") or ""


def _contacts(content: Any) -> str:
    if not isinstance(content, list) or not content:
        raise GraphError(MISSING, "The parameter 'contacts' is required for this type.")
    if len(content) > MOST_CONTACTS:
        raise GraphError(MALFORMED, f"There can be at most {MOST_CONTACTS} contacts.")
    names = [each.get("name") if isinstance(each, dict) else None for each in content]
    return ", ".join(required(each, "name", "formatted_name") for each in names)


_READERS: Mapping[str, Callable[[Any], str]] = {
    "text": _text,
    "reaction": _reaction,
    "pin": _pin,
    "template": _template,
    "interactive": interactive.check,
    "location": _location,
    "contacts": _contacts,
    **{type_: partial(_media, type_) for type_ in MEDIA},
}
_DIRECT_ALONE = frozenset({"interactive", "location", "contacts"})
_GROUPS_ALONE = frozenset({"pin"})
_ON_ANOTHER = frozenset({"reaction", "pin"})
