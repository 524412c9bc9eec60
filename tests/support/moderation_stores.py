"""Moderation's collections as the service puts them together."""

from __future__ import annotations

import datetime as dt

from services.moderation.scenes import Stores
from services.moderation.store import (
    Cases,
    Communities,
    History,
    Persons,
    PolicyVersions,
    Regressions,
    Rooms,
    Standings,
    Steps,
)
from shared.store.client import Database

RETENTION = dt.timedelta(days=30)


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
    )
