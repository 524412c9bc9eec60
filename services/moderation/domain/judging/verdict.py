"""What the judge says of a message, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Category(StrEnum):
    """What kind of offence a check looks for; it decides the weight of a strike."""

    SPAM = "spam"
    ABUSE = "abuse"
    SCAM = "scam"
    PRIVACY = "privacy"
    TOPIC = "topic"


class Intent(StrEnum):
    """What is wanted to happen to a message. What a channel achieves is another matter."""

    ALLOW = "allow"
    NUDGE = "nudge"
    """A friendly word to the group, and nothing else."""
    REVIEW = "review"
    """It stays, and a person looks at it."""
    HOLD = "hold"
    """It goes until a person has looked at it; no strike before."""
    REMOVE = "remove"
    """It goes, with a strike."""

    @property
    def rank(self) -> int:
        """How far it goes: the furthest of several intents is the one of the verdict."""
        return tuple(Intent).index(self)


class Script(StrEnum):
    """How a message is written; what is measured is measured for each."""

    DEVANAGARI = "devanagari"
    HINGLISH = "hinglish"
    """Hindi in Latin letters, or both scripts in one message."""
    ENGLISH = "english"
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of the text as its author wrote it, in code points: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found; which rule it breaks is for the policy to say."""

    check: str
    """The name of the detector, as policies spell it."""
    code: str
    """What exactly it saw, for instance `invite_link` or `fee_and_promise`: stable, for texts and metrics."""
    category: Category
    score: float
    """How sure it is, from 0 to 1."""
    intent: Intent
    """What it would have happen, were it alone."""
    spans: tuple[Span, ...] = ()
    """Where; none where it is not about a part of the text."""
    details: Mapping[str, str | int | float] = field(default_factory=dict)
    """For people who review: a domain, a count, the strongest n-grams. Never an address or a whole text."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding that counts under a rule in force."""

    rule: str
    """The rule's id within the policy."""
    number: int
    """The rule's number as members know it, from 1."""
    finding: Finding
    shadow: bool = False
    """The rule is only tried out: this is counted and shown to admins, and has no effect."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one message under one version of a policy."""

    intent: Intent
    reasons: tuple[Reason, ...] = ()
    """The deciding one first; shadow reasons come last."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Of every check that gave one, by its name, whether or not it led to a reason."""
    script: Script = Script.OTHER
    exempt: str | None = None
    """Why a reason has no effect on this author: `admin`, `expert`, `quoted`, …"""

    @property
    def decisive(self) -> Reason | None:
        """The reason that decided, None where the message is fine."""
        return next((each for each in self.reasons if not each.shadow), None)
