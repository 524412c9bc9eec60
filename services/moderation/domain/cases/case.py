"""A case: one decision about one thing somebody did, by a rule or by a person, in the same shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.moderation.domain.judging.verdict import Category, Intent, Script, Span
from services.moderation.domain.members.standing import Strike
from services.moderation.domain.policy.document import StepKind
from shared.asked import Asked


class CaseState(StrEnum):
    """Where a case stands."""

    REVIEW = "review"
    """It waits for a person; nothing but a hold has happened."""
    DECIDED = "decided"
    """It has its effect."""
    APPEALED = "appealed"
    """It has its effect, and a person looks at it again."""
    DISMISSED = "dismissed"
    """A person found nothing wrong."""
    OVERTURNED = "overturned"
    """Its effect has been undone."""


class Achieved(StrEnum):
    """What became of what was wanted."""

    PENDING = "pending"
    DONE = "done"
    NOTICE = "notice"
    """The channel cannot do it: the group was told, and an admin has it as a task."""
    FAILED = "failed"
    BY_HAND = "by_hand"
    """An admin has done it."""
    NOTHING = "nothing"
    """Nothing was wanted."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why: one reason of the verdict, or a person's word."""

    rule: str
    number: int
    check: str
    code: str
    score: float
    spans: tuple[Span, ...] = ()
    category: Category | None = None
    """None where a person has said no more than that it is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is wanted of the gateway, and what became of it."""

    action: str
    """The command's type: message.delete, member.remove, join.answer, …"""
    command_id: str | None
    """The command's id, by which its outcome is found; None for what is ours alone, such as a restriction."""
    achieved: Achieved = Achieved.PENDING
    code: str | None = None
    """Why it was not done."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is looking at a case, and until when nobody else should."""

    by: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Appeal:
    """A member's word against a case, and the answer to it."""

    text: str
    at: dt.datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: dt.datetime | None = None
    due: dt.datetime | None = None
    """Until when the member was told to expect an answer, by the policy in force when they appealed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done about a case: the audit, append-only."""

    at: dt.datetime
    by: str
    """`rule`, `reports`, a member_id, the id of an API key, or `clock`."""
    what: str
    """opened, held, decided, dismissed, appealed, upheld, overturned, claimed, released, …"""
    reason: str | None = None
    """A reason code, or words where words are required."""
    words: str | None = None
    """What was said with it."""
    asked: Asked | None = None
    """The request of a REST client that did it: the same request does it once."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The last thing a person decided about a case, for as long as it can be taken back."""

    what: str
    """upheld, dismissed, overturned."""
    before: CaseState
    by: str
    at: dt.datetime
    since: dt.datetime | None = None
    """Since when the case, or the appeal, had waited for it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case."""

    case_id: str
    """`<scope>#<number>`."""
    number: int
    scope: str
    chat_id: str
    member_id: str
    """Whom it is about."""
    message_id: str | None
    state: CaseState
    opened_at: dt.datetime
    opened_by: str
    policy_scope: str
    policy_version: int
    grounds: tuple[Ground, ...]
    """The deciding one first."""
    intent: Intent
    script: Script
    evidence: str | None
    """The text as it was; gone after the retention time, unless an appeal is open."""
    points: int = 0
    expires: dt.datetime | None = None
    """When its strike is forgotten."""
    step: StepKind | None = None
    """The step of the ladder it led to."""
    cites: tuple[int, ...] = ()
    """The earlier cases whose strikes counted."""
    steps: tuple[Step, ...] = ()
    """What was wanted of the gateway."""
    newcomer: bool = False
    reporters: tuple[str, ...] = ()
    """Who reported it; never shown to whom it is about."""
    claim: Claim | None = None
    appeal: Appeal | None = None
    audit: tuple[Entry, ...] = ()
    restriction_until: dt.datetime | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    """What each reporter's word weighed when they gave it."""
    ruling: Ruling | None = None
    dropped: Strike | None = None
    """The strike it had, where it was overturned: undoing that gives it back."""
    consent: bool | None = None
    """Whether its author lets the message be kept as an example of what is fine; None: they have not said."""
    decided_at: dt.datetime | None = None
    """When a person last decided."""

    @property
    def name(self) -> str:
        """How members call it: `M1043`."""
        return f"M{self.number}"

    @property
    def waits_since(self) -> dt.datetime:
        """Since when somebody waits for a person's word: since the appeal, else since the opening."""
        appealed = self.appeal is not None and self.state is CaseState.APPEALED
        return self.appeal.at if appealed and self.appeal else self.opened_at

    @property
    def effective(self) -> bool:
        """Whether it has an effect."""
        return self.state in {CaseState.DECIDED, CaseState.APPEALED}

    @property
    def open(self) -> bool:
        """Whether a person has to look at it."""
        return self.state in {CaseState.REVIEW, CaseState.APPEALED}


def case_id(scope: str, number: int) -> str:
    """Return the id of a case."""
    return f"{scope}#{number}"
