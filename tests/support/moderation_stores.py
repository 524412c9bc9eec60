"""Moderation's collections as the service puts them together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from services.moderation.domain.cases.case import Case, CaseState, Ground, case_id
from services.moderation.domain.judging.verdict import Intent, Script
from services.moderation.scenes import Stores
from services.moderation.store import (
    Cases,
    Communities,
    Examples,
    History,
    Persons,
    PolicyVersions,
    Regressions,
    Rooms,
    Standings,
    Steps,
)
from shared.store.client import Database
from shared.store.documents import Documents, Entries
from shared.store.unit_of_work import Session
from tests.support.events import chat_id, member_id, message_id
from tests.support.streams import Bench

RETENTION = dt.timedelta(days=30)
SCOPE = "community:seekho"
NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def stores_in(place: Database) -> Stores:
    return Stores(
        rooms=Rooms(place),
        communities=Communities(place),
        persons=Persons(place),
        standings=Standings(place),
        history=History(place, RETENTION),
        cases=Cases(place),
        steps=Steps(place),
        versions=PolicyVersions(place),
        regressions=Regressions(place),
        examples=Examples(place),
    )


def case(number: int, **more: Any) -> Case:
    """Return an effective case about a link, opened an hour after the one before it."""
    scope = more.pop("scope", SCOPE)
    plain: dict[str, Any] = {
        "chat_id": chat_id(0),
        "member_id": member_id(1),
        "message_id": message_id(number),
        "state": CaseState.DECIDED,
        "opened_at": NOW + number * HOUR,
        "opened_by": "rule",
        "policy_scope": scope,
        "policy_version": 5,
        "grounds": (Ground("links", 3, "links", "unknown_link", 0.95),),
        "intent": Intent.REMOVE,
        "script": Script.DEVANAGARI,
        "evidence": f"text {number}",
    }
    return Case(case_id=case_id(scope, number), number=number, scope=scope, **plain | more)


async def keep(place: Bench, store: Entries[Any] | Documents[Any] | Steps, states: Mapping[str, Any]) -> None:
    async def work(session: Session) -> None:
        await store.save(session, states)

    await place.runtime().unit_of_work.run(work)


async def kept(place: Bench, *cases: Case) -> Cases:
    store = Cases(place.database)
    await keep(place, store, {each.case_id: each for each in cases})
    return store
