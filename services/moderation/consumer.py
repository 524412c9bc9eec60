"""What moderation listens to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeAlias

from services.moderation import measures
from services.moderation.domain.cases.outcomes import decide_outcome, decide_revoked
from services.moderation.domain.listening import Listener
from services.moderation.domain.members.endings import (
    decide_raid_ended,
    decide_restriction_ended,
    decide_strike_expired,
)
from services.moderation.domain.members.merging import decide_merged, decide_unmerged
from services.moderation.domain.members.roster import decide_configured, decide_movement
from services.moderation.domain.scene import Scene
from services.moderation.scenes import Stores, around_case, around_member, around_message, around_union
from shared.contracts.actions import ActionDone, ActionFailed, ActionUnsupported
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MemberJoined, MemberLeft, MessageEdited, MessageReceived, MessageRevoked
from shared.contracts.members import (
    ChatConfigured,
    MemberDemoted,
    MemberMerged,
    MemberPresent,
    MemberPromoted,
    MemberUnmerged,
)
from shared.contracts.moderation import RaidEnded, RestrictionEnded, StrikeExpired
from shared.decision import Decision
from shared.stream.subscription import Handler, Subscription

MOVEMENTS: tuple[type[Any], ...] = (
    MemberJoined,
    MemberLeft,
    MemberPresent,
    MemberPromoted,
    MemberDemoted,
)
Decide: TypeAlias = Callable[[Scene, Envelope[MessageReceived], dt.datetime], Decision[Scene]]
OUTCOMES: tuple[type[Any], ...] = (ActionDone, ActionFailed, ActionUnsupported)


def subscription(stores: Stores, listener: Listener) -> Subscription:
    """Return moderation's table."""
    message, member, case = around_message(stores), around_member(stores), around_case(stores)
    union = around_union(stores)
    return Subscription(
        consumer="moderation",
        service="moderation",
        handlers=(
            Handler(MessageReceived, _itself, message, _counted(listener.decide_message)),
            Handler(MessageEdited, _itself, message, listener.decide_edit),
            Handler(MessageRevoked, _itself, message, decide_revoked),
            *(Handler(each, _itself, member, decide_movement) for each in MOVEMENTS),
            Handler(ChatConfigured, _itself, member, decide_configured),
            Handler(RaidEnded, _itself, member, decide_raid_ended),
            *(Handler(each, _itself, case, decide_outcome) for each in OUTCOMES),
            Handler(StrikeExpired, _itself, case, decide_strike_expired),
            Handler(RestrictionEnded, _itself, case, decide_restriction_ended),
            Handler(MemberMerged, _itself, union, decide_merged),
            Handler(MemberUnmerged, _itself, union, decide_unmerged),
        ),
    )


def _counted(decide: Decide) -> Decide:
    """Return `decide` that counts what admins rule by chat.

    A transaction that is run again counts again: races are rare, and these are no bills.
    """

    def counting(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene]:
        decision = decide(scene, event, now)
        if decision.state.cases is not scene.cases:
            measures.rulings(scene.cases, decision.state.cases)
        return decision

    return counting


def _itself(event: Any) -> Any:
    """Return the event: the bundles take their keys from it."""
    return event
