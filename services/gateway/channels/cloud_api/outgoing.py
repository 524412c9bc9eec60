"""What the Cloud API is asked for: each message and action as the request that says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.gateway.channels.contract import (
    Action,
    AnswerJoin,
    Capability,
    Destination,
    Outgoing,
    Pin,
    React,
    Remove,
)
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.lengths import cut, length
from services.gateway.domain.render import choice_lines, with_lines
from shared.contracts.gateway import ChatKind, Choice, File, SendKind, Template

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_BODY = 1024
"""Of a message with buttons or a list."""
MAX_BUTTONS = 3
MAX_BUTTON_TITLE = 20
MAX_ROW_TITLE = 24
MAX_ROW_DESCRIPTION = 72
MAX_PARAMETERS_TOGETHER = 1024
MAX_FILENAME = 240
MAX_PIN_DAYS = 30

LIST_LABEL = "☰"
"""On the button that opens a list. A sign and no word: the gateway does not know the chat's language."""

_ANYWHERE = frozenset({Capability.TEXT, Capability.FILES, Capability.TEMPLATES, Capability.WINDOW})
_DIRECT = _ANYWHERE | {Capability.REPLIES, Capability.REACTIONS, Capability.CHOICES}
_GROUP = _ANYWHERE | {Capability.PIN, Capability.REMOVE_MEMBER, Capability.ANSWER_JOIN}

_MEDIA = {
    SendKind.IMAGE: "image",
    SendKind.VIDEO: "video",
    SendKind.AUDIO: "audio",
    SendKind.VOICE: "audio",
    SendKind.DOCUMENT: "document",
    SendKind.UNKNOWN: "document",
}
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Call:
    """A request, by the method and the path below the API's address."""

    method: str
    path: str
    body: dict[str, Any]


def capabilities(kind: ChatKind) -> frozenset[Capability]:
    """Return what can be done in chats of this kind."""
    match kind:
        case ChatKind.DIRECT:
            return _DIRECT
        case ChatKind.GROUP:
            return _GROUP
        case _:
            return _ANYWHERE


def message_call(number: str, to: Destination, message: Outgoing) -> Call:
    """Return the request that sends `message` from the number with the id `number`."""
    body = {**_to(to), **_content(message), "biz_opaque_callback_data": message.mark}
    if message.reply_to is not None:
        body["context"] = {"message_id": message.reply_to.provider_id}
    return Call("POST", f"{number}/messages", body)


def action_call(number: str, to: Destination, action: Action) -> Call | None:
    """Return the request that does `action`, None where there is no way."""
    match action:
        case React(message, emoji):
            reaction = {"message_id": message.provider_id, "emoji": emoji or ""}
            return Call("POST", f"{number}/messages", {**_to(to), "type": "reaction", "reaction": reaction})
        case Pin(message, days):
            pin: dict[str, Any] = {"type": "pin" if days else "unpin", "message_id": message.provider_id}
            if days:
                pin["expiration_days"] = min(days, MAX_PIN_DAYS)
            return Call("POST", f"{number}/messages", {**_to(to), "type": "pin", "pin": pin})
        case Remove(person) if to.group is not None:
            body = {"messaging_product": "whatsapp", "participants": [{"user": _written(person)}]}
            return Call("DELETE", f"{quote(to.group, safe='')}/participants", body)
        case AnswerJoin(request_id, approved) if to.group is not None:
            body = {"messaging_product": "whatsapp", "join_requests": [request_id]}
            method = "POST" if approved else "DELETE"
            return Call(method, f"{quote(to.group, safe='')}/join_requests", body)
        case _:
            return None


def _to(to: Destination) -> dict[str, Any]:
    product = {"messaging_product": "whatsapp"}
    if to.group is not None:
        return {**product, "recipient_type": "group", "to": to.group}
    if to.person is None:
        raise ValueError("a message goes to a group or to a person")
    key = "to" if to.person.kind is AddressKind.PHONE else "recipient"
    return {**product, "recipient_type": "individual", key: _written(to.person)}


def _written(person: Address) -> str:
    # Without the plus, Meta puts the sender's own country code before the number.
    return f"+{person.value}" if person.kind is AddressKind.PHONE else person.value


def _content(message: Outgoing) -> dict[str, Any]:
    if message.template is not None:
        return {"type": "template", "template": _template(message.template)}
    if message.file is not None and (message.file.link or message.file.provider_media):
        return _file(message.file, message.text)
    if message.choices and (interactive := _interactive(message.text, message.choices)) is not None:
        return {"type": "interactive", "interactive": interactive}
    text = with_lines(message.text, choice_lines(message.choices), MAX_TEXT)
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def _file(file: File, text: str) -> dict[str, Any]:
    kind = _MEDIA[file.kind]
    media: dict[str, Any] = {"id": file.provider_media} if file.provider_media else {"link": file.link}
    if kind != "audio":
        # A recording carries no words; whoever sends one has said everything in it.
        media["caption"] = cut(text, MAX_CAPTION)
    if kind == "document" and file.filename:
        media["filename"] = cut(file.filename, MAX_FILENAME)
    return {"type": kind, kind: media}


def _interactive(text: str, choices: Sequence[Choice]) -> dict[str, Any] | None:
    """Return buttons, else a list, else None: what does not fit would be refused."""
    titles, ids = [each.title.strip() for each in choices], {each.id for each in choices}
    if length(text) > MAX_BODY or len(set(titles)) < len(choices) or len(ids) < len(choices):
        return None
    bare = not any(each.description for each in choices)
    if len(choices) <= MAX_BUTTONS and bare and _fit(titles, MAX_BUTTON_TITLE):
        buttons = [
            {"type": "reply", "reply": {"id": each.id, "title": title}}
            for each, title in zip(choices, titles, strict=True)
        ]
        return {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}
    if not _fit(titles, MAX_ROW_TITLE):
        return None
    rows = [_row(each, title) for each, title in zip(choices, titles, strict=True)]
    action = {"button": LIST_LABEL, "sections": [{"rows": rows}]}
    return {"type": "list", "body": {"text": text}, "action": action}


def _fit(titles: Sequence[str], limit: int) -> bool:
    return all(0 < length(title) <= limit for title in titles)


def _row(choice: Choice, title: str) -> dict[str, str]:
    row = {"id": choice.id, "title": title}
    if choice.description and choice.description.strip():
        row["description"] = cut(choice.description, MAX_ROW_DESCRIPTION)
    return row


def _template(template: Template) -> dict[str, Any]:
    given: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    if template.parameters:
        limit = MAX_PARAMETERS_TOGETHER // len(template.parameters)
        parameters = [{"type": "text", "text": _parameter(each, limit)} for each in template.parameters]
        given["components"] = [{"type": "body", "parameters": parameters}]
    return given


def _parameter(text: str, limit: int) -> str:
    # Meta refuses a parameter with a line break, a run of blanks, or nothing at all in it.
    return cut(_BLANKS.sub(" ", text).strip(), limit) or "–"
