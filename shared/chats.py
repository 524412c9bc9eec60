"""A chat, as every service knows it that does something for the groups of a community."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from shared.contracts.gateway import ChatKind, MemberJoined, MemberLeft
from shared.contracts.members import ChatConfigured, MemberDemoted, MemberPresent, MemberPromoted

Movement: TypeAlias = MemberJoined | MemberLeft | MemberPresent | MemberPromoted | MemberDemoted
MOVEMENTS: Final[tuple[type[Any], ...]] = (
    MemberJoined,
    MemberLeft,
    MemberPresent,
    MemberPromoted,
    MemberDemoted,
)

SPOKEN: Final = frozenset({"hi", "en", "hi-Latn"})
"""The languages of the catalogues; a chat may have been given another."""

DEFAULT_ZONE: Final = "Asia/Kolkata"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat."""

    chat_id: str
    kind: ChatKind = ChatKind.GROUP
    community: str | None = None
    language: str | None = None
    zone: str | None = None
    subject: str | None = None
    admins: frozenset[str] = frozenset()
    """Members who are admins of this chat at the provider."""
    known: bool = False
    """Whether anything was ever heard of it."""

    @property
    def scope(self) -> str:
        """Within what members count together: the community, or the chat where it has none."""
        return scope_of(self.chat_id, self.community)

    @property
    def spoken(self) -> str | None:
        """The language to speak in it; None: it has not chosen one of ours."""
        return self.language if self.language in SPOKEN else None

    @property
    def direct(self) -> bool:
        """Whether what is said in it is read by one member alone."""
        return self.kind is ChatKind.DIRECT

    def configured(self, told: ChatConfigured) -> Chat:
        """Return the chat as it was told of last."""
        return replace(
            self,
            kind=told.chat_kind,
            community=told.community,
            language=told.language,
            zone=told.zone,
            subject=told.subject,
            known=True,
        )

    def moved(self, movement: Movement, now: str) -> Chat:
        """Return the chat after somebody came, went, rose or fell, who stands as `now` today."""
        match movement:
            case MemberPromoted():
                return replace(self, admins=self.admins | {now})
            case MemberDemoted() | MemberLeft():
                return replace(self, admins=self.admins - {now, movement.member_id})
            case _:
                return self


def scope_of(chat_id: str, community: str | None) -> str:
    """Return within what the members of a chat count together."""
    return f"community:{community}" if community else f"chat:{chat_id}"
