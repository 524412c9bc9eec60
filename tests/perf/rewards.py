"""How many facts a second become lines of the ledger, and how fast a large board is read."""

from __future__ import annotations

import datetime as dt
import statistics
import time
import uuid
from typing import Final

import services.rewards
from services.rewards.consumer import subscription
from services.rewards.domain.board import SHOWN, board_key
from services.rewards.domain.standing import standing_key
from services.rewards.store import MIGRATIONS, Accounts, Boards, Ledger, Members, Places, Standings, Weeks
from shared.clock import DEFAULT_ZONE, FixedClock, SystemClock
from shared.contracts.envelope import originate
from shared.contracts.webinars import AttendanceProof, AttendanceRecorded
from shared.ids import deterministic_id, random_id
from shared.log.record import NewRecord
from shared.store.client import Database, connect, database
from shared.store.migrations import migrate
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime
from shared.stream.subscription import Subscription
from tests.perf.through import per_second
from tests.support.reward_stores import stores_in

FACTS: Final = 20_000
WARM_UP: Final = 2_000
MEMBERS: Final = 4_000
ON_BOARD: Final = 100_000
READS: Final = 300
NOW: Final = dt.datetime(2026, 11, 18, 12, 0, tzinfo=DEFAULT_ZONE)
_CHAT: Final = random_id("c")


async def measure_service(mongo_url: str) -> float:
    """Return how many facts a second are entered into the ledger.

    Raises:
        RuntimeError: a fact was lost, or entered twice.
    """
    members = [random_id("m") for _ in range(MEMBERS)]
    clock = FixedClock(NOW)

    async def table(place: Database, runtime: Runtime) -> Subscription:
        del runtime
        return subscription(stores_in(place, clock), "https://example.org")

    return await per_second(
        mongo_url,
        services.rewards,
        table,
        [_fact(number, members) for number in range(WARM_UP + FACTS)],
        migrations=MIGRATIONS,
        clock=clock,
        warm_up=WARM_UP,
        handled=lambda place: Ledger(place).collection.count_documents({}),
    )


async def measure_board(mongo_url: str) -> tuple[float, float]:
    """Return the 99th percentiles, in seconds, of reading a board and a member's place on it.

    Raises:
        RuntimeError: the board is not what it should be.
    """
    mongo = connect(mongo_url, application="bench")
    place = database(mongo, f"bench_{uuid.uuid4().hex[:10]}")
    await migrate(place, SystemClock(), MIGRATIONS)
    weeks, standings = Weeks(place), Standings(place)
    accounts = Accounts(place)
    boards = Boards(weeks, standings, accounts, Members(place), FixedClock(NOW))
    places = Places(weeks, standings, accounts)
    scope, period = f"chat:{_CHAT}", "2026-11"
    key = board_key(scope, period)
    members = [random_id("m") for _ in range(ON_BOARD)]
    lines = [
        {
            "_id": standing_key(scope, period, member),
            "key": standing_key(scope, period, member),
            "board": key,
            "points": number % 5_000,
            "reached": NOW,
        }
        for number, member in enumerate(members, start=1)
    ]
    for start in range(0, ON_BOARD, 10_000):
        await standings.collection.insert_many(lines[start : start + 10_000])
    reading, placing = [], []
    for number in range(READS):
        began = time.perf_counter()
        first = await boards.first(key, SHOWN)
        reading.append(time.perf_counter() - began)
        if [each.points for each in first] != [4_999] * SHOWN:
            raise RuntimeError("the board is not what it should be")
        began = time.perf_counter()
        await places.of(standing_key(scope, period, members[number * ON_BOARD // READS]))
        placing.append(time.perf_counter() - began)
    await mongo.drop_database(place.name)
    await mongo.close()
    return tuple(statistics.quantiles(each, n=100)[98] for each in (reading, placing))  # type: ignore[return-value]


def _fact(number: int, members: list[str]) -> NewRecord:
    data = AttendanceRecorded(
        webinar_id=f"chat:{_CHAT}#{number // MEMBERS + 1}",
        chat_id=_CHAT,
        member_id=members[number % MEMBERS],
        proof=AttendanceProof.CODE,
        session_at=NOW - dt.timedelta(days=2) + dt.timedelta(hours=number // MEMBERS),
        recorded_at=NOW,
    )
    event = originate(
        data,
        event_id=deterministic_id("bench", str(number)),
        source="/chaupal/bench",
        key=data.chat_id,
        time=NOW,
    )
    return to_record(event)
