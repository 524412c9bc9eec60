"""Keys of states that scenes of several services have: of the chat, of who acts, of two who are one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeAlias

from shared.chats import scope_of
from shared.contracts.members import ChatConfigured

SoFar: TypeAlias = Mapping[str, Any]
"""The parts of a scene that are loaded already, by name."""

Keys: TypeAlias = Callable[[Any, SoFar], Collection[str]]

NOBODY: Final = ""
"""The key of what does not exist: its state is the initial one, and nothing ever changes it."""


def none(subject: object, so_far: SoFar) -> Collection[str]:
    """Return no keys: a part to which a decision may only add."""
    del subject, so_far
    return ()


def nobody(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the key of nobody, where a scene has such a part and this subject does not."""
    del subject, so_far
    return (NOBODY,)


def chat(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return the chat in which it happens."""
    del so_far
    return (subject.chat_id,)


def member(subject: object, so_far: SoFar) -> Collection[str]:
    """Return who acts, or of whom it is; nobody where the subject names none."""
    del so_far
    return (getattr(subject, "member_id", None) or NOBODY,)


def scope(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the scope of the part `chat`: where the subject tells what the chat is, of that."""
    if isinstance(subject, ChatConfigured):
        return (scope_of(subject.chat_id, subject.community),)
    return (so_far["chat"].scope,)


def kept(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return who stays, of two who are one."""
    del so_far
    return (subject.member_id,)


def gone(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return who turns out to be the same, or somebody else again."""
    del so_far
    return (subject.merged_id,)


def others(subject: object, so_far: SoFar) -> Collection[str]:
    """Return everybody whom the parts `kept` and `gone` have turned out to be."""
    del subject
    one, other = so_far["kept"], so_far["gone"]
    return tuple(sorted({*other.absorbed, *one.absorbed, one.now} - {one.member_id, other.member_id}))
