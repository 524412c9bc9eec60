"""A decision on several kinds of states: all of them are loaded, decided on and stored together."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from shared import patience
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.topics import INBOUND, dead_letter_topic
from shared.decision import Decision
from shared.errors import StoreUnavailable
from shared.store.client import Database
from shared.store.documents import Documents, Entries
from shared.stream import processor as module
from shared.stream.desk import Desk
from shared.stream.processor import Processor
from shared.stream.states import LoadedStates, NotLoaded
from shared.stream.subscription import Bundle, Handler, Part, Subscription
from tests.support import events
from tests.support.streams import Bench, eventually, running

CHAT = events.chat_id(1)
DLQ = dead_letter_topic("moderation").name


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.1,))


@dataclass(frozen=True, slots=True)
class Club:
    chat_id: str
    name: str = "first"
    heard: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """A member within a club, as a club's name goes."""

    key: str
    stamps: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    club: Club
    card: Card
    notes: Mapping[str, Note | None] = field(default_factory=dict)


def bundle(database: Database) -> Bundle[Table]:
    clubs = Documents(database["clubs"], Club, Club)
    cards = Documents(database["cards"], Card, Card)
    notes = Entries(database["notes"], Note)
    return Bundle(
        Table,
        {
            "club": Part(clubs, lambda message, _: (message.chat_id,)),
            "card": Part(cards, lambda message, so_far: (f"{so_far['club'].name}|{message.member_id}",)),
            "notes": Part(notes, lambda message, _: (message.message_id,), many=True),
        },
    )


def stamp(table: Table, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Table]:
    """Stamp the card of who writes; who writes `rename` gives the club a new name, and all get new cards."""
    data = event.data
    club = replace(table.club, heard=table.club.heard + 1)
    if data.text == "rename":
        return Decision(replace(table, club=replace(club, name="second")))
    words = table.card.words | {data.text or ""}
    card = replace(table.card, stamps=(*table.card.stamps, data.message_id), words=words, at=now)
    notes = {**table.notes, f"{data.message_id}/extra": Note(data.text or "")}
    return Decision(Table(club, card, notes))


def processor(place: Bench) -> Processor:
    handler = Handler(MessageReceived, lambda data: data, bundle(place.database), stamp)
    return Processor(Subscription("table", "moderation", (handler,)), place.runtime())


async def work_off(place: Bench, *texts: str) -> None:
    await place.log.append([events.record(events.received(n, text=text)) for n, text in enumerate(texts)])

    async def committed() -> bool:
        group = place.log._groups.get("table")  # type: ignore[attr-defined]
        return group is not None and all(
            group.committed.get(each, 0) == end
            for each, end in group.ends.items()
            if each.topic == INBOUND.name
        )

    async with running(processor(place)):
        await eventually(committed, "the end of the log")


async def cards(place: Bench) -> dict[str, Card]:
    store = Documents(place.database["cards"], Card, Card)
    return {str(each["_id"]): store.read(each) async for each in place.database["cards"].find()}


async def test_all_states_that_a_message_touches_change_together(place: Bench) -> None:
    await work_off(place, "one", "two", "three")
    clubs = await place.database["clubs"].find().to_list()
    assert sum(int(str(each["heard"])) for each in clubs) == 3
    found = await cards(place)
    assert sorted(word for each in found.values() for word in each.words) == ["one", "three", "two"]
    assert await place.database["notes"].count_documents({}) == 3
    assert all(each.at is not None and each.at.tzinfo is not None for each in found.values())


async def test_a_record_that_touches_other_states_because_of_one_before_it_waits_for_its_effect(
    place: Bench,
) -> None:
    same = [events.received(n, chat=CHAT, text=text) for n, text in enumerate(["a", "rename", "b", "c"])]
    await place.log.append([events.record(each) for each in same])
    async with running(processor(place)):
        await eventually(lambda: _heard(place, 4), "four messages")
    found = await cards(place)
    by_club = {key.split("|")[0]: set[str]() for key in found}
    for key, card in found.items():
        by_club[key.split("|")[0]] |= card.words
    assert by_club == {"first": {"a"}, "second": {"b", "c"}}
    assert await place.database["_outbox"].count_documents({"topic": DLQ}) == 0


async def _heard(place: Bench, count: int) -> bool:
    club = await place.database["clubs"].find_one({"_id": CHAT})
    return club is not None and club["heard"] == count


async def test_keys_that_do_not_follow_from_the_states_are_a_mistake_of_the_table(place: Bench) -> None:
    wild = iter(range(1000))
    tables = bundle(place.database)
    part = replace(tables.parts["card"], keys=lambda _, __: (f"k{next(wild)}",))
    handler = Handler(
        MessageReceived, lambda data: data, replace(tables, parts={**tables.parts, "card": part}), stamp
    )
    await place.log.append([events.record(events.received(n)) for n in range(2)])
    async with running(Processor(Subscription("table", "moderation", (handler,)), place.runtime())):
        await eventually(lambda: _letters(place, 2), "two dead letters")


async def _letters(place: Bench, count: int) -> bool:
    return await place.database["_outbox"].count_documents({"topic": DLQ}) == count


async def test_a_request_decides_on_a_bundle_as_an_event_does(place: Bench) -> None:
    desk = Desk("table", bundle(place.database), place.runtime(), None)  # type: ignore[arg-type]
    subject = events.received(1, chat=CHAT).data
    table = await desk.decide(
        subject, lambda before, _: Decision(replace(before, club=replace(before.club, name="third")))
    )
    assert table.club.name == "third"
    assert (await place.database["clubs"].find_one({"_id": CHAT}) or {})["name"] == "third"
    assert await place.database["cards"].count_documents({}) == 0


async def test_two_requests_at_once_do_not_undo_each_other(place: Bench) -> None:
    desk = Desk("table", bundle(place.database), place.runtime(), None)  # type: ignore[arg-type]
    subject = events.received(1, chat=CHAT).data

    async def hear() -> None:
        while True:
            try:
                await desk.decide(
                    subject,
                    lambda before, _: Decision(
                        replace(before, club=replace(before.club, heard=before.club.heard + 1))
                    ),
                )
            except StoreUnavailable:
                continue
            return

    await asyncio.gather(*(hear() for _ in range(8)))
    assert await _heard(place, 8)


async def test_what_a_decision_sets_to_nothing_is_gone(place: Bench) -> None:
    notes = Entries(place.database["notes"], Note)

    async def work(session: object) -> None:
        await notes.save(session, {"a": Note("x"), "b": Note("y")})  # type: ignore[arg-type]
        await notes.save(session, {"a": None})  # type: ignore[arg-type]

    await place.runtime().unit_of_work.run(work)
    assert await notes.find("a") is None
    assert await notes.find("b") == Note("y")


async def test_what_was_never_loaded_cannot_be_decided_on() -> None:
    class Nowhere:
        async def load(self, session: object, keys: object) -> dict[str, Club]:
            del session, keys
            return {}

        async def save(self, session: object, changed: object) -> None:
            del session, changed

    states = Nowhere()
    loaded = await LoadedStates.touched_by(None, [])  # type: ignore[arg-type]
    with pytest.raises(NotLoaded):
        loaded.touched(states, "k")
