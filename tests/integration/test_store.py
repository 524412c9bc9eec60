from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from bson.errors import InvalidDocument
from pymongo import IndexModel
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from deploy.local.process import free_port
from shared.errors import ChaupalError, Conflict, PermanentError, StoreUnavailable
from shared.log.record import NewRecord
from shared.store.client import connect, ping, translate, translated
from shared.store.mailboxes import REMEMBERED, Inbox, Outbox
from shared.store.migrations import Migration, collections, migrate
from shared.store.unit_of_work import UnitOfWork
from tests.support import events
from tests.support.streams import Bench, bench, lost_connections


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "memory") as made:
        yield made


class TestUnitOfWork:
    async def test_everything_in_it_happens(self, place: Bench) -> None:
        tallies = place.database["tallies"]

        async def work(session) -> str:
            await tallies.insert_one({"_id": "1"}, session=session)
            await tallies.insert_one({"_id": "2"}, session=session)
            return "done"

        assert await UnitOfWork(place.mongo).run(work) == "done"
        assert await tallies.count_documents({}) == 2

    @pytest.mark.parametrize("error", [KeyError("bug"), Conflict("Changed."), asyncio.CancelledError()])
    async def test_or_nothing_does(self, place: Bench, error: BaseException) -> None:
        tallies = place.database["tallies"]

        async def work(session) -> None:
            await tallies.insert_one({"_id": "1"}, session=session)
            raise error

        with pytest.raises(type(error)):
            await UnitOfWork(place.mongo).run(work)
        assert await tallies.count_documents({}) == 0

    async def test_it_sees_its_own_writes_and_nobody_elses_after_its_first_read(self, place: Bench) -> None:
        tallies = place.database["tallies"]

        async def work(session) -> int:
            await tallies.count_documents({}, session=session)
            await tallies.insert_one({"_id": "elsewhere"})
            await tallies.insert_one({"_id": "own"}, session=session)
            return await tallies.count_documents({}, session=session)

        assert await UnitOfWork(place.mongo).run(work) == 1
        assert await tallies.count_documents({}) == 2

    async def test_who_loses_a_race_starts_again_from_what_the_winner_left(self, place: Bench) -> None:
        tallies = place.database["tallies"]
        await tallies.insert_one({"_id": "shared", "n": 0})

        async def add(session) -> None:
            found = await tallies.find_one({"_id": "shared"}, session=session)
            assert found is not None
            more = int(str(found["n"])) + 1
            await tallies.update_one({"_id": "shared"}, {"$set": {"n": more}}, session=session)

        async def until_done() -> None:
            while True:
                try:
                    return await UnitOfWork(place.mongo).run(add)
                except StoreUnavailable as error:
                    assert "conflicts" in error.sentence  # noqa: PT017

        await asyncio.gather(*(until_done() for _ in range(16)))
        found = await tallies.find_one({"_id": "shared"})
        assert found == {"_id": "shared", "n": 16}

    async def test_a_conflict_that_does_not_end_is_told(self, place: Bench) -> None:
        tallies = place.database["tallies"]
        await tallies.insert_one({"_id": "shared"})
        tries = 0

        async def work(session) -> None:
            nonlocal tries
            tries += 1
            await tallies.find_one({"_id": "shared"}, session=session)
            await tallies.update_one({"_id": "shared"}, {"$inc": {"n": 1}})
            await tallies.update_one({"_id": "shared"}, {"$inc": {"n": 1}}, session=session)

        with pytest.raises(StoreUnavailable, match="conflicts"):
            await UnitOfWork(place.mongo).run(work)
        assert tries > 1

    async def test_a_document_written_before_is_a_conflict(self, place: Bench) -> None:
        tallies = place.database["tallies"]
        await tallies.insert_one({"_id": "1"})

        async def one(session) -> None:
            await tallies.insert_one({"_id": "1"}, session=session)

        async def many(session) -> None:
            await tallies.insert_many([{"_id": "2"}, {"_id": "1"}], ordered=False, session=session)

        for work in (one, many):
            with pytest.raises(Conflict):
                await UnitOfWork(place.mongo).run(work)
        assert await tallies.count_documents({}) == 1

    async def test_a_document_that_no_store_holds_is_refused_for_good(self, place: Bench) -> None:
        tallies = place.database["tallies"]
        for document in ({"_id": "1", "x": "x" * 17_000_000}, {"_id": "1", "x": 2**70}, {"with\0nul": 1}):

            async def work(session, document=document) -> None:
                await tallies.insert_one(dict(document), session=session)

            with pytest.raises(PermanentError):
                await UnitOfWork(place.mongo).run(work)

    async def test_x02_a_database_that_is_away_is_told_soon(self) -> None:
        mongo = connect(f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0", application="test")

        async def work(session) -> None:
            await mongo["none"]["none"].insert_one({}, session=session)

        with lost_connections():
            async with asyncio.timeout(6):
                told = await asyncio.gather(UnitOfWork(mongo).run(work), ping(mongo), return_exceptions=True)
            assert [type(each) for each in told] == [StoreUnavailable] * 2
            await mongo.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DuplicateKeyError("E11000 dup key: { _id: '+919876543210' }", 11000), Conflict),
        (BulkWriteError({"writeErrors": [{"code": 11000}]}), Conflict),
        (BulkWriteError({"writeErrors": [{"code": 91}]}), StoreUnavailable),
        (InvalidDocument("cannot encode"), PermanentError),
        (OverflowError("MongoDB can only handle up to 8-byte ints"), PermanentError),
        (OperationFailure("BSONObj size is invalid", 10334), PermanentError),
        (OperationFailure("bad value", 2), PermanentError),
        (OperationFailure("not authorized", 13), StoreUnavailable),
        (OperationFailure("out of disk space", 14031), StoreUnavailable),
        (OperationFailure("no code"), StoreUnavailable),
        (AutoReconnect("gone"), StoreUnavailable),
        (ServerSelectionTimeoutError("nobody"), StoreUnavailable),
        (ExecutionTimeout("slow", 50), StoreUnavailable),
        (ConfigurationError("odd"), StoreUnavailable),
    ],
    ids=lambda each: getattr(each, "__name__", type(each).__name__),
)
def test_what_the_driver_says_is_told_in_our_words(error: Exception, kind: type[ChaupalError]) -> None:
    told = translate(error)
    assert type(told) is kind
    assert "98765" not in told.sentence


