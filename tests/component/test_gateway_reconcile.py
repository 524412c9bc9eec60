"""Who is in a group, as its provider says when it is asked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.gateway import consumer
from services.gateway.channels.contract import (
    Resident,
    Roster,
)
from services.gateway.domain.facts import Resolved, events_of
from services.gateway.domain.items import Address, GroupChange
from services.gateway.roster import ASKED_WITHIN, Reconcile
from services.gateway.store import Turns
from shared.clock import FixedClock
from shared.contracts.envelope import decode, originate
from shared.contracts.gateway import ChatKind, MemberJoined
from shared.contracts.members import JoinRequested
from shared.contracts.topics import CHATS
from shared.errors import StoreUnavailable
from shared.log.memory import MemoryStorage, memory_log
from shared.observability.health import Health
from shared.observability.metrics import ROSTER_DRIFT
from shared.store.client import Database, Mongo
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime
from shared.stream.states import LoadedStates
from shared.stream.subscription import Subscription
from tests.support.line import Line, Pace
from tests.support.people import Stores, phone

NOW = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)


@pytest.fixture
def account() -> str:
    return f"account-{uuid.uuid4().hex}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def later(clock: FixedClock, seconds: float = 60) -> dt.datetime:
    clock.advance(dt.timedelta(seconds=seconds))
    return clock.now()


class Rosters:
    """Groups, who is in them, and a provider that tells."""

    def __init__(self, mongo: Mongo, store: Database, account: str, clock: FixedClock) -> None:
        self.account, self.clock = account, clock
        self.stores = Stores.of(store, clock=clock)
        self.storage = MemoryStorage()
        self.log = memory_log(self.storage)
        self.line, self.pace = Line(), Pace()
        self.turns = True
        self.runtime = Runtime.of(
            "gateway", backend=self.log, mongo=mongo, database=store, clock=clock, health=Health()
        )
        self.subscription: Subscription = consumer.rosters(self.stores.memberships)

    async def reconcile(self, channel: Line | None = None) -> list[Any]:
        """Compare once, and return what is said that was not said before."""
        before = await self.said()

        async def turn(_: str) -> bool:
            return self.turns

        await Reconcile(
            self.log,
            self.stores.chats,
            self.stores.memberships,
            self.stores.identities,
            {self.account: channel or self.line},
            now=self.clock.now,
            turn=turn,
        ).run(self.pace)
        return [event for place, event in (await self.said()).items() if place not in before]

    async def said(self) -> dict[Any, Any]:
        return {
            (record.source, record.offset): decode(record.value, record.headers)
            async for some in self.storage.browse(CHATS.name)
            for record in some
        }

    async def keep(self, *events: Any) -> None:
        """Let the roster take in `events`, as its consumer does."""

        async def work(session: Any) -> None:
            for event in events:
                handler = self.subscription.handler_of(event.data)
                assert handler is not None
                key = handler.key(event.data)
                loaded = await LoadedStates.touched_by(session, [(handler.states, key)])
                touched = loaded.touched(handler.states, key)
                loaded.keep(touched, handler.decide(touched.state, event, self.clock.now()).state)
                await loaded.save(session)

        await self.runtime.unit_of_work.run(work)

    async def group(self, *people: tuple[Address, ...]) -> str:
        name = f"group-{uuid.uuid4()}"
        self.line.rosters[name] = Roster(tuple(Resident(each) for each in people))
        return (await self.stores.chats.meet("waha", self.account, {name: ("group", None)}))[name]

    def joined(self, chat_id: str, member_id: str) -> Any:
        data = MemberJoined(
            chat_id=chat_id, chat_kind=ChatKind.GROUP, member_id=member_id, joined_at=self.clock.now()
        )
        return originate(data, event_id=str(uuid.uuid4()), source="/t", key=chat_id, time=self.clock.now())


@pytest.fixture
async def rosters(mongo: Mongo, store: Database, account: str, clock: FixedClock) -> AsyncIterator[Rosters]:
    made = Rosters(mongo, store, account, clock)
    await made.log.ensure_topics([CHATS])
    yield made
    await made.log.stop()


class TestReconcile:
    async def test_who_was_missed_is_said_once(self, rosters, clock):
        asha, ravi, meera = phone(), phone(), phone()
        group = await rosters.group((asha,), (ravi,))
        gone = await rosters.stores.member(meera, channel="waha", account=rosters.account)
        there = await rosters.stores.member(asha, channel="waha", account=rosters.account)
        await rosters.keep(rosters.joined(group, gone), rosters.joined(group, there))
        await rosters.stores.memberships.note_compared(group, clock.now())
        later(clock)
        said = await rosters.reconcile()
        new = await rosters.stores.member(ravi, channel="waha", account=rosters.account)
        assert sorted((each.type, each.data.member_id) for each in said) == sorted(
            [("member.left", gone), ("member.joined", new)]
        )
        assert {each.source for each in said} == {"/chaupal/gateway.roster"}
        assert ROSTER_DRIFT.labels("waha")._value.get() == 2
        # Said again before anybody has taken it in, it is the same thing.
        again = await rosters.reconcile()
        assert {each.id for each in again} == {each.id for each in said}
        await rosters.keep(*said)
        later(clock)
        assert await rosters.reconcile() == []
        assert ROSTER_DRIFT.labels("waha")._value.get() == 0
        shown = await rosters.stores.memberships.page(group, None, 10)
        assert {each.member_id for each in shown} == {there, new}

    async def test_who_was_there_before_us_is_said_to_be_there_and_who_comes_later_to_have_come(
        self, rosters, clock
    ):
        asha, ravi, meera = phone(), phone(), phone()
        group = await rosters.group((asha,), (ravi,))
        known = await rosters.stores.member(asha, channel="waha", account=rosters.account)
        await rosters.keep(rosters.joined(group, known))
        later(clock)
        said = await rosters.reconcile()
        old = await rosters.stores.member(ravi, channel="waha", account=rosters.account)
        assert [(each.type, each.data.member_id) for each in said] == [("member.present", old)]
        assert ROSTER_DRIFT.labels("waha")._value.get() == 0
        # Not taken in yet, it is said again as the same.
        assert [each.id for each in await rosters.reconcile()] == [each.id for each in said]
        await rosters.keep(*said)
        shown = await rosters.stores.memberships.page(group, None, 10)
        assert {each.member_id: each.joined_at is None for each in shown} == {known: False, old: True}
        later(clock)
        rosters.line.rosters = {
            name: Roster(tuple(Resident((each,)) for each in (asha, meera))) for name in rosters.line.rosters
        }
        later_said = await rosters.reconcile()
        new = await rosters.stores.member(meera, channel="waha", account=rosters.account)
        assert sorted((each.type, each.data.member_id) for each in later_said) == sorted(
            [("member.left", old), ("member.joined", new)]
        )

    async def test_where_everybody_was_seen_to_come_whoever_was_missed_later_has_come_in(
        self, rosters, clock
    ):
        asha, ravi = phone(), phone()
        group = await rosters.group((asha,))
        there = await rosters.stores.member(asha, channel="waha", account=rosters.account)
        await rosters.keep(rosters.joined(group, there))
        later(clock)
        assert await rosters.reconcile() == []
        rosters.line.rosters = {
            name: Roster((Resident((asha,)), Resident((ravi,)))) for name in rosters.line.rosters
        }
        assert [each.type for each in await rosters.reconcile()] == ["member.joined"]

    async def test_a_wish_that_was_missed_is_told_as_its_webhook_would_have(self, rosters, clock):
        asha, meera = phone(), phone()
        group = await rosters.group((asha,))
        (name,) = rosters.line.rosters
        asked = GroupChange(
            field="x",
            type="group_join_request_created",
            group=name,
            at=clock.now(),
            person=meera,
            join_request_id=meera.value,
        )
        old = replace(asked, at=clock.now() - ASKED_WITHIN, person=phone())
        rosters.line.rosters[name] = Roster((Resident((asha,)),), asking=(asked, old))
        said = [each for each in await rosters.reconcile() if each.type == "join.requested"]
        member = await rosters.stores.member(meera, channel="waha", account=rosters.account)
        assert [each.data for each in said] == [
            JoinRequested(
                chat_id=group,
                chat_kind=ChatKind.GROUP,
                member_id=member,
                request_id=member,
                requested_at=clock.now(),
            )
        ]
        ids = Resolved("waha", rosters.account, {meera: member}, {name: group})
        assert [each.id for each in said] == [each.id for each in events_of(asked, ids, clock.now())]

    async def test_an_event_on_its_way_is_no_difference(self, rosters, monkeypatch):
        asha = phone()
        group = await rosters.group((asha,))
        member = await rosters.stores.member(asha, channel="waha", account=rosters.account)

        async def meanwhile(seconds: float) -> None:
            await rosters.keep(rosters.joined(group, member))

        monkeypatch.setattr(rosters.pace, "rest", meanwhile)
        assert await rosters.reconcile() == []

    async def test_what_nobody_can_tell_changes_nothing(self, rosters, clock):
        asha = phone()
        group = await rosters.group((asha,))
        member = await rosters.stores.member(asha, channel="waha", account=rosters.account)
        await rosters.keep(rosters.joined(group, member))
        later(clock)
        for answer in (None, Roster(())):
            rosters.line.rosters = dict.fromkeys(rosters.line.rosters, answer)
            assert await rosters.reconcile() == []
        rosters.line.away = True
        assert await rosters.reconcile() == []

    async def test_who_was_merged_has_neither_come_nor_gone(self, rosters, clock):
        old, new = phone(), phone()
        group = await rosters.group((new,))
        ravi = await rosters.stores.member(old, channel="waha", account=rosters.account)
        asha = await rosters.stores.member(new, channel="waha", account=rosters.account)
        await rosters.keep(rosters.joined(group, ravi))
        await rosters.stores.merges.merge(asha, ravi, "test")
        await rosters.stores.identities.refresh()
        later(clock)
        assert await rosters.reconcile() == []

    async def test_every_group_is_asked_about_and_none_twice(self, rosters):
        for _ in range(60):
            await rosters.group((phone(),))
        await rosters.reconcile()
        assert sorted(rosters.line.asked) == sorted(rosters.line.rosters)

    async def test_only_one_process_asks(self, rosters):
        await rosters.group((phone(),))
        rosters.turns = False
        assert await rosters.reconcile() == []
        assert rosters.line.asked == []

    async def test_while_the_log_is_away_it_is_tried_again_later(self, rosters, monkeypatch):
        await rosters.group((phone(),))

        async def away(_: object) -> None:
            raise StoreUnavailable("away")

        monkeypatch.setattr(rosters.log, "append", away)
        with pytest.raises(StoreUnavailable):
            await rosters.reconcile()


async def test_a_turn_is_taken_by_one_and_comes_again(store, clock):
    name, every = uuid.uuid4().hex, dt.timedelta(hours=1)
    one, other = Turns(store, clock), Turns(store, clock)
    assert [await one.take(name, every), await other.take(name, every)] == [True, False]
    later(clock, 3599)
    assert not await other.take(name, every)
    later(clock, 1)
    assert [await other.take(name, every), await one.take(name, every)] == [True, False]


async def test_the_record_of_a_membership_is_one_the_log_takes(rosters):
    record = to_record(rosters.joined("c_" + "1" * 20, "m_" + "1" * 20))
    await rosters.log.append([record])
    assert len(await rosters.said()) == 1
