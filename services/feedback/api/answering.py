"""Where members answer an anonymous survey, on the public listener."""

from __future__ import annotations

from typing import Annotated, Final, Protocol, TypeAlias
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from services.feedback.api.ids import SURVEY
from services.feedback.domain.scene import Scene
from services.feedback.domain.subjects import SurveySubject
from services.feedback.domain.surveys.answering import answer_by_ticket
from services.feedback.domain.surveys.survey import MOST_OPTIONS, Receipts, Survey
from services.feedback.domain.surveys.tickets import Tickets
from services.feedback.papers.pages import CONTENT_SECURITY_POLICY, AnswerPage, Turn, answer_page
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n.language import Language
from shared.stream.desk import Desk

_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

SurveyName: TypeAlias = Annotated[str, Path(pattern=SURVEY, description="A survey.")]
Ticket: TypeAlias = Annotated[str, Path(pattern=r"^[a-z2-7]{32}$", description="What a member was sent.")]
Spoken: TypeAlias = Annotated[str | None, Query(alias="lang", max_length=16, description="hi, en, hi-Latn.")]


class Surveys(Protocol):
    """Where surveys are looked up."""

    async def find(self, key: str) -> Survey | None:
        """Return a survey."""
        ...


class UsedLinks(Protocol):
    """Where it is looked up which links were used."""

    async def find(self, key: str) -> Receipts | None:
        """Return the receipts of a survey."""
        ...


def answer_router(surveys: Surveys, used: UsedLinks, desk: Desk[Scene], tickets: Tickets) -> APIRouter:
    """Return the public routes under `/answer`.

    Args:
        surveys: where they are looked up.
        used: where it is looked up which links were used.
        desk: takes answers; its bundle takes a `SurveySubject`.
        tickets: the links.
    """
    router = APIRouter(tags=["answers"])

    async def meant(survey_id: str, ticket: str) -> Survey:
        survey = await surveys.find(survey_id)
        if survey is None or not survey.anonymous or not tickets.holds(survey_id, survey.invited, ticket):
            raise NotFound("There is no such survey.")
        return survey

    @router.get("/answer/{survey_id}/{ticket}", summary="A survey, as one member sees it")
    async def get_answer(survey_id: SurveyName, ticket: Ticket, spoken: Spoken = None) -> HTMLResponse:
        survey = await meant(survey_id, ticket)
        receipts = await used.find(survey_id)
        if receipts is not None and tickets.receipt(ticket) in receipts.used:
            return _page(survey, Turn.USED, spoken)
        return _page(survey, Turn.ASKING if survey.open else Turn.CLOSED, spoken)

    @router.post("/answer/{survey_id}/{ticket}", summary="Answer a survey, once and without a name")
    async def post_answer(
        survey_id: SurveyName, ticket: Ticket, request: Request, spoken: Spoken = None
    ) -> HTMLResponse:
        survey = await meant(survey_id, ticket)
        body = await request.body()
        try:
            said = _said(body)
            await desk.decide(
                SurveySubject(survey_id),
                lambda scene, _: answer_by_ticket(
                    scene, scene.surveys.get(survey_id) or survey, ticket, said, tickets
                ),
            )
        except Invalid:
            return _page(survey, Turn.INVALID, spoken, status=422)
        except Conflict:
            return _page(survey, Turn.USED if survey.open else Turn.CLOSED, spoken, status=409)
        return _page(survey, Turn.TAKEN, spoken)

    return router


def _said(body: bytes) -> str:
    """Return what a form says; all its values in one line, as somebody would write them in a chat.

    Raises:
        Invalid: it is no form of ours.
    """
    try:
        fields = parse_qs(body.decode(), max_num_fields=2 * MOST_OPTIONS)
    except ValueError as wrong:
        raise Invalid("This is no answer to the question.") from wrong
    return " ".join(fields.get("text") or fields.get("value") or ())


def _page(survey: Survey, turn: Turn, spoken: str | None, *, status: int = 200) -> HTMLResponse:
    language = Language.of(spoken or survey.language)
    return HTMLResponse(answer_page(AnswerPage(survey, turn, language)), status, headers=_HEADERS)
