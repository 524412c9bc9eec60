"""What feedback listens to."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.feedback.domain import following, roster
from services.feedback.domain.listening import decide_message
from services.feedback.domain.merging import decide_merged, decide_unmerged
from services.feedback.domain.strategies import counting, judging
from services.feedback.domain.surveys import closing
from services.feedback.domain.surveys.telling import Asking
from services.feedback.scenes import (
    Stores,
    around_case,
    around_message,
    around_movement,
    around_union,
)
from services.feedback.strategy_scenes import around_award, around_session, around_strategy
from services.feedback.survey_scenes import around_failure, around_survey
from shared.chats import MOVEMENTS
from shared.contracts.feedback import StrategyDue, SurveyDue
from shared.contracts.gateway import MessageFailed, MessageReceived, MessageRevoked
from shared.contracts.members import ChatConfigured, MemberMerged, MemberUnmerged
from shared.contracts.moderation import CaseDismissed, CaseOverturned, CaseUpheld, MessageFlagged
from shared.contracts.rewards import PointsAwarded
from shared.contracts.webinars import SessionRated, WebinarEnded
from shared.stream.subscription import Handler, Subscription


def subscription(stores: Stores, asking: Asking) -> Subscription:
    """Return the table of feedback; `asking` is by what members are asked."""
    case, movement, union = around_case(stores), around_movement(stores), around_union(stores)
    session = around_session(stores)
    return Subscription(
        consumer="feedback",
        service="feedback",
        handlers=(
            Handler(MessageReceived, _itself, around_message(stores), decide_message),
            Handler(MessageRevoked, _itself, case, following.decide_revoked),
            Handler(MessageFlagged, _itself, case, counting.decide_against),
            Handler(CaseUpheld, _itself, case, following.decide_against),
            Handler(CaseOverturned, _itself, case, counting.decide_in_favour),
            Handler(CaseDismissed, _itself, case, following.decide_in_favour),
            Handler(WebinarEnded, _itself, session, judging.decide_session_ended),
            Handler(SessionRated, _itself, session, judging.decide_session_rated),
            Handler(PointsAwarded, _itself, around_award(stores), counting.decide_awarded),
            Handler(SurveyDue, _itself, around_survey(stores), partial(closing.decide_due, asking=asking)),
            Handler(MessageFailed, _itself, around_failure(stores), closing.decide_failed),
            Handler(StrategyDue, _itself, around_strategy(stores), judging.decide_due),
            *(Handler(each, _itself, movement, roster.decide_movement) for each in MOVEMENTS),
            Handler(ChatConfigured, _itself, movement, roster.decide_configured),
            Handler(MemberMerged, _itself, union, decide_merged),
            Handler(MemberUnmerged, _itself, union, decide_unmerged),
        ),
    )


def _itself(event: Any) -> Any:
    """Return the event: the bundles take their keys from it."""
    return event
