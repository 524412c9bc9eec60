from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.simulator.domain import payloads
from services.simulator.domain.changes import Changes, Webhook
from services.simulator.domain.files import MOST_FILES, File
from services.simulator.domain.ids import invite_link
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT, Group, Line, Member
from services.simulator.domain.signature import encode
from shared.errors import Conflict, Forbidden, Invalid, NotFound

WINDOW = dt.timedelta(hours=24)
"""How long after a member's message the business may write freely in that chat."""


class World:
    """Everything in the simulated WhatsApp. Its acts change it at once and return what they changed."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.members: dict[str, Member] = {}
        self.groups: dict[str, Group] = {}
        self.messages: dict[str, Message] = {}
        self.files: dict[str, File] = {}
        self.sends: list[str] = []
        """Ids of what the bot sent, in order of acceptance."""
        self._lines: dict[str, list[str]] = defaultdict(list)
        self._heard: dict[str, dt.datetime] = {}
        self._serial = 0

    def restore(
        self,
        members: Iterable[Member],
        groups: Iterable[Group],
        messages: Iterable[Message],
        serial: int,
        files: Iterable[File] = (),
    ) -> None:
        """Fill an empty world with what was written down; `messages` in the order of their `seq`."""
        self.files.update((each.id, each) for each in files)
        self.members.update((each.phone, each) for each in members)
        self.groups.update((each.id, each) for each in groups)
        for each in messages:
            self.put(each)
        self._serial = max(self._serial, serial)

    def clear(self) -> None:
        """Forget everything but the serial numbers, so that a cursor never points at another message."""
        everything = (
            self.members,
            self.groups,
            self.messages,
            self.files,
            self.sends,
            self._lines,
            self._heard,
        )
        for each in everything:
            each.clear()

    def next_serial(self) -> int:
        """Return a number that is larger than every one before."""
        self._serial += 1
        return self._serial

    @property
    def cursor(self) -> int:
        """The last serial number that was given out."""
        return self._serial

    def member(self, phone: str) -> Member:
        """Return a member, or raise `NotFound`."""
        found = self.members.get(phone)
        if found is None:
            raise NotFound("There is no member with this number.")
        return found

    def group(self, group: str) -> Group:
        """Return a group, or raise `NotFound`."""
        found = self.groups.get(group)
        if found is None:
            raise NotFound("There is no group with this id.")
        return found

    def people(self, chat: str) -> tuple[str, ...]:
        """Return who is in `chat` beside the bot, or raise `NotFound`."""
        return self.group(chat).members if chat in self.groups else (self.member(chat).phone,)

    def lines(self, chat: str, after: int = 0, limit: int | None = None) -> list[Message]:
        """Return the messages of `chat` with a `seq` over `after`; of too many, the last `limit`."""
        found: list[Message] = []
        for each in reversed(self._lines.get(chat, ())):
            message = self.messages[each]
            if message.seq <= after or (limit is not None and len(found) >= limit):
                break
            found.append(message)
        return found[::-1]

    def window_open(self, chat: str, now: dt.datetime) -> bool:
        """Tell whether a member has spoken in `chat` recently enough for the bot to write freely."""
        heard = self._heard.get(chat)
        return heard is not None and now - heard < WINDOW

    def enter(self, member: Member) -> Changes:
        """Add a member, or change what is known of them."""
        self.members[member.phone] = member
        return Changes(members={member.phone: member})

    def upload(self, file: File) -> Changes:
        """Keep a file; of too many the oldest is forgotten."""
        self.files[file.id] = file
        changes = Changes(files={file.id: file})
        for oldest in list(self.files)[:-MOST_FILES]:
            del self.files[oldest]
            changes.files[oldest] = None
        return changes

    def found_group(self, group: Group, note_id: str, *, request_id: str | None, announce: bool) -> Changes:
        """Create a group; `announce` tells the gateway about it and about the people in it."""
        if group.id in self.groups:
            raise Conflict("There is a group with this id.")
        people = [self.member(each) for each in group.members]
        group = replace(group, invite_link=group.invite_link or invite_link(group.id))
        self.groups[group.id] = group
        changes = Changes(groups={group.id: group})
        self.note(changes, group.id, note_id, who=BOT, what="created", at=group.created)
        if announce:
            at = group.created
            self.notify(changes, group.id, payloads.group_created(self.line, group, at, request_id), at)
            if people:
                self.notify(changes, group.id, payloads.joined(self.line, group, people, at), at)
        return changes

    def rename_author(self, old: str, new: str) -> Changes:
        """Move somebody's direct chat, and what they have said and read anywhere, to their new number."""
        changes = Changes()
        self._lines[new] = self._lines.pop(old, [])
        if (heard := self._heard.pop(old, None)) is not None:
            self._heard[new] = heard
        for each in list(self.messages.values()):
            moved = each.renumbered(old, new)
            if moved != each:
                self.put(moved, changes)
        return changes

    def recall(self, message: Message) -> Changes:
        """Add something that was said before anybody listened; the gateway is not told."""
        changes = Changes()
        self.put(message, changes)
        return changes

    def join(self, group_id: str, phone: str, note_id: str, at: dt.datetime) -> Changes:
        """Let a member use the invite link; somebody who is in already changes nothing."""
        before, member = self.group(group_id), self.member(phone)
        if phone in before.barred:
            raise Forbidden("Whom the business has removed cannot come back by the link.")
        after = before.with_member(phone)
        if after is before:
            return Changes()
        self.groups[group_id] = after
        changes = Changes(groups={group_id: after})
        self.note(changes, group_id, note_id, who=phone, what="joined", at=at)
        self.notify(changes, group_id, payloads.joined(self.line, after, [member], at), at)
        return changes

    def leave(
        self, group_id: str, phone: str, note_id: str, at: dt.datetime, *, request_id: str | None = None
    ) -> Changes:
        """Let a member leave or, with the `request_id` of the gateway's call, be removed."""
        before, member = self.group(group_id), self.member(phone)
        if phone not in before.members:
            raise NotFound("This member is not in the group.")
        after = before.without_member(phone)
        if request_id:
            after = replace(after, barred=after.barred | {phone})
        self.groups[group_id] = after
        changes = Changes(groups={group_id: after})
        self.note(changes, group_id, note_id, who=phone, what="removed" if request_id else "left", at=at)
        self.notify(
            changes, group_id, payloads.left(self.line, after, [member], at, request_id=request_id), at
        )
        return changes

    def say(
        self,
        chat: str,
        phone: str,
        message_id: str,
        at: dt.datetime,
        *,
        text: str = "",
        type: str = "text",  # noqa: A002 - WhatsApp's own word
        reply_to: str | None = None,
        payload: Mapping[str, Any] | None = None,
        forwarded: bool = False,
    ) -> Changes:
        """Let a member say something; the gateway hears of it."""
        author = self.member_in(chat, phone)
        quoted = self.message_in(chat, reply_to) if reply_to else None
        others = [each for each in self.people(chat) if each != phone]
        message = Message(
            id=message_id,
            chat=chat,
            seq=self.next_serial(),
            author=phone,
            at=at,
            kind=Kind.TEXT if type == "text" else Kind.OTHER,
            text=text,
            type=type,
            reply_to=reply_to,
            payload=payload or {},
            receipts=dict.fromkeys([*others, BOT], Status.SENT),
            forwarded=forwarded,
        )
        changes = Changes()
        self.put(message, changes)
        body = payloads.message_received(self.line, author, message, quoted)
        self.notify(changes, chat, body, at, about=message.id)
        return changes

    def react(
        self, chat: str, phone: str, target_id: str, emoji: str, *, message_id: str, at: dt.datetime
    ) -> Changes:
        """Let a member put an emoji on a message, or take it away with an empty one."""
        author = self.member_in(chat, phone)
        target = self.message_in(chat, target_id)
        changes = Changes()
        message = self._reaction(changes, target, phone, emoji, message_id=message_id, at=at)
        self.notify(changes, chat, payloads.message_received(self.line, author, message, target), at)
        return changes

    def accept(
        self,
        chat: str,
        message_id: str,
        at: dt.datetime,
        *,
        text: str,
        type: str = "text",  # noqa: A002
        reply_to: str | None = None,
        opaque: str | None = None,
        payload: Mapping[str, Any] | None = None,
        failure: int | None = None,
    ) -> Changes:
        """Take a message from the gateway; `failure` is the code with which it will not be delivered."""
        message = Message(
            id=message_id,
            chat=chat,
            seq=self.next_serial(),
            author=BOT,
            at=at,
            kind=Kind.TEXT if type in ("text", "template") else Kind.OTHER,
            text=text,
            type=type,
            reply_to=reply_to,
            opaque=opaque,
            payload=payload or {},
            receipts=dict.fromkeys(self.people(chat), Status.SENT),
            failure=failure,
        )
        changes = Changes()
        self.put(message, changes)
        if chat not in self.groups:
            self.read_by_bot(chat, changes)
        return changes

    def accept_reaction(
        self, chat: str, target_id: str, emoji: str, *, message_id: str, at: dt.datetime, opaque: str | None
    ) -> Changes:
        """Take a reaction from the gateway."""
        changes = Changes()
        target = self.message_in(chat, target_id)
        self._reaction(changes, target, BOT, emoji, message_id=message_id, at=at, opaque=opaque)
        return changes

    def read_by_bot(self, chat: str, changes: Changes | None = None) -> Changes:
        """Mark what the member wrote in a direct chat as read by the business."""
        changes = changes or Changes()
        for each in reversed(self._lines.get(chat, ())):
            message = self.messages[each]
            if message.author == BOT:
                continue
            if message.receipts.get(BOT) is not Status.DELIVERED:
                break
            self.put(message.reached([BOT], Status.READ), changes)
        return changes

    def heard(self, message_id: str) -> Changes:
        """Record that the gateway acknowledged the webhook with this message."""
        changes = Changes()
        message = self.messages.get(message_id)
        if message is not None and message.author != BOT:
            # In a group a business cannot send read receipts; there, having taken it counts.
            status = Status.READ if message.chat in self.groups else Status.DELIVERED
            self.put(message.reached([BOT], status), changes)
        return changes

    def reach(self, message_id: str, status: Status, who: tuple[str, ...], at: dt.datetime) -> Changes:
        """Record how far a message came for `who`; of the bot's own messages the gateway is told."""
        changes = Changes()
        message = self.messages.get(message_id)
        if message is None:
            return changes
        if status is not Status.SENT:
            self.put(message.reached(who, status), changes)
        if message.author == BOT:
            people = [self.members[each] for each in who if each in self.members]
            body = payloads.status_changed(
                self.line, message, status, at, people, group=message.chat in self.groups
            )
            self.notify(changes, message.chat, body, at, about=message.id)
        return changes

    def member_in(self, chat: str, phone: str) -> Member:
        """Return a member who is in `chat`, or raise `NotFound` or `Invalid`."""
        member = self.member(phone)
        if phone not in self.people(chat):
            raise Invalid("This member is not in the chat.")
        return member

    def message_in(self, chat: str, message_id: str) -> Message:
        """Return a message of `chat`, or raise `NotFound`."""
        found = self.messages.get(message_id)
        if found is None or found.chat != chat:
            raise NotFound("There is no such message in this chat.")
        return found

    def _reaction(
        self,
        changes: Changes,
        target: Message,
        who: str,
        emoji: str,
        *,
        message_id: str,
        at: dt.datetime,
        opaque: str | None = None,
    ) -> Message:
        reaction = Message(
            id=message_id,
            chat=target.chat,
            seq=self.next_serial(),
            author=who,
            at=at,
            kind=Kind.REACTION,
            text=emoji,
            type="reaction",
            reply_to=target.id,
            opaque=opaque,
        )
        self.put(reaction, changes)
        self.put(target.reacted(who, emoji), changes)
        return reaction

    def note(
        self, changes: Changes, chat: str, note_id: str, *, who: str, what: str, at: dt.datetime
    ) -> None:
        """Add a grey line that says what `who` did."""
        note = Message(note_id, chat, self.next_serial(), who, at, Kind.NOTE, what, type="note")
        self.put(note, changes)

    def put(self, message: Message, changes: Changes | None = None) -> None:
        """Add a message, or let its new state take the place of the old one."""
        new = message.id not in self.messages
        if new:
            self._lines[message.chat].append(message.id)
            self._serial = max(self._serial, message.seq)
            if message.author == BOT and message.kind is not Kind.NOTE:
                self.sends.append(message.id)
            elif not message.history and message.kind is not Kind.NOTE:
                self._heard[message.chat] = message.at
        self.messages[message.id] = message
        if changes is not None:
            changes.messages[message.id] = message
            if new:
                changes.said.append(message.id)

    def notify(
        self, changes: Changes, lane: str, body: payloads.Payload, at: dt.datetime, about: str | None = None
    ) -> None:
        """Let the gateway be told `body`."""
        serial = self.next_serial()
        changes.webhooks[serial] = Webhook(serial, lane, encode(body), at, about)
