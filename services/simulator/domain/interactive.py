"""Buttons and lists: what WhatsApp takes, and what becomes of a press."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.simulator.domain.refusal import INVALID, MALFORMED, MISSING, GraphError, optional, required

LONGEST_BODY = {"button": 1024, "list": 4096, "cta_url": 1024}
LONGEST_FOOTER = 60
LONGEST_HEADER = 60
LONGEST_LABEL = 20
LONGEST_BUTTON_ID = 256
LONGEST_ROW_ID = 200
LONGEST_ROW_TITLE = 24
LONGEST_ROW_DESCRIPTION = 72
MOST_BUTTONS = 3
MOST_SECTIONS = 10
MOST_ROWS = 10


def check(content: Mapping[str, Any]) -> str:
    """Return what people read above the buttons.

    Raises:
        GraphError: WhatsApp would refuse it.
    """
    type_ = content.get("type")
    if type_ not in LONGEST_BODY:
        raise GraphError(INVALID, "interactive['type'] must be button, list or cta_url.")
    body = required(content.get("body"), "interactive['body']", "text", LONGEST_BODY[type_])
    optional(content.get("footer"), "interactive['footer']", "text", LONGEST_FOOTER)
    header = content.get("header")
    if isinstance(header, dict):
        if type_ == "list" and header.get("type") != "text":
            raise GraphError(INVALID, "The header of a list is a text.")
        optional(header, "interactive['header']", "text", LONGEST_HEADER)
    action = content.get("action")
    if not isinstance(action, dict):
        raise GraphError(MISSING, "The parameter interactive['action'] is required.")
    {"button": _buttons, "list": _list, "cta_url": _link}[type_](action)
    return body


def reply(payload: Mapping[str, Any], choice: str) -> dict[str, Any] | None:
    """Return the `interactive` of the webhook for a press, None where the message offers no such choice."""
    content = payload.get("interactive")
    if not isinstance(content, dict):
        return None
    action = content["action"]
    if content["type"] == "button":
        chosen = (each["reply"] for each in action["buttons"])
        found = next((each for each in chosen if each["id"] == choice), None)
        return found and {"type": "button_reply", "button_reply": {"id": choice, "title": found["title"]}}
    if content["type"] == "list":
        row = next((each for each in _rows(action) if each["id"] == choice), None)
        names = ("id", "title", "description")
        told = {name: row[name] for name in names if name in row} if row else None
        return told and {"type": "list_reply", "list_reply": told}
    return None


def _buttons(action: Mapping[str, Any]) -> None:
    buttons = _dicts(action, "buttons")
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise GraphError(INVALID, f"There can be 1 to {MOST_BUTTONS} buttons.")
    replies = [each.get("reply") for each in buttons]
    if any(each.get("type") != "reply" for each in buttons):
        raise GraphError(INVALID, "A button must be of the type reply.")
    ids = [required(each, "reply", "id", LONGEST_BUTTON_ID) for each in replies]
    titles = [required(each, "reply", "title", LONGEST_LABEL) for each in replies]
    _unique(ids, "id")
    _unique(titles, "title")


def _list(action: Mapping[str, Any]) -> None:
    required(action, "action", "button", LONGEST_LABEL)
    sections = _dicts(action, "sections")
    if not 1 <= len(sections) <= MOST_SECTIONS:
        raise GraphError(INVALID, f"There can be 1 to {MOST_SECTIONS} sections.")
    for each in sections:
        if len(sections) > 1:
            required(each, "section", "title", LONGEST_ROW_TITLE)
        optional(each, "section", "title", LONGEST_ROW_TITLE)
        _dicts(each, "rows")
    rows = list(_rows(action))
    if not 1 <= len(rows) <= MOST_ROWS:
        raise GraphError(INVALID, f"There can be 1 to {MOST_ROWS} rows in all sections together.")
    _unique([required(each, "row", "id", LONGEST_ROW_ID) for each in rows], "id")
    for each in rows:
        required(each, "row", "title", LONGEST_ROW_TITLE)
        optional(each, "row", "description", LONGEST_ROW_DESCRIPTION)


def _link(action: Mapping[str, Any]) -> None:
    parameters = action.get("parameters")
    required(parameters, "parameters", "display_text", LONGEST_LABEL)
    if not required(parameters, "parameters", "url").startswith(("https://", "http://")):
        raise GraphError(INVALID, "The parameter url must be an address.")


def _rows(action: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for section in action["sections"]:
        yield from section["rows"]


def _dicts(part: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = part.get(key)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise GraphError(MISSING, f"The parameter {key} is required and takes a list.")
    return found


def _unique(values: list[str], key: str) -> None:
    if len(set(values)) < len(values):
        raise GraphError(MALFORMED, f"Every {key} must be unique.")
