"""What the script API and the page show of the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from services.simulator.domain.changes import Changes
from services.simulator.domain.dialect import CLOUD_API, WAHA
from services.simulator.domain.files import File
from services.simulator.domain.messages import Message
from services.simulator.domain.people import Group, Member, is_bridged

STALE: dict[str, Any] = {"type": "stale"}
"""Asks a page to load everything afresh."""


class MemberView(BaseModel):
    """A person with a phone."""

    phone: str
    hidden_id: str = Field(description="What stands for them in the groups of a linked device.")
    name: str
    user_id: str = Field(description="The business-scoped id, for `recipient` and webhooks.")
    username: str | None = None
    phone_hidden: bool = Field(False, description="Webhooks carry the business-scoped id alone.")

    @classmethod
    def of(cls, member: Member) -> Self:
        """Show `member`."""
        return cls(
            phone=member.phone,
            name=member.name,
            user_id=member.user_id,
            hidden_id=member.hidden_id,
            username=member.username,
            phone_hidden=member.phone_hidden,
        )


class FileView(BaseModel):
    """A file that can be sent."""

    id: str
    mime_type: str
    filename: str | None
    sha256: str
    size: int

    @classmethod
    def of(cls, file: File) -> Self:
        """Show `file`."""
        return cls(
            id=file.id,
            mime_type=file.mime_type,
            filename=file.filename,
            sha256=file.sha256,
            size=len(file.body),
        )


class GroupView(BaseModel):
    """A group."""

    id: str
    subject: str
    description: str
    invite_link: str
    created: dt.datetime
    members: list[str] = Field(description="Phones in order of joining; the bot is not listed.")
    admins: list[str] = Field(description="Phones, and with WAHA `bot` where it is one.")
    account: str = Field(description="Whose number is in it: cloud_api or waha.")
    admins_only: bool = Field(False, description="Only admins may write.")
    approval: bool = Field(False, description="People are let in one by one.")
    requests: dict[str, str] = Field(
        default_factory=dict, description="Phones of those who ask to come in, by the id of the request."
    )
    pins: list[str] = Field(default_factory=list, description="Pinned messages, the newest first.")

    @classmethod
    def of(cls, group: Group) -> Self:
        """Show `group`."""
        return cls(
            id=group.id,
            subject=group.subject,
            description=group.description,
            invite_link=group.invite_link,
            created=group.created,
            members=list(group.members),
            admins=sorted(group.admins),
            account=WAHA if is_bridged(group.id) else CLOUD_API,
            admins_only=group.admins_only,
            approval=group.approval,
            requests=dict(group.requests),
            pins=list(group.pins),
        )


class MessageView(BaseModel):
    """A message with everything that has become of it."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    chat: str
    seq: int = Field(description="Its place among everything said; pass it as `after`.")
    author: str = Field(alias="from", description="A member's phone, or `bot`.")
    at: dt.datetime
    kind: str = Field(description="text, reaction, note, pin or other.")
    type: str = Field(description="WhatsApp's name of the kind.")
    text: str
    reply_to: str | None = None
    ticks: str = Field(description="What everybody has reached: sent, delivered, read or failed.")
    delivered: list[str] = Field(description="Who has got it, including those who have read it.")
    read: list[str] = Field(description="Who has read it.")
    waiting: list[str] = Field(description="Who has not got it yet.")
    reactions: dict[str, str] = Field(description="Emoji by who put it there.")
    history: bool = False
    failure: int | None = None
    forwarded: bool = False
    edited: bool = False
    deleted: bool = Field(False, description="Its author, or an admin, took it back.")
    votes: dict[str, list[str]] = Field(default_factory=dict, description="Of a poll, by voter.")
    opaque: str | None = Field(None, description="The gateway's biz_opaque_callback_data.")
    payload: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, message: Message) -> MessageView:
        """Show `message`."""
        had = message.receipts.items()
        return cls.model_construct(
            id=message.id,
            chat=message.chat,
            seq=message.seq,
            author=message.author,
            at=message.at,
            kind=message.kind.value,
            type=message.type,
            text=message.text,
            reply_to=message.reply_to,
            ticks=message.ticks.value,
            delivered=[who for who, status in had if status in ("delivered", "read")],
            read=[who for who, status in had if status == "read"],
            waiting=[who for who, status in had if status == "sent"],
            reactions=dict(message.reactions),
            history=message.history,
            failure=message.failure,
            forwarded=message.forwarded,
            edited=message.edited,
            deleted=message.deleted,
            votes={who: list(chosen) for who, chosen in message.votes.items()},
            opaque=message.opaque,
            payload=dict(message.payload),
        )


def news_of(changes: Changes) -> Iterator[dict[str, Any]]:
    """Say what a page has to know of `changes`."""
    if None in changes.members.values():
        # Somebody has another number: too much is different to be told one by one.
        yield STALE
    for member in changes.members.values():
        if member is None:
            continue
        yield {"type": "member", "member": MemberView.of(member).model_dump(mode="json")}
    for group in changes.groups.values():
        yield {"type": "group", "group": GroupView.of(group).model_dump(mode="json")}
    for message in changes.messages.values():
        view = MessageView.of(message).model_dump(mode="json", by_alias=True)
        yield {"type": "message", "message": view, "new": message.id in changes.said}
