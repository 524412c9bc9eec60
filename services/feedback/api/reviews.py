"""What is due for a review, by REST."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.feedback.api.ids import READ, SCOPE, Writer
from services.feedback.domain.reviews.deciding import Wish, put, review, with_item
from services.feedback.domain.reviews.item import LONGEST_NOTE, Choice, Item, Kind, item_id
from services.feedback.domain.reviews.ranking import due
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.counting import day_in
from services.feedback.domain.subjects import ReviewSubject
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.stream.desk import Desk

ScopeName: TypeAlias = Annotated[str, Path(pattern=f"^{SCOPE}$", examples=["community:seo-batch-7"])]
Ref: TypeAlias = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9:#_.-]{1,128}$", description="By which its own service knows it.")
]
Title: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Reviews(Protocol):
    """Where items are looked up."""

    async def of(self, scope: str) -> list[Item]:
        """Return what a community reviews."""
        ...


class NewItem(BaseModel):
    """Something that is to be reviewed."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    due_on: dt.date = Field(description="In the zone of the group.")
    usefulness: float | None = Field(None, ge=0, le=1, description="By what is known elsewhere.")
    ratings: int = Field(1, ge=1, description="How many have said so.")


class ReviewDecision(BaseModel):
    """What becomes of it."""

    model_config = ConfigDict(extra="forbid")

    choice: Choice
    note: str | None = Field(None, max_length=LONGEST_NOTE)
    next_due_on: dt.date | None = Field(None, description="When it is looked at again; else in 90 days.")


class ReviewedView(BaseModel):
    """Somebody has looked at it."""

    choice: Choice
    by: str
    at: AwareDatetime
    note: str | None


class ItemView(BaseModel):
    """Something that is reviewed."""

    item_id: str
    scope: str
    number: int = Field(description="By which admins name it: R5.")
    kind: Kind
    title: str
    due_on: dt.date
    usefulness: float | None = Field(description="From 0 to 1; null where nobody has said.")
    ratings: int
    retired: bool
    decisions: list[ReviewedView]


class DueList(BaseModel):
    """What is due, the least useful first."""

    items: list[ItemView]


def review_router(reviews: Reviews, desk: Desk[Scene]) -> APIRouter:
    """Return the routes under `/v1/reviews` and `/v1/reviews-due`.

    Args:
        reviews: where items are looked up.
        desk: changes them; its bundle takes a `ReviewSubject`.
    """
    router = APIRouter(prefix="/v1", tags=["reviews"])

    @router.get("/reviews-due", summary="What is due", dependencies=[Depends(requires(READ))])
    async def list_due(
        scope: Annotated[str, Query(pattern=f"^{SCOPE}$")],
        on: Annotated[dt.date, Query(description="The day; what was due before is due too.")],
    ) -> DueList:
        return DueList(items=[_view(each) for each in due(await reviews.of(scope), on)])

    @router.put("/reviews/{scope}/{kind}/{ref}", summary="Have something reviewed")
    async def put_item(scope: ScopeName, kind: Kind, ref: Ref, body: NewItem, actor: Writer) -> ItemView:
        del actor
        wish = Wish(kind, ref, body.title, body.due_on, body.usefulness, body.ratings)
        key = item_id(scope, kind, ref)
        scene = await desk.decide(ReviewSubject(scope, key), lambda scene, _: put(scene, wish))
        return _view(_found(scene.reviews.get(key)))

    @router.post("/reviews/{scope}/{kind}/{ref}:decide", summary="Say what becomes of something")
    async def decide(scope: ScopeName, kind: Kind, ref: Ref, body: ReviewDecision, actor: Writer) -> ItemView:
        key = item_id(scope, kind, ref)

        def reviewed(scene: Scene, now: dt.datetime) -> Decision[Scene]:
            item, today = _found(scene.reviews.get(key)), day_in(now, scene.zone)
            after = review(item, body.choice, actor.id, now, today, note=body.note, next_due=body.next_due_on)
            return Decision(with_item(scene, after), note="item_reviewed")

        scene = await desk.decide(ReviewSubject(scope, key), reviewed)
        return _view(_found(scene.reviews.get(key)))

    return router


def _found(item: Item | None) -> Item:
    if item is None:
        raise NotFound("There is nothing of that kind to review.")
    return item


def _view(item: Item) -> ItemView:
    return ItemView(
        item_id=item.item_id,
        scope=item.scope,
        number=item.number,
        kind=item.kind,
        title=item.title,
        due_on=dt.date.fromisoformat(item.due_on),
        usefulness=item.usefulness,
        ratings=item.ratings,
        retired=item.retired,
        decisions=[
            ReviewedView(choice=each.choice, by=each.by, at=each.at, note=each.note)
            for each in item.decisions
        ],
    )
