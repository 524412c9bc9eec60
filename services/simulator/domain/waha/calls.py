"""What the calls take that send something, and how WAHA refuses what does not fit."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.simulator.domain.waha.refusal import malformed

LONGEST_TEXT = 65_536
MOST_OPTIONS = 12
"""Of a poll, as WhatsApp's app has it."""

PIN_SECONDS = (86_400, 604_800, 2_592_000)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came within the call."""

    body: bytes
    mime_type: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class Send:
    """A well-formed request to send something."""

    chat: str
    """As the caller wrote it."""
    type: str
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    reply_to: str | None = None
    chosen: str | None = None
    """The bare id that the caller has chosen."""
    upload: Upload | None = None


def parse_send(call: str, body: Any) -> Send:
    """Read the body of the call that sends something of this kind.

    Raises:
        WahaError: WAHA would refuse it.
    """
    if not isinstance(body, dict):
        raise malformed("The body must be a JSON object.")
    chat = required(body, "chatId")
    reply_to = body.get("reply_to")
    if reply_to is not None and not isinstance(reply_to, str):
        raise malformed("reply_to must be a string")
    mentions = body.get("mentions", [])
    if mentions != "all" and not (
        isinstance(mentions, list) and all(isinstance(each, str) for each in mentions)
    ):
        raise malformed("mentions must be a list of ids, or all")
    type_, text, payload, upload = _READERS[call](body)
    chosen = body.get("id") if call in _LET_CHOOSE else None
    if chosen is not None and not (isinstance(chosen, str) and chosen.isalnum() and chosen.isascii()):
        raise malformed("id must be an id")
    return Send(chat, type_, text, payload, reply_to, chosen, upload)


def required(body: Any, name: str) -> str:
    """Return the text at `name`.

    Raises:
        WahaError: there is none.
    """
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, str) or not found:
        raise malformed(f"{name} must be a string")
    return found


def flag(body: Any, name: str) -> bool:
    """Return the truth value at `name`.

    Raises:
        WahaError: there is none.
    """
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, bool):
        raise malformed(f"{name} must be a boolean value")
    return found


def participants(body: Any) -> list[str]:
    """Return who is listed.

    Raises:
        WahaError: nobody is, or not as people are.
    """
    listed = body.get("participants") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not listed:
        raise malformed("participants must be a list")
    return [required(each, "id") for each in listed]


def pinned_for(body: Any) -> int:
    """Return for how many seconds something is to be pinned.

    Raises:
        WahaError: WhatsApp has no such duration.
    """
    duration = body.get("duration") if isinstance(body, dict) else None
    if duration not in PIN_SECONDS or isinstance(duration, bool):
        raise malformed(f"duration must be one of {', '.join(map(str, PIN_SECONDS))}")
    return int(duration)


_Read = tuple[str, str, Mapping[str, Any], Upload | None]


def _text(body: Mapping[str, Any]) -> _Read:
    return "text", _within(required(body, "text")), {}, None


def _poll(body: Mapping[str, Any]) -> _Read:
    poll = body.get("poll")
    name = required(poll, "name")
    options = poll.get("options") if isinstance(poll, dict) else None
    if not isinstance(options, list) or not 2 <= len(options) <= MOST_OPTIONS:  # noqa: PLR2004
        raise malformed(f"options must be a list of 2 to {MOST_OPTIONS}")
    if not all(isinstance(each, str) and each for each in options) or len(set(options)) < len(options):
        raise malformed("each option must be a string of its own")
    many = flag(poll, "multipleAnswers") if isinstance(poll, dict) and "multipleAnswers" in poll else False
    return "poll", name, {"poll": {"name": name, "options": options, "multipleAnswers": many}}, None


def _file(type_: str) -> Callable[[Mapping[str, Any]], _Read]:
    def read(body: Mapping[str, Any]) -> _Read:
        file = body.get("file")
        about: dict[str, Any] = {"mime_type": required(file, "mimetype")}
        if isinstance(file, dict) and isinstance(file.get("filename"), str):
            about["filename"] = file["filename"]
        caption = body.get("caption", "")
        if not isinstance(caption, str):
            raise malformed("caption must be a string")
        if type_ == "audio":
            about["voice"], caption = True, ""
        elif caption:
            about["caption"] = caption
        upload = None
        if isinstance(file, dict) and "data" in file:
            upload = Upload(_bytes(required(file, "data")), about["mime_type"], about.get("filename"))
        else:
            about["link"] = required(file, "url")
            if not about["link"].startswith(("https://", "http://")):
                raise malformed("url must be an address")
        return type_, _within(caption), {type_: about}, upload

    return read


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except ValueError as error:
        raise malformed("data must be base64") from error


def _within(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise malformed(f"a message takes at most {LONGEST_TEXT} characters")
    return text


_READERS: Mapping[str, Callable[[Mapping[str, Any]], _Read]] = {
    "sendText": _text,
    "sendImage": _file("image"),
    "sendVideo": _file("video"),
    "sendVoice": _file("audio"),
    "sendFile": _file("document"),
    "sendPoll": _poll,
}
_LET_CHOOSE = frozenset({"sendText", "sendPoll"})

CALLS = tuple(_READERS)
"""The calls that send something."""
