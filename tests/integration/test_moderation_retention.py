"""What moderation forgets, and when: texts, cases, judgements, and which command belonged to which case."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.moderation.domain.cases.case import Appeal, Case, CaseState, Ruling, case_id
from services.moderation.domain.cases.evidence import done_with, kept_until
from services.moderation.domain.cases.search import CaseFilter
from services.moderation.store import MIGRATIONS, History, Steps
from services.moderation.store.cases import STEPS_FOR
from services.moderation.upkeep import Upkeep
from shared.observability.metrics import REGISTRY
from shared.store.migrations import migrate
from tests.support.events import message_id
from tests.support.judged import judged
from tests.support.moderation_stores import DAY, HOUR, NOW, RETENTION, SCOPE, case, keep, kept
from tests.support.streams import Bench, bench, running, turns

AGES = st.integers(0, 3 * RETENTION.days)
YEAR = dt.timedelta(days=365)
OLD = st.integers(0, 800)


@pytest.fixture
async def place(mongo_url: str) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "memory") as made:
        await migrate(made.database, made.clock, MIGRATIONS)
        made.clock.advance(NOW - made.clock.now())
        yield made


def numbers(cases: list[Case]) -> list[int]:
    return [each.number for each in cases]


def aged(
    state: CaseState,
    *,
    opened: int,
    decided_after: int | None,
    expires: int | None,
    restricted: int | None,
    consent: bool | None,
) -> Case:
    """Return a case opened so many days ago, whose strike and restriction end in so many."""
    opened_at = NOW - opened * DAY
    return case(
        1,
        state=state,
        opened_at=opened_at,
        decided_at=None if decided_after is None else opened_at + decided_after * DAY,
        expires=None if expires is None else NOW + expires * DAY,
        restriction_until=None if restricted is None else NOW + restricted * DAY,
        consent=consent,
    )


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
@given(st.lists(st.tuples(st.sampled_from(CaseState), AGES, st.none() | AGES), min_size=1, max_size=8))
async def test_texts_are_forgotten_exactly_when_the_rule_says(
    place: Bench, ages: list[tuple[CaseState, int, int | None]]
) -> None:
    before = [
        case(
            number,
            state=state,
            opened_at=NOW - opened * DAY,
            decided_at=None if decided is None else NOW - decided * DAY,
        )
        for number, (state, opened, decided) in enumerate(ages)
    ]
    cases = await kept(place, *before)
    over = {
        each.case_id for each in before if (until := kept_until(each, RETENTION)) is not None and until < NOW
    }
    assert await cases.forget_texts(NOW - RETENTION) == len(over)
    after = await cases.of([each.case_id for each in before])
    for each in before:
        assert after[each.case_id] == (replace(each, evidence=None) if each.case_id in over else each)
    assert await cases.forget_texts(NOW - RETENTION) == 0


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
@given(
    st.lists(
        st.builds(
            aged,
            st.sampled_from(CaseState),
            opened=OLD,
            decided_after=st.none() | OLD,
            expires=st.none() | st.integers(-40, 40),
            restricted=st.none() | st.integers(-40, 40),
            consent=st.sampled_from([None, True, False]),
        ),
        min_size=1,
        max_size=8,
    )
)
async def test_cases_go_after_their_year_exactly_when_nothing_depends_on_them(
    place: Bench, drawn: list[Case]
) -> None:
    before = [replace(each, number=n, case_id=case_id(SCOPE, n)) for n, each in enumerate(drawn)]
    cases = await kept(place, *before)
    stay = {each.case_id for each in before if not done_with(each, YEAR, NOW)}
    assert await cases.forget_cases(NOW - YEAR, NOW) == len(before) - len(stay)
    assert set(await cases.of([each.case_id for each in before])) == stay
    await cases.collection.delete_many({})


async def test_an_open_case_and_one_that_counts_outlive_their_year(place: Bench) -> None:
    old = {"opened_at": NOW - 2 * YEAR}
    cases = await kept(
        place,
        case(1, **old),
        case(2, **old, state=CaseState.REVIEW),
        case(3, **old, expires=NOW + DAY),
        case(4, **old, state=CaseState.OVERTURNED, consent=True),
        case(5, **old, decided_at=NOW - DAY),
    )
    assert await cases.forget_cases(NOW - YEAR, NOW) == 1
    assert numbers(await cases.page(CaseFilter(), None, 50)) == [5, 4, 3, 2]


async def test_a_database_from_before_is_brought_to_what_the_code_expects(place: Bench) -> None:
    """As it was left by the version before: without some indexes, times and promises."""
    old = case(1, state=CaseState.APPEALED, appeal=Appeal("a", NOW))
    answered = case(2, appeal=Appeal("a", NOW - HOUR, "no", "k1", NOW), decided_at=NOW)
    answered = replace(answered, ruling=Ruling("upheld", CaseState.APPEALED, "k1", NOW))
    cases = await kept(place, old, answered, case(3, state=CaseState.REVIEW))
    await cases.collection.update_many({}, {"$unset": {"waits_since": 1}})
    await cases.collection.update_many({"appeal": {"$ne": None}}, {"$unset": {"appeal.due": 1}})
    await cases.collection.update_many({"ruling": {"$ne": None}}, {"$unset": {"ruling.since": 1}})
    await place.database["steps"].insert_one({"_id": "c1", "case": old.case_id})
    await cases.collection.drop_index("decided_at_-1")
    await place.database["_migrations"].delete_many({"_id": {"$gt": "0003_documents", "$lt": "1"}})
    await migrate(place.database, place.clock, MIGRATIONS)
    assert numbers(await cases.waiting(None, None, 50)) == [1, 3]
    found = await cases.of([old.case_id, answered.case_id])
    appeal, ruling = found[old.case_id].appeal, found[answered.case_id].ruling
    assert appeal is not None
    assert ruling is not None
    assert (appeal.due, ruling.since) == (NOW + 72 * HOUR, NOW - HOUR)
    assert "decided_at_-1" in await cases.collection.index_information()
    (step,) = await place.database["steps"].find().to_list()
    assert step["at"] is not None


async def test_the_database_forgets_which_command_belonged_to_which_case(place: Bench) -> None:
    steps = Steps(place.database)
    await keep(place, steps, {"c1": f"{SCOPE}#1"})
    (row,) = await place.database["steps"].find().to_list()
    assert isinstance(row["at"], dt.datetime)
    indexes = await place.database["steps"].index_information()
    assert [each["expireAfterSeconds"] for each in indexes.values() if each["key"] == [("at", 1)]] == [
        STEPS_FOR.total_seconds()
    ]


async def test_the_database_forgets_what_was_judged_when_its_time_is_over(place: Bench) -> None:
    history = History(place.database, RETENTION)
    await keep(place, history, {message_id(1): replace(judged(1), at=NOW + HOUR)})
    row = await history.collection.find_one() or {}
    assert row["remove_at"] == NOW + HOUR + RETENTION
    indexes = await history.collection.index_information()
    assert [each["key"] for each in indexes.values() if each.get("expireAfterSeconds") == 0] == [
        [("remove_at", 1)]
    ]


async def test_upkeep_forgets_texts_and_cases_and_shows_who_waits(place: Bench) -> None:
    old = NOW - RETENTION - DAY
    cases = await kept(
        place,
        case(1, opened_at=old),
        case(2, opened_at=old, state=CaseState.APPEALED, appeal=Appeal("a", NOW - DAY)),
        case(3, opened_at=NOW - DAY),
    )
    await kept(place, case(4, opened_at=NOW - 2 * YEAR))
    upkeep = Upkeep(cases, RETENTION, YEAR, place.clock, place.health)
    await upkeep.round()
    found = await cases.of([case_id(SCOPE, number) for number in (1, 2, 3)])
    assert [each.evidence for each in found.values()] == [None, "text 2", "text 3"]
    assert REGISTRY.get_sample_value("chaupal_reviews_open") == 1
    assert REGISTRY.get_sample_value("chaupal_review_oldest_seconds") == DAY.total_seconds()
    assert await cases.find(case_id(SCOPE, 4)) is None
    async with running(upkeep) as tasks:
        await turns()
    assert all(each.done() for each in tasks)
