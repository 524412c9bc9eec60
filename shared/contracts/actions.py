"""What services ask the gateway to do to a chat, and what became of it.

A command states an intent. Not every channel can do everything, so each is answered by exactly one of
`action.done`, `action.unsupported` and `action.failed`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from shared.contracts.base import EventModel
from shared.contracts.gateway import ChatId, MemberId, MessageId


class _Command(EventModel):
    chat_id: ChatId
    not_after: AwareDatetime = Field(description="Past this instant it is not done any more.")


class MessageReact(_Command):
    """Command: put a reaction of ours on a message, or take it away."""

    TYPE: ClassVar[str] = "message.react"

    message_id: MessageId
    emoji: str | None = Field(None, max_length=64, description="None takes it away.")


class MessageDelete(_Command):
    """Command: delete a message for everyone, ours or a member's."""

    TYPE: ClassVar[str] = "message.delete"

    message_id: MessageId


class MessagePin(_Command):
    """Command: pin a message for some days, or unpin it."""

    TYPE: ClassVar[str] = "message.pin"

    message_id: MessageId
    days: int = Field(ge=0, le=30, description="0 unpins; a channel takes the next duration it knows.")


class MemberRemove(_Command):
    """Command: remove somebody from a group."""

    TYPE: ClassVar[str] = "member.remove"

    member_id: MemberId


class JoinAnswer(_Command):
    """Command: let somebody into a group who asks, or not."""

    TYPE: ClassVar[str] = "join.answer"

    request_id: str = Field(max_length=1024)
    approved: bool


class ChatRestrict(_Command):
    """Command: let only admins write to a group, or everybody again."""

    TYPE: ClassVar[str] = "chat.restrict"

    admins_only: bool


ActionName = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z]+$", max_length=64)]


class _Outcome(EventModel):
    action_id: MessageId = Field(description="The id of the command.")
    action: ActionName = Field(description="The command's type.")
    chat_id: ChatId


class ActionDone(_Outcome):
    """The provider did what was asked."""

    TYPE: ClassVar[str] = "action.done"

    done_at: AwareDatetime


class ActionUnsupported(_Outcome):
    """The channel has no way to do it: somebody has to do it by hand, or something else."""

    TYPE: ClassVar[str] = "action.unsupported"

    code: str = Field(max_length=64, description="Which capability is missing.")
    told_at: AwareDatetime


class ActionFailed(_Outcome):
    """It was not done: refused, too late, or about something that is not known."""

    TYPE: ClassVar[str] = "action.failed"

    code: str = Field(max_length=64)
    provider_code: int | None = None
    failed_at: AwareDatetime


COMMANDS: tuple[type[EventModel], ...] = (
    MessageReact,
    MessageDelete,
    MessagePin,
    MemberRemove,
    JoinAnswer,
    ChatRestrict,
)

EVENTS: tuple[type[EventModel], ...] = (*COMMANDS, ActionDone, ActionUnsupported, ActionFailed)
