"""What a session can do: WAHA drives WhatsApp with one of several engines, and they differ."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from services.gateway.channels.waha import fields
from services.gateway.channels.waha.event import ours
from services.gateway.domain.items import Address
from services.gateway.domain.outgoing import Capability
from shared.contracts.gateway import ChatKind


class Engine(StrEnum):
    """Which program speaks to WhatsApp."""

    WEBJS = "WEBJS"
    WPP = "WPP"
    NOWEB = "NOWEB"
    GOWS = "GOWS"
    UNKNOWN = "UNKNOWN"

    @property
    def in_browser(self) -> bool:
        """Whether it drives WhatsApp's own page, which knows messages by their whole id only."""
        return self in (Engine.WEBJS, Engine.WPP)


WORKING = "WORKING"
"""The status of a session that can send."""

_LEAST = frozenset({Capability.TEXT})
"""What every engine has always done: an engine that nobody has named is asked for nothing else."""

_EVERYWHERE = frozenset(
    {
        *_LEAST,
        Capability.FILES,
        Capability.REPLIES,
        Capability.MENTIONS,
        Capability.REACTIONS,
        Capability.POLLS,
        Capability.CLIENT_IDS,
        Capability.DELETE_OWN,
        Capability.PIN,
    }
)
_IN_GROUPS = frozenset({Capability.REMOVE_MEMBER, Capability.RESTRICT})
_ANSWERS_JOINS = frozenset({Engine.WEBJS, Engine.NOWEB, Engine.GOWS})
ANSWERS_JOINS_SINCE = (2026, 8, 2)
"""The version of WAHA from which on those who ask to come in can be listed, let in and sent away."""

_VERSION = re.compile(r"(\d{1,5})\.(\d{1,5})\.(\d{1,5})")

_DELETES_FOREIGN = frozenset({Engine.WEBJS, Engine.NOWEB})
"""Engines that delete a member's message where we are an admin.

GOWS offers the call and nobody has seen it work; WPP was seen to delete its own messages alone. A deletion
that is taken for done and did not happen is worse than one that is not tried.
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as WAHA last described it."""

    engine: Engine = Engine.UNKNOWN
    us: frozenset[Address] = field(default_factory=frozenset)
    """Our own names."""
    jids: tuple[str, ...] = ()
    """The same as WAHA writes them, the hidden id first."""
    version: tuple[int, ...] = ()
    """WAHA's own, empty where it does not tell."""

    @classmethod
    def of(cls, described: object, server: object) -> Session:
        """Return the session that `described`, WAHA's answer, tells of.

        Args:
            described: what WAHA says of the session.
            server: what it says of itself: its version, and the engine where `described` does not name it.
        """
        named = fields.text(described, "engine", "engine", limit=32)
        named = named or fields.text(server, "engine", limit=32) or ""
        me = fields.section(described, "me")
        jids = (fields.identifier(me, name) for name in ("lid", "id"))
        return cls(
            engine=Engine(named.upper()) if named.upper() in Engine.__members__ else Engine.UNKNOWN,
            us=ours(me),
            jids=tuple(each for each in jids if each),
            version=_version(fields.text(server, "version", limit=32)),
        )

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        """Return what can be done in chats of this kind."""
        if self.engine is Engine.UNKNOWN:
            return _LEAST
        if kind is not ChatKind.GROUP:
            return _EVERYWHERE
        foreign = {Capability.DELETE_FOREIGN} if self.engine in _DELETES_FOREIGN else set()
        joins = {Capability.ANSWER_JOIN} if self._answers_joins else set()
        return _EVERYWHERE | _IN_GROUPS | foreign | joins

    @property
    def _answers_joins(self) -> bool:
        return self.engine in _ANSWERS_JOINS and self.version >= ANSWERS_JOINS_SINCE


def _version(written: str | None) -> tuple[int, ...]:
    found = _VERSION.match(written or "")
    return tuple(int(each) for each in found.groups()) if found else ()
