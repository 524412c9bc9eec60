"""What a pure `decide` answers: the new state, and what follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from shared.contracts.base import EventModel
from shared.contracts.gateway import Choice, File, SendClass

StateT_co = TypeVar("StateT_co", covariant=True)

Parameter: TypeAlias = "str | int | dt.datetime | Moment | Phrase | tuple[str | Phrase, ...]"
"""What a text may be filled with: an instant becomes its date, a tuple one line each."""

REPLY_VALID_FOR = dt.timedelta(minutes=10)
"""A reply that comes later than this answers a question nobody remembers."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text of the service's catalogue, by its key, with what goes into it."""

    key: str
    params: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is to happen, in the zone it was agreed in: weekday, date, time of day and zone."""

    at: dt.datetime
    zone: str
    """As the IANA names it."""
    brief: bool = False
    """Whether the time of day is all that matters, as between two of the same day."""


@dataclass(frozen=True, slots=True)
class Instead:
    """What a chat hears in place of what was for one member alone, in its own language."""

    phrase: Phrase
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Write to a chat, in the given language (None: the default of the installation)."""

    chat_id: str
    phrase: Phrase
    language: str | None = None
    send_class: SendClass = SendClass.REPLY
    valid_for: dt.timedelta = REPLY_VALID_FOR
    reply_to: str | None = None
    """The message it answers."""
    mentions: tuple[str, ...] = ()
    """Members it is about; `@1` in a text of the catalogue stands for the first of them, `@2` for the next.

    Only there: in what is filled in, `@1` is what somebody wrote. See `shared.mentions`.
    """
    privately_to: str | None = None
    """A member who alone is to read it; the chat is where they are known from."""
    aloud: bool = False
    """Whether it may be said in the chat where there is no private way to that member."""
    instead: Instead | None = None
    """What may be said in the chat where there is no private way: other words, which name nobody."""
    choices: tuple[Choice, ...] = ()
    poll: tuple[str, ...] = ()
    file: File | None = None
    event_id: str | None = None
    """An id of the command of its own, as deterministic as any, for what becomes of it to be found by it."""


@dataclass(frozen=True, slots=True)
class Emit:
    """Publish a fact; `key` keeps facts about the same thing in order."""

    data: EventModel
    key: str
    event_id: str | None = None
    """An id of its own, as deterministic as any, for what is to be found again by it."""


WAKE_VALID_FOR = dt.timedelta(hours=6)
"""A reminder may come late by an outage; by half a day it only confuses."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Publish `data` at `due`, through restarts and once.

    What is scheduled under the same name is replaced: that is how a timer is moved.
    """

    name: str
    """Names the timer within its service, for example `webinar/<id>/reminder/24h`."""
    due: dt.datetime
    data: EventModel
    key: str
    """Keeps events about the same thing in order."""
    valid_for: dt.timedelta = WAKE_VALID_FOR
    """How late it may still fire; past that it is dropped and counted."""

    def __post_init__(self) -> None:
        if self.due.tzinfo is None:
            raise ValueError("A timer needs a time with a zone.")


@dataclass(frozen=True, slots=True)
class Cancel:
    """Forget the timer of this name; where it has fired or never was, nothing happens."""

    name: str


@dataclass(frozen=True, slots=True)
class Decision(Generic[StateT_co]):
    """The outcome of one event or command."""

    state: StateT_co
    emit: tuple[Emit, ...] = ()
    say: tuple[Say, ...] = ()
    wake: tuple[Wake | Cancel, ...] = ()
    note: str | None = None
    """A stable code of what was decided, for logs and metrics; None where nothing was."""
