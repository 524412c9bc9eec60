"""Moderation through its own door, over real stores: what members and admins write, and what comes of it."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

import services.moderation
from services.moderation.consumer import subscription
from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.listening import QUESTION_OPEN_FOR, Listener
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.policy.document import Appeals, Policy, Rule, RuleState
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.room import Community, Room
from services.moderation.domain.scopes import version_key
from services.moderation.scenes import Stores
from shared.clock import DEFAULT_ZONE, FixedClock
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode
from shared.contracts.gateway import ChatKind, MessageSend
from shared.i18n import Catalogue, Language
from shared.log.memory import memory_log
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY
from shared.replies import Speaker
from shared.store.client import Database, Mongo
from shared.store.unit_of_work import Session
from shared.stream.desk import Desk
from shared.stream.runtime import Runtime
from tests.support.events import chat_id, member_id, message_id
from tests.support.moderation import ABLE, NOW, edits, happens, policy, writes
from tests.support.moderation_stores import stores_in

SCOPE = "community:seekho"
MEMBER, ADMIN, OTHER_ADMIN = 1, 8, 9
DIRECT = 40
INVITE = "मेरे ग्रुप में आइए https://chat.whatsapp.com/AbCdEfGhIjK12345678901"
SCAM = "घर बैठे रोज ₹3000 कमाओ, रजिस्ट्रेशन ₹499, Telegram पर आओ t.me/kamai_daily"
SPEAKER = Speaker(Catalogue.load(Path(services.moderation.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)
TABLE_OF = Listener(shipped(None))
EventT = TypeVar("EventT", bound=EventModel)


def rules(**more: Any) -> Policy:
    """Return the built-in policy under which an invitation goes and costs a point."""
    built_in = policy().document.rules
    strict = {"links": {"invites": "remove"}, "flood": {}}
    changed = tuple(
        each.model_copy(update={"checks": {**each.checks, **strict}}) if each.id == "links" else each
        for each in built_in
    )
    return policy(**{"rules": changed, **more})


@dataclass
class Place:
    """A group of a community on a channel that can delete, two admins and a member of long standing."""

    stores: Stores
    runtime: Runtime
    clock: FixedClock
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def keep(self, part: str, states: dict[str, Any]) -> None:
        async def work(session: Session) -> None:
            await getattr(self.stores, part).save(session, states)

        await self.runtime.unit_of_work.run(work)

    async def happen(self, event: Envelope[Any]) -> Any:
        """Decide on an event as the consumer does, and return the state after it."""
        handler = subscription(self.stores, TABLE_OF).handler_of(event.data)
        assert handler is not None
        desk = Desk("moderation", cast("Any", handler.states), self.runtime, SPEAKER)
        return await desk.decide(
            handler.key(event.data), lambda state, _: handler.decide(state, event, event.time)
        )

    async def says(self, text: str, *, by: int = MEMBER, chat: int = 0, **more: Any) -> str:
        """Let a member write, and return the message's id."""
        number = next(self.numbers)
        kind = ChatKind.DIRECT if chat == DIRECT else ChatKind.GROUP
        more.setdefault("at", self.clock.now())
        await self.happen(writes(number, text, by=by, chat=chat, chat_kind=kind, **more))
        self.clock.advance(dt.timedelta(minutes=2))
        return message_id(number)

    async def sent(self) -> list[MessageSend]:
        """Return what moderation has wanted said, in order."""
        rows: list[dict[str, Any]] = await self.runtime.outbox._collection.find().sort("_id", 1).to_list()
        found = [decode(row["value"], row["headers"]).data for row in rows]
        return [each for each in found if isinstance(each, MessageSend)]

    async def last(self) -> MessageSend:
        return (await self.sent())[-1]

    async def case(self, number: int = 1) -> Case:
        found = await self.stores.cases.find(f"{SCOPE}#{number}")  # type: ignore[attr-defined]
        assert found is not None
        return cast("Case", found)

    async def room(self, chat: int = 0) -> Room:
        return cast("Room", await self.stores.rooms.find(chat_id(chat)))  # type: ignore[attr-defined]


