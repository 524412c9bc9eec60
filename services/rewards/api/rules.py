"""How a community counts, by REST: read, tried out, and changed from a date on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.rewards.api.boards import MOST_WEEKS, Communities, Weeks, lately
from services.rewards.api.ids import READ, ScopeName, ScopePath, Writer
from services.rewards.domain.board import NEW_FOR
from services.rewards.domain.community import Community
from services.rewards.domain.rules import ACTION_LIMITS, POINTS, Rules
from services.rewards.domain.ruling import decide_rules
from services.rewards.domain.simulating import Simulator
from shared.clock import Clock
from shared.decision import Decision
from shared.http.app import requires
from shared.stream.desk import Desk

MOST_POINTS: Final = 1000
MOST_CHANGES: Final = 200

ActionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Worth = Annotated[int, Field(ge=0, le=MOST_POINTS)]


class Accounts(Protocol):
    """Where it is looked up who has come lately."""

    async def joined_since(self, scope: str, since: dt.datetime) -> Sequence[str]:
        """Return who has come since then."""
        ...


class RulesBody(BaseModel):
    """How a community counts. There is no worth for a message alone."""

    model_config = ConfigDict(extra="forbid")

    points: dict[ActionName, Worth] = Field(dict(POINTS), max_length=64, description="For each action.")
    action_limits: dict[ActionName, Worth] = Field(
        dict(ACTION_LIMITS), max_length=64, description="The most points a day by one kind of action."
    )
    day_limit: int = Field(60, ge=0, le=10 * MOST_POINTS, description="The most points a day.")
    pair_limit: int = Field(3, ge=0, le=100, description="Thanks a week to the same member that count.")
    newcomer_days: int = Field(7, ge=0, le=365, description="For how long a newcomer's thanks count nothing.")
    reactions: bool = Field(default=False, description="Whether a reaction such as 🙏 is thanks.")
    least_actions: int = Field(3, ge=0, le=100, description="Of a contributor of the week.")
    least_recognisers: int = Field(2, ge=0, le=100, description="Of a contributor of the week.")
    rest_weeks: int = Field(4, ge=0, le=52, description="For how long who was named is not named again.")


class NewRules(RulesBody):
    """Rules that are to hold."""

    since: AwareDatetime | None = Field(None, description="From when on; from now on where it is left out.")
    based_on: int | None = Field(None, ge=0, description="The version they replace; another one is refused.")


class RulesView(RulesBody):
    """A version of the rules."""

    version: int
    since: AwareDatetime
    changed_by: str
    changed_at: AwareDatetime | None


class RulesHistory(BaseModel):
    """All versions, the newest first; the built-in one where there is no other."""

    scope: str
    versions: list[RulesView]


class Trial(BaseModel):
    """Rules to try out."""

    model_config = ConfigDict(extra="forbid")

    scope: ScopeName
    weeks: int = Field(4, ge=1, le=MOST_WEEKS, description="The last weeks, this one too.")
    rules: RulesBody | None = Field(None, description="Left out, what holds is compared with itself.")


class SharesView(BaseModel):
    """How points are spread."""

    points: int
    members: int = Field(description="Who have any.")
    first: float = Field(description="What the first five have of all points.")
    newcomers: int = Field(description="Who have any and came in the last 30 days.")
    reciprocal: float = Field(description="What of all points is thanks between two who thanked each other.")


class ChangeView(BaseModel):
    """What would change for a member."""

    member_id: str
    before: int
    after: int
    place_before: int | None
    place_after: int | None


class TrialView(BaseModel):
    """The last weeks as they were counted, and as they would have been."""

    scope: str
    weeks: list[str]
    before: SharesView
    after: SharesView
    changed: int = Field(description="For how many members it would not be the same.")
    changes: list[ChangeView] = Field(description="The greatest rises and falls.")


def rules_router(
    communities: Communities, weeks: Weeks, accounts: Accounts, desk: Desk[Community], clock: Clock
) -> APIRouter:
    """Return the routes of the rules.

    Args:
        communities: where rules are looked up.
        weeks: where weeks are looked up, to settle them anew.
        accounts: where it is looked up who has come lately.
        desk: changes the rules; its state's key is the scope.
        clock: tells which weeks are the last ones.
    """
    router = APIRouter(prefix="/v1", tags=["rules"])
    reading = [Depends(requires(READ))]

    @router.get("/rules/{scope}", summary="How a community counts", dependencies=reading)
    async def get_rules(scope: ScopePath) -> RulesHistory:
        return _history(await communities.find(scope) or Community(scope))

    @router.put("/rules/{scope}", summary="Count in another way from a date on")
    async def put_rules(scope: ScopePath, body: NewRules, actor: Writer) -> RulesHistory:
        def do(community: Community, now: dt.datetime) -> Decision[Community]:
            return decide_rules(community, _rules(body, body.since or now), body.based_on, actor.id, now)

        return _history(await desk.decide(scope, do))

    @router.post("/rules:simulate", summary="Try rules out on the last weeks", dependencies=reading)
    async def simulate(body: Trial) -> TrialView:
        community = await communities.find(body.scope) or Community(body.scope)
        candidate = None if body.rules is None else _rules(body.rules, clock.now())
        simulator, names = Simulator(community.versions, candidate), lately(clock, body.weeks)
        async for week in weeks.of(body.scope, names):
            simulator.add(week)
        found = simulator.result(await accounts.joined_since(body.scope, clock.now() - NEW_FOR))
        half = MOST_CHANGES // 2
        shown = (
            found.changes
            if len(found.changes) <= MOST_CHANGES
            else (*found.changes[:half], *found.changes[-half:])
        )
        return TrialView(
            scope=body.scope,
            weeks=names,
            before=SharesView.model_validate(found.before, from_attributes=True),
            after=SharesView.model_validate(found.after, from_attributes=True),
            changed=len(found.changes),
            changes=[ChangeView.model_validate(each, from_attributes=True) for each in shown],
        )

    return router


def _rules(body: RulesBody, since: dt.datetime) -> Rules:
    return Rules(since=since, **body.model_dump(include=set(RulesBody.model_fields)))


def _history(community: Community) -> RulesHistory:
    versions = community.versions or (community.rules,)
    views = [RulesView.model_validate(each, from_attributes=True) for each in reversed(versions)]
    return RulesHistory(scope=community.scope, versions=views)
