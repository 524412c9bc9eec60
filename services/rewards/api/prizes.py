"""Prizes by REST: promised and handed over; that one has arrived says only who has it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.rewards.api.contests import CHAT, ITEM
from services.rewards.api.ids import READ, SCOPE, MemberName, Writer
from services.rewards.domain.asking import make_once
from services.rewards.domain.prizes import handing, promising
from services.rewards.domain.prizes.prize import LONGEST, Prize, State
from services.rewards.domain.scene import Scene
from services.rewards.domain.subjects import MakingSubject, PrizeSubject
from shared.asked import asked
from shared.clock import Clock
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.paging import NEXT, Key, PagedByTime, Place, cursor, place
from shared.stream.desk import Desk

PrizePath: TypeAlias = Annotated[
    str,
    Path(
        pattern=ITEM,
        examples=["community:seo-batch-7#5"],
        description="A prize: its scope, `#` (in a path `%23`) and its number.",
    ),
]


class Prizes(Protocol):
    """Where prizes are looked up."""

    async def find(self, key: str) -> Prize | None:
        """Return a prize."""
        ...

    async def page(
        self,
        scope: str | None,
        state: State | None,
        overdue_at: dt.datetime | None,
        before: Place | None,
        limit: int,
    ) -> list[Prize]:
        """Return up to `limit` prizes, the newest first, beginning behind `before`."""
        ...


class PrizeQuery(PagedByTime):
    """Which prizes."""

    scope: str | None = Field(None, pattern=SCOPE, description="Of one community or chat.")
    state: State | None = None
    overdue: bool = Field(
        default=False, description="Only what should have been handed over by now, and was not."
    )


class PrizeView(BaseModel):
    """A prize."""

    prize_id: str
    scope: str
    number: int = Field(description="By which members name it.")
    chat_id: str
    member_id: str
    what: str
    state: State
    overdue: bool = Field(description="Whether it should have been handed over by now, and was not.")
    promised_at: AwareDatetime
    promised_by: str | None = Field(description="The member; null where it was promised by REST.")
    due_at: AwareDatetime = Field(description="When the admins are reminded of it.")
    delivered_at: AwareDatetime | None
    confirmed_at: AwareDatetime | None


class PrizePage(BaseModel):
    """Some prizes, and where to go on."""

    prizes: list[PrizeView]
    next: str | None = Field(description=NEXT)


class NewPrize(BaseModel):
    """A prize that is to be promised."""

    model_config = ConfigDict(extra="forbid")

    chat_id: str = Field(pattern=CHAT, description="The group that hears of it.")
    member_id: MemberName
    what: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


def prize_router(prizes: Prizes, making: Desk[Scene], desk: Desk[Scene], clock: Clock) -> APIRouter:
    """Return the routes under `/v1/prizes`.

    Args:
        prizes: where they are looked up.
        making: promises new ones; its bundle takes a `MakingSubject`.
        desk: changes them; its bundle takes a `PrizeSubject`.
        clock: tells what is overdue.
    """
    router = APIRouter(prefix="/v1/prizes", tags=["prizes"])
    reading = [Depends(requires(READ))]

    @router.get("", summary="Prizes, the newest first", dependencies=reading)
    async def list_prizes(wanted: Annotated[PrizeQuery, Query()]) -> PrizePage:
        now = clock.now()
        found = await prizes.page(
            wanted.scope,
            wanted.state,
            now if wanted.overdue else None,
            place(wanted.after),
            wanted.limit + 1,
        )
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return PrizePage(
            prizes=[_view(each, now) for each in shown],
            next=cursor(last.promised_at, last.prize_id) if last else None,
        )

    @router.get("/{prize_id}", summary="One prize", dependencies=reading)
    async def get_prize(prize_id: PrizePath) -> PrizeView:
        return _shown(await prizes.find(prize_id), clock.now())

    @router.post("", summary="Promise a prize", status_code=201)
    async def promise(body: NewPrize, key: Key, actor: Writer) -> PrizeView:
        wanted = asked(actor.id, f"prize {key}", body.model_dump_json().encode())
        scene = await making.decide(
            MakingSubject(body.chat_id, wanted.id, body.member_id),
            lambda scene, now: make_once(
                scene,
                wanted,
                lambda found: promising.promise_wanted(found, body.member_id, body.what, now),
            ),
        )
        return _shown(scene.prizes.get(scene.community.made[wanted.id].item_id), clock.now())

    @router.post("/{prize_id}:deliver", summary="Say that a prize was handed over")
    async def deliver(prize_id: PrizePath, actor: Writer) -> PrizeView:
        del actor

        def decide(scene: Scene, now: dt.datetime) -> Decision[Scene]:
            prize = scene.prizes.get(prize_id)
            if prize is None:
                raise NotFound("There is no such prize.")
            return handing.delivered(scene, prize, now)

        scene = await desk.decide(PrizeSubject(prize_id), decide)
        return _shown(scene.prizes.get(prize_id), clock.now())

    return router


def _shown(prize: Prize | None, now: dt.datetime) -> PrizeView:
    if prize is None:
        raise NotFound("There is no such prize.")
    return _view(prize, now)


def _view(prize: Prize, now: dt.datetime) -> PrizeView:
    return PrizeView(
        prize_id=prize.prize_id,
        scope=prize.scope,
        number=prize.number,
        chat_id=prize.chat_id,
        member_id=prize.member_id,
        what=prize.what,
        state=prize.state,
        overdue=prize.overdue(now),
        promised_at=prize.promised_at,
        promised_by=prize.promised_by,
        due_at=prize.due_at,
        delivered_at=prize.delivered_at,
        confirmed_at=prize.confirmed_at,
    )
