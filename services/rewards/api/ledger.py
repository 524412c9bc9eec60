"""The ledger by REST: read by anybody who may, and corrected only by further lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.rewards.api.ids import MEMBER, READ, SCOPE, MemberPath, ScopeName, ScopeQuery, Writer
from services.rewards.domain.account import Account, account_key
from services.rewards.domain.booking import Occasion
from services.rewards.domain.entry import Entry
from services.rewards.domain.periods import day_of, week_of
from services.rewards.domain.reversing import MOST, restore, reverse
from services.rewards.domain.scene import Scene
from services.rewards.domain.streaks import streak
from services.rewards.domain.subjects import ClaimsSubject
from services.rewards.domain.week import week_key
from shared.asked import asked
from shared.chats import DEFAULT_ZONE
from shared.clock import Clock
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.paging import NEXT, Key, PagedByTime, Place, cursor, place
from shared.stream.desk import Desk


class Ledger(Protocol):
    """Where lines of the ledger are looked up."""

    async def page(
        self, scope: str | None, member_id: str | None, before: Place | None, limit: int
    ) -> list[Entry]:
        """Return up to `limit` lines, the newest first, beginning behind `before`."""
        ...

    async def named(self, entry_ids: Collection[str]) -> list[Entry]:
        """Return these lines, as far as they exist."""
        ...


class Accounts(Protocol):
    """Where accounts are looked up."""

    async def find(self, key: str) -> Account | None:
        """Return an account."""
        ...


class LedgerQuery(PagedByTime):
    """Which lines."""

    scope: str | None = Field(None, pattern=SCOPE, description="Of one community or chat.")
    member_id: str | None = Field(None, pattern=MEMBER, description="Of one member.")


class EntryView(BaseModel):
    """A line of the ledger."""

    entry_id: str
    scope: str
    member_id: str
    claim_id: str
    number: int
    action: str
    points: int
    reason: str
    rule_version: int
    source: str
    cause: str
    day: str
    earned_at: AwareDatetime
    booked_at: AwareDatetime
    chat_id: str | None
    giver: str | None
    about: str | None
    topic: str | None
    by: str | None
    why: str | None


class EntryPage(BaseModel):
    """Lines of the ledger, the newest first."""

    entries: list[EntryView]
    next: str | None = Field(description=NEXT)


class AccountView(BaseModel):
    """What a member has."""

    scope: str
    member_id: str
    total: int
    weeks: dict[str, int] = Field(description="Points by week.")
    badges: dict[str, int] = Field(description="Levels by what for.")
    streak: int = Field(description="Weeks in a row, by the default zone.")
    joined_at: AwareDatetime | None


class Correction(BaseModel):
    """Lines whose claims are to earn nothing, or to earn again."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    scope: ScopeName
    entries: list[str] = Field(
        min_length=1, max_length=MOST, description="Ids of lines: their whole claims count."
    )
    why: str = Field(
        min_length=1, max_length=500, description="Stands in the ledger, for everybody who reads it."
    )


class Corrected(BaseModel):
    """What became of it."""

    entries: list[EntryView] = Field(description="The lines that were added.")


Change = Callable[[Scene, Collection[str], Occasion], Decision[Scene]]


def ledger_router(ledger: Ledger, accounts: Accounts, desk: Desk[Scene], clock: Clock) -> APIRouter:
    """Return the routes of the ledger.

    Args:
        ledger: where its lines are looked up.
        accounts: where members' accounts are looked up.
        desk: corrects claims; its bundle takes a `ClaimsSubject`.
        clock: tells which week it is.
    """
    router = APIRouter(prefix="/v1", tags=["ledger"])
    reading = [Depends(requires(READ))]

    @router.get("/ledger", summary="Lines of the ledger", dependencies=reading)
    async def list_entries(wanted: Annotated[LedgerQuery, Query()]) -> EntryPage:
        found = await ledger.page(wanted.scope, wanted.member_id, place(wanted.after), wanted.limit + 1)
        shown, more = found[: wanted.limit], len(found) > wanted.limit
        return EntryPage(
            entries=_views(shown), next=cursor(shown[-1].booked_at, shown[-1].entry_id) if more else None
        )

    @router.get("/accounts/{member_id}", summary="What a member has", dependencies=reading)
    async def get_account(member_id: MemberPath, scope: ScopeQuery) -> AccountView:
        found = await accounts.find(account_key(scope, member_id))
        if found is None:
            raise NotFound("This member has no account there.")
        return AccountView(
            scope=scope,
            member_id=member_id,
            total=found.total,
            weeks=dict(found.weeks),
            badges=dict(found.badges),
            streak=streak(found.weeks, week_of(day_of(clock.now(), DEFAULT_ZONE))),
            joined_at=found.joined_at,
        )

    @router.post("/ledger:reverse", summary="Take back what was got by fraud")
    async def take_back(body: Correction, key: Key, actor: Writer) -> Corrected:
        return await corrected(body, asked(actor.id, key, b"").id, actor.id, reverse)

    @router.post("/ledger:restore", summary="Give again what was taken back by hand")
    async def give_again(body: Correction, key: Key, actor: Writer) -> Corrected:
        return await corrected(body, asked(actor.id, key, b"").id, actor.id, restore)

    async def corrected(body: Correction, request: str, by: str, change: Change) -> Corrected:
        named = [each for each in await ledger.named(body.entries) if each.scope == body.scope]
        if len(named) != len(set(body.entries)):
            raise NotFound("Some of these lines are not in the ledger of this community.")
        weeks = tuple(dict.fromkeys(week_key(each.scope, each.week, each.member_id) for each in named))
        claims = frozenset(each.claim_id for each in named)

        def do(scene: Scene, now: dt.datetime) -> Decision[Scene]:
            return change(scene, claims, Occasion(request, now, by, body.why))

        scene = await desk.decide(ClaimsSubject(body.scope, weeks), do)
        return Corrected(entries=_views([each for each in scene.entries.values() if each is not None]))

    return router


def _views(entries: Sequence[Entry]) -> list[EntryView]:
    return [EntryView.model_validate(each, from_attributes=True) for each in entries]
