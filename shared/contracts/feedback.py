"""What feedback says: what members suggest and what became of it, whether a change helped, what surveys say.

The words of a suggestion stay with feedback: what is on the log cannot be forgotten.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, StringConstraints

from shared.contracts.base import EventModel, OpenEnum
from shared.contracts.gateway import ChatId, MemberId

Scope = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=160)]
MAX_REASON = 500


class SuggestionStatus(OpenEnum):
    """What became of a suggestion so far."""

    NEW = "new"
    REVIEW = "review"
    PLANNED = "planned"
    DONE = "done"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class _OfSuggestion(EventModel):
    scope: Scope = Field(description="To whom it was made: a community, or a chat that has none.")
    suggestion_id: ItemId
    number: int = Field(ge=1, description="By which members of the scope name it.")
    chat_id: ChatId = Field(description="Where it was made.")
    community: str | None = Field(None, max_length=64)


class SuggestionMade(_OfSuggestion):
    """A member suggests something, and supports it from the beginning."""

    TYPE: ClassVar[str] = "suggestion.made"

    member_id: MemberId
    made_at: AwareDatetime


class SuggestionSupported(_OfSuggestion):
    """A member is for a suggestion, or not any more."""

    TYPE: ClassVar[str] = "suggestion.supported"

    member_id: MemberId
    withdrawn: bool = False
    votes: int = Field(ge=0, description="People who are for it, by all that is known then.")
    supported_at: AwareDatetime


class SuggestionMerged(_OfSuggestion):
    """A suggestion is the same as another one; whoever was for it is for that one."""

    TYPE: ClassVar[str] = "suggestion.merged"

    into_id: ItemId
    into_number: int = Field(ge=1)
    votes: int = Field(ge=0, description="People who are for the other one now.")
    merged_by: str = Field(max_length=128)
    merged_at: AwareDatetime


class SuggestionDecided(_OfSuggestion):
    """A suggestion has another status."""

    TYPE: ClassVar[str] = "suggestion.decided"

    member_id: MemberId = Field(description="Who made it.")
    status: SuggestionStatus
    reason: str | None = Field(None, max_length=MAX_REASON, description="Never null where it was declined.")
    votes: int = Field(ge=0)
    decided_by: str = Field(max_length=128)
    decided_at: AwareDatetime
    done_at: AwareDatetime | None = Field(
        None, description="When it was done for the first time; null where it never was."
    )


class _OfStrategy(EventModel):
    scope: Scope
    strategy_id: ItemId
    number: int = Field(ge=1, description="By which it is named: ST-8.")
    metric: str = Field(max_length=64, description="What it is meant to change.")


class StrategyRegistered(_OfStrategy):
    """Something is done otherwise from a day on, and whether it helps will be measured."""

    TYPE: ClassVar[str] = "strategy.registered"

    change: str = Field(max_length=300)
    owner: MemberId = Field(description="The member who answers for it.")
    suggestion_id: ItemId | None = Field(None, description="Which suggestion it carries out.")
    first_day: Day
    last_day: Day
    registered_by: str = Field(max_length=128)
    registered_at: AwareDatetime


class StrategyOutcome(OpenEnum):
    """What came of a change."""

    BETTER = "better"
    WORSE = "worse"
    CANNOT_TELL = "cannot_tell"
    UNKNOWN = "unknown"


class StrategyJudged(_OfStrategy):
    """The window of a strategy is over."""

    TYPE: ClassVar[str] = "strategy.judged"

    outcome: StrategyOutcome
    judged_at: AwareDatetime


class StrategyDue(EventModel):
    """A timer of ours: what came of a strategy may be told."""

    TYPE: ClassVar[str] = "strategy.due"

    scope: Scope
    strategy_id: ItemId


class _OfSurvey(EventModel):
    scope: Scope
    survey_id: ItemId
    kind: str = Field(max_length=32, description="nps, csat, choice, choices or text.")


class SurveyOpened(_OfSurvey):
    """Some members are asked something, each alone."""

    TYPE: ClassVar[str] = "survey.opened"

    number: int = Field(ge=1, description="By which it is named: P3.")
    anonymous: bool
    asked: int = Field(ge=0, description="Members it is sent to.")
    opened_at: AwareDatetime
    closes_at: AwareDatetime


class SurveyClosed(_OfSurvey):
    """A survey takes no more answers."""

    TYPE: ClassVar[str] = "survey.closed"

    asked: int = Field(ge=0)
    answers: int = Field(ge=0, description="People who have answered.")
    closed_at: AwareDatetime


class ResponseRecorded(_OfSurvey):
    """So many people have given one answer; all answers to a survey are told when it is closed.

    Never upon an answer: an event's correlation leads to what caused it, and its time is the answer's.
    """

    TYPE: ClassVar[str] = "response.recorded"

    value: int = Field(ge=0, le=100, description="On the scale, or which of the options, from 1.")
    count: int = Field(ge=1)
    recorded_at: AwareDatetime


class SurveyStep(OpenEnum):
    """What it is time for."""

    REMIND = "remind"
    CLOSE = "close"
    UNKNOWN = "unknown"


class SurveyDue(EventModel):
    """A timer of ours: something is to be done for a survey."""

    TYPE: ClassVar[str] = "survey.due"

    scope: Scope
    survey_id: ItemId
    step: SurveyStep


SUGGESTION_EVENTS: tuple[type[EventModel], ...] = (
    SuggestionMade,
    SuggestionSupported,
    SuggestionMerged,
    SuggestionDecided,
)
STRATEGY_EVENTS: tuple[type[EventModel], ...] = (StrategyRegistered, StrategyJudged, StrategyDue)
SURVEY_EVENTS: tuple[type[EventModel], ...] = (SurveyOpened, SurveyClosed, ResponseRecorded, SurveyDue)
EVENTS: tuple[type[EventModel], ...] = (*SUGGESTION_EVENTS, *STRATEGY_EVENTS, *SURVEY_EVENTS)
