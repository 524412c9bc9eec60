"""Which states putting a policy into force is decided on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.moderation.domain.policy.publishing import Publishing
from services.moderation.domain.scopes import chat_of, version_key
from services.moderation.scenes import Stores
from shared.stream.subscription import Bundle, Part


@dataclass(frozen=True, slots=True)
class PolicySubject:
    """A chat or a community whose policy changes."""

    scope: str
    """`chat:<id>` or `community:<name>`."""
    version: int | None = None
    """The earlier version to return to, where one is."""
    rooms: tuple[str, ...] = ()
    """The chats of the community: whoever joins it in the same moment is not told of the change."""
    examples: tuple[str, ...] = ()
    """The cases whose messages no policy of the scope should hit again."""


def around_policy(stores: Stores) -> Bundle[Publishing]:
    """Return the bundle of a `PolicySubject`."""
    return Bundle(
        Publishing,
        {
            "room": Part(stores.rooms, _chat),
            "community": Part(stores.communities, _scope),
            "rooms": Part(stores.rooms, lambda subject, _: subject.rooms, many=True),
            "versions": Part(stores.versions, _earlier, many=True),
            "regressions": Part(stores.regressions, lambda subject, _: subject.examples, many=True),
        },
    )


def _chat(subject: PolicySubject, so_far: Mapping[str, Any]) -> Collection[str]:
    del so_far
    chat_id = chat_of(subject.scope)
    return () if chat_id is None else (chat_id,)


def _scope(subject: PolicySubject, so_far: Mapping[str, Any]) -> Collection[str]:
    return (so_far["room"].scope if so_far["room"] else subject.scope,)


def _earlier(subject: PolicySubject, so_far: Mapping[str, Any]) -> Collection[str]:
    del so_far
    return () if subject.version is None else (version_key(subject.scope, subject.version),)
