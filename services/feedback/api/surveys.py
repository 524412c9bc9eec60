"""Surveys by REST: opened, read, closed; results are hidden until the close, and of too few for good."""

from __future__ import annotations

from typing import Annotated, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.feedback.api.ids import READ, SCOPE, SURVEY, Writer
from services.feedback.api.strategies import CHAT
from services.feedback.domain.intervals import Interval
from services.feedback.domain.scene import Scene
from services.feedback.domain.scores import Standing
from services.feedback.domain.subjects import OpeningSubject, SurveySubject
from services.feedback.domain.surveys.closing import close
from services.feedback.domain.surveys.opening import Wish, open_once
from services.feedback.domain.surveys.results import Results, results_of
from services.feedback.domain.surveys.survey import (
    LONGEST_OPTION,
    LONGEST_QUESTION,
    MOST_ASKED,
    MOST_OPTIONS,
    Kind,
    Responses,
    Survey,
)
from services.feedback.domain.surveys.telling import Asking
from shared.asked import asked
from shared.clock import Clock
from shared.decision import Decision
from shared.errors import Conflict, NotFound
from shared.http.app import requires
from shared.http.paging import NEXT, Key, PagedByTime, Place, cursor, place
from shared.stream.desk import Desk

SurveyPath: TypeAlias = Annotated[
    str,
    Path(
        pattern=SURVEY,
        examples=["community:seo-batch-7#P3"],
        description="A survey: its scope, `#P` (in a path `%23P`) and its number.",
    ),
]
Option: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_OPTION)
]


class Surveys(Protocol):
    """Where surveys are looked up."""

    async def find(self, key: str) -> Survey | None:
        """Return a survey."""
        ...

    async def page(self, scope: str | None, before: Place | None, limit: int) -> list[Survey]:
        """Return up to `limit` surveys, the newest first, beginning behind `before`."""
        ...


class Answers(Protocol):
    """Where answers are looked up."""

    async def find(self, key: str) -> Responses | None:
        """Return the answers to a survey."""
        ...


class SurveyQuery(PagedByTime):
    """Which surveys."""

    scope: str | None = Field(None, pattern=f"^{SCOPE}$", description="Of one community or chat.")


class NewSurvey(BaseModel):
    """A question that is to be asked."""

    model_config = ConfigDict(extra="forbid")

    chat_id: str = Field(pattern=CHAT, description="The group whose members are asked, each alone.")
    kind: Kind
    question: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=LONGEST_QUESTION)
    ]
    options: list[Option] = Field([], max_length=MOST_OPTIONS, description="Of `choice` and `choices`.")
    anonymous: bool = Field(
        default=True,
        description="Answered on a page, by a link for each member; else by a word in a direct chat.",
    )
    closes_at: AwareDatetime
    sample: int = Field(MOST_ASKED, ge=1, le=MOST_ASKED, description="How many members are asked at most.")


class SurveyView(BaseModel):
    """A survey."""

    survey_id: str
    scope: str
    number: int
    chat_id: str
    kind: Kind
    question: str
    options: list[str]
    anonymous: bool
    asked: int = Field(description="Members it was sent to.")
    skipped: dict[str, int] = Field(description="How many it did not reach, by why.")
    opened_by: str
    opened_at: AwareDatetime
    closes_at: AwareDatetime
    closed_at: AwareDatetime | None


class SurveyPage(BaseModel):
    """Some surveys, and where to go on."""

    surveys: list[SurveyView]
    next: str | None = Field(description=NEXT)


class IntervalView(BaseModel):
    """Where the value of all would be, with 95 % confidence."""

    low: float
    high: float


class OptionView(BaseModel):
    """How often one answer was chosen."""

    option: str
    count: int
    share: float | None = Field(description="Of those who answered; null while they are few.")
    interval: IntervalView | None


class ResultView(BaseModel):
    """What a survey comes to, as far as it may be shown."""

    survey_id: str
    n: int = Field(description="Answers.")
    needed: int = Field(description="How many it takes: for anything while hidden, for a score after that.")
    standing: Standing
    score: float | None
    interval: IntervalView | None
    groups: dict[str, int]
    options: list[OptionView]
    texts: list[str]


