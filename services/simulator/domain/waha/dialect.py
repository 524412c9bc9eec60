"""What WAHA tells by webhooks: one event each, as the engine NOWEB shapes them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.simulator.domain import dialect
from services.simulator.domain.dialect import Payload
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT, Group, Member
from services.simulator.domain.waha import contents, jids
from services.simulator.domain.waha.session import ENGINE, VERSION, Session, knows_join_requests

_ACKS = {
    Status.FAILED: (-1, "ERROR"),
    Status.SENT: (1, "SERVER"),
    Status.DELIVERED: (2, "DEVICE"),
    Status.READ: (3, "READ"),
}
_SETTINGS = {"subject": "subject", "description": "description", "approval": "newMembersApprovalRequired"}


class Waha:
    """Tells whoever drives a number through WAHA what happens; see `Dialect`.

    What members say comes as `message` and what we say ourselves as `message.any`: as to somebody who
    subscribes to both, without the second copy of the former.
    """

    account = dialect.WAHA

    def __init__(self, session: Session) -> None:
        self._session = session
        self.version = VERSION
        """The server's, which somebody may take back to an older one."""

    @property
    def environment(self) -> dict[str, Any]:
        """What the server says of itself."""
        return {"version": self.version, "engine": ENGINE, "tier": "CORE", "browser": None}

    @property
    def knows_join_requests(self) -> bool:
        """Whether the server tells who asks to come into a group, and lets them be answered."""
        return knows_join_requests(self.version)

    @property
    def session(self) -> Session:
        """The number that is driven."""
        return self._session

    @property
    def files(self) -> str:
        """Where the files of the session are."""
        return f"{self._session.base_url}/api/files/{self._session.name}"

    def message_id(self, chat: str, author: Member | None, nonce: bytes) -> str:
        """Return an id for something said in `chat`; in a group a member's names its author."""
        if author is None:
            return jids.message_id(chat, jids.said_by_device(nonce), by_us=True)
        new = jids.said_on_phone(nonce)
        if chat.endswith(jids.GROUP):
            return jids.message_id(chat, new, jids.hidden(author), by_us=False)
        return jids.message_id(jids.direct(author), new, by_us=False)

    def group_id(self, nonce: bytes) -> str:
        """Return an id for a group."""
        return f"{120363000000000000 + int.from_bytes(nonce) % 10**15}@{jids.GROUP}"

    def received(self, author: Member, message: Message, quoted: Message | None) -> Iterable[Payload]:
        """Tell what a member said or reacted with."""
        if message.kind is Kind.REACTION:
            yield _event("message.reaction", self._reaction(message, author))
        else:
            yield _event("message", self.shown(message, author, quoted))

    def echoed(self, message: Message) -> Iterable[Payload]:
        """Tell what we said ourselves, wherever we said it."""
        if message.kind is Kind.REACTION:
            yield _event("message.reaction", self._reaction(message, None))
        else:
            yield _event("message.any", self.shown(message, None, None))

    def edited(self, author: Member | None, notice: Message, target: Message) -> Iterable[Payload]:
        """Tell that somebody has changed a message of theirs; it is named by the bare id."""
        told = {**self._head(notice, author), "body": target.text, "hasMedia": False, "media": None}
        yield _event("message.edited", {**told, "editedMessageId": jids.bare(target.id)})

    def revoked(self, author: Member | None, notice: Message, target: Message) -> Iterable[Payload]:
        """Tell that somebody has deleted a message; whose it was stands in WhatsApp's own key alone."""
        key: Payload = {
            "remoteJid": self._chat(notice, author),
            # Seen by whoever deletes it.
            "fromMe": target.author == notice.author,
            "id": jids.bare(target.id),
        }
        if target.author != notice.author and len(parts := target.id.split("_")) > 3:  # noqa: PLR2004
            key["participant"] = parts[3]
        after = {**self._head(notice, author), "body": "", "hasMedia": False, "media": None}
        told = {"after": after, "before": None, "revokedMessageId": jids.bare(target.id)}
        inner = {"protocolMessage": {"type": "REVOKE", "key": key}}
        yield _event("message.revoked", {**told, "_data": {"message": inner}})

    def voted(self, voter: Member, notice: Message, poll: Message) -> Iterable[Payload]:
        """Tell a member's whole choice."""
        head = self._head(notice, voter)
        vote = {name: head[name] for name in ("id", "from", "fromMe", "participant", "to")}
        chosen = list(poll.votes.get(voter.phone, ()))
        mine = poll.author == BOT
        asked = {"id": poll.id, "from": head["from"], "to": head["to"], "fromMe": mine, "participant": None}
        told = {"vote": {**vote, "selectedOptions": chosen, "timestamp": _milliseconds(notice.at)}}
        yield _event("poll.vote", {**told, "poll": asked, "_data": {}})

    def reached(
        self, message: Message, status: Status, at: dt.datetime, people: Sequence[Member], *, group: bool
    ) -> Iterable[Payload]:
        """Tell how far a message has come: in a group, for each member by an event of their own."""
        ack, name = _ACKS[status]
        told: Payload = {"id": message.id, "fromMe": True, "ack": ack, "ackName": name}
        told["timestamp"] = int(at.timestamp())
        if group:
            told |= {"from": message.chat, "to": None}
            each_own = status in (Status.DELIVERED, Status.READ)
            for each in people if each_own else ():
                yield _event("message.ack.group", {**told, "participant": jids.hidden(each)})
            if not each_own:
                yield _event("message.ack", {**told, "participant": None})
        else:
            to = jids.chat_in(message.id)
            yield _event("message.ack", {**told, "from": self._session.jid, "to": to, "participant": None})

    def founded(
        self, group: Group, people: Sequence[Member], at: dt.datetime, request_id: str | None
    ) -> Iterable[Payload]:
        """Tell that our number is in a group, and who else is."""
        del request_id
        about = {"id": group.id, "subject": group.subject, "description": group.description}
        told = {**about, "participants": self.participants(group, people)}
        yield _event("group.v2.join", {"timestamp": _milliseconds(at), "group": told, "_data": {}})

    def joined(self, group: Group, people: Sequence[Member], at: dt.datetime) -> Iterable[Payload]:
        """Tell who has used the link."""
        yield self._change(group, "join", [self._participant(group, each) for each in people], at)

    def left(
        self,
        group: Group,
        people: Sequence[Member],
        at: dt.datetime,
        *,
        request_id: str | None,
        by: Member | None,
    ) -> Iterable[Payload]:
        """Tell who has left or was removed, and who made them."""
        gone = [{**self._participant(group, each), "role": "left"} for each in people]
        author = self._session.lid if request_id else jids.hidden(by or people[0])
        yield self._change(group, "leave", gone, at, author=author)

    def ranked(self, group: Group, person: Member | None, at: dt.datetime) -> Iterable[Payload]:
        """Tell that somebody, perhaps we, has become an admin or no longer is."""
        risen = (person.phone if person else BOT) in group.admins
        yield self._change(group, "promote" if risen else "demote", [self._participant(group, person)], at)

    def described(self, group: Group, changed: Sequence[str], at: dt.datetime) -> Iterable[Payload]:
        """Tell what has changed about a group, and nothing else of it."""
        told: Payload = {"id": group.id}
        told |= {theirs: getattr(group, ours) for ours, theirs in _SETTINGS.items() if ours in changed}
        if "admins_only" in changed:
            told["membersCanSendMessages"] = not group.admins_only
        yield _event("group.v2.update", {"timestamp": _milliseconds(at), "group": told, "_data": {}})

    def asked(
        self, group: Group, member: Member, request: str, at: dt.datetime, *, what: str
    ) -> Iterable[Payload]:
        """Tell of a wish to come in; there is no other id of it than who has it."""
        del request
        if not self.knows_join_requests:
            return
        who = {"requesterId": jids.hidden(member), "requesterPn": jids.number(member)}
        told = {"group": {"id": group.id}, "action": what, **who, "requestMethod": "invite_link"}
        yield _event("group.v2.participants.join-request", {**told, "timestamp": _milliseconds(at)})

    def renumbered(
        self, before: Member, after: Member, message_id: str, at: dt.datetime
    ) -> Iterable[Payload]:
        """Tell nothing: WAHA has no event for it."""
        del before, after, message_id, at
        return ()

    def status_changed(self, status: str, at: dt.datetime) -> Payload:
        """Return the event that says how the session is."""
        told = {"name": self._session.name, "status": status}
        return _event("session.status", {**told, "timestamp": _milliseconds(at)})

    def lane(self, chat: str, payload: Mapping[str, Any]) -> str:
        """Return the chat and the kind of event: one kind waits for no other."""
        return f"{chat} {payload['event']}"

    def encode(self, payload: Mapping[str, Any], serial: int, at: dt.datetime) -> bytes:
        """Return the body of a webhook, whole as WAHA sends it, and as JavaScript writes JSON."""
        whole = {
            "id": f"evt_{_milliseconds(at):011x}{serial:015x}",
            "timestamp": _milliseconds(at),
            "session": self._session.name,
            "metadata": {},
            "me": self._session.me,
            **payload,
            "engine": ENGINE,
            "environment": self.environment,
        }
        try:
            return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(whole, separators=(",", ":")).encode()

    def shown(self, message: Message, author: Member | None, quoted: Message | None) -> Payload:
        """Return a message as events and answers show it.

        What `message.payload` holds beside the content replaces keys, so that any shape can be scripted.
        """
        context = self._context(message, quoted)
        head = self._head(message, author)
        media = contents.media(message, self.files)
        key: Payload = {"remoteJid": self._chat(message, author), "fromMe": author is None}
        key["id"] = jids.bare(message.id)
        if author is not None and message.chat.endswith(jids.GROUP):
            key |= {"participant": jids.hidden(author), "participantAlt": jids.number(author, jids.WIRE)}
        elif author is not None:
            key["remoteJidAlt"] = jids.hidden(author)
        told: Payload = {
            **head,
            "body": contents.body(message),
            "hasMedia": media is not None,
            "media": media,
            "ack": 1 if author is None else None,
            "ackName": "SERVER" if author is None else "UNKNOWN",
            "replyTo": self._reply(quoted),
            "_data": {
                "key": key,
                "messageTimestamp": int(message.at.timestamp()),
                "pushName": author.name if author else self._session.push_name,
                "message": contents.structure(message, context),
            },
        }
        if (place := contents.place(message)) is not None:
            told["location"] = place
        return {**told, **{name: each for name, each in message.payload.items() if name != message.type}}

    def participants(self, group: Group, people: Sequence[Member]) -> list[Payload]:
        """Return who is in a group, ourselves included."""
        return [self._participant(group, each) for each in (None, *people)]

    def asking(self, people: Iterable[tuple[Member, dt.datetime]]) -> list[Payload]:
        """Return who asks to come into a group, and since when, in whole seconds."""
        return [
            {
                "requesterId": jids.hidden(person),
                "requesterPn": jids.number(person),
                "requestMethod": "invite_link",
                "timestamp": int(at.timestamp()),
            }
            for person, at in people
        ]

    def _head(self, message: Message, author: Member | None) -> Payload:
        grouped = message.chat.endswith(jids.GROUP)
        other = None if grouped else self._session.jid
        chat = self._chat(message, author)
        return {
            "id": message.id,
            "timestamp": int(message.at.timestamp()),
            "from": self._session.jid if author is None and not grouped else chat,
            "fromMe": author is None,
            "source": "api" if author is None else "app",
            "to": chat if author is None and not grouped else other,
            "participant": jids.hidden(author) if grouped and author else None,
        }

    def _reaction(self, message: Message, author: Member | None) -> Payload:
        return {
            **self._head(message, author),
            "reaction": {"text": message.text, "messageId": message.reply_to},
        }

    def _chat(self, message: Message, author: Member | None) -> str:
        if message.chat.endswith(jids.GROUP):
            return message.chat
        return jids.direct(author) if author else jids.chat_in(message.id) or message.chat

    def _context(self, message: Message, quoted: Message | None) -> Payload:
        context: Payload = {}
        if quoted is not None:
            context |= {"stanzaId": jids.bare(quoted.id), "participant": self._author(quoted)}
        if message.forwarded:
            context |= {"isForwarded": True, "forwardingScore": 1}
        return context

    def _reply(self, quoted: Message | None) -> Payload | None:
        if quoted is None:
            return None
        return {
            "id": jids.bare(quoted.id),
            "participant": self._author(quoted),
            "body": contents.body(quoted),
        }

    def _author(self, message: Message) -> str:
        if message.author == BOT:
            return self._session.lid if message.chat.endswith(jids.GROUP) else self._session.jid
        parts = message.id.split("_")
        return parts[-1] if message.chat.endswith(jids.GROUP) else parts[1]

    def _participant(self, group: Group, person: Member | None) -> Payload:
        admin = (person.phone if person else BOT) in group.admins
        role = "admin" if admin else "participant"
        if person is None:
            return {"id": self._session.lid, "pn": self._session.jid, "role": role}
        return {"id": jids.hidden(person), "pn": jids.number(person), "role": role}

    def _change(
        self, group: Group, type_: str, people: list[Payload], at: dt.datetime, author: str | None = None
    ) -> Payload:
        told: Payload = {"type": type_, "timestamp": _milliseconds(at), "group": {"id": group.id}}
        data = {"author": author} if author else {}
        return _event("group.v2.participants", {**told, "participants": people, "_data": data})


def _event(name: str, payload: Payload) -> Payload:
    return {"event": name, "payload": payload}


def _milliseconds(at: dt.datetime) -> int:
    return round(at.timestamp() * 1000)
