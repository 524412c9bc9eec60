"""What the clock ends: strikes, restrictions and the brake of a raid."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Case
from services.moderation.domain.replying import news
from services.moderation.domain.review.cited import with_case
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import community_of
from shared.contracts.envelope import Envelope
from shared.contracts.moderation import (
    MemberReleased,
    RaidEnded,
    ReleaseReason,
    RestrictionEnded,
    StrikeExpired,
)
from shared.decision import Decision, Emit, Phrase

CLOCK = "clock"


def decide_strike_expired(scene: Scene, event: Envelope[StrikeExpired], now: dt.datetime) -> Decision[Scene]:
    """Note that a strike is forgotten; its points have not counted since that very instant."""
    case = _case(scene, event.data.case_id)
    if case is None or not case.effective or case.expires is None or case.expires > event.data.expired_at:
        return Decision(scene)
    if _done(case, "expired", case.expires):
        return Decision(scene)
    return Decision(with_case(scene, noted(case, now, CLOCK, "expired")), note="strike_expired")


def decide_restriction_ended(
    scene: Scene, event: Envelope[RestrictionEnded], now: dt.datetime
) -> Decision[Scene]:
    """Say that a member is free again, to others as a fact and to the member alone in words.

    A timer that an undoing or a longer restriction has overtaken says nothing.
    """
    data, restriction = event.data, scene.standing.restriction
    case = _case(scene, data.case_id)
    if case is None or restriction is None or restriction.case != data.case_id:
        return Decision(scene)
    if restriction.until > data.ended_at or _done(case, "released", restriction.until):
        return Decision(scene)
    released = MemberReleased(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        reason=ReleaseReason.ENDED,
        released_at=now,
    )
    told = Phrase("restriction.over", {"case": case.name})
    return Decision(
        with_case(scene, noted(case, now, CLOCK, "released")),
        emit=(Emit(released, case.chat_id),),
        say=(news(scene, case, told),),
        note="member_released",
    )


def decide_raid_ended(scene: Scene, event: Envelope[RaidEnded], now: dt.datetime) -> Decision[Scene]:
    """Let go of the brake, unless the raid has gone on meanwhile."""
    del now
    until = scene.room.raid_until
    if until is None or until > event.data.ended_at:
        return Decision(scene)
    return Decision(replace(scene, room=replace(scene.room, raid_until=None)), note="raid_ended")


def _case(scene: Scene, case_id: str) -> Case | None:
    return scene.cases.get(case_id)


def _done(case: Case, what: str, since: dt.datetime) -> bool:
    """Whether the clock has said so already, for the end that is due at `since`."""
    return any(each.what == what and each.by == CLOCK and each.at >= since for each in case.audit)
