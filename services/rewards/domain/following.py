"""Follows moderation: what broke a rule earns nothing, and a mistake is as if it had never been."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final, TypeAlias

from services.rewards.domain.booking import Occasion, book
from services.rewards.domain.contests.entering import judged
from services.rewards.domain.periods import weeks_between
from services.rewards.domain.post import Post
from services.rewards.domain.scene import Scene
from services.rewards.domain.week import Restriction, Week, week_key
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageRevoked
from shared.contracts.moderation import (
    CaseDismissed,
    CaseOverturned,
    CaseUpheld,
    MemberReleased,
    MemberRestricted,
    MessageFlagged,
    ReleaseReason,
    WantedIntent,
)
from shared.decision import Decision

AgainstMessage: TypeAlias = MessageFlagged | CaseUpheld
InFavour: TypeAlias = CaseOverturned | CaseDismissed

DELETED: Final = "deleted"
"""Why a message earns nothing that is not there any more."""

LONGEST: Final = dt.timedelta(days=400)
"""A restriction without an end in sight is followed for so long."""


def decide_against(scene: Scene, event: Envelope[AgainstMessage], now: dt.datetime) -> Decision[Scene]:
    """Take back what a message earned that is removed, or that a person has judged to break a rule."""
    del now
    case = event.data
    if case.message_id is None or (
        isinstance(case, MessageFlagged) and case.intent is not WantedIntent.REMOVE
    ):
        return Decision(scene, note="case_ignored")
    return _weighed(scene, event, case.message_id, void=case.case_id)


def decide_in_favour(scene: Scene, event: Envelope[InFavour], now: dt.datetime) -> Decision[Scene]:
    """Give back what a message has lost by a mistake."""
    del now
    if event.data.message_id is None:
        return Decision(scene, note="case_ignored")
    return _weighed(scene, event, event.data.message_id, lifted=event.data.case_id)


def decide_revoked(scene: Scene, event: Envelope[MessageRevoked], now: dt.datetime) -> Decision[Scene]:
    """Take back what a message earned that was deleted."""
    del now
    return _weighed(scene, event, event.data.message_id, void=DELETED)


def decide_restricted(scene: Scene, event: Envelope[MemberRestricted], now: dt.datetime) -> Decision[Scene]:
    """Let a member earn nothing for as long as they are restricted."""
    del now
    told = event.data
    known = next((each for each in _restrictions(scene) if each.case_id == told.case_id), None)
    lifted = known.lifted if known is not None else False
    # A release that was heard of first has set an end.
    end = min(told.until, known.end) if known is not None else told.until
    return _restricted(scene, Restriction(told.case_id, told.restricted_at, end, lifted), event)


def decide_released(scene: Scene, event: Envelope[MemberReleased], now: dt.datetime) -> Decision[Scene]:
    """Let a member earn again: from now on, or as if nothing had been where it was a mistake."""
    del now
    told = event.data
    known = next((each for each in _restrictions(scene) if each.case_id == told.case_id), None)
    known = known or Restriction(told.case_id, told.released_at, told.released_at)
    if told.reason is ReleaseReason.OVERTURNED:
        return _restricted(scene, replace(known, lifted=True), event)
    return _restricted(scene, replace(known, end=min(known.end, told.released_at)), event)


def restricted_weeks(
    scope: str, member_id: str, begin: dt.datetime, end: dt.datetime, zone: str
) -> tuple[str, ...]:
    """Return the keys of a member's weeks that a restriction touches."""
    weeks = weeks_between(begin, min(end, begin + LONGEST), zone)
    return tuple(week_key(scope, each, member_id) for each in weeks)


def _weighed(
    scene: Scene,
    event: Envelope[AgainstMessage] | Envelope[InFavour] | Envelope[MessageRevoked],
    message_id: str,
    *,
    void: str | None = None,
    lifted: str | None = None,
) -> Decision[Scene]:
    post = scene.posts.get(message_id) or Post(message_id)
    post = replace(
        post,
        void=post.void | ({void} if void else set()),
        lifted=post.lifted | ({lifted} if lifted else set()),
    )
    weeks = [_judged(week, post) for key, week in scene.weeks.items() if key in post.weeks]
    scene = judged(scene.with_post(post), post)
    return book(scene, weeks, Occasion(event.id, event.time), "message_weighed")


def _judged(week: Week, post: Post) -> Week:
    claims = {
        name: replace(each, void=each.void | post.void, lifted=each.lifted | post.lifted)
        if each.about == post.message_id
        else each
        for name, each in week.claims.items()
    }
    return replace(week, claims=claims)


def _restrictions(scene: Scene) -> tuple[Restriction, ...]:
    return scene.account(scene.member.now).restrictions


def _restricted(
    scene: Scene,
    restriction: Restriction,
    event: Envelope[MemberRestricted] | Envelope[MemberReleased],
) -> Decision[Scene]:
    account = scene.account(scene.member.now).with_restriction(restriction)
    weeks = [each.with_restriction(restriction) for each in scene.weeks.values() if each.claims]
    return book(
        scene.with_account(account), weeks, Occasion(event.id, event.time), "member_restriction_followed"
    )
