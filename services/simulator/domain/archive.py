"""What the simulated WhatsApp holds: people, chats, and what the accounts are yet to be told."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from services.simulator.domain.changes import Changes, Webhook
from services.simulator.domain.cloud_api import CloudApi
from services.simulator.domain.dialect import Dialect, Payload
from services.simulator.domain.files import File
from services.simulator.domain.messages import Kind, Message
from services.simulator.domain.people import BOT, Group, Line, Member, digits, is_bridged, other_side
from services.simulator.domain.waha.dialect import Waha
from shared.errors import Invalid, NotFound

WINDOW = dt.timedelta(hours=24)
"""How long after a member's message the business may write freely in that chat."""


class Archive:
    """Everything there is, as it stands now, in memory."""

    def __init__(self, line: Line, waha: Waha | None = None) -> None:
        self.line = line
        self.waha = waha
        self._cloud_api = CloudApi(line)
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

    def dialect(self, chat: str) -> Dialect:
        """Return how the account is told that is in `chat`, or raise `NotFound`."""
        if not is_bridged(chat):
            return self._cloud_api
        if self.waha is None:
            raise NotFound("There is no WAHA session here.")
        return self.waha

    def new_group_id(self, nonce: bytes, *, waha: bool) -> str:
        """Return an id for a group of the Cloud API or of WAHA's number, or raise `NotFound`."""
        return self.dialect("@" if waha else "").group_id(nonce)

    def key(self, chat: str) -> str:
        """Return the name of a chat that somebody may have written with spaces or a `+`."""
        return chat if chat in self.groups or is_bridged(chat) else digits(chat)

    def people(self, chat: str) -> tuple[str, ...]:
        """Return who is in `chat` beside the bot, or raise `NotFound`."""
        return self.group(chat).members if chat in self.groups else (self.member(other_side(chat)).phone,)

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
        self,
        changes: Changes,
        chat: str,
        told: Iterable[Payload],
        at: dt.datetime,
        about: str | None = None,
    ) -> None:
        """Let the account that is in `chat` be told each of `told`."""
        dialect = self.dialect(chat)
        for each in told:
            serial = self.next_serial()
            body = dialect.encode(each, serial, at)
            lane = dialect.lane(chat, each)
            changes.webhooks[serial] = Webhook(serial, lane, body, at, about, account=dialect.account)