async def test_errors_of_ours_pass_unchanged() -> None:
    with pytest.raises(Conflict, match=r"Mine\."):
        async with translated():
            raise Conflict("Mine.")


class TestMailboxes:
    async def test_an_inbox_knows_what_each_consumer_has_handled(self, place: Bench) -> None:
        inbox = Inbox(place.database, place.clock)

        async def work(session) -> list[frozenset[str]]:
            await inbox.add(session, "one", ["a", "b"])
            await inbox.add(session, "one", [])
            return [await inbox.seen(session, name, ["a", "b", "c"]) for name in ("one", "other")]

        assert await UnitOfWork(place.mongo).run(work) == [{"a", "b"}, frozenset()]

    async def test_an_inbox_forgets_what_no_topic_keeps_any_more(self, place: Bench) -> None:
        indexes = await place.database["_inbox"].index_information()
        assert indexes["at_1"]["expireAfterSeconds"] == REMEMBERED.total_seconds()

    async def test_an_outbox_gives_back_what_it_was_given_in_order(self, place: Bench) -> None:
        outbox = Outbox(place.database, place.clock)
        records = [
            NewRecord(
                "gateway.outbound.v1", b"\xff\x00", b"", {"a.b": b"\xff", "$c": b"", "ce_id": "नमस्ते".encode()}
            ),
            *(events.record(events.send(n)) for n in range(5)),
        ]

        async def work(session) -> None:
            # One call or several, in one instant by the clock: the order is that of the calls.
            await outbox.add(session, records[:2])
            await outbox.add(session, [])
            await outbox.add(session, records[2:])

        await UnitOfWork(place.mongo).run(work)
        rows = await outbox.next(10)
        assert [row.record for row in rows] == records
        assert [row.record for row in await outbox.next(2)] == records[:2]
        await outbox.delete([row.id for row in rows[:5]])
        await outbox.refuse(rows[5].id, "permanent")
        assert not await outbox.next(10)
        assert await place.database["_outbox"].count_documents({}) == 1

    async def test_a_clock_that_goes_back_does_not_change_the_order(self, place: Bench) -> None:
        outbox = Outbox(place.database, place.clock)
        for number in range(3):

            async def work(session, number=number) -> None:
                await outbox.add(session, [events.record(events.send(number))])

            await UnitOfWork(place.mongo).run(work)
            place.clock.advance(-dt.timedelta(hours=1))
        ids = [row.record.headers["ce_id"].decode() for row in await outbox.next(10)]
        assert ids == [events.send(number).id for number in range(3)]


class TestMigrations:
    async def test_each_step_runs_once_and_in_order(self, place: Bench) -> None:
        ran: list[str] = []

        def step(name: str) -> Migration:
            async def run(_database) -> None:
                ran.append(name)

            return Migration(name, run)

        await migrate(place.database, place.clock, [step("0001_one"), step("0002_two")])
        await migrate(place.database, place.clock, [step("0001_one"), step("0002_two"), step("0003_three")])
        assert ran == ["0001_one", "0002_two", "0003_three"]
        kept = await place.database["_migrations"].find().to_list()
        assert {each["_id"] for each in kept} == {"0000_mailboxes", "0000_parking_and_timers", *ran}

    async def test_a_step_that_broke_off_runs_again(self, place: Bench) -> None:
        tries = 0

        async def run(_database) -> None:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await migrate(place.database, place.clock, [Migration("0001", run)])
        await migrate(place.database, place.clock, [Migration("0001", run)])
        assert tries == 2

    async def test_collections_exist_before_anything_is_written(self, place: Bench) -> None:
        step = collections("0001", things=[IndexModel("name", unique=True)], empty=[])
        await migrate(place.database, place.clock, [step])
        await step.run(place.database)
        names = await place.database.list_collection_names()
        assert {"things", "empty", "_inbox", "_outbox", "_leases"} <= set(names)
        assert (await place.database["things"].index_information())["name_1"]["unique"]

    async def test_a_unique_index_that_does_not_fit_stops_the_start(self, place: Bench) -> None:
        await place.database["things"].insert_many([{"name": "same"}, {"name": "same"}])
        with pytest.raises(Conflict):
            await migrate(
                place.database, place.clock, [collections("0001", things=[IndexModel("name", unique=True)])]
            )
        assert not await place.database["_migrations"].count_documents({"_id": "0001"})

    async def test_two_processes_may_start_at_once(self, place: Bench) -> None:
        step = collections("0001", things=[IndexModel("name", unique=True)])
        await asyncio.gather(*(migrate(place.database, place.clock, [step]) for _ in range(3)))
        assert (await place.database["things"].index_information())["name_1"]["unique"]
