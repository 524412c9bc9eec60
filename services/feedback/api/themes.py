"""What people speak of, by REST."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from services.feedback.api.ids import READ, SCOPE
from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.themes import Mood, Remark, Theme, themes_of
from shared.clock import Clock
from shared.contracts.feedback import SuggestionStatus
from shared.http.app import requires
from shared.http.paging import Place

ScopeName: TypeAlias = Annotated[str, Path(pattern=f"^{SCOPE}$", examples=["community:seo-batch-7"])]
WEEK = dt.timedelta(days=7)
MOST_READ = 1000


class Suggestions(Protocol):
    """Where suggestions are looked up."""

    async def page(
        self, scope: str | None, status: SuggestionStatus | None, before: Place | None, limit: int
    ) -> list[Suggestion]:
        """Return up to `limit` suggestions, the newest first, beginning behind `before`."""
        ...


class ExampleView(BaseModel):
    """Something that was said."""

    text: str
    people: int = Field(description="Who is for it.")
    mood: Mood
    signs: list[str] = Field(description="The words by which its mood is known, as they are folded.")


class ThemeView(BaseModel):
    """One thing that several people speak of."""

    thing: str
    remarks: int
    people: int
    small: bool = Field(description="Whether there are too few remarks to conclude anything from.")
    moods: dict[Mood, int]
    examples: list[ExampleView]


class ThemesView(BaseModel):
    """What people speak of."""

    scope: str
    since: AwareDatetime
    remarks: int
    themes: list[ThemeView] = Field(description="What most people speak of first.")
    others: int = Field(description="Remarks that stand under none of them.")


def theme_router(suggestions: Suggestions, clock: Clock) -> APIRouter:
    """Return the routes under `/v1/themes`.

    Args:
        suggestions: where suggestions are looked up.
        clock: tells what a week ago was.
    """
    router = APIRouter(prefix="/v1/themes", tags=["themes"])

    @router.get("/{scope}", summary="What people speak of", dependencies=[Depends(requires(READ))])
    async def get_themes(
        scope: ScopeName,
        since: Annotated[AwareDatetime | None, Query(description="Else a week ago.")] = None,
    ) -> ThemesView:
        begin = since or clock.now() - WEEK
        found = await suggestions.page(scope, None, None, MOST_READ)
        # What is part of another one has its voices there.
        standing = (each for each in found if each.visible and each.merged_into is None)
        themes = themes_of(
            Remark(each.text, max(each.votes, 1)) for each in standing if each.made_at >= begin
        )
        return ThemesView(
            scope=scope,
            since=begin,
            remarks=themes.remarks,
            themes=[_view(each) for each in themes.themes],
            others=themes.others,
        )

    return router


def _view(theme: Theme) -> ThemeView:
    return ThemeView(
        thing=theme.thing,
        remarks=theme.remarks,
        people=theme.people,
        small=theme.small,
        moods=dict(theme.moods),
        examples=[
            ExampleView(text=each.text, people=each.people, mood=each.mood, signs=list(each.signs))
            for each in theme.examples
        ],
    )
