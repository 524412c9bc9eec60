"""Rewards on the real store: facts that come doubled, or from the beginning again, come to the same."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

import services.rewards
from services.rewards.consumer import rebuilding, subscription
from services.rewards.domain.board import board_key
from services.rewards.domain.standing import standing_key
from services.rewards.store import MIGRATIONS, Ledger
from services.rewards.store.tallying import Tallying
from shared import faults, patience
from shared.contracts.gateway import ChatKind, MemberLeft
from shared.contracts.moderation import CaseOverturned, MessageFlagged, WantedIntent
from shared.contracts.rewards import ContributorNamed, WeekDue
from shared.contracts.topics import RECOGNITION, dead_letter_topic
from shared.faults import InjectedFault
from shared.i18n import Catalogue, Language
from shared.replies import Speaker
from shared.store.migrations import migrate
from shared.stream import processor as module
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from tests.support.events import member_id, record
from tests.support.reward_stores import stores_in
from tests.support.rewards import GROUP, NOW, PUBLIC_URL, SCOPE, Group
from tests.support.streams import Bench, bench, eventually, everything, running

A, B, C, D = 1, 2, 3, 4
WEEK = "2026-W47"
VOICE = Speaker(
    Catalogue.load(Path(services.rewards.__path__[0]) / "locale"), Language.HI, ZoneInfo("Asia/Kolkata")
)
NUMBER = TypeAdapter(int)
DLQ = dead_letter_topic("rewards").name


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.1,))


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "memory") as made:
        made.service = "rewards"
        await migrate(made.database, made.clock, MIGRATIONS)
        made.clock.advance(NOW - made.clock.now())
        yield made


def processor(place: Bench, *, rebuild: bool = False) -> Processor:
    stores = stores_in(place.database, place.clock)
    table = rebuilding(stores) if rebuild else subscription(stores, PUBLIC_URL)
    return Processor(table, place.runtime(), VOICE)


async def handled(place: Bench, *events: Any, loop: Processor | None = None, group: str = "rewards") -> None:
    """Let rewards handle events, and whatever is on the log."""
    await place.log.append([record(each) for each in events])
    loop = loop or processor(place)

    async def committed() -> bool:
        found = place.log._groups.get(group)  # type: ignore[attr-defined]
        return found is not None and all(
            found.committed.get(each, 0) == end
            for each, end in found.ends.items()
            if each.topic in loop.topics
        )

    async with running(loop):
        await eventually(committed, "the end of the log")
    assert await place.database["_outbox"].count_documents({"topic": DLQ}) == 0


async def published(place: Bench) -> None:
    """Let everything that rewards say get onto the log."""

    async def empty() -> bool:
        return await place.database["_outbox"].count_documents({}) == 0

    async with running(Relay(place.runtime(), place.database)):
        await eventually(empty, "everything published")


async def balances(place: Bench) -> dict[str, int]:
    """Return what every account, week and board comes to."""
    found: dict[str, int] = {}
    for name in ("accounts", "weeks", "standings"):
        async for each in place.database[name].find({"points": {"$ne": 0}}):
            found[f"{name}/{each['_id']}"] = NUMBER.validate_python(each["points"])
    return found


async def lines(place: Bench) -> int:
    total = 0
    async for each in place.database["ledger"].find():
        total += NUMBER.validate_python(each["points"])
    return total


def story() -> tuple[Group, list[Any]]:
    """Return what happens in a week: messages, thanks, sessions, a mistake of moderation."""
    group, events = Group(), []
    answers = [group.message(author, at=NOW) for author in (A, B, C, A, B)]
    events += answers
    for number, giver in enumerate((B, C, D, A, D, C, B)):
        at = NOW + dt.timedelta(minutes=number + 1)
        answer = answers[number % len(answers)].data.message_id
        events.append(group.message(giver, "!धन्यवाद", reply_to=answer, at=at))
    events += [group.attends(member, session, NOW) for member in (A, B, C, D) for session in (1, 2)]
    events.append(group.hosts(A, 1, NOW))
    case = {"case_id": f"{SCOPE}|M1", "chat_id": GROUP, "member_id": member_id(A)}
    message = answers[0].data.message_id
    events.append(
        group.fact(
            MessageFlagged(
                **case,
                message_id=message,
                rule="copying",
                check="copying",
                code="copied",
                category="quality",
                intent=WantedIntent.REMOVE,
                policy_version=1,
                flagged_at=NOW,
            )
        )
    )
    events.append(
        group.fact(
            CaseOverturned(
                **case, message_id=message, reason="mistake", overturned_by="reena", overturned_at=NOW
            )
        )
    )
    return group, events


async def test_b9_10_the_whole_log_into_an_empty_database_gives_the_same_balances(place: Bench) -> None:
    _, events = story()
    await handled(place, *events)
    once = await balances(place)
    assert once
    assert sum(points for key, points in once.items() if key.startswith("accounts/")) == await lines(place)
    await place.mongo.drop_database(place.database.name)
    await migrate(place.database, place.clock, MIGRATIONS)
    again = events[:5] + random.Random(3).sample(events[5:], len(events) - 5)  # noqa: S311 - the same every time
    await handled(place, *again, *again)
    assert await balances(place) == once


async def test_b9_10_the_ledger_topics_alone_rebuild_balances_boards_and_winners(place: Bench) -> None:
    group, events = story()
    await handled(place, *events)
    place.clock.advance(dt.timedelta(days=6))
    await handled(place, group.fact(WeekDue(scope=f"chat:{GROUP}", week=WEEK), at=place.clock.now()))
    await published(place)
    before = await balances(place)
    named = (await stores_in(place.database, place.clock).communities.load(None, [f"chat:{GROUP}"]))[  # type: ignore[arg-type]
        f"chat:{GROUP}"
    ].named
    assert list(named) == [WEEK]
    await place.mongo.drop_database(place.database.name)
    await migrate(place.database, place.clock, MIGRATIONS)
    await handled(place, loop=processor(place, rebuild=True), group="rewards.rebuilding")
    assert await balances(place) == before
    stores = stores_in(place.database, place.clock)
    again = await stores.communities.load(None, [f"chat:{GROUP}"])  # type: ignore[arg-type]
    assert again[f"chat:{GROUP}"].named == named
    assert await place.database["_outbox"].count_documents({}) == 0


@pytest.mark.parametrize("point", ["after_poll", "mid_batch", "in_txn", "after_txn_before_commit"])
async def test_x03_points_are_given_once_though_the_process_dies(place: Bench, point: str) -> None:
    _, events = story()
    await place.log.append([record(each) for each in events])
    faults.install(faults.Plan(f"{point}:raise"))
    try:
        with pytest.raises(InjectedFault):
            await processor(place).run()
    finally:
        faults.uninstall()
    await handled(place)
    total = {key: points for key, points in (await balances(place)).items() if key.startswith("accounts/")}
    assert sum(total.values()) == await lines(place)
    claims = await place.database["ledger"].distinct("claim_id")
    assert await place.database["ledger"].count_documents({"number": 0}) == len(claims) == 14


async def test_b9_05_contributors_are_named_once_though_the_process_dies(place: Bench) -> None:
    group, events = story()
    await handled(place, *events)
    place.clock.advance(dt.timedelta(days=6))
    due = group.fact(WeekDue(scope=f"chat:{GROUP}", week=WEEK), at=place.clock.now())
    await place.log.append([record(due)])
    for point in ("mid_batch:raise", "in_txn:raise", "after_txn_before_commit:raise"):
        faults.install(faults.Plan(point))
        try:
            with pytest.raises(InjectedFault):
                await processor(place).run()
        finally:
            faults.uninstall()
    await handled(place)
    await published(place)
    told = [
        each
        for each in await everything(place.log, RECOGNITION.name)
        if each.headers["ce_type"] == ContributorNamed.TYPE.encode()
    ]
    assert len(told) == 1


async def test_boards_and_places_are_read_as_they_are_kept(place: Bench) -> None:
    group, events = story()
    await handled(place, *events)
    stores: Any = stores_in(place.database, place.clock)
    scope = f"chat:{GROUP}"
    for period in (WEEK, "2026-11", "2026-Q4", "all"):
        board = await stores.boards.first(board_key(scope, period), 10)
        assert [each.place for each in board] == sorted(each.place for each in board)
        assert {each.member_id for each in board} == {member_id(each) for each in (A, B, C, D)}
        for line in board:
            place_of = await stores.places.of(standing_key(scope, period, line.member_id))
            assert (place_of.points, place_of.place) == (line.points, line.place)
    left = MemberLeft(
        chat_id=GROUP, chat_kind=ChatKind.GROUP, member_id=member_id(A), removed=False, left_at=NOW
    )
    await handled(place, group.fact(left), group.message(B, "!निजी", at=NOW))
    board = await stores.boards.first(board_key(scope, "all"), 10)
    assert {each.member_id for each in board} == {member_id(C), member_id(D)}


async def test_what_rewards_come_to_is_counted_in_the_store(place: Bench) -> None:
    _, events = story()
    await handled(place, *events)
    stores: Any = stores_in(place.database, place.clock)
    tally = await Tallying(Ledger(place.database), stores.weeks, stores.communities).tally(
        [WEEK], NOW - dt.timedelta(days=28)
    )
    assert tally.rewarded == 4
    assert tally.awarded - tally.reversed == await lines(place)
    assert tally.reversed > 0
