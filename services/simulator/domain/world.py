from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.simulator.domain.archive import Archive
from services.simulator.domain.changes import Changes
from services.simulator.domain.files import MOST_FILES, File
from services.simulator.domain.ids import invite_link
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT, Group, Member, is_bridged, other_side
from shared.errors import Conflict, Forbidden, NotFound


class World(Archive):
    """Everything in the simulated WhatsApp. Its acts change it at once and return what they changed."""

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
            told = self.dialect(group.id).founded(group, people, group.created, request_id)
            self.notify(changes, group.id, told, group.created)
        return changes

    def rename_author(self, old: str, new: str) -> Changes:
        """Move somebody's direct chat, and what they have said and read anywhere, to their new number."""
        changes = Changes()
        for chat in [each for each in self._lines if other_side(each) == old]:
            moved_to = chat.replace(old, new, 1)
            self._lines[moved_to] = self._lines.pop(chat)
            if (heard := self._heard.pop(chat, None)) is not None:
                self._heard[moved_to] = heard
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
        self.notify(changes, group_id, self.dialect(group_id).joined(after, [member], at), at)
        return changes

    def leave(
        self,
        group_id: str,
        phone: str,
        note_id: str,
        at: dt.datetime,
        *,
        request_id: str | None = None,
        by: str | None = None,
    ) -> Changes:
        """Let a member leave or be removed: with the `request_id` of the gateway's call, or `by` an admin."""
        before, member = self.group(group_id), self.member(phone)
        if phone not in before.members:
            raise NotFound("This member is not in the group.")
        if by is not None and by not in before.admins:
            raise Forbidden("Only an admin removes somebody.")
        after = before.without_member(phone)
        if request_id and not is_bridged(group_id):
            after = replace(after, barred=after.barred | {phone})
        self.groups[group_id] = after
        changes = Changes(groups={group_id: after})
        removed = request_id is not None or by not in (None, phone)
        self.note(changes, group_id, note_id, who=phone, what="removed" if removed else "left", at=at)
        remover = self.member(by) if by else None
        told = self.dialect(group_id).left(after, [member], at, request_id=request_id, by=remover)
        self.notify(changes, group_id, told, at)
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
        if chat in self.groups and self.groups[chat].admins_only and phone not in self.groups[chat].admins:
            raise Forbidden("Only admins may write in this group now.")
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
        told = self.dialect(chat).received(author, message, quoted)
        self.notify(changes, chat, told, at, about=message.id)
        return changes

    def react(
        self, chat: str, phone: str, target_id: str, emoji: str, *, message_id: str, at: dt.datetime
    ) -> Changes:
        """Let a member put an emoji on a message, or take it away with an empty one."""
        author = self.member_in(chat, phone)
        target = self.message_in(chat, target_id)
        changes = Changes()
        message = self._reaction(changes, target, phone, emoji, message_id=message_id, at=at)
        self.notify(changes, chat, self.dialect(chat).received(author, message, target), at)
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
        self.notify(changes, chat, self.dialect(chat).echoed(message), at, about=message.id)
        return changes

    def accept_reaction(
        self, chat: str, target_id: str, emoji: str, *, message_id: str, at: dt.datetime, opaque: str | None
    ) -> Changes:
        """Take a reaction from the gateway."""
        changes = Changes()
        target = self.message_in(chat, target_id)
        said = self._reaction(changes, target, BOT, emoji, message_id=message_id, at=at, opaque=opaque)
        self.notify(changes, chat, self.dialect(chat).echoed(said), at)
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
            told = self.dialect(message.chat).reached(
                message, status, at, people, group=message.chat in self.groups
            )
            self.notify(changes, message.chat, told, at, about=message.id)
        return changes

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
