"""Cases and commands from before it was kept since when they wait, and until when they matter."""

from __future__ import annotations

import datetime as dt

from services.moderation.domain.cases.case import CaseState
from services.moderation.domain.policy.document import DEFAULT
from shared.store.client import Database
from shared.store.migrations import Migration

PROMISED = dt.timedelta(hours=DEFAULT.document.appeals.answer_hours)
"""What is taken for the promise of an appeal from before it was kept with it."""


async def _fill(database: Database) -> None:
    cases, hours = database["cases"], PROMISED / dt.timedelta(milliseconds=1)
    appealed = {"$eq": ["$state", str(CaseState.APPEALED)]}
    since = {"$cond": [appealed, "$appeal.at", "$opened_at"]}
    await cases.update_many({"waits_since": {"$exists": False}}, [{"$set": {"waits_since": since}}])
    promised = {"$add": ["$appeal.at", int(hours)]}
    await cases.update_many(
        {"appeal.at": {"$exists": True}, "appeal.due": None}, [{"$set": {"appeal.due": promised}}]
    )
    # An appeal that came after a decision waited for none before it.
    waited = {
        "$cond": [
            {"$lte": ["$appeal.at", "$ruling.at"]},
            {"$ifNull": ["$appeal.at", "$opened_at"]},
            "$opened_at",
        ]
    }
    await cases.update_many(
        {"ruling.at": {"$exists": True}, "ruling.since": None}, [{"$set": {"ruling.since": waited}}]
    )
    await database["steps"].update_many({"at": {"$exists": False}}, {"$currentDate": {"at": True}})


WAITING = Migration("0005_waiting", _fill)
