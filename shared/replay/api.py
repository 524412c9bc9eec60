"""The REST API of dead letters: the same on every service that consumes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.convertors import Convertor, register_url_convertor

from shared.http.app import requires
from shared.http.keys import Actor
from shared.replay import query as selection
from shared.replay.letters import Found, Letters, Report
from shared.replay.plan import MOST, plan, rehearsers
from shared.replay.query import MAX_RATE, instant
from shared.replay.views import (
    LetterDetail,
    LetterPage,
    PlanView,
    ReportView,
    detail_view,
    page_view,
    plan_view,
    report_view,
)

SCOPE = "ops:dlq"
PAGE = 100
MAX_VALUES = 20

_LETTER = "[0-9]{1,5}-[0-9]{1,19}|outbox-[0-9]{1,20}-[0-9a-f]{1,16}"
LetterId = Annotated[str, Field(pattern=f"^({_LETTER})$", examples=["0-17"])]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.()-]{1,64}$")]
Words = Annotated[list[Word], Field(max_length=MAX_VALUES)]
Time = Annotated[str, Field(pattern=r"^[0-9A-Za-z:.+-]{1,40}$", examples=["2h", "2026-11-05T06:30"])]

_SINCE = "Set aside then or later: `2h` for two hours ago (s, m, h, d, w), or ISO 8601, UTC unless told."
_UNTIL = "Set aside before then; written as `since`."
_AGAIN = (
    "Take replayed ones too, and dropped ones where they are named. What was handled is not handled twice."
)
_BODY = "Show what members wrote. Private."


class _LetterInPath(Convertor[str]):
    """An id of a letter in a path; `plan`, `replay` and `drop` are none."""

    regex = _LETTER

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("letter", _LetterInPath())


class Filter(BaseModel):
    """Letters by what they say; every field that is given must fit."""

    model_config = ConfigDict(extra="forbid")

    since: Time | None = Field(None, description=_SINCE)
    until: Time | None = Field(None, description=_UNTIL)
    reason: Words = Field([], examples=[["domain_error"]])
    consumer: Words = Field([], examples=[["moderation"]])
    type: Words = Field([], examples=[["message.received"]])

    def query(self, now: dt.datetime, *, again: bool = False, any_state: bool = False) -> selection.Query:
        """Return the query this stands for.

        Raises:
            Invalid: a time is none, or the times are the wrong way round.
        """
        return selection.Query(
            since=instant(self.since, now) if self.since else None,
            until=instant(self.until, now) if self.until else None,
            reasons=frozenset(self.reason),
            consumers=frozenset(self.consumer),
            types=frozenset(self.type),
            again=again,
            any_state=any_state,
        )


class Listing(Filter):
    """Which letters to list, and where to go on."""

    all: bool = Field(False, description="Replayed and dropped ones too.")
    after: LetterId | None = Field(None, description="`next` of the page before.")
    limit: int = Field(PAGE, ge=1, le=PAGE)


class Choice(BaseModel):
    """Either letters by id, or open ones by what they say; an empty filter means every open letter."""

    model_config = ConfigDict(extra="forbid")

    ids: list[LetterId] | None = Field(None, min_length=1, max_length=MOST, examples=[["0-17", "0-18"]])
    filter: Filter | None = Field(None, examples=[{"since": "2h", "reason": ["domain_error"]}])
    limit: int = Field(MOST, ge=1, le=MOST, description="How many letters at most, the oldest first.")
    again: bool = Field(False, description=_AGAIN)

    @model_validator(mode="after")
    def _one_of_both(self) -> Choice:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either ids or a filter")
        return self

    async def found(self, letters: Letters) -> Found:
        """Return what is meant.

        Raises:
            Invalid: the filter makes no sense.
        """
        if self.ids is not None:
            query = selection.Query(ids=frozenset(self.ids), again=self.again)
        else:
            query = (self.filter or Filter()).query(letters.now, again=self.again)
        return await letters.find(query, limit=self.limit)


class PlanBody(Choice):
    """Which letters to plan for."""

    body: bool = Field(False, description=_BODY)


class ReplayBody(Choice):
    """Which letters to replay, and how fast."""

    rate: float | None = Field(
        None, gt=0, le=MAX_RATE, allow_inf_nan=False, description="Letters a second at most.", examples=[5]
    )


def dead_letter_router(letters: Letters, loops: Iterable[object]) -> APIRouter:
    """Return the routes.

    Args:
        letters: those of the service.
        loops: the service's; those among them that consume handle replayed letters.
    """
    router = APIRouter(prefix="/v1/dlq", tags=["dead letters"])
    there = rehearsers(loops)
    service = letters.service

    @router.get("", summary="Dead letters, oldest first", dependencies=[Depends(requires(SCOPE))])
    async def list_letters(wanted: Annotated[Listing, Query()]) -> LetterPage:
        query = wanted.query(letters.now, any_state=wanted.all)
        return page_view(service, await letters.find(query, limit=wanted.limit, after=wanted.after))

    @router.get("/{letter_id:letter}", summary="One dead letter", dependencies=[Depends(requires(SCOPE))])
    async def get_letter(
        letter_id: Annotated[LetterId, Path()],
        *,
        body: Annotated[bool, Query(description=_BODY)] = False,
    ) -> LetterDetail:
        return detail_view(await letters.open(letter_id), body=body)

    @router.post(
        "/plan",
        summary="What a replay would come to, without doing it",
        dependencies=[Depends(requires(SCOPE))],
    )
    async def plan_letters(choice: PlanBody) -> PlanView:
        found = await choice.found(letters)
        planned = await plan(letters, found.letters, there.values())
        return plan_view(service, planned, body=choice.body, more=found.more)

    @router.post("/replay", summary="Let dead letters be handled again")
    async def replay_letters(
        choice: ReplayBody, actor: Annotated[Actor, Depends(requires(SCOPE))]
    ) -> ReportView:
        found = await choice.found(letters)
        report = await letters.replay(found.letters, consumers=there, by=actor.id, rate=choice.rate)
        return _told(service, found, report)

    @router.post("/drop", summary="Give dead letters up; on the log they stay")
    async def drop_letters(choice: Choice, actor: Annotated[Actor, Depends(requires(SCOPE))]) -> ReportView:
        found = await choice.found(letters)
        return _told(service, found, await letters.drop(found.letters, by=actor.id))

    return router


def _told(service: str, found: Found, report: Report) -> ReportView:
    report.failed |= found.passed_over
    return report_view(service, report, more=found.more)