@pytest.fixture
async def place(mongo: Mongo, store: Database) -> Place:
    for name in await store.list_collection_names():
        if not name.startswith("_migrations"):
            await store[name].delete_many({})
    clock = FixedClock(NOW)
    runtime = Runtime.of(
        "moderation", backend=memory_log(), mongo=mongo, database=store, clock=clock, health=Health()
    )
    made = Place(stores_in(store), runtime, clock)
    admins = frozenset({member_id(ADMIN), member_id(OTHER_ADMIN)})
    group = Room(
        chat_id(0), community="seekho", language="hi", channel="waha", capabilities=ABLE, admins=admins
    )
    direct = Room(chat_id(DIRECT), kind=ChatKind.DIRECT, channel="waha", capabilities=ABLE)
    await made.keep("rooms", {each.chat_id: each for each in (group, direct)})
    await made.keep("communities", {SCOPE: Community(SCOPE, rules())})
    long_ago = NOW - dt.timedelta(days=60)
    for number in (MEMBER, ADMIN, OTHER_ADMIN):
        name = member_id(number)
        await made.keep("standings", {f"{SCOPE}|{name}": Standing(SCOPE, name, long_ago, accepted=60)})
        await made.keep("persons", {name: Person(name, frozenset({SCOPE}))})
    return made


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_alone_with_us_a_case_is_explained_by_the_rules_and_in_the_language_of_its_chat(place):
    named = tuple(
        each.model_copy(update={"names": {"en": "No uninvited links"}}) if each.id == "links" else each
        for each in rules().document.rules
    )
    terms = Appeals(days=7, answer_hours=5)
    own = rules(language="en", rules=named, appeals=terms)
    await place.keep("communities", {SCOPE: Community(SCOPE, own)})
    await place.keep("rooms", {chat_id(0): replace(await place.room(), language=None)})
    await place.says(INVITE)
    await place.says("!why M1", chat=DIRECT)
    told = (await place.last()).text
    assert "No uninvited links" in told
    assert "Rule 3" in told
    assert "30 November 2026" in told


async def test_alone_with_us_an_appeal_has_the_times_of_the_chat_it_is_about(place):
    own = rules(appeals=Appeals(days=7, answer_hours=5))
    await place.keep("communities", {SCOPE: Community(SCOPE, own)})
    await place.says(INVITE)
    opened = (await place.case()).opened_at
    await place.says("!अपील M1 यह मेरी अपनी साइट है", chat=DIRECT)
    appeal = (await place.case()).appeal
    assert appeal is not None
    assert appeal.due == appeal.at + dt.timedelta(hours=5)
    assert "23 नवंबर 2026" in (await place.last()).text
    await place.says(INVITE)
    place.clock.advance(opened + dt.timedelta(days=8) - place.clock.now())
    await place.says("!अपील M2 यह भी मेरी है", chat=DIRECT)
    assert (await place.case(2)).appeal is None
    assert "समय पूरा" in (await place.last()).text


async def test_what_an_answer_is_due_by_stays_what_the_member_was_told(place):
    await place.says(INVITE)
    await place.says("!अपील M1 यह मेरी अपनी साइट है")
    promised = (await place.case()).appeal
    assert promised is not None
    later = rules(appeals=Appeals(answer_hours=1))
    await place.keep("communities", {SCOPE: Community(SCOPE, replace(later, version=6))})
    await place.says("!क्यों M1")
    assert "26 नवंबर 2026" in (await place.last()).text
    found = await place.stores.cases.clock(SCOPE, promised.at + dt.timedelta(hours=71))
    assert (found.overdue, found.oldest_since) == (0, promised.at)
    assert (await place.stores.cases.clock(SCOPE, promised.at + dt.timedelta(hours=73))).overdue == 1


async def test_b5_09_a_case_is_explained_by_the_version_it_was_opened_under(place):
    first = rules()
    await place.keep("versions", {version_key(SCOPE, first.version): first})
    await place.says(INVITE)
    fewer = tuple(each for each in first.document.rules if each.id != "links")
    await place.keep("communities", {SCOPE: Community(SCOPE, rules(version=6, rules=fewer), next_case=2)})
    await place.says("!क्यों M1")
    told = (await place.last()).text
    assert "नियम 3: बिना अनुमति लिंक" in told
    assert "संस्करण 5" in told


