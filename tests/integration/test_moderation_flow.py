"""Moderation on the real store: what is told twice, cut short, late or out of turn comes to the same."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

import services.moderation
from services.moderation.consumer import subscription
from services.moderation.domain.cases.case import Achieved, Case, CaseState
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.listening import Listener
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.policy.document import DEFAULT
from services.moderation.domain.room import Community
from services.moderation.store import MIGRATIONS, Cases, Communities, History, Persons, Rooms, Standings
from shared import faults, patience
from shared.clock import DEFAULT_ZONE
from shared.contracts.actions import ActionDone, ActionFailed, ActionUnsupported, MessageDelete
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, originate
from shared.contracts.gateway import ChatKind, MessageSend
from shared.contracts.members import ChatConfigured, MemberMerged
from shared.contracts.moderation import CaseEnforced, MemberReleased, MemberWarned, MessageFlagged
from shared.contracts.topics import TOPICS, dead_letter_topic
from shared.faults import InjectedFault
from shared.i18n import Catalogue, Language
from shared.log.backend import Backend
from shared.replies import Speaker
from shared.store.migrations import migrate
from shared.stream import processor as module
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.timekeeper import Timekeeper
from tests.support import events
from tests.support.events import chat_id, member_id, message_id
from tests.support.moderation import ABLE, edits, happens, policy, writes
from tests.support.moderation_stores import RETENTION, stores_in
from tests.support.streams import Bench, bench, eventually, new_log, running, started

SCAM = "घर बैठे रोज ₹3000 कमाओ, रजिस्ट्रेशन ₹499, Telegram पर आओ t.me/kamai_daily"
INVITE = "मेरे ग्रुप में आइए https://chat.whatsapp.com/AbCdEfGhIjK12345678901"
FINE = "आज का सवाल: title tag कितना लंबा होना चाहिए?"
SCOPE = "community:seekho"
DLQ = dead_letter_topic("moderation").name
STRICT = policy(
    rules=tuple(
        each.model_copy(update={"checks": {**each.checks, "links": {"invites": "remove"}}})
        if each.id == "links"
        else each
        for each in DEFAULT.document.rules
    )
)
"""Invitations are removed, each for one point."""
SPEAKER = Speaker(Catalogue.load(Path(services.moderation.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)
NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
EventT = TypeVar("EventT", bound=EventModel)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as the loops do, only less long."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.1,))


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    """A group of a community, on a channel that can delete and remove."""
    async with bench(mongo_url, "memory") as made:
        await migrate(made.database, made.clock, MIGRATIONS)
        made.clock.advance(NOW - made.clock.now())
        await made.runtime().unit_of_work.run(
            lambda session: Communities(made.database).save(session, {SCOPE: Community(SCOPE, STRICT)})
        )
        await handled(made, configured(0))
        yield made


def configured(chat: int) -> Envelope[ChatConfigured]:
    return happens(
        ChatConfigured(
            chat_id=chat_id(chat),
            chat_kind=ChatKind.GROUP,
            community="seekho",
            subject=None,
            language="hi",
            zone=None,
            channel="waha",
            capabilities=tuple(sorted(ABLE)),
            configured_at=NOW,
        )
    )


def processor(place: Bench, log: Backend | None = None) -> Processor:
    listener = Listener(shipped(None))
    return Processor(subscription(stores_in(place.database), listener), place.runtime(log=log), SPEAKER)


async def caught_up(place: Bench, log: Backend | None = None) -> None:
    """Wait until all that stands in the log is handled and committed."""

    heard = processor(place, log).topics

    async def committed() -> bool:
        group = (log or place.log)._groups.get("moderation")  # type: ignore[attr-defined]
        return group is not None and all(
            group.committed.get(each, 0) == end for each, end in group.ends.items() if each.topic in heard
        )

    await eventually(committed, "the end of the log")


async def append(log: Backend, *envelopes: Envelope[Any]) -> None:
    await log.append([events.record(each) for each in envelopes])


async def handled(place: Bench, *envelopes: Envelope[Any]) -> None:
    """Let moderation handle events, as one batch where they are in one chat."""
    await append(place.log, *envelopes)
    async with running(processor(place)):
        await caught_up(place)
    assert await place.database["_outbox"].count_documents({"topic": DLQ}) == 0


async def told(place: Bench, kind: type[EventT]) -> list[EventT]:
    """Return what moderation has told of one kind, in order."""
    rows: list[dict[str, Any]] = await place.database["_outbox"].find().sort("_id", 1).to_list()
    found = [decode(row["value"], row["headers"]).data for row in rows]
    return [each for each in found if isinstance(each, kind)]


async def cases(place: Bench) -> list[Case]:
    store = Cases(place.database)
    return [store.read(each) async for each in store.collection.find().sort("number", 1)]


async def the_case(place: Bench) -> Case:
    (found,) = await cases(place)
    return found


async def standing(place: Bench, member: int = 1) -> Standing:
    found = await Standings(place.database).find(f"{SCOPE}|{member_id(member)}")
    assert found is not None
    return found


async def judged(place: Bench, name: str) -> Judged | None:
    return await History(place.database, RETENTION).find(name)


async def command(place: Bench) -> str:
    """Return the id of the only command to delete."""
    rows: list[dict[str, Any]] = await place.database["_outbox"].find().to_list()
    envelopes = [decode(row["value"], row["headers"]) for row in rows]
    (found,) = [each.id for each in envelopes if isinstance(each.data, MessageDelete)]
    return found


async def assert_once(place: Bench) -> None:
    """Check that one message has led to one case, one strike and one reply."""
    case = await the_case(place)
    assert (case.number, case.state, case.points) == (1, CaseState.DECIDED, 1)
    assert [each.case for each in (await standing(place)).strikes] == [case.case_id]
    assert len(await told(place, MessageSend)) == 1
    for kind in (MessageFlagged, MemberWarned, MessageDelete):
        assert len(await told(place, kind)) == 1
    community = await Communities(place.database).find(SCOPE)
    assert community is not None
    assert community.next_case == 2
    assert await place.database["_timers"].count_documents({}) == 1
    room = await Rooms(place.database).find(chat_id(0))
    assert room is not None
    assert (room.seq, len(room.recent)) == (1, 1)


class TestTwice:
    async def test_b5_14_in_one_batch(self, place: Bench) -> None:
        await handled(place, writes(1, INVITE), writes(1, INVITE))
        await assert_once(place)

    async def test_b5_14_one_after_the_other(self, place: Bench) -> None:
        await handled(place, writes(1, INVITE))
        await handled(place, writes(1, INVITE))
        await assert_once(place)

    async def test_b5_14_as_another_event_about_the_same_message(self, place: Bench) -> None:
        first = writes(1, INVITE)
        await handled(place, first, replace(first, id=events.message_id(77)))
        await assert_once(place)

    async def test_b5_14_by_two_processes_at_the_same_moment(self, place: Bench) -> None:
        async with started(new_log("memory", place.database), TOPICS) as other:
            await append(place.log, writes(1, INVITE))
            await append(other, writes(1, INVITE))
            async with running(processor(place), processor(place, other)):
                await asyncio.gather(caught_up(place), caught_up(place, other))
        await assert_once(place)
        assert await place.database["_outbox"].count_documents({"topic": DLQ}) == 0


class TestCutShort:
    @pytest.mark.parametrize("point", ["after_poll", "mid_batch", "in_txn", "after_txn_before_commit"])
    async def test_x03_a_process_that_dies_at_any_point_leaves_one_effect(
        self, place: Bench, point: str
    ) -> None:
        await append(place.log, writes(1, INVITE))
        faults.install(faults.Plan(f"{point}:raise"))
        try:
            with pytest.raises(InjectedFault):
                await processor(place).run()
        finally:
            faults.uninstall()
        stored = len(await cases(place))
        assert stored == (1 if point == "after_txn_before_commit" else 0)
        assert await place.database["history"].count_documents({}) == stored
        await handled(place)
        await assert_once(place)

    async def test_x03_what_an_edit_was_made_of_is_not_lost_either(self, place: Bench) -> None:
        await append(place.log, writes(1, FINE), edits(1, INVITE))
        faults.install(faults.Plan("in_txn:raise"))
        try:
            with pytest.raises(InjectedFault):
                await processor(place).run()
        finally:
            faults.uninstall()
        await handled(place)
        assert (await the_case(place)).points == 1
        assert len((await standing(place)).strikes) == 1


class TestOutcomes:
    @pytest.mark.parametrize(
        ("model", "more", "achieved"),
        [
            (ActionDone, {"done_at": NOW}, Achieved.DONE),
            (ActionUnsupported, {"code": "no_delete", "told_at": NOW}, Achieved.NOTICE),
            (ActionFailed, {"code": "gone", "failed_at": NOW}, Achieved.FAILED),
        ],
    )
    async def test_what_became_of_a_command_stands_on_its_case(
        self, place: Bench, model: type[EventModel], more: dict[str, Any], achieved: Achieved
    ) -> None:
        await handled(place, writes(1, INVITE))
        about = {"action": MessageDelete.TYPE, "chat_id": chat_id(0), **more}
        outcome = happens(model(action_id=await command(place), **about))
        strange = happens(model(action_id=message_id(99), **about))
        await handled(place, strange, outcome, outcome)
        (step,) = (await the_case(place)).steps
        assert (step.achieved, step.code) == (achieved, more.get("code"))
        (fact,) = await told(place, CaseEnforced)
        assert (fact.case_id, fact.achieved) == (f"{SCOPE}#1", achieved.value)


async def until(place: Bench, span: dt.timedelta) -> None:
    """Let time pass, fire what is due, and let moderation hear of it."""
    place.clock.advance(span)
    runtime = place.runtime()
    await Timekeeper(runtime, place.database).fire()
    async with running(Relay(runtime, place.database), processor(place)):
        await eventually(lambda: _empty(place), "everything published")
        await caught_up(place)
        await eventually(lambda: _empty(place), "what followed published")


async def _empty(place: Bench) -> bool:
    return await place.database["_outbox"].count_documents({}) == 0


class TestTime:
    async def test_a_strike_is_forgotten_when_its_time_is_over(self, place: Bench) -> None:
        await handled(place, writes(1, INVITE))
        await until(place, dt.timedelta(days=29))
        assert "expired" not in [each.what for each in (await the_case(place)).audit]
        await handled(place, writes(2, FINE))
        await until(place, dt.timedelta(days=1))
        case = await the_case(place)
        assert [each.what for each in case.audit].count("expired") == 1
        assert (await standing(place)).points(place.clock.now()) == 0

    async def test_b5_02_who_was_restricted_is_free_again_when_its_time_is_over(self, place: Bench) -> None:
        await handled(place, writes(1, INVITE))
        place.clock.advance(dt.timedelta(minutes=5))
        await handled(place, writes(2, INVITE))
        assert (await standing(place)).restricted(place.clock.now())
        await until(place, dt.timedelta(hours=24))
        assert not (await standing(place)).restricted(place.clock.now())
        released = [
            decode(each.value, each.headers).data
            async for page in place.log.browse("moderation.decisions.v1")
            for each in page
            if each.headers["ce_type"] == MemberReleased.TYPE.encode()
        ]
        assert [each.member_id for each in released if isinstance(each, MemberReleased)] == [member_id(1)]
        assert [each.what for each in (await cases(place))[1].audit].count("released") == 1


async def test_strikes_of_members_who_are_one_count_together(place: Bench) -> None:
    await handled(place, writes(1, INVITE, by=1), writes(2, INVITE, by=2))
    merged = MemberMerged(member_id=member_id(1), merged_id=member_id(2), merged_at=NOW)
    await handled(
        place,
        originate(merged, event_id=message_id(9), source="/test", key=merged.member_id, time=NOW),
    )
    assert [each.points for each in (await standing(place)).strikes] == [1, 1]
    gone = await Persons(place.database).find(member_id(2))
    assert gone == Person(member_id(2), frozenset({SCOPE}), merged_into=member_id(1))
    # Whoever writes under the old id stands as who they are now: the third point removes.
    await handled(place, writes(3, INVITE, by=2))
    assert [each.points for each in (await standing(place)).strikes] == [1, 1, 1]
    assert (await standing(place)).removed_by == f"{SCOPE}#3"
    assert (await cases(place))[2].member_id == member_id(1)


class TestInOneBatch:
    async def test_an_edit_that_breaks_a_rule_leads_to_the_case_of_its_message(self, place: Bench) -> None:
        await handled(place, writes(1, FINE), edits(1, INVITE))
        case = await the_case(place)
        newest, first = await judged(place, message_id(1)), await judged(place, f"{message_id(1)}#0")
        assert newest is not None
        assert first is not None
        assert (newest.text, newest.case, newest.edits) == (INVITE, case.case_id, 1)
        assert (first.text, first.seq, newest.seq) == (FINE, 1, 2)

    async def test_an_edit_of_what_was_stopped_finds_the_case_of_a_moment_ago(self, place: Bench) -> None:
        await handled(place, writes(1, INVITE), edits(1, SCAM), writes(2, FINE, by=2))
        case = await the_case(place)
        assert [each.what for each in case.audit] == ["opened", "decided", "edited"]
        assert len((await standing(place)).strikes) == 1
        assert await judged(place, message_id(2)) is not None

    async def test_a_report_finds_the_message_of_a_moment_ago(self, place: Bench) -> None:
        await handled(
            place,
            writes(1, "तुम्हें कुछ नहीं आता, चुप रहो", by=1),
            writes(2, "!रिपोर्ट", by=2, reply_to=message_id(1)),
            writes(3, "!report", by=3, reply_to=message_id(1)),
        )
        case = await the_case(place)
        assert (case.member_id, case.message_id) == (member_id(1), message_id(1))
        assert case.reporters == (member_id(2), member_id(3))
        assert case.state is CaseState.REVIEW
