"""What is done to what was said: it is changed, taken back, answered by a button or a vote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from services.simulator.domain.changes import Changes
from services.simulator.domain.files import MEDIA
from services.simulator.domain.interactive import reply
from services.simulator.domain.messages import Kind, Message
from services.simulator.domain.people import BOT, is_bridged
from services.simulator.domain.world import World
from shared.errors import Invalid

EDITED_WITHIN = dt.timedelta(minutes=15)
REVOKED_WITHIN = dt.timedelta(days=2)


def edit(
    world: World, chat: str, who: str, target_id: str, text: str, *, message_id: str, at: dt.datetime
) -> Changes:
    """Let a member, or the bot, write a message of theirs anew; of a file, its caption.

    Raises:
        Invalid: it is not theirs, too old, or has no words.
    """
    target = _said(world, chat, who, target_id, at - EDITED_WITHIN)
    if target.author != who:
        raise Invalid("This is no message of this member.")
    type_ = target.type
    if type_ in MEDIA and type_ != "audio":
        after = replace(target, payload={type_: {**target.payload.get(type_, {}), "caption": text}})
    elif target.kind is Kind.TEXT:
        after = target
    else:
        raise Invalid("Only a text or a caption can be edited.")
    after = replace(after, text=text, edited=True)
    changes = Changes()
    world.put(after, changes)
    notice = _notice(target, who, "edit", message_id, at)
    told = world.dialect(chat).edited(world.members.get(who), notice, after)
    world.notify(changes, chat, told, at)
    return changes


def revoke(world: World, chat: str, who: str, target_id: str, *, message_id: str, at: dt.datetime) -> Changes:
    """Let a member, or the bot, delete a message for everyone: their own or, as an admin, anybody's.

    Raises:
        Invalid: it is somebody else's and they are no admin, it is too old, or nothing that can be deleted.
    """
    target = _said(world, chat, who, target_id, at - REVOKED_WITHIN)
    if target.author != who and not _moderates(world, chat, who):
        raise Invalid("Only an admin of a linked device's group deletes what somebody else has said.")
    changes = Changes()
    gone = replace(target, text="", payload={}, reactions={}, votes={}, deleted=True)
    world.put(gone, changes)
    notice = _notice(target, who, "revoke", message_id, at)
    told = world.dialect(chat).revoked(world.members.get(who), notice, target)
    world.notify(changes, chat, told, at)
    return changes


def vote(
    world: World,
    chat: str,
    phone: str,
    poll_id: str,
    options: Sequence[str],
    *,
    message_id: str,
    at: dt.datetime,
) -> Changes:
    """Let a member choose in a poll; what they choose takes the place of what they chose before.

    Raises:
        Invalid: it is no poll, or it does not offer that.
    """
    voter, poll = world.member_in(chat, phone), world.message_in(chat, poll_id)
    asked = poll.payload.get("poll")
    if poll.type != "poll" or poll.deleted or not isinstance(asked, dict):
        raise Invalid("This is no poll.")
    chosen = tuple(dict.fromkeys(options))
    if not set(chosen) <= set(asked.get("options", ())):
        raise Invalid("The poll offers no such choice.")
    if len(chosen) > 1 and not asked.get("multipleAnswers"):
        raise Invalid("The poll takes one choice.")
    others = {who: each for who, each in poll.votes.items() if who != phone}
    after = replace(poll, votes={**others, phone: chosen} if chosen else others)
    changes = Changes()
    world.put(after, changes)
    notice = _notice(poll, phone, "vote", message_id, at)
    world.notify(changes, chat, world.dialect(chat).voted(voter, notice, after), at)
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


def _said(world: World, chat: str, who: str, target_id: str, since: dt.datetime) -> Message:
    if who != BOT:
        world.member_in(chat, who)
    target = world.message_in(chat, target_id)
    if target.deleted or target.kind not in (Kind.TEXT, Kind.OTHER):
        raise Invalid("This is no message that could be changed.")
    if target.at < since:
        raise Invalid("This message is too old for that.")
    return target


def _moderates(world: World, chat: str, who: str) -> bool:
    # The business at the Cloud API is never told that somebody deletes what another has said.
    return is_bridged(chat) and chat in world.groups and who in world.groups[chat].admins


def _notice(target: Message, who: str, type_: str, message_id: str, at: dt.datetime) -> Message:
    return Message(message_id, target.chat, 0, who, at, Kind.OTHER, "", type=type_)