async def test_a_change_by_chat_is_held_against_every_example_of_the_scope(place):
    example = Regression(f"{SCOPE}#70", SCOPE, INVITE, "links", "links", "invite_link", NOW)
    await place.keep("regressions", {example.case: example})
    off = tuple(
        each.model_copy(update={"state": RuleState.OFF}) if each.id == "links" else each
        for each in rules().document.rules
    )
    await place.keep("communities", {SCOPE: Community(SCOPE, rules(rules=off))})
    await place.says("!नियम बदलें 3 चालू", by=ADMIN)
    await place.says("हाँ", by=ADMIN)
    assert "70" in (await place.last()).text
    assert (await place.room()).policy is None
    await place.keep("regressions", {example.case: None})
    await place.says("!नियम बदलें 3 चालू", by=ADMIN)
    await place.says("हाँ", by=ADMIN)
    assert (await place.room()).policy is not None


async def test_x03_a_message_is_an_example_only_while_its_author_agrees(place):
    await place.says(INVITE)
    await place.says("!अपील M1 यह मेरी अपनी साइट है")
    await place.says("!माफ़ M1 आपकी बात ठीक है", by=ADMIN)
    assert await place.stores.regressions.of_scope(SCOPE) == []
    await place.says("!अपील M1 हाँ")
    (kept,) = await place.stores.regressions.of_scope(SCOPE)
    assert (kept.text, kept.check) == (INVITE, "links")
    await place.says("!अपील M1 नहीं")
    assert await place.stores.regressions.of_scope(SCOPE) == []


async def test_consent_is_not_thanked_for_where_the_text_is_gone(place):
    await place.says(INVITE)
    await place.says("!माफ़ M1", by=ADMIN)
    await place.keep("cases", {f"{SCOPE}#1": replace(await place.case(), evidence=None)})
    await place.says("!अपील M1 हाँ")
    assert await place.stores.regressions.of_scope(SCOPE) == []
    assert "नहीं रखा" in (await place.last()).text


async def test_an_example_outlives_the_text_of_its_case(place):
    await place.says(INVITE)
    await place.says("!माफ़ M1", by=ADMIN)
    await place.says("!अपील M1 हाँ")
    await place.keep("cases", {f"{SCOPE}#1": replace(await place.case(), evidence=None)})
    await place.says("!अपील M1 हाँ")
    assert [each.text for each in await place.stores.regressions.of_scope(SCOPE)] == [INVITE]


async def test_metrics_count_hits_and_what_people_rule_and_how_long_it_took(place):
    names = [*place_rules(rules().document.rules)]
    await place.keep("communities", {SCOPE: Community(SCOPE, rules(rules=tuple(names)))})
    hit = {"rule": "links", "effect": "remove"}
    shadow = {"rule": "own", "effect": "shadow"}
    ruled = {"rule": "links", "ruling": "overturned"}
    before = [counted("chaupal_rule_hits_total", **each) for each in (hit, shadow)]
    rulings, seconds, count = (
        counted("chaupal_case_rulings_total", **ruled),
        counted("chaupal_case_decision_seconds_sum", rule="links"),
        counted("chaupal_case_decision_seconds_count", rule="links"),
    )
    await place.says(INVITE)
    await place.says("यह referral code लीजिए, बहुत काम आएगा")
    after = [counted("chaupal_rule_hits_total", **each) for each in (hit, shadow)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]
    opened = (await place.case()).opened_at
    at = place.clock.now()
    await place.says("!माफ़ M1", by=ADMIN)
    await place.says("!माफ़ M1", by=ADMIN)
    await place.says("!क्यों M1")
    assert counted("chaupal_case_rulings_total", **ruled) == rulings + 1
    assert counted("chaupal_case_decision_seconds_count", rule="links") == count + 1
    took = counted("chaupal_case_decision_seconds_sum", rule="links") - seconds
    assert took == pytest.approx((at - opened).total_seconds())


def place_rules(built_in: tuple[Rule, ...]) -> list[Rule]:
    """Return the rules with one of the community's own that is only tried out."""
    text = {"hi": "रेफ़रल कोड न भेजें।"}
    words = {"patterns": {"words": ["referral code"]}}
    return [*built_in, Rule(id="referrals", state=RuleState.SHADOW, texts=text, checks=words)]


