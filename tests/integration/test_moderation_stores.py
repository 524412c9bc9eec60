"""What moderation keeps is found again: by its key whole, and by what reviewers search for."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.moderation.domain.cases.achieving import by_rule
from services.moderation.domain.cases.case import (
    Achieved,
    Appeal,
    Case,
    CaseState,
    Entry,
    Ground,
    Ruling,
    Step,
)
from services.moderation.domain.cases.search import CaseFilter, Clock
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.room import Community, Room
from services.moderation.store import (
    MIGRATIONS,
    Cases,
    Communities,
    Examples,
    History,
    Persons,
    PolicyVersions,
    Regressions,
    Rooms,
    Standings,
    Steps,
)
from shared.store.documents import Documents, Entries
from shared.store.migrations import migrate
from shared.store.unit_of_work import Session
from tests.support.any_state import any_of
from tests.support.events import chat_id, member_id, message_id
from tests.support.judged import judged
from tests.support.moderation import policy
from tests.support.moderation_stores import DAY, HOUR, NOW, RETENTION, SCOPE, case, keep, kept
from tests.support.streams import Bench, bench

OTHER = "community:kamao"


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "memory") as made:
        await migrate(made.database, made.clock, MIGRATIONS)
        made.clock.advance(NOW - made.clock.now())
        yield made


def numbers(cases: list[Case]) -> list[int]:
    return [each.number for each in cases]


REPORTED = case(1, reporters=(member_id(5),), state=CaseState.REVIEW)
ELSEWHERE = case(2, chat_id=chat_id(7))
ABOUT_RAVI = case(3, member_id=member_id(2), state=CaseState.DISMISSED)
FOR_SCAM = case(
    4,
    grounds=(Ground("links", 3, "links", "x", 0.9), Ground("income", 4, "scam", "fee_and_promise", 0.9)),
)
LEFT = case(5, steps=(Step("message.delete", None, Achieved.NOTICE), Step("x", "c", Achieved.DONE)))
FAILED = case(6, steps=(Step("member.remove", "c1", Achieved.FAILED),))
DONE = case(7, steps=(Step("message.delete", "c2", Achieved.DONE),))
APPEALED = case(
    8,
    state=CaseState.APPEALED,
    appeal=Appeal("यह (मेरी) साइट है? a.b*", NOW, answer="Sorry [mistake]"),
    audit=(Entry(NOW, "rule", "opened"), Entry(NOW, "k1", "upheld", reason="plain_spam", words="साफ़ Spam")),
)
ALL = (REPORTED, ELSEWHERE, ABOUT_RAVI, FOR_SCAM, LEFT, FAILED, DONE, APPEALED)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CaseFilter(), [8, 7, 6, 5, 4, 3, 2, 1]),
        (CaseFilter(states=frozenset({CaseState.REVIEW, CaseState.APPEALED})), [8, 1]),
        (CaseFilter(states=frozenset({CaseState.OVERTURNED})), []),
        (CaseFilter(member_id=member_id(2)), [3]),
        (CaseFilter(chat_id=chat_id(7)), [2]),
        (CaseFilter(rule="income"), [4]),
        (CaseFilter(tasks=True), [6, 5]),
        (CaseFilter(reported=True), [1]),
        (CaseFilter(reported=True, states=frozenset({CaseState.DECIDED})), []),
        (CaseFilter(text="plain_spam"), [8]),
        (CaseFilter(text="SPAM"), [8]),
        (CaseFilter(text="(मेरी) साइट है?"), [8]),
        (CaseFilter(text="[mistake]"), [8]),
        (CaseFilter(text="a.b*"), [8]),
        (CaseFilter(text=".*"), []),
        (CaseFilter(text="a|x"), []),
        (CaseFilter(text="text 8"), []),
    ],
)
async def test_reviewers_find_the_cases_that_fit_all_they_say(
    place: Bench, wanted: CaseFilter, found: list[int]
) -> None:
    cases = await kept(place, *ALL)
    assert numbers(await cases.page(wanted, None, 50)) == found


async def test_pages_have_every_case_once_even_where_many_were_opened_in_one_instant(place: Bench) -> None:
    cases = await kept(place, *(case(n, opened_at=NOW + n // 4 * HOUR) for n in range(10)))
    for wanted in (CaseFilter(), CaseFilter(rule="links")):
        seen: list[Case] = []
        while True:
            after = (seen[-1].opened_at, seen[-1].case_id) if seen else None
            found = await cases.page(wanted, after, 3)
            if not found:
                break
            assert len(found) <= 3
            seen += found
        assert seen == await cases.page(wanted, None, 50)
        assert len(seen) == 10
        assert [each.opened_at for each in seen] == sorted((each.opened_at for each in seen), reverse=True)


async def test_who_waits_longest_is_first_in_the_queue(place: Bench) -> None:
    waiting = {"state": CaseState.REVIEW}
    cases = await kept(
        place,
        case(1, opened_at=NOW + 3 * HOUR, **waiting),
        case(2, opened_at=NOW, **waiting),
        # A case from long ago waits since its appeal, like one that was opened then.
        case(3, opened_at=NOW - 9 * DAY, state=CaseState.APPEALED, appeal=Appeal("a", NOW)),
        case(4, opened_at=NOW - HOUR),
        case(5, opened_at=NOW + HOUR, scope=OTHER, **waiting),
    )
    assert numbers(await cases.waiting(SCOPE, None, 50)) == [2, 3, 1]
    assert numbers(await cases.waiting(None, None, 50)) == [2, 3, 5, 1]
    (first,) = await cases.waiting(None, None, 1)
    after = (first.waits_since, first.case_id)
    assert numbers(await cases.waiting(None, after, 50)) == [3, 5, 1]


async def test_the_clock_says_how_long_people_wait(place: Bench) -> None:
    cases = Cases(place.database)
    assert await cases.clock(None, NOW) == Clock(0, None, None, 0)
    await kept(
        place,
        case(1, opened_at=NOW - 2 * DAY, state=CaseState.REVIEW),
        # Promised within a week, within two hours, and within three days: only the second is late.
        appealed(2, NOW - 4 * DAY, NOW + 3 * DAY),
        appealed(3, NOW - 3 * HOUR, NOW - HOUR),
        appealed(4, NOW - HOUR, NOW + 71 * HOUR, scope=OTHER),
        # Decided within 2 hours of opening, 4 hours of the appeal, and long ago.
        ruled(5, NOW - DAY, NOW - DAY + 2 * HOUR),
        ruled(6, NOW - 4 * HOUR, NOW, opened_at=NOW - 9 * DAY),
        ruled(7, NOW - 60 * DAY, NOW - 31 * DAY),
        # Decided before anybody appealed: nobody has waited less than no time for it.
        ruled(8, NOW - 9 * DAY, NOW - 9 * DAY + 3 * HOUR, state=CaseState.APPEALED, appeal=Appeal("a", NOW)),
        ruled(9, NOW - DAY, NOW, scope=OTHER),
    )
    assert await cases.clock(SCOPE, NOW) == Clock(4, NOW - 4 * DAY, 3 * 3600.0, 1)
    assert await cases.clock(OTHER, NOW) == Clock(1, NOW - HOUR, 24 * 3600.0, 0)
    assert await cases.clock(None, NOW) == Clock(5, NOW - 4 * DAY, 3.5 * 3600.0, 1)


def appealed(number: int, at: dt.datetime, due: dt.datetime, **more: Any) -> Case:
    old = {"opened_at": NOW - 9 * DAY, "state": CaseState.APPEALED}
    return case(number, **old | more, appeal=Appeal("a", at, due=due))


def ruled(number: int, since: dt.datetime, at: dt.datetime, **more: Any) -> Case:
    ruling = Ruling("upheld", CaseState.REVIEW, "k1", at, since)
    return case(number, **{"opened_at": since} | more, decided_at=at, ruling=ruling)


async def test_what_the_channel_could_not_do_is_counted_by_rule(place: Bench) -> None:
    def wants(number: int, *achieved: Achieved, **more: Any) -> Case:
        steps = tuple(Step("message.delete", None, each) for each in achieved)
        return case(number, opened_at=more.pop("opened_at", NOW), steps=steps, **more)

    scam = (Ground("income", 4, "scam", "fee_and_promise", 0.9), Ground("links", 3, "links", "x", 0.9))
    cases = await kept(
        place,
        wants(1, Achieved.NOTICE),
        wants(2, Achieved.DONE, Achieved.FAILED),
        wants(3, Achieved.BY_HAND, Achieved.PENDING, Achieved.NOTHING),
        wants(4, Achieved.DONE, grounds=scam),
        wants(5, Achieved.NOTICE, opened_at=NOW - 8 * DAY),
        wants(6, Achieved.NOTICE, scope=OTHER),
    )
    income, links = by_rule(await cases.achieved(SCOPE, NOW - 7 * DAY))
    assert (income.rule, income.done, income.beyond.value) == ("income", 1, 0.0)
    assert (links.rule, links.done, links.by_hand, links.left, links.pending) == ("links", 1, 1, 2, 1)
    assert (links.beyond.hits, links.beyond.of) == (3, 4)
    assert links.beyond.low < 0.75 < links.beyond.high
    (_, everywhere) = by_rule(await cases.achieved(None, NOW - 7 * DAY))
    assert (everywhere.beyond.hits, everywhere.beyond.of) == (4, 5)


async def test_an_example_is_found_by_its_scope_until_it_is_taken_away(place: Bench) -> None:
    store = Regressions(place.database)
    mine = Regression(f"{SCOPE}#1", SCOPE, "नमस्ते", "links", "links", "unknown_link", NOW)
    other = replace(mine, case=f"{OTHER}#1", scope=OTHER)
    await keep(place, store, {mine.case: mine, other.case: other})
    assert await store.of_scope(SCOPE) == [mine]
    await keep(place, store, {mine.case: None})
    assert await store.of_scope(SCOPE) == []
    assert await store.of_scope(OTHER) == [other]


async def test_a_decision_is_made_on_all_examples_of_its_scope(place: Bench) -> None:
    mine = [Regression(f"{SCOPE}#{n}", SCOPE, "नमस्ते", "links", "links", "link", NOW) for n in (1, 2)]
    other = replace(mine[0], case=f"{OTHER}#1", scope=OTHER)
    await keep(place, Regressions(place.database), {each.case: each for each in (*mine, other)})

    async def load(session: Session) -> Mapping[str, tuple[Regression, ...]]:
        return await Examples(place.database).load(session, [SCOPE, "chat:c"])

    found = await place.runtime().unit_of_work.run(load)
    assert {each.case for each in found[SCOPE]} == {f"{SCOPE}#1", f"{SCOPE}#2"}
    assert found["chat:c"] == ()


def rows_in(chat: int, *sequence: int, at: dt.datetime = NOW, scope: str = SCOPE) -> dict[str, Judged]:
    return {
        message_id(chat * 100 + seq): replace(
            judged(chat * 100 + seq, scope=scope), chat_id=chat_id(chat), seq=seq, at=at + seq * HOUR
        )
        for seq in sequence
    }


async def test_the_history_of_a_scope_runs_chat_by_chat_in_the_order_of_each(place: Bench) -> None:
    history = History(place.database, RETENTION)
    await keep(place, history, rows_in(2, 3, 1, 2) | rows_in(1, 2, 1) | rows_in(3, 1, scope=OTHER))
    start, end = NOW, NOW + 10 * HOUR
    found = [each async for each in history.between(SCOPE, start, end)]
    assert [(each.chat_id, each.seq) for each in found] == [
        *((chat_id(1), seq) for seq in (1, 2)),
        *((chat_id(2), seq) for seq in (1, 2, 3)),
    ]
    assert await history.count(SCOPE, start, end) == 5
    # From the first instant on, until before the last.
    within = [each.seq async for each in history.between(SCOPE, NOW + HOUR, NOW + 3 * HOUR)]
    assert within == [1, 2, 1, 2]
    of_one = [each.seq async for each in history.between(SCOPE, start, end, chat_id(2))]
    assert of_one == [1, 2, 3]
    assert [each.seq for each in await history.before(chat_id(2), 3, 1)] == [2]
    assert [each.seq for each in await history.before(chat_id(2), 4, 5)] == [1, 2, 3]


async def test_a_judgement_says_nothing_twice_and_one_that_does_reads_alike(place: Bench) -> None:
    history, row = History(place.database, RETENTION), judged(1)
    await keep(place, history, {row.message_id: row})
    stored = await history.collection.find_one({"_id": row.message_id})
    assert stored is not None
    assert stored["trace"] == {"exact": "", "near": 0, "length": 10}
    assert "reply_to" not in stored
    whole = asdict(row) | {"_id": row.message_id, "remove_at": row.at + RETENTION}
    await history.collection.replace_one({"_id": row.message_id}, whole)
    assert await history.find(row.message_id) == row
    # An earlier wording has a name of its own, and the trace that of the message.
    earlier = replace(row, message_id=f"{row.message_id}#0")
    await keep(place, history, {earlier.message_id: earlier})
    assert await history.find(earlier.message_id) == earlier


async def test_a_command_leads_to_its_case_and_others_to_none(place: Bench) -> None:
    steps = Steps(place.database)
    await keep(place, steps, {"c1": f"{SCOPE}#1", "c2": f"{SCOPE}#2"})
    await keep(place, steps, {"c2": f"{SCOPE}#3"})

    async def load(session: Session) -> Mapping[str, str]:
        return await steps.load(session, ["c1", "c2", "c3"])

    assert await place.runtime().unit_of_work.run(load) == {"c1": f"{SCOPE}#1", "c2": f"{SCOPE}#3", "c3": ""}


async def test_versions_of_rules_come_newest_first(place: Bench) -> None:
    versions = PolicyVersions(place.database)
    await keep(
        place,
        versions,
        {f"{SCOPE}|{n}": policy(n) for n in (1, 2, 3)} | {f"{OTHER}|9": policy(9)},
    )
    assert [each.version for each in await versions.page(SCOPE, None, 2)] == [3, 2]
    assert [each.version for each in await versions.page(SCOPE, 2, 2)] == [1]
    assert await versions.find(f"{SCOPE}|2") == policy(2)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
@given(st.data())
@pytest.mark.parametrize("model", [Room, Community, Person, Standing, Judged, Case, Regression])
async def test_every_field_of_a_state_comes_back_as_it_was(
    place: Bench, model: type[Any], data: st.DataObject
) -> None:
    stores: dict[type[Any], Entries[Any] | Documents[Any]] = {
        Room: Rooms(place.database),
        Community: Communities(place.database),
        Person: Persons(place.database),
        Standing: Standings(place.database),
        Judged: History(place.database, dt.timedelta(0)),
        Case: Cases(place.database),
        Regression: Regressions(place.database),
    }
    state = data.draw(any_of(model))
    await keep(place, stores[model], {"k": state})
    assert await stores[model].find("k") == state
    await stores[model].collection.delete_many({})


async def test_what_was_never_stored_begins_anew(place: Bench) -> None:
    async def load(session: Session) -> list[Any]:
        key = f"{SCOPE}|{member_id(1)}"
        return [
            (await Rooms(place.database).load(session, [chat_id(1)]))[chat_id(1)],
            (await Standings(place.database).load(session, [key]))[key],
            (await Cases(place.database).load(session, ["x#1"]))["x#1"],
        ]

    assert await place.runtime().unit_of_work.run(load) == [
        Room(chat_id(1)),
        Standing(SCOPE, member_id(1)),
        None,
    ]
