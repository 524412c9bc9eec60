"""The timers of what ends by itself, under the names by which they are moved and forgotten."""

from __future__ import annotations

import datetime as dt

from services.moderation.domain.cases.case import Case
from services.moderation.domain.members.standing import Restriction
from services.moderation.domain.scopes import community_of
from shared.contracts.moderation import RestrictionEnded, StrikeExpired
from shared.decision import Wake

VALID_FOR = dt.timedelta(days=30)
"""A strike or a restriction whose end falls into an outage ends after it, however long it was."""


def strike_timer(case_id: str) -> str:
    """Return the name of the timer that ends a case's strike."""
    return f"strike/{case_id}"


def restriction_timer(scope: str, member_id: str) -> str:
    """Return the name of the timer that ends a member's restriction; they have one at a time."""
    return f"restriction/{scope}/{member_id}"


def end_of_restriction(case: Case, restriction: Restriction) -> Wake:
    """Return the timer that ends the restriction of the member whom `case` is about."""
    ended = RestrictionEnded(
        case_id=restriction.case,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        ended_at=restriction.until,
    )
    name = restriction_timer(case.scope, case.member_id)
    return Wake(name, restriction.until, ended, case.chat_id, VALID_FOR)


def end_of_strike(case: Case) -> Wake:
    """Return the timer that says when the strike of a case is forgotten.

    Raises:
        ValueError: the case has no strike.
    """
    if case.expires is None:
        raise ValueError("A case without a strike has nothing that expires.")
    expired = StrikeExpired(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        expired_at=case.expires,
    )
    return Wake(strike_timer(case.case_id), case.expires, expired, case.chat_id, VALID_FOR)
