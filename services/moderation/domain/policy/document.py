"""The policy document: which rules hold, how they are checked, and what follows from breaking them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.moderation.domain.judging.verdict import Category
from shared.contracts.gateway import MemberId

MAX_RULES = 30
MAX_TEXT = 3000
"""Characters of all rules in one language: with its frame, the reply must fit into one message of 4096."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleState(StrEnum):
    """How far a rule is in force."""

    OFF = "off"
    SHADOW = "shadow"
    """It is checked and counted, and has no effect."""
    ON = "on"


class Strictness(StrEnum):
    """How sure a check must be before it counts."""

    LENIENT = "lenient"
    NORMAL = "normal"
    STRICT = "strict"


class StepKind(StrEnum):
    """What a step of the ladder does."""

    WARN = "warn"
    RESTRICT = "restrict"
    REMOVE = "remove"


class Rule(_Part):
    """One rule: what members read, and the checks that watch over it."""

    id: Slug = Field(description="Stays the same through all versions.")
    state: RuleState = Field(RuleState.ON, description="off, shadow (counted, without effect) or on.")
    names: dict[str, Text] = Field(
        default_factory=dict, description="By language, a few words: what a warning calls the rule."
    )
    texts: dict[str, Text] = Field(
        default_factory=dict, description="By language; the catalogue's text where there is none."
    )
    weight: int | None = Field(
        None, ge=0, le=10, description="Strike points; by the kind of offence where none is set."
    )
    checks: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Detectors by name, each with its settings; none: only people watch.",
    )


class Step(_Part):
    """From how many strike points on what is done."""

    at: int = Field(ge=1, le=100)
    kind: StepKind
    hours: int | None = Field(None, ge=1, le=24 * 90, description="How long a restriction lasts.")


class Ladder(_Part):
    """What follows from strikes, over all chats of a community."""

    steps: tuple[Step, ...] = Field(
        (
            Step(at=1, kind=StepKind.WARN, hours=None),
            Step(at=2, kind=StepKind.RESTRICT, hours=24),
            Step(at=3, kind=StepKind.REMOVE, hours=None),
        ),
        min_length=1,
        max_length=10,
    )
    expiry_days: int = Field(30, ge=1, le=365, description="After how many days a strike is forgotten.")
    weights: dict[Category, int] = Field(
        default_factory=lambda: {
            Category.SPAM: 1,
            Category.PRIVACY: 1,
            Category.ABUSE: 2,
            Category.SCAM: 3,
            Category.TOPIC: 0,
        },
        description="Strike points by kind of offence.",
    )


class TrustLevels(_Part):
    """When a member is no newcomer any more, and when their reports weigh more."""

    newcomer_days: int = Field(3, ge=0, le=90)
    newcomer_messages: int = Field(3, ge=0, le=100, description="Accepted ones; a bare greeting is none.")
    trusted_days: int = Field(30, ge=0, le=365)
    trusted_messages: int = Field(50, ge=0, le=10_000)


class Raid(_Part):
    """When many joins at once are a raid."""

    joins: int = Field(15, ge=2, le=1000)
    minutes: int = Field(10, ge=1, le=120)
    hold_minutes: int = Field(60, ge=1, le=24 * 60, description="For how long newcomers are held back then.")


class Reports(_Part):
    """What members' reports do."""

    reporters: int = Field(3, ge=1, le=20, description="How many trusted ones hold a message.")
    per_hour: int = Field(10, ge=1, le=100, description="How many reports of one member count.")


class Appeals(_Part):
    """Until when a case can be appealed, and how soon an answer is due."""

    days: int = Field(30, ge=1, le=365, description="After the decision; past that a case is closed.")
    answer_hours: int = Field(72, ge=1, le=24 * 30, description="Until when an appeal should be answered.")


class Topic(_Part):
    """What the group is about, for a friendly word when talk drifts."""

    sentence: dict[str, Text] = Field(
        default_factory=dict,
        description="By language, a few words that complete: the topic of the group is …",
    )
    within: tuple[Annotated[str, StringConstraints(min_length=1, max_length=80)], ...] = Field(
        (), max_length=200, description="Words and phrases of the topic, in any language."
    )
    outside: tuple[Annotated[str, StringConstraints(min_length=1, max_length=80)], ...] = Field(
        (), max_length=200
    )
    nudge_after: int = Field(5, ge=2, le=50, description="Messages off topic in a row, from two members on.")
    quiet_minutes: int = Field(60, ge=1, le=24 * 60, description="How long no second word is said.")


class Document(_Part):
    """A whole policy, as it is exported and imported."""

    language: str = Field("hi", description="The chat's language; every rule needs a text in it.")
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=MAX_RULES)
    strictness: Strictness = Strictness.NORMAL
    ladder: Ladder = Ladder()
    trust: TrustLevels = TrustLevels()
    raid: Raid = Raid()
    reports: Reports = Reports()
    appeals: Appeals = Appeals()
    topic: Topic = Topic()
    experts: tuple[MemberId, ...] = Field((), max_length=200, description="Never punished by rules.")
    admins: tuple[MemberId, ...] = Field(
        (),
        max_length=50,
        description="Who gives orders beside the admins that the channel names: in an official group, nobody "
        "but the business is one.",
    )

    def rule(self, rule_id: str) -> tuple[int, Rule] | None:
        """Return the rule's number, from 1, and the rule."""
        return next(((number, rule) for number, rule in enumerate(self.rules, 1) if rule.id == rule_id), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a document; a version never changes once it is published. Version 0 is built in."""

    version: int
    document: Document
    changed_by: str
    changed_at: dt.datetime
    note: str | None = None

    def __hash__(self) -> int:
        # A document has settings of any kind in it, and no hash.
        return hash((self.version, self.changed_at))

    def weight(self, rule: Rule, category: Category) -> int:
        """Return the strike points of breaking `rule`."""
        return rule.weight if rule.weight is not None else self.document.ladder.weights.get(category, 1)


_DEFAULT: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "topic": {"topic": {}},
    "respect": {"abuse": {}, "learned_abuse": {}},
    "links": {
        "links": {},
        "forwards": {},
        "flood": {},
        "media": {},
        "campaign": {},
        "learned_spam": {"only": "spam"},
    },
    "income": {"scam": {}, "learned_spam": {"only": "scam"}},
    "privacy": {"personal": {}},
    "search_first": {},
}

DEFAULT = Policy(
    0,
    Document(
        language="hi",
        rules=tuple(Rule(id=rule, checks=dict(checks)) for rule, checks in _DEFAULT.items()),
    ),
    changed_by="chaupal",
    changed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
)
"""What holds until somebody says otherwise; its texts are the catalogue's."""
