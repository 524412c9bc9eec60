"""What a pure `decide` answers: the new state, and what follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from shared.contracts.base import EventModel
from shared.contracts.gateway import SendClass

StateT_co = TypeVar("StateT_co", covariant=True)

Parameter: TypeAlias = "str | int | dt.datetime | Phrase | tuple[str | Phrase, ...]"
"""What a text may be filled with; a tuple becomes one line each."""

REPLY_VALID_FOR = dt.timedelta(minutes=10)
"""A reply that comes later than this answers a question nobody remembers."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text of the service's catalogue, by its key, with what goes into it."""

    key: str
    params: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """Write to a chat, in the given language (None: the default of the installation)."""

    chat_id: str
    phrase: Phrase
    language: str | None = None
    send_class: SendClass = SendClass.REPLY
    valid_for: dt.timedelta = REPLY_VALID_FOR


@dataclass(frozen=True, slots=True)
class Emit:
    """Publish a fact; `key` keeps facts about the same thing in order."""

    data: EventModel
    key: str


@dataclass(frozen=True, slots=True)
class Decision(Generic[StateT_co]):
    """The outcome of one event or command."""

    state: StateT_co
    emit: tuple[Emit, ...] = ()
    say: tuple[Say, ...] = ()
    note: str | None = None
    """A stable code of what was decided, for logs and metrics; None where nothing was."""
