"""The card of a contributor of the week: for everybody without a name, and with one for who shares it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path, Query, Response

from services.rewards.api.boards import Communities
from services.rewards.api.ids import READ, SCOPE
from services.rewards.domain.merit import kinds_of
from services.rewards.domain.periods import monday
from services.rewards.domain.week import Week, week_key
from services.rewards.papers.card import Card, card_png
from shared.chats import Chat
from shared.errors import NotFound
from shared.http.app import requires
from shared.i18n.language import Language

ScopeOfCard = Annotated[str, Path(pattern=SCOPE, description="Whose contributor.")]
WeekOfCard = Annotated[str, Path(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$", examples=["2026-W47"])]
Number = Annotated[int, Path(ge=1, le=16, description="Which of several contributors of the week.")]
Spoken = Annotated[str | None, Query(pattern=r"^(hi|en|hi-Latn)$", description="The language of the card.")]
Named = Annotated[str | None, Query(max_length=80, description="The name to put on it.")]


class Chats(Protocol):
    """Where chats are looked up."""

    async def find(self, key: str) -> Chat | None:
        """Return a chat."""
        ...


class Weeks(Protocol):
    """Where weeks are looked up."""

    async def find(self, key: str) -> Week | None:
        """Return a member's week."""
        ...


class Cards:
    """Draws cards of what stands in the ledger now."""

    def __init__(self, communities: Communities, chats: Chats, weeks: Weeks) -> None:
        self._communities, self._chats, self._weeks = communities, chats, weeks

    async def card(self, scope: str, week: str, number: int, language: Language) -> Card:
        """Return what the card of a contributor says.

        Raises:
            NotFound: nobody was named there in that week.
        """
        community = await self._communities.find(scope)
        named = community.named.get(week, ()) if community is not None else ()
        found = (
            await self._weeks.find(week_key(scope, week, named[number - 1])) if number <= len(named) else None
        )
        if found is None:
            raise NotFound("There is no such contributor of the week.")
        return Card(await self._title(scope), monday(week), found.points, kinds_of(found), language=language)

    async def _title(self, scope: str) -> str:
        kind, _, name = scope.partition(":")
        if kind == "community":
            return name
        chat = await self._chats.find(name)
        return (chat.subject if chat is not None else None) or ""


def public_card_router(cards: Cards) -> APIRouter:
    """Return the routes of the public listener: cards without a name."""
    router = APIRouter(tags=["cards"])

    @router.get(
        "/contributors/{scope}/{week}/{number}.png",
        summary="The card of a contributor of the week",
        response_class=Response,
    )
    async def get_card(scope: ScopeOfCard, week: WeekOfCard, number: Number, lang: Spoken = None) -> Response:
        return await _drawn(await cards.card(scope, week, number, Language.of(lang)), "max-age=300")

    return router


def card_router(cards: Cards) -> APIRouter:
    """Return the routes of cards with a name, for who shares them."""
    router = APIRouter(prefix="/v1", tags=["cards"], dependencies=[Depends(requires(READ))])

    @router.get(
        "/cards/{scope}/{week}/{number}.png",
        summary="The card of a contributor of the week, with a name",
        response_class=Response,
    )
    async def get_card(
        scope: ScopeOfCard, week: WeekOfCard, number: Number, lang: Spoken = None, name: Named = None
    ) -> Response:
        card = await cards.card(scope, week, number, Language.of(lang))
        return await _drawn(replace(card, name=name), "no-store")

    return router


async def _drawn(card: Card, kept: str) -> Response:
    # Drawn beside the loop: a picture takes tens of milliseconds.
    picture = await asyncio.to_thread(card_png, card)
    return Response(picture, media_type="image/png", headers={"cache-control": kept})
