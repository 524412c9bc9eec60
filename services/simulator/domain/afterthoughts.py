"""What members do to what was said: change it, take it back, press one of its buttons."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from services.simulator.domain import payloads
from services.simulator.domain.changes import Changes
from services.simulator.domain.files import MEDIA
from services.simulator.domain.interactive import reply
from services.simulator.domain.messages import Kind, Message
from services.simulator.domain.world import World
from shared.errors import Invalid

EDITED_WITHIN = dt.timedelta(minutes=15)
REVOKED_WITHIN = dt.timedelta(days=2)


def edit(
    world: World, chat: str, phone: str, target_id: str, text: str, *, message_id: str, at: dt.datetime
) -> Changes:
    """Let a member write a message of theirs anew; of a file, its caption.

    Raises:
        Invalid: it is not theirs, too old, or has no words.
    """
    target = _own(world, chat, phone, target_id, at - EDITED_WITHIN)
    type_ = target.type
    if target.kind is Kind.TEXT:
        content: dict[str, Any] = {"body": text}
    elif type_ in MEDIA and type_ != "audio":
        content = {**target.payload.get(type_, {}), "caption": text}
    else:
        raise Invalid("Only a text or a caption can be edited.")
    changes = Changes()
    payload = {type_: content} if type_ in MEDIA else target.payload
    world.put(replace(target, text=text, edited=True, payload=payload), changes)
    written = {"original_message_id": target.id, "message": {"type": type_, type_: content}}
    _tell(world, changes, target, "edit", written, message_id=message_id, at=at)
    return changes


def revoke(
    world: World, chat: str, phone: str, target_id: str, *, message_id: str, at: dt.datetime
) -> Changes:
    """Let a member delete a message of theirs for everyone.

    Raises:
        Invalid: it is not theirs or too old.
    """
    target = _own(world, chat, phone, target_id, at - REVOKED_WITHIN)
    changes = Changes()
    world.put(replace(target, text="", payload={}, reactions={}, deleted=True), changes)
    _tell(world, changes, target, "revoke", {"original_message_id": target.id}, message_id=message_id, at=at)
    return changes


def press(
    world: World, chat: str, phone: str, target_id: str, choice: str, *, message_id: str, at: dt.datetime
) -> Changes:
    """Let a member press a button of a message, or choose a row of its list.

    Raises:
        Invalid: the message offers no such choice.
    """
    target = world.message_in(chat, target_id)
    answer = reply(target.payload, choice)
    if answer is None:
        raise Invalid("The message offers no such choice.")
    title = str(answer[answer["type"]]["title"])
    return world.say(
        chat,
        phone,
        message_id,
        at,
        text=title,
        type="interactive",
        reply_to=target.id,
        payload={"interactive": answer},
    )


def _own(world: World, chat: str, phone: str, target_id: str, since: dt.datetime) -> Message:
    world.member_in(chat, phone)
    target = world.message_in(chat, target_id)
    if target.author != phone or target.deleted or target.kind not in (Kind.TEXT, Kind.OTHER):
        raise Invalid("This is no message of this member.")
    if target.at < since:
        raise Invalid("This message is too old for that.")
    return target


def _tell(
    world: World,
    changes: Changes,
    target: Message,
    type_: str,
    what: dict[str, Any],
    *,
    message_id: str,
    at: dt.datetime,
) -> None:
    author = world.member(target.author)
    notice = Message(
        message_id, target.chat, 0, target.author, at, Kind.OTHER, "", type=type_, payload={type_: what}
    )
    world.notify(changes, target.chat, payloads.message_received(world.line, author, notice, None), at)
