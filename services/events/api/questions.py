"""What is asked in a session and said of it, by REST: questions, ratings, and where it can be seen."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.events.api.ids import WebinarPath
from services.events.api.views import WebinarWhole
from services.events.api.webinars import READ, Webinars, Writer, decided
from services.events.domain import questions, recordings
from services.events.domain.board import MOST, Board
from services.events.domain.feedback import Feedback, Rating
from services.events.domain.links import MAX_LINK
from services.events.domain.scene import Scene
from shared.errors import NotFound
from shared.http.app import requires
from shared.stream.desk import Desk


class Boards(Protocol):
    """Where questions are looked up."""

    async def find(self, key: str) -> Board | None:
        """Return the questions of a webinar."""
        ...


class Feedbacks(Protocol):
    """Where it is looked up what was said of a session."""

    async def find(self, key: str) -> Feedback | None:
        """Return what was said of a webinar."""
        ...


class QuestionView(BaseModel):
    """A question; who asks it is nobody's business."""

    number: int
    text: str
    votes: int
    asked_at: AwareDatetime
    answered_at: AwareDatetime | None


class Questions(BaseModel):
    """What is asked in a session."""

    webinar_id: str
    questions: list[QuestionView] = Field(description="What waits first, the most wanted first.")


class RatingView(BaseModel):
    """What many said."""

    count: int
    asked: int = Field(description="How many could have said something.")
    average: float | None = Field(description="From 1 to 5; null for as long as fewer than 10 have said it.")
    answered_percent: int


class FeedbackView(RatingView):
    """What was said of a session."""

    webinar_id: str


class Seen(BaseModel):
    """Where a session can be seen; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    recording: str | None = Field(None, max_length=MAX_LINK, pattern=r"^https://")
    slides: str | None = Field(None, max_length=MAX_LINK, pattern=r"^https://")
    again: bool = Field(
        default=False, description="Tell those who were told of an earlier link of this one too."
    )


def question_router(webinars: Webinars, boards: Boards, feedbacks: Feedbacks, desk: Desk[Scene]) -> APIRouter:
    """Return the routes of a session's questions, ratings and recording.

    Args:
        webinars: where sessions are looked up.
        boards: where questions are looked up.
        feedbacks: where it is looked up what was said of sessions.
        desk: decides; its bundle takes a `WebinarSubject`, and has the webinar's board.
    """
    router = APIRouter(prefix="/v1/webinars/{webinar_id}", tags=["questions"])
    reading = [Depends(requires(READ))]

    @router.get("/questions", summary="What is asked", dependencies=reading)
    async def list_questions(webinar_id: WebinarPath) -> Questions:
        if await webinars.find(webinar_id) is None:
            raise NotFound("There is no such session.")
        board = await boards.find(webinar_id) or Board(webinar_id)
        answered = tuple(each for each in board.questions if each.answered_at is not None)
        return Questions(
            webinar_id=webinar_id,
            questions=[
                QuestionView(
                    number=each.number,
                    text=each.text,
                    votes=len(each.votes),
                    asked_at=each.at,
                    answered_at=each.answered_at,
                )
                for each in (*board.wanted, *answered)
            ],
        )

    @router.post("/questions/{number}:answer", summary="Mark a question as answered")
    async def answer(
        webinar_id: WebinarPath, number: Annotated[int, Path(ge=1, le=MOST)], actor: Writer
    ) -> WebinarWhole:
        del actor
        return await decided(
            desk,
            webinar_id,
            lambda scene, webinar, now: questions.decide_answered(scene, webinar, number, now),
        )

    @router.get("/feedback", summary="What was said of a session", dependencies=reading)
    async def feedback(webinar_id: WebinarPath) -> FeedbackView:
        if await webinars.find(webinar_id) is None:
            raise NotFound("There is no such session.")
        found = await feedbacks.find(webinar_id) or Feedback(webinar_id)
        return FeedbackView(webinar_id=webinar_id, **rating_view(found.rating).model_dump())

    @router.put("/recording", summary="Say where a session can be seen")
    async def recording(webinar_id: WebinarPath, body: Seen, actor: Writer) -> WebinarWhole:
        del actor
        return await decided(
            desk,
            webinar_id,
            lambda scene, webinar, now: recordings.decide_added(
                scene, webinar, now, recording=body.recording, slides=body.slides, again=body.again
            ),
        )

    return router


def rating_view(rating: Rating) -> RatingView:
    """Return a rating as it is shown."""
    return RatingView(
        count=rating.count,
        asked=rating.asked,
        average=None if rating.average is None else round(rating.average, 1),
        answered_percent=rating.share,
    )
