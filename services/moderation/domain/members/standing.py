"""How a member stands in a community."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.moderation.domain.judging.context import Trust
from services.moderation.domain.policy.document import Policy, Step


@dataclass(frozen=True, slots=True)
class Strike:
    """Points for one case; it is forgotten when it expires."""

    case: str
    """The case's id."""
    points: int
    at: dt.datetime
    expires: dt.datetime
    ladder: tuple[Step, ...] = ()
    """The steps that were in force then: a later policy changes nothing about what has happened."""
    until: dt.datetime | None = None
    """Until when a person's order restricts, whatever the points."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """Until when a member's links and media are held and nothing they do earns points."""

    case: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Which rules a member has accepted, and as they were shown."""

    version: int
    language: str
    at: dt.datetime
    policy_scope: str = "default"
    """Whose rules: a chat's, a community's, or the built-in ones."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report."""

    case: str
    upheld: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A member within a scope."""

    scope: str
    member_id: str
    since: dt.datetime | None = None
    """When they were first seen; None for a stranger."""
    accepted: int = 0
    """Messages that were fine and said something; a bare greeting is none."""
    strikes: tuple[Strike, ...] = ()
    restriction: Restriction | None = None
    removed_by: str | None = None
    """The case by which they were removed."""
    acceptance: Acceptance | None = None
    reports: tuple[Reported, ...] = ()
    """What came of their last reports, oldest first."""
    reported_at: tuple[dt.datetime, ...] = ()
    """When they last reported something."""
    asked: str | None = None
    """What they were asked to confirm with हाँ, as a token of the command; None where nothing is open."""
    asked_at: dt.datetime | None = None
    shown: str | None = None
    """The rules of which they were last shown what is different, as `<policy scope>|<version>`."""

    def points(self, now: dt.datetime) -> int:
        """Return the strike points that count at `now`."""
        return sum(each.points for each in self.strikes if each.expires > now)

    def restricted(self, now: dt.datetime) -> bool:
        """Whether the member is restricted at `now`."""
        return self.restriction is not None and self.restriction.until > now

    def trust(self, policy: Policy, now: dt.datetime, *, admin: bool) -> Trust:
        """Return how far the member has come."""
        if admin:
            return Trust.ADMIN
        if self.member_id in policy.document.experts:
            return Trust.EXPERT
        levels = policy.document.trust
        age = (now - self.since) if self.since else dt.timedelta(0)
        if age < dt.timedelta(days=levels.newcomer_days) or self.accepted < levels.newcomer_messages:
            return Trust.NEW
        if age >= dt.timedelta(days=levels.trusted_days) and self.accepted >= levels.trusted_messages:
            return Trust.TRUSTED
        return Trust.MEMBER


@dataclass(frozen=True, slots=True)
class Person:
    """A member over all communities."""

    member_id: str
    scopes: frozenset[str] = frozenset()
    """Where they have a standing."""
    merged_into: str | None = None
    """The member they turned out to be, where they did."""
    language: str | None = None
    absorbed: frozenset[str] = frozenset()
    """The members who turned out to be this one."""

    @property
    def now(self) -> str:
        """The id under which they stand today."""
        return self.merged_into or self.member_id
