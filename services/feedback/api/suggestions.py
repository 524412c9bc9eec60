"""Suggestions by REST: read, decided on and made one, as in the chat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.feedback.api.ids import READ, SCOPE, SUGGESTION, SuggestionPath, Writer
from services.feedback.domain.scene import Scene
from services.feedback.domain.subjects import SuggestionSubject
from services.feedback.domain.suggestions.deciding import Wish, decide_wanted
from services.feedback.domain.suggestions.suggestion import LONGEST_REASON, Suggestion
from services.feedback.domain.suggestions.uniting import merge_wanted
from shared.contracts.feedback import SuggestionStatus
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.paging import NEXT, PagedByTime, Place, cursor, place
from shared.stream.desk import Desk


class Suggestions(Protocol):
    """Where suggestions are looked up."""

    async def find(self, key: str) -> Suggestion | None:
        """Return a suggestion."""
        ...

    async def page(
        self, scope: str | None, status: SuggestionStatus | None, before: Place | None, limit: int
    ) -> list[Suggestion]:
        """Return up to `limit` suggestions, the newest first, beginning behind `before`."""
        ...


class SuggestionQuery(PagedByTime):
    """Which suggestions."""

    scope: str | None = Field(None, pattern=f"^{SCOPE}$", description="Of one community or chat.")
    status: SuggestionStatus | None = None


class StepView(BaseModel):
    """A decision on a suggestion."""

    status: SuggestionStatus
    by: str = Field(description="The member, or the key of the REST client.")
    at: AwareDatetime
    reason: str | None


class SuggestionView(BaseModel):
    """A suggestion."""

    suggestion_id: str
    scope: str
    number: int = Field(description="By which members name it.")
    chat_id: str
    text: str | None = Field(description="Null where its message was removed or deleted.")
    member_id: str = Field(description="Who made it, by the id under which they did.")
    made_at: AwareDatetime
    status: SuggestionStatus
    votes: int = Field(description="People who are for it.")
    steps: list[StepView] = Field(description="What was decided, the latest last.")
    done_at: AwareDatetime | None = Field(description="When it was done for the first time.")
    merged_into: str | None = Field(description="The suggestion it turned out to be the same as.")


class SuggestionPage(BaseModel):
    """Some suggestions, and where to go on."""

    suggestions: list[SuggestionView]
    next: str | None = Field(description=NEXT)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SuggestionDecision(_Body):
    """What becomes of a suggestion."""

    status: Literal["new", "review", "planned", "done", "declined"]
    reason: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REASON)]
        | None
    ) = Field(None, description="Needed where it is declined: who suggested it hears it.")


class SuggestionMerge(_Body):
    """Of which suggestion it becomes a part."""

    into_id: str = Field(pattern=SUGGESTION)


def suggestion_router(suggestions: Suggestions, desk: Desk[Scene]) -> APIRouter:
    """Return the routes under `/v1/suggestions`.

    Args:
        suggestions: where they are looked up.
        desk: changes them; its bundle takes a `SuggestionSubject`.
    """
    router = APIRouter(prefix="/v1/suggestions", tags=["suggestions"])
    reading = [Depends(requires(READ))]

    @router.get("", summary="Suggestions, the newest first", dependencies=reading)
    async def list_suggestions(wanted: Annotated[SuggestionQuery, Query()]) -> SuggestionPage:
        found = await suggestions.page(wanted.scope, wanted.status, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return SuggestionPage(
            suggestions=[_view(each) for each in shown],
            next=cursor(last.made_at, last.suggestion_id) if last else None,
        )

    @router.get("/{suggestion_id}", summary="One suggestion", dependencies=reading)
    async def get_suggestion(suggestion_id: SuggestionPath) -> SuggestionView:
        return _view(_found(await suggestions.find(suggestion_id)))

    @router.post("/{suggestion_id}:decide", summary="Decide what becomes of a suggestion")
    async def decide(
        suggestion_id: SuggestionPath, body: SuggestionDecision, actor: Writer
    ) -> SuggestionView:
        wish = Wish(SuggestionStatus(body.status), body.reason, actor.id)
        return await decided(
            SuggestionSubject(suggestion_id), lambda scene, found, now: decide_wanted(scene, found, wish, now)
        )

    @router.post("/{suggestion_id}:merge", summary="Make a suggestion part of another one")
    async def merge(suggestion_id: SuggestionPath, body: SuggestionMerge, actor: Writer) -> SuggestionView:
        return await decided(
            SuggestionSubject(suggestion_id, body.into_id),
            lambda scene, found, now: merge_wanted(
                scene, found, _found(scene.suggestions.get(body.into_id)), actor.id, now
            ),
        )

    async def decided(
        subject: SuggestionSubject, decide: Callable[[Scene, Suggestion, dt.datetime], Decision[Scene]]
    ) -> SuggestionView:
        scene = await desk.decide(
            subject,
            lambda scene, now: decide(scene, _found(scene.suggestions.get(subject.suggestion_id)), now),
        )
        return _view(_found(scene.suggestions.get(subject.suggestion_id)))

    return router


def _found(suggestion: Suggestion | None) -> Suggestion:
    if suggestion is None:
        raise NotFound("There is no such suggestion.")
    return suggestion


def _view(suggestion: Suggestion) -> SuggestionView:
    return SuggestionView(
        suggestion_id=suggestion.suggestion_id,
        scope=suggestion.scope,
        number=suggestion.number,
        chat_id=suggestion.chat_id,
        text=suggestion.text if suggestion.visible else None,
        member_id=suggestion.author,
        made_at=suggestion.made_at,
        status=suggestion.status,
        votes=suggestion.votes,
        steps=[
            StepView(status=each.status, by=each.by, at=each.at, reason=each.reason)
            for each in suggestion.steps
        ],
        done_at=suggestion.done_at,
        merged_into=suggestion.merged_into,
    )
