"""How many answers to surveys the whole service takes."""

from __future__ import annotations

import datetime as dt
from typing import Final

import services.feedback
from services.feedback.consumer import subscription
from services.feedback.domain.member import Member
from services.feedback.domain.surveys.survey import MOST_ASKED, Kind, Survey, survey_id
from services.feedback.domain.surveys.telling import Asking
from services.feedback.domain.surveys.tickets import Tickets
from services.feedback.store import MIGRATIONS, Answers
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
from tests.support.feedback_stores import stores_in

ANSWERS: Final = 10_000
WARM_UP: Final = 2_000
NOW: Final = dt.datetime(2026, 11, 23, 10, 0, tzinfo=DEFAULT_ZONE)
_SURVEYS: Final = -(-(ANSWERS + WARM_UP) // MOST_ASKED)
_GROUP: Final = random_id("c")
_SCOPE: Final = f"chat:{_GROUP}"


async def measure_service(mongo_url: str) -> float:
    """Return how many answers a second the service takes, each of another member.

    Raises:
        RuntimeError: an answer was lost, or counted twice.
    """
    asking = Asking(Tickets(b"the secret of the bench"), "https://example.org")
    clock = FixedClock(NOW)
    members = {name: Member(name, survey=_survey_of(at)) for at, name in enumerate(_NAMES)}
    surveys = {each.survey_id: each for each in map(_survey, range(_SURVEYS))}

    async def table(place: Database, runtime: Runtime) -> Subscription:
        stores = stores_in(place, clock)
        await runtime.unit_of_work.run(lambda session: stores.members.save(session, members))
        await runtime.unit_of_work.run(lambda session: stores.surveys.save(session, surveys))
        return subscription(stores, asking)

    async def handled(place: Database) -> int:
        answers = Answers(place)
        kept = [await answers.find(each) for each in surveys]
        return sum(each.total[0] for each in kept if each is not None)

    return await per_second(
        mongo_url,
        services.feedback,
        table,
        [_answer(at, name) for at, name in enumerate(_NAMES)],
        migrations=MIGRATIONS,
        clock=clock,
        warm_up=WARM_UP,
        handled=handled,
    )


_NAMES: Final = [random_id("m") for _ in range(WARM_UP + ANSWERS)]


def _survey_of(at: int) -> str:
    return survey_id(_SCOPE, 1 + at % _SURVEYS)


def _survey(at: int) -> Survey:
    return Survey(
        survey_id=_survey_of(at),
        scope=_SCOPE,
        number=1 + at,
        chat_id=_GROUP,
        kind=Kind.NPS,
        question="क्या आप इस समूह को दोस्तों को सुझाएँगे?",
        anonymous=False,
        opened_by="bench",
        opened_at=NOW,
        closes_at=NOW + dt.timedelta(days=7),
        invited=frozenset(_NAMES[at::_SURVEYS]),
    )


def _answer(at: int, member: str) -> NewRecord:
    """Return the record of a member answering in a chat of their own."""
    message_id, chat = deterministic_id("bench answer", str(at)), random_id("c")
    data = MessageReceived(
        chat_id=chat,
        chat_kind=ChatKind.DIRECT,
        message_id=message_id,
        member_id=member,
        sent_at=NOW,
        kind=MessageKind.TEXT,
        text=str(at % 11),
    )
    event = originate(data, event_id=message_id, source="/chaupal/gateway", key=chat, time=NOW)
    return to_record(event)
