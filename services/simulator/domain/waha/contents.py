"""What a message holds, in the words of WhatsApp itself, which the engine hands on in `_data`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from services.simulator.domain.files import MEDIA
from services.simulator.domain.messages import Kind, Message

Part = dict[str, Any]

_ENDINGS = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "audio/mpeg": "mp3",
    "audio/ogg": "oga",
    "audio/wav": "wav",
    "application/pdf": "pdf",
}


def body(message: Message) -> str:
    """Return the words of a message: its text or caption."""
    if message.kind is Kind.TEXT:
        return message.text
    given = _content(message).get("caption")
    return given if isinstance(given, str) else message.text if message.type in MEDIA else ""


def structure(message: Message, context: Part) -> Part:
    """Return WhatsApp's own structure; `context` says what is answered, and whether it was forwarded."""
    if message.kind is Kind.TEXT:
        if not context:
            return {"conversation": message.text}
        return {"extendedTextMessage": {"text": message.text, "contextInfo": context}}
    make = _STRUCTURES.get(message.type)
    name, inner = make(message, _content(message)) if make else (f"{message.type}Message", {})
    return {name: {**inner, "contextInfo": context} if context else inner}


def media(message: Message, files: str) -> Part | None:
    """Return where the file of a message is found, None where it has none; `files` is where all are."""
    content = _content(message)
    if message.type not in MEDIA or not isinstance(content.get("id"), str):
        return None
    mime_type = content.get("mime_type", "application/octet-stream")
    name = f"{content['id']}.{_ENDINGS.get(str(mime_type).partition(';')[0], 'bin')}"
    return {"url": f"{files}/{name}", "mimetype": mime_type, "filename": content.get("filename")}


def place(message: Message) -> Part | None:
    """Return the place that a message shares."""
    content = _content(message)
    return dict(content) if message.type == "location" and "latitude" in content else None


def _content(message: Message) -> Mapping[str, Any]:
    found = message.payload.get(message.type)
    return found if isinstance(found, Mapping) else {}


def _file(message: Message, content: Mapping[str, Any]) -> tuple[str, Part]:
    told: Part = {"mimetype": content.get("mime_type")}
    if isinstance(digest := content.get("sha256"), str):
        told["fileSha256"] = base64.b64encode(bytes.fromhex(digest)).decode()
    if words := body(message):
        told["caption"] = words
    if message.type == "audio":
        told["ptt"] = bool(content.get("voice"))
    if message.type == "document":
        told["fileName"] = content.get("filename")
    return f"{message.type}Message", told


def _location(message: Message, content: Mapping[str, Any]) -> tuple[str, Part]:
    del message
    names = {"degreesLatitude": "latitude", "degreesLongitude": "longitude"}
    where = {theirs: content.get(ours) for theirs, ours in names.items()}
    return "locationMessage", {**where, "name": content.get("name"), "address": content.get("address")}


def _poll(message: Message, content: Mapping[str, Any]) -> tuple[str, Part]:
    del message
    options = [{"optionName": each} for each in content.get("options", ())]
    most = 0 if content.get("multipleAnswers") else 1
    told = {"name": content.get("name"), "options": options, "selectableOptionsCount": most}
    return "pollCreationMessageV3", told


_STRUCTURES: Mapping[str, Callable[[Message, Mapping[str, Any]], tuple[str, Part]]] = {
    **dict.fromkeys(MEDIA, _file),
    "location": _location,
    "poll": _poll,
}
