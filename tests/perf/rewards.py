"""How many facts a second become lines of the ledger, and how fast a large board is read."""

from __future__ import annotations

import asyncio
import datetime as dt
import statistics
import time
import uuid
from pathlib import Path
from typing import Final

import services.rewards
from services.rewards.consumer import subscription
from services.rewards.domain.board import SHOWN, board_key
from services.rewards.domain.standing import standing_key
from services.rewards.store import MIGRATIONS, Accounts, Boards, Ledger, Members, Places, Standings, Weeks
from shared.clock import DEFAULT_ZONE, FixedClock, SystemClock
from shared.contracts.envelope import originate
from shared.contracts.topics import TOPICS
from shared.contracts.webinars import AttendanceProof, AttendanceRecorded
from shared.i18n import Catalogue, Language
from shared.ids import deterministic_id, random_id
from shared.log.memory import MemoryStorage, memory_log
from shared.log.record import NewRecord
from shared.observability.health import Health
from shared.process import settle_memory
from shared.replies import Speaker
from shared.store.client import connect, database
from shared.store.migrations import migrate
from shared.stream.processor import Processor
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime
from tests.support.reward_stores import stores_in

FACTS: Final = 20_000
WARM_UP: Final = 2_000
MEMBERS: Final = 4_000
ON_BOARD: Final = 100_000
READS: Final = 300
NOW: Final = dt.datetime(2026, 11, 18, 12, 0, tzinfo=DEFAULT_ZONE)
_CHAT: Final = random_id("c")


async def measure_service(mongo_url: str) -> float:
    """Return how many facts a second are entered, on a real database and a log in memory.

    Raises:
        RuntimeError: a fact was lost, or entered twice.
    """
    members = [random_id("m") for _ in range(MEMBERS)]
    records = [_fact(number, members) for number in range(WARM_UP + FACTS)]
    mongo = connect(mongo_url, application="bench")
    place = database(mongo, f"bench_{uuid.uuid4().hex[:10]}")
    await migrate(place, SystemClock(), MIGRATIONS)
    storage = MemoryStorage()
    log = memory_log(storage)
    await log.start()
    await log.ensure_topics(TOPICS)
    clock = FixedClock(NOW)
    runtime = Runtime.of("rewards", backend=log, mongo=mongo, database=place, clock=clock, health=Health())
    locale = Path(services.rewards.__path__[0]) / "locale"
    processor = Processor(
        subscription(stores_in(place, clock), "https://example.org"),
        runtime,
        Speaker(Catalogue.load(locale), Language.HI, DEFAULT_ZONE),
    )
    settle_memory()
    running = asyncio.create_task(processor.run())

    async def handle(part: list[NewRecord], total: int) -> float:
        for start in range(0, len(part), 500):
            await log.append(part[start : start + 500])
        began = time.perf_counter()
        # A processor that fails ends the measurement, instead of being waited for.
        while not running.done() and sum(storage.positions["rewards"].values()) < total:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        return time.perf_counter() - began

    await handle(records[:WARM_UP], WARM_UP)
    seconds = await handle(records[WARM_UP:], len(records))
    processor.stop()
    await running
    if await Ledger(place).collection.count_documents({}) != len(records):
        raise RuntimeError("rewards lost or doubled facts")
    await log.stop()
    await mongo.drop_database(place.name)
    await mongo.close()
    return FACTS / seconds


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
