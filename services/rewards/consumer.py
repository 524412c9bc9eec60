"""What rewards listens to."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.rewards.contest_scenes import around_contest, around_due_prize, around_report
from services.rewards.domain import following, roster
from services.rewards.domain.contests import announcing, closing
from services.rewards.domain.listening import decide_message
from services.rewards.domain.merging import decide_merged, decide_unmerged
from services.rewards.domain.naming import decide_week_due
from services.rewards.domain.numbering import decide_numbered
from services.rewards.domain.prizes import overdue
from services.rewards.domain.rebuilding import decide_entry, decide_named, decide_ruled
from services.rewards.domain.sources.facts import READINGS, decide_fact, telling
from services.rewards.domain.sources.thanks import decide_reaction
from services.rewards.scenes import (
    Stores,
    around_case,
    around_deed,
    around_entry,
    around_message,
    around_movement,
    around_restriction,
    around_union,
    around_week,
)
from shared.chats import MOVEMENTS
from shared.contracts.gateway import DeliveryReported, MessageReceived, MessageRevoked, ReactionChanged
from shared.contracts.members import ChatConfigured, MemberMerged, MemberUnmerged
from shared.contracts.moderation import (
    CaseDismissed,
    CaseOverturned,
    CaseUpheld,
    MemberReleased,
    MemberRestricted,
    MessageFlagged,
)
from shared.contracts.rewards import (
    ContestDue,
    ContestOpened,
    ContributorNamed,
    PointsAwarded,
    PointsReversed,
    PrizeDue,
    PrizePromised,
    RewardRulesChanged,
    WeekDue,
)
from shared.stream.subscription import Handler, Subscription


def subscription(stores: Stores, public_url: str) -> Subscription:
    """Return the table of rewards; `public_url` is where members reach the public listener."""
    message, deed, case = around_message(stores), around_deed(stores), around_case(stores)
    restriction, movement, union = (
        around_restriction(stores),
        around_movement(stores),
        around_union(stores),
    )
    return Subscription(
        consumer="rewards",
        service="rewards",
        handlers=(
            Handler(MessageReceived, _itself, message, decide_message),
            Handler(ReactionChanged, _itself, message, decide_reaction),
            Handler(MessageRevoked, _itself, case, following.decide_revoked),
            *(Handler(each, _itself, movement, roster.decide_movement) for each in MOVEMENTS),
            Handler(ChatConfigured, _itself, movement, roster.decide_configured),
            Handler(MemberMerged, _itself, union, decide_merged),
            Handler(MemberUnmerged, _itself, union, decide_unmerged),
            *(Handler(each, telling, deed, decide_fact) for each in READINGS),
            Handler(MessageFlagged, _itself, case, following.decide_against),
            Handler(CaseUpheld, _itself, case, following.decide_against),
            Handler(CaseOverturned, _itself, case, following.decide_in_favour),
            Handler(CaseDismissed, _itself, case, following.decide_in_favour),
            Handler(MemberRestricted, _itself, restriction, following.decide_restricted),
            Handler(MemberReleased, _itself, restriction, following.decide_released),
            Handler(WeekDue, _itself, around_week(stores), partial(decide_week_due, public_url=public_url)),
            Handler(ContestDue, _itself, around_contest(stores), closing.decide_due),
            Handler(PrizeDue, _itself, around_due_prize(stores), overdue.decide_due),
            Handler(DeliveryReported, _itself, around_report(stores), announcing.decide_reported),
        ),
    )


def rebuilding(stores: Stores) -> Subscription:
    """Return the table that builds an empty database up again from what rewards has told itself."""
    entry = around_entry(stores)
    return Subscription(
        consumer="rewards.rebuilding",
        service="rewards",
        handlers=(
            Handler(PointsAwarded, _itself, entry, decide_entry),
            Handler(PointsReversed, _itself, entry, decide_entry),
            Handler(ContributorNamed, lambda told: told.scope, stores.communities, decide_named),
            Handler(RewardRulesChanged, lambda told: told.scope, stores.communities, decide_ruled),
            Handler(ContestOpened, lambda told: told.scope, stores.communities, decide_numbered),
            Handler(PrizePromised, lambda told: told.scope, stores.communities, decide_numbered),
        ),
    )


def _itself(event: Any) -> Any:
    """Return the event: the bundles take their keys from it."""
    return event
