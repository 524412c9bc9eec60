"""The Cloud API's dialect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.simulator.domain import dialect, ids, notices, payloads
from services.simulator.domain.dialect import Payload
from services.simulator.domain.files import MEDIA
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import Group, Line, Member
from services.simulator.domain.signature import encode


class CloudApi:
    """Tells a business at Meta's Cloud API what happens; see `Dialect`."""

    account = dialect.CLOUD_API

    def __init__(self, line: Line) -> None:
        self._line = line

    def message_id(self, chat: str, author: Member | None, nonce: bytes) -> str:
        """Return an id for something said in `chat`; whoever says it is not in it."""
        del author
        return ids.wamid(chat, nonce)

    def group_id(self, nonce: bytes) -> str:
        """Return an id for a group."""
        return ids.group_id(self._line.display_phone_number, nonce)

    def received(self, author: Member, message: Message, quoted: Message | None) -> Iterable[Payload]:
        """Tell what a member said or reacted with."""
        yield payloads.message_received(self._line, author, message, quoted)

    def echoed(self, message: Message) -> Iterable[Payload]:
        """Tell nothing: the business knows what it said."""
        del message
        return ()

    def edited(self, author: Member | None, notice: Message, target: Message) -> Iterable[Payload]:
        """Tell that a member has changed a message of theirs."""
        type_ = target.type
        content = target.payload.get(type_, {}) if type_ in MEDIA else {"body": target.text}
        written = {"original_message_id": target.id, "message": {"type": type_, type_: content}}
        return self._afterthought(author, notice, "edit", written)

    def revoked(self, author: Member | None, notice: Message, target: Message) -> Iterable[Payload]:
        """Tell that a member has deleted a message of theirs."""
        return self._afterthought(author, notice, "revoke", {"original_message_id": target.id})

    def voted(self, voter: Member, notice: Message, poll: Message) -> Iterable[Payload]:
        """Tell nothing: there are no polls here."""
        del voter, notice, poll
        return ()

    def reached(
        self, message: Message, status: Status, at: dt.datetime, people: Sequence[Member], *, group: bool
    ) -> Iterable[Payload]:
        """Tell how far a message has come, for everybody at once."""
        yield payloads.status_changed(self._line, message, status, at, people, group=group)

    def founded(
        self, group: Group, people: Sequence[Member], at: dt.datetime, request_id: str | None
    ) -> Iterable[Payload]:
        """Tell that a group is there, and then who is in it."""
        yield payloads.group_created(self._line, group, at, request_id)
        if people:
            yield payloads.joined(self._line, group, people, at)

    def joined(self, group: Group, people: Sequence[Member], at: dt.datetime) -> Iterable[Payload]:
        """Tell who has used the invite link."""
        yield payloads.joined(self._line, group, people, at)

    def left(
        self,
        group: Group,
        people: Sequence[Member],
        at: dt.datetime,
        *,
        request_id: str | None,
        by: Member | None,
    ) -> Iterable[Payload]:
        """Tell who has left or was removed."""
        del by
        yield payloads.left(self._line, group, people, at, request_id=request_id)

    def ranked(self, group: Group, person: Member | None, at: dt.datetime) -> Iterable[Payload]:
        """Tell nothing: the business alone runs these groups."""
        del group, person, at
        return ()

    def described(self, group: Group, changed: Sequence[str], at: dt.datetime) -> Iterable[Payload]:
        """Tell of another subject or description."""
        if told := tuple(each for each in changed if each in ("subject", "description")):
            yield notices.settings_changed(self._line, group, told, at)

    def asked(
        self, group: Group, member: Member, request: str, at: dt.datetime, *, what: str
    ) -> Iterable[Payload]:
        """Tell of a wish to come in, or that it is no more; the business's own answer is not told to it."""
        if what in ("created", "revoked"):
            withdrawn = what == "revoked"
            yield notices.join_asked(self._line, group, member, request, at, withdrawn=withdrawn)

    def renumbered(
        self, before: Member, after: Member, message_id: str, at: dt.datetime
    ) -> Iterable[Payload]:
        """Tell that somebody has another number."""
        yield notices.number_changed(self._line, before, after, message_id, at)

    def lane(self, chat: str, payload: Mapping[str, Any]) -> str:
        """Return the chat: what happens in it is told in order."""
        del payload
        return chat

    def encode(self, payload: Mapping[str, Any], serial: int, at: dt.datetime) -> bytes:
        """Return the body of a webhook, which has no number and no time of its own."""
        del serial, at
        return encode(payload)

    def _afterthought(
        self, author: Member | None, notice: Message, type_: str, what: Payload
    ) -> Iterable[Payload]:
        if author is None:
            return
        said = Message(
            notice.id, notice.chat, 0, author.phone, notice.at, Kind.OTHER, "", type_, payload={type_: what}
        )
        yield payloads.message_received(self._line, author, said, None)