async def test_an_edit_told_again_under_another_id_is_no_second_edit(place):
    number = next(place.numbers)
    at = NOW + dt.timedelta(microseconds=123_456)
    await place.happen(writes(number, "नमस्ते सबको"))
    first = edits(number, "आज की कक्षा कितने बजे है", at=at)
    assert first.data.edited_at.microsecond % 1000
    again = happens(first.data, at=NOW + dt.timedelta(seconds=5), source="/chaupal/other")
    assert again.id != first.id
    await place.happen(first)
    known = await place.stores.history.find(message_id(number))
    await place.happen(again)
    assert await place.stores.history.find(message_id(number)) == known
    assert known is not None
    assert known.edits == 1


async def test_b5_05_short_answers_to_an_admins_question_are_no_flood(place):
    async def burst(by: int) -> list[str]:
        names = []
        for word in ("क", "ख", "ग", "घ", "जी", "हाँ जी", "पता नहीं", "शायद", "नहीं"):
            number = next(place.numbers)
            await place.happen(writes(number, word, by=by, at=place.clock.now()))
            place.clock.advance(dt.timedelta(seconds=1))
            names.append(message_id(number))
        return names

    async def held(names: list[str]) -> int:
        found = [await place.stores.history.find(each) for each in names]
        return sum(any(hit.check == "flood" for hit in each.hits) for each in found if each is not None)

    assert await held(await burst(MEMBER)) > 0
    place.clock.advance(dt.timedelta(hours=2))
    await place.says("पहला सवाल: title tag कितना लंबा हो?", by=ADMIN)
    assert await held(await burst(MEMBER)) == 0
    place.clock.advance(QUESTION_OPEN_FOR)
    assert await held(await burst(MEMBER)) > 0


async def test_the_same_text_counts_as_a_copy_for_as_long_as_the_policy_says(place):
    text = "मेरी नई किताब अब बाज़ार में है, सब लोग ज़रूर पढ़ें और बताएँ कि कैसी लगी"
    for minutes in (28, 28, 0):
        name = await place.says(text, chat=0)
        place.clock.advance(dt.timedelta(minutes=minutes - 2))
    found = await place.stores.history.find(name)
    assert [each.code for each in found.hits if each.check == "flood"] == ["copies"]


@pytest.mark.parametrize(
    ("by", "text"),
    [(MEMBER, "यह कैसे होगा?"), (ADMIN, "कल मिलते हैं।"), (ADMIN, "देखें https://a.in/?b=1")],
)
async def test_only_a_question_of_an_admins_opens_it(place, by, text):
    await place.says(text, by=by)
    assert (await place.room()).prompt_until is None


async def test_b5_08_who_has_no_private_way_learns_of_a_case_by_its_number_alone(place):
    for by in (30, 31):
        await place.says(SCAM, by=by)
    sent = await place.sent()
    private = [each for each in sent if each.member_id is not None]
    assert [each.member_id for each in private] == [member_id(30), member_id(31)]
    assert [each.aloud_text for each in private] == [None, "ℹ️ मामला M2 में कुछ नया है। संबंधित सदस्य के लिए: !क्यों M2"]
    # The first is named by the warning that everybody gets.
    alert = next(each for each in sent if "1930" in each.text)
    assert "!क्यों M1" in alert.text


async def test_b5_08_a_scam_with_a_forbidden_link_is_a_scam(place):
    await place.says(SCAM, by=30)
    case = await place.case()
    assert {each.rule for each in case.grounds} >= {"income", "links"}
    assert (case.grounds[0].rule, case.points) == ("income", 3)


async def test_b5_10_the_member_is_told_the_answer_where_there_is_no_private_way_too(place):
    await place.keep("rooms", {chat_id(0): replace(await place.room(), language="en")})
    await place.keep(
        "persons", {member_id(MEMBER): Person(member_id(MEMBER), frozenset({SCOPE}), language="hi")}
    )
    await place.says(INVITE)
    await place.says("!अपील M1 यह मेरी अपनी साइट है")
    await place.says("!माफ़ M1 आपकी साइट की अनुमति थी।", by=ADMIN)
    assert (await place.case()).state is CaseState.OVERTURNED
    told = next(each for each in await place.sent() if each.aloud_text is not None)
    assert "आपकी साइट की अनुमति थी।" in told.text
    assert (told.aloud, told.member_id) == (True, member_id(MEMBER))
    assert told.aloud_text == "ℹ️ There is news in case M1. For the member concerned: !why M1"
