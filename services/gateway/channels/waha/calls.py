"""The calls of WAHA's REST interface: which one does what, and what goes into it."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from services.gateway.channels.waha import ids
from services.gateway.channels.waha.ids import Key
from services.gateway.domain.items import Address
from services.gateway.domain.outgoing import (
    Action,
    AnswerJoin,
    Delete,
    Destination,
    MessageRef,
    Outgoing,
    Pin,
    React,
    Remove,
    Restrict,
)
from shared.contracts.gateway import File, SendKind
from shared.mentions import fill

DAY = 86_400
PIN_DAYS = (1, 7, 30)
"""For how long WhatsApp pins; anything else is refused."""

_UPLOADS = {
    SendKind.IMAGE: "sendImage",
    SendKind.VIDEO: "sendVideo",
    SendKind.VOICE: "sendVoice",
    # `sendVoice` makes a voice note of whatever it is given; as a file, a recording keeps its caption.
    SendKind.AUDIO: "sendFile",
    SendKind.DOCUMENT: "sendFile",
}
_MIME_TYPES = {
    SendKind.IMAGE: "image/jpeg",
    SendKind.VIDEO: "video/mp4",
    SendKind.VOICE: "audio/ogg; codecs=opus",
    SendKind.AUDIO: "audio/mpeg",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request to make."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None


def chat_of(to: Destination) -> str | None:
    """Return the chat that `to` is, None where WAHA cannot write to it.

    Raises:
        ValueError: it is nobody.
    """
    if to.group is not None:
        return to.group
    if to.person is None:
        raise ValueError("a message goes to a group or to a person")
    return ids.jid_of(to.person)


def path_of(*parts: str) -> str:
    """Return a path under `/api`, with `@` as `%40`, as WAHA wants it; no part can leave its place."""
    return "/api/" + "/".join(quote(part, safe="") for part in parts)


def message(session: str, chat: str, outgoing: Outgoing, *, with_id: bool) -> Call | None:
    """Return the call that sends `outgoing`, None where WAHA has none for it.

    Args:
        session: the session that sends.
        chat: where to.
        outgoing: what.
        with_id: whether the engine lets us choose the id; for files no engine does.
    """
    mentions = [jid for each in outgoing.mentions if (jid := ids.jid_of(each))]
    text = _with_handles(outgoing.text, outgoing.mentions)
    common: dict[str, Any] = {"session": session, "chatId": chat}
    if outgoing.reply_to is not None:
        common["reply_to"] = outgoing.reply_to.provider_id
    if outgoing.file is not None:
        upload = _upload(outgoing.file, text)
        if upload is None:
            return None
        name, body = upload
        return Call("POST", path_of(name), common | body | ({"mentions": mentions} if mentions else {}))
    if with_id:
        common["id"] = ids.chosen(outgoing.client_id)
    if outgoing.poll:
        poll = {"name": outgoing.text, "options": outgoing.poll, "multipleAnswers": outgoing.many_answers}
        return Call("POST", path_of("sendPoll"), common | {"poll": poll})
    # A preview would make the server fetch whatever address stands in the text.
    body = {"text": text, "linkPreview": False} | ({"mentions": mentions} if mentions else {})
    return Call("POST", path_of("sendText"), common | body)


def action(session: str, chat: str, wanted: Action, own_jid: str | None) -> Call | None:
    """Return the call that does `wanted`, None where WAHA has none for it.

    Args:
        session: the session that acts.
        chat: where.
        wanted: what.
        own_jid: our own name, where the engine wants it in the ids of our own messages.
    """
    match wanted:
        case React(message=ref, emoji=emoji):
            full = _full_id(ref, chat, own_jid)
            body = {"session": session, "messageId": full, "reaction": emoji or ""}
            return Call("PUT", path_of("reaction"), body)
        case Delete(message=ref):
            return Call("DELETE", path_of(session, "chats", chat, "messages", _full_id(ref, chat, own_jid)))
        case Pin(message=ref, days=days):
            return _pin(path_of(session, "chats", chat, "messages", _full_id(ref, chat, own_jid)), days)
        case Remove(person=person):
            jid = ids.jid_of(person)
            path = path_of(session, "groups", chat, "participants", "remove")
            return Call("POST", path, {"participants": [{"id": jid}]}) if jid else None
        case Restrict(admins_only=admins_only):
            path = path_of(session, "groups", chat, "settings", "security", "messages-admin-only")
            return Call("PUT", path, {"adminsOnly": admins_only})
        case AnswerJoin():
            # Who asks is looked up first: see `join_answer`.
            return None


def join_requests(session: str, chat: str) -> Call:
    """Return the call that asks who wants to come into a group."""
    return Call("GET", path_of(session, "groups", chat, "participants", "join-requests"))


def join_answer(session: str, chat: str, requester: str, *, approved: bool) -> Call:
    """Return the call that lets `requester`, as WAHA names them, into a group or sends them away."""
    answer = "approve" if approved else "reject"
    path = path_of(session, "groups", chat, "participants", "join-requests", answer)
    return Call("POST", path, {"participants": [{"id": requester}]})


def _pin(path: str, days: int) -> Call:
    if days < 1:
        return Call("POST", f"{path}/unpin", {})
    duration = next((each for each in PIN_DAYS if each >= days), PIN_DAYS[-1]) * DAY
    return Call("POST", f"{path}/pin", {"duration": duration})


def lookup(session: str, chat: str, client_id: str, own_jid: str | None) -> Call:
    """Return the call that asks for the message we called `client_id`."""
    ref = MessageRef(str(Key(by_us=True, chat=chat, id=ids.chosen(client_id))))
    path = path_of(session, "chats", chat, "messages", _full_id(ref, chat, own_jid))
    return Call("GET", f"{path}?downloadMedia=false")


def _full_id(ref: MessageRef, chat: str, own_jid: str | None) -> str:
    """Return the id of a message with its author in it, which deleting another's message in a group needs."""
    key = Key.read(ref.provider_id)
    author = own_jid if ref.author is None else ids.jid_of(ref.author)
    if key is None:
        key = Key(ref.author is None, chat, ref.provider_id)
    if key.author is None and author and ids.in_group(key.chat):
        key = Key(key.by_us, key.chat, key.id, ids.spelled(author))
    return str(key)


def _with_handles(text: str, mentioned: tuple[Address, ...]) -> str:
    """Return `text` with the handle of everybody mentioned: WhatsApp calls only who stands in it too."""
    all_ = [f"@{each.value.partition('@')[0]}" if ids.jid_of(each) else "" for each in mentioned]
    text = fill(text, lambda number: all_[number - 1] if number <= len(all_) else "")
    missing = [each for each in all_ if each and each not in text]
    return f"{text}\n{' '.join(missing)}" if missing else text


def _upload(file: File, caption: str) -> tuple[str, dict[str, Any]] | None:
    name = _UPLOADS.get(file.kind)
    if name is None or file.link is None:
        return None
    guessed = mimetypes.guess_type(file.filename or urlsplit(file.link).path)[0]
    fallback = _MIME_TYPES.get(file.kind, "application/octet-stream")
    body: dict[str, Any] = {"url": file.link, "mimetype": guessed or fallback}
    if file.filename:
        body["filename"] = file.filename
    if file.kind is SendKind.VOICE:
        # WhatsApp plays nothing but Opus as a voice note, and gives one no caption.
        return name, {"file": body, "convert": True}
    return name, {"file": body, "caption": caption}