def survey_router(
    surveys: Surveys,
    answers: Answers,
    opening: Desk[Scene],
    desk: Desk[Scene],
    asking: Asking,
    *,
    clock: Clock,
) -> APIRouter:
    """Return the routes under `/v1/surveys`.

    Args:
        surveys: where they are looked up.
        answers: where answers are looked up.
        opening: opens new ones; its bundle takes an `OpeningSubject`.
        desk: closes them; its bundle takes a `SurveySubject`.
        asking: by what members are asked.
        clock: tells who has rested.
    """
    router = APIRouter(prefix="/v1/surveys", tags=["surveys"])
    reading = [Depends(requires(READ))]

    @router.get("", summary="Surveys, the newest first", dependencies=reading)
    async def list_surveys(wanted: Annotated[SurveyQuery, Query()]) -> SurveyPage:
        found = await surveys.page(wanted.scope, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return SurveyPage(
            surveys=[_view(each) for each in shown],
            next=cursor(last.opened_at, last.survey_id) if last else None,
        )

    @router.get("/{survey_id}", summary="One survey", dependencies=reading)
    async def get_survey(survey_id: SurveyPath) -> SurveyView:
        return _view(_found(await surveys.find(survey_id)))

    @router.get("/{survey_id}/results", summary="What a survey came to", dependencies=reading)
    async def get_results(survey_id: SurveyPath) -> ResultView:
        survey = _found(await surveys.find(survey_id))
        if survey.open:
            raise Conflict("Results are shown when the survey is closed.")
        return _results(survey, results_of(survey, await answers.find(survey_id) or Responses(survey_id)))

    @router.post("", summary="Open a survey", status_code=201)
    async def open_survey(body: NewSurvey, key: Key, actor: Writer) -> SurveyView:
        wanted = asked(actor.id, f"survey {key}", body.model_dump_json().encode())
        wish = Wish(body.kind, body.question, tuple(body.options), body.anonymous, body.closes_at, actor.id)
        scene = await opening.decide(
            OpeningSubject(body.chat_id, wanted.id, body.sample, clock.now()),
            lambda scene, now: open_once(scene, wanted, wish, asking, now),
        )
        return _view(_found(scene.surveys.get(scene.community.surveyed[wanted.id].item_id)))

    @router.post("/{survey_id}:close", summary="Take no more answers")
    async def close_survey(survey_id: SurveyPath, actor: Writer) -> SurveyView:
        del actor
        scene = await desk.decide(
            SurveySubject(survey_id),
            lambda scene, now: (
                close(scene, found, now)
                if (found := _found(scene.surveys.get(survey_id))).open
                else Decision(scene)
            ),
        )
        return _view(_found(scene.surveys.get(survey_id)))

    return router


def _found(survey: Survey | None) -> Survey:
    if survey is None:
        raise NotFound("There is no such survey.")
    return survey


def _view(survey: Survey) -> SurveyView:
    return SurveyView(
        survey_id=survey.survey_id,
        scope=survey.scope,
        number=survey.number,
        chat_id=survey.chat_id,
        kind=survey.kind,
        question=survey.question,
        options=list(survey.options),
        anonymous=survey.anonymous,
        asked=len(survey.invited),
        skipped=dict(survey.skipped),
        opened_by=survey.opened_by,
        opened_at=survey.opened_at,
        closes_at=survey.closes_at,
        closed_at=survey.closed_at,
    )


def _results(survey: Survey, results: Results) -> ResultView:
    score, chosen = results.score, results.choices
    return ResultView(
        survey_id=survey.survey_id,
        n=results.n,
        needed=results.needed,
        standing=results.standing,
        score=score.value if score else None,
        interval=_interval(score.interval if score else None),
        groups=dict(score.groups) if score else {},
        options=[
            OptionView(
                option=each.name, count=each.count, share=each.share, interval=_interval(each.interval)
            )
            for each in (chosen.options if chosen else ())
        ],
        texts=list(results.texts),
    )


def _interval(interval: Interval | None) -> IntervalView | None:
    return IntervalView(low=interval.low, high=interval.high) if interval is not None else None
