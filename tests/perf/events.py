"""How fast times are read, and how many commands the whole service answers."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from typing import Final

import services.events
from services.events.consumer import subscription
from services.events.domain.codes import Codes
from services.events.domain.listening import Listener
from services.events.domain.timing import read_time
from services.events.domain.webinar import Webinar, webinar_id
from services.events.store import MIGRATIONS, Rolls
from shared.clock import DEFAULT_ZONE, FixedClock
from shared.contracts.envelope import originate
from shared.contracts.gateway import ChatKind, MessageKind, MessageReceived
from shared.ids import deterministic_id, random_id
from shared.log.record import NewRecord
from shared.store.client import Database
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime
from shared.stream.subscription import Subscription
from tests.perf.through import per_second
from tests.support.event_stores import stores_in

ROUNDS: Final = 200
COMMANDS: Final = 10_000
WARM_UP: Final = 2_000
WEBINARS: Final = 40
SEATS: Final = 100
"""Of each: about a third of those who ask get one, the others wait."""
_CHAT: Final = random_id("c")
_SCOPE: Final = f"chat:{_CHAT}"
NOW: Final = dt.datetime(2026, 11, 23, 10, 0, tzinfo=DEFAULT_ZONE)
PHRASES: Final = (
    "SEO वेबिनार कल शाम साढ़े सात बजे",
    "परसों सवा छह बजे शाम, ब्लॉग की पहली कमाई के अनुभव",
    "डेढ़ घंटे का WordPress वर्कशॉप, 25 नवंबर दोपहर ढाई बजे",
    "आज रात 9 बजे सवाल-जवाब",
    "next Tue 7pm keyword research for beginners",
    "Live site audit on Nov 25th, 2026 at 7:30 PM (IST), 90 min",
    "session with our guest from London, 25/11/2026 19:30 Europe/London",
    "kal shaam 7:30 baje canva se poster banana",
    "is shanivar subah 10 baje se 11:30 baje tak mock interview",
    "mangal ko shaam 7 baje content calendar kaise banaye",
    "डेढ़ बजे",
    "2 घंटे बाद अचानक वाली क्लास",
    "May the best blog win: results and feedback for everybody, one on one",
    "मंगलवार, 24 नवंबर 2026, शाम 7:30 बजे (IST)",
)


def time_parser_seconds() -> float:
    """Return the median time in seconds to read the time in one line that announces a session."""
    spans: list[float] = []
    for _ in range(ROUNDS):
        for phrase in PHRASES:
            began = time.perf_counter()
            read_time(phrase, NOW, DEFAULT_ZONE)
            spans.append(time.perf_counter() - began)
    return statistics.median(spans)


async def measure_service(mongo_url: str) -> float:
    """Return how many commands a second the service answers.

    Raises:
        RuntimeError: a command was lost, or counted twice.
    """
    webinars = {each.webinar_id: each for each in map(_webinar, range(1, WEBINARS + 1))}

    async def table(place: Database, runtime: Runtime) -> Subscription:
        stores = stores_in(place)
        await runtime.unit_of_work.run(lambda session: stores.webinars.save(session, webinars))
        codes = Codes(b"the secret of the bench")
        return subscription(stores, Listener(codes, "https://example.org"), codes, "https://example.org")

    async def handled(place: Database) -> int:
        rolls = await Rolls(place).of(list(webinars))
        return sum(len(each.entries) for each in rolls.values())

    return await per_second(
        mongo_url,
        services.events,
        table,
        [_command(number) for number in range(WARM_UP + COMMANDS)],
        migrations=MIGRATIONS,
        clock=FixedClock(NOW),
        warm_up=WARM_UP,
        handled=handled,
    )


def _webinar(number: int) -> Webinar:
    return Webinar(
        webinar_id=webinar_id(_SCOPE, number),
        scope=_SCOPE,
        number=number,
        chat_id=_CHAT,
        title="SEO वेबिनार",
        wall="2026-11-24T19:30:00",
        zone="Asia/Kolkata",
        starts_at=NOW + dt.timedelta(days=1),
        minutes=60,
        host=None,
        created_at=NOW,
        changed_at=NOW,
        capacity=SEATS,
    )


def _command(number: int) -> NewRecord:
    """Return the record of a new member asking for a seat."""
    message_id = deterministic_id("bench", str(number))
    data = MessageReceived(
        chat_id=_CHAT,
        chat_kind=ChatKind.GROUP,
        message_id=message_id,
        member_id=random_id("m"),
        sent_at=NOW,
        kind=MessageKind.TEXT,
        text=f"!शामिल {number % WEBINARS + 1}",
    )
    return to_record(originate(data, event_id=message_id, source="/bench", key=data.chat_id, time=NOW))
