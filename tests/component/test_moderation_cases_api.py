from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import quote

import httpx2
import pytest

from services.moderation.api.cases import READ, WRITE, case_router
from services.moderation.api.enforcement import enforcement_router
from services.moderation.api.reports import report_router
from services.moderation.api.reviews import REVIEW, review_router
from services.moderation.domain.cases.case import Achieved, Appeal, Case, CaseState, Ground
from services.moderation.domain.cases.opening import Order, Subject, open_case
from services.moderation.domain.cases.search import CaseFilter, Clock
from services.moderation.domain.cases.tasks import left
from services.moderation.domain.judging.verdict import Category, Intent
from services.moderation.domain.scene import Scene
from services.moderation.domain.subjects import CaseSubject, ReportSubject
from shared.contracts.moderation import CaseEnforced, CaseOverturned
from shared.decision import Decision
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.observability.metrics import REGISTRY
from tests.support.events import chat_id, member_id, message_id
from tests.support.judged import judged
from tests.support.moderation import ABLE, NOW, UNABLE, Group, later, policy

SCOPE = "community:seekho"
LINK = Ground("links", 3, "links", "link", 0.9, category=Category.SPAM)
RULED = {"reason": "wrong_match"}


@dataclass
class Hall:
    """Stands in for the stores and the desk: decisions are made on a group in memory."""

    group: Group
    now_is: dt.datetime = NOW
    decided: list[Decision[Scene]] = field(default_factory=list)

    def now(self) -> dt.datetime:
        return self.now_is

    async def decide(self, subject: Any, decide: Callable[[Scene, dt.datetime], Decision[Scene]]) -> Scene:
        decision = decide(self._scene(subject), self.now_is)
        self.decided.append(self.group.keep(decision))
        return decision.state

    async def achieved(self, scope: str | None, since: dt.datetime) -> list[tuple[str, Achieved, int]]:
        found = [each for each in self.group.cases.values() if scope in {None, each.scope}]
        return [
            (each.grounds[0].rule, step.achieved, 1)
            for each in found
            if each.opened_at >= since
            for step in each.steps
        ]

    async def find(self, name: str) -> Case | None:
        return self.group.cases.get(name)

    async def page(self, wanted: CaseFilter, after: tuple[dt.datetime, str] | None, limit: int) -> list[Case]:
        found = sorted(
            self.group.cases.values(), key=lambda each: (each.opened_at, each.case_id), reverse=True
        )
        behind = [each for each in found if after is None or (each.opened_at, each.case_id) < after]
        return [each for each in behind if _fits(each, wanted)][:limit]

    async def waiting(
        self, scope: str | None, after: tuple[dt.datetime, str] | None, limit: int
    ) -> list[Case]:
        found = sorted(self._open(scope), key=lambda each: (each.waits_since, each.case_id))
        behind = [each for each in found if after is None or (each.waits_since, each.case_id) > after]
        return behind[:limit]

    async def clock(self, scope: str | None, now: dt.datetime) -> Clock:
        found = self._open(scope)
        rulings = [each.ruling for each in self.group.cases.values()]
        took = [(each.at - each.since).total_seconds() for each in rulings if each and each.since]
        oldest = min((each.waits_since for each in found), default=None)
        return Clock(len(found), oldest, statistics.median(took) if took else None, 0)

    def _open(self, scope: str | None) -> list[Case]:
        return [each for each in self.group.cases.values() if each.open and scope in {None, each.scope}]

    def _scene(self, subject: Any) -> Scene:
        if isinstance(subject, ReportSubject):
            return self.group.scene(9, target=subject.reply_to, other=1)
        assert isinstance(subject, CaseSubject)
        number = int(subject.case_id.rpartition("#")[2])
        scene = self.group.scene(1, cases=(number,))
        return scene if subject.case_id.startswith(SCOPE) else replace(scene, cases={subject.case_id: None})


def _fits(case: Case, wanted: CaseFilter) -> bool:
    said = [text for entry in case.audit for text in (entry.reason, entry.words) if text]
    return (
        (not wanted.states or case.state in wanted.states)
        and wanted.member_id in {None, case.member_id}
        and wanted.chat_id in {None, case.chat_id}
        and (wanted.rule is None or any(each.rule == wanted.rule for each in case.grounds))
        and (not wanted.tasks or bool(left(case)))
        and (not wanted.reported or bool(case.reporters))
        and (wanted.text is None or any(wanted.text in each for each in said))
    )


@dataclass
class Api:
    hall: Hall
    client: httpx2.AsyncClient
    keys: dict[str, str]

    async def post(self, path: str, body: object = None, *, by: str = "first", key: str | None = "k1"):
        headers = {"authorization": f"Bearer {self.keys[by]}"}
        if key is not None:
            headers["idempotency-key"] = key
        return await self.client.post(path, json=body, headers=headers)

    async def get(self, path: str, *, by: str = "first", **params: Any):
        return await self.client.get(
            path, params=params, headers={"authorization": f"Bearer {self.keys[by]}"}
        )

    async def case(self, number: int, verb: str, body: object = RULED, **more: Any):
        return await self.post(f"/v1/cases/{named(number)}:{verb}", body, **more)

    def opened(self, number: int, intent: Intent = Intent.REMOVE, at: dt.datetime = NOW) -> Case:
        made = open_case(
            self.hall.group.scene(1),
            Order("rule", at),
            about=self.hall.group.person(1),
            subject=Subject(message_id(number), f"देखें bit.ly/{number}"),
            grounds=(LINK,),
            intent=intent,
        )
        self.hall.group.keep(made.decision("opened"))
        return made.case


def named(number: int) -> str:
    return quote(f"{SCOPE}#{number}", safe=":")


def api_of(group: Group) -> Api:
    scopes = {
        "first": {READ, WRITE, REVIEW},
        "second": {READ, WRITE, REVIEW},
        "reader": {READ},
        "nobody": {"policies:read"},
    }
    made = {name: new_key(name, frozenset(each)) for name, each in scopes.items()}
    hall = Hall(group)
    desk = cast("Any", hall)

    def reviewers() -> frozenset[str]:
        return frozenset({"first", "second"})

    app = create_app(
        "moderation",
        "Cases.",
        case_router(hall, desk, reviewers),
        review_router(hall, desk, reviewers, hall),
        report_router(hall, desk),
        enforcement_router(hall, hall),
        keys=KeyRing(*(stored for _, stored in made.values())),
        clock=hall,
    )
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    client = httpx2.AsyncClient(transport=transport, base_url="http://moderation")
    return Api(hall, client, {name: key for name, (key, _) in made.items()})


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    made = api_of(Group(policy()))
    made.hall.group.settled(1)
    async with made.client:
        yield made


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_case_is_shown_with_its_audit(api):
    api.opened(1)
    answer = await api.get(f"/v1/cases/{named(1)}", by="reader")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["name"], body["state"], body["rule"], body["points"]) == ("M1", "decided", "links", 1)
    assert body["evidence"] == "देखें bit.ly/1"
    assert [each["what"] for each in body["audit"]] == ["opened", "decided"]


async def test_cases_are_found_by_what_they_are(api):
    for number in range(1, 4):
        api.opened(number, at=later(hours=number))
    await api.case(2, "overturn", {"reason": "other", "words": "अनुमति थी"})

    async def names(**wanted: Any) -> list[str]:
        answer = await api.get("/v1/cases", **wanted)
        assert answer.status_code == 200, answer.text
        return [each["name"] for each in answer.json()["cases"]]

    assert await names() == ["M3", "M2", "M1"]
    assert await names(state="overturned") == await names(text="अनुमति") == ["M2"]
    assert await names(member_id=member_id(1), chat_id=chat_id(0), rule="links") == ["M3", "M2", "M1"]
    assert await names(member_id=member_id(2)) == await names(rule="income") == []
    # The third strike had removed the member; without the second they are to be invited again.
    assert await names(tasks=True) == ["M3"]


async def test_pages_go_on_where_the_last_one_ended(api):
    for number in range(1, 6):
        api.opened(number, at=later(hours=number))
    names: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await api.get("/v1/cases", limit=2, **after)).json()
        names += [each["name"] for each in page["cases"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert names == ["M5", "M4", "M3", "M2", "M1"]


@pytest.mark.parametrize(
    "wanted",
    [
        *({"after": "x"}, {"after": "===="}, {"state": "closed"}, {"member_id": "m_1"}, {"limit": 0}),
        *({"rule": "A B"}, {"text": "x"}, {"nonsense": 1}, {"member_id[$ne]": "x"}, {"limit": 101}),
    ],
    ids=str,
)
async def test_a_question_that_makes_no_sense_is_refused(api, wanted):
    assert (await api.get("/v1/cases", **wanted)).status_code == 422


@pytest.mark.parametrize(
    "name", ["x", "community:seekho", "community:seekho#", "chat:c_1#1", "community:%00#1", "M1"]
)
async def test_what_is_no_case_is_refused(api, name):
    assert (await api.get(f"/v1/cases/{quote(name, safe=':%')}")).status_code == 422
    assert (await api.post(f"/v1/cases/{quote(name, safe=':%')}:overturn", RULED)).status_code == 422


async def test_a_case_that_does_not_exist_is_not_found(api):
    assert (await api.get(f"/v1/cases/{named(7)}")).status_code == 404
    for verb, body in (("overturn", RULED), ("undo", None), ("done-by-hand", {}), ("dismiss", RULED)):
        assert (await api.case(7, verb, body)).status_code == 404


async def test_b5_10_an_overturn_is_done_once_however_often_it_is_asked_for(api):
    api.opened(1)
    before = counted("chaupal_case_rulings_total", rule="links", ruling="overturned")
    answers = [await api.case(1, "overturn") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert {each.json()["state"] for each in answers} == {"overturned"}
    facts = [each for decision in api.hall.decided for each in decision.emit]
    assert [type(each.data) for each in facts] == [CaseOverturned]
    assert api.hall.group.standing(1).strikes == ()
    assert counted("chaupal_case_rulings_total", rule="links", ruling="overturned") == before + 1
    changed = await api.case(1, "overturn", {"reason": "context"})
    assert (changed.status_code, changed.json()["title"]) == (409, "conflict")
    assert (await api.case(1, "overturn", key="k2")).status_code == 409


async def test_a_decision_takes_a_key_and_a_reason(api):
    api.opened(1)
    assert (await api.case(1, "overturn", key=None)).status_code == 422
    for body in (
        {},
        None,
        {"reason": "because"},
        {**RULED, "x": 1},
        {"reason": "other"},
        {**RULED, "words": " "},
    ):
        assert (await api.case(1, "overturn", body)).status_code == 422
    assert api.hall.group.case(1).state is CaseState.DECIDED


async def test_b5_10_an_appeal_is_answered_over_rest(api):
    case = api.opened(1)
    api.hall.group.cases[case.case_id] = replace(
        case, state=CaseState.APPEALED, appeal=Appeal("मेरी अपनी साइट", NOW)
    )
    assert (await api.case(1, "answer", {**RULED, "upheld": True})).status_code == 422
    answer = await api.case(1, "answer", {**RULED, "upheld": True, "words": "नियम सबके लिए है।"}, by="second")
    assert answer.json()["state"] == "decided"
    assert answer.json()["appeal"]["answered_by"] == "second"
    again = await api.case(1, "answer", {**RULED, "upheld": False, "words": "फिर भी"}, key="k2")
    assert again.status_code == 409


async def test_what_waits_is_confirmed_dismissed_and_undone(api):
    for number in (1, 2):
        api.opened(number, Intent.HOLD)
    assert (await api.case(1, "uphold", {"reason": "rule_broken"})).json()["points"] == 1
    assert (await api.case(2, "dismiss", {"reason": "context"})).json()["state"] == "dismissed"
    assert (await api.case(2, "dismiss", {"reason": "context"}, key="k2")).status_code == 409
    for number in (1, 2):
        assert (await api.case(number, "undo", None)).json()["state"] == "review"
    assert api.hall.group.standing(1).strikes == ()


async def test_b5_04_what_the_channel_cannot_do_is_a_task_until_it_is_done_by_hand():
    api = api_of(Group(policy(), capabilities=UNABLE))
    async with api.client:
        api.opened(1)
        listed = (await api.get("/v1/cases", tasks=True)).json()["cases"]
        assert [each["tasks"] for each in listed] == [["message.delete"]]
        assert (await api.case(1, "done-by-hand", {"action": "member.remove"})).status_code == 409
        done = (await api.case(1, "done-by-hand", {})).json()
        assert (done["tasks"], done["steps"][0]["achieved"]) == ([], Achieved.BY_HAND.value)
        (fact,) = (each.data for each in api.hall.decided[-1].emit)
        assert isinstance(fact, CaseEnforced)
        assert fact.achieved == "by_hand"
        assert (await api.get("/v1/cases", tasks=True)).json()["cases"] == []
        assert (await api.case(1, "done-by-hand", {})).status_code == 409


@pytest.mark.parametrize(
    ("capabilities", "chain", "beyond"),
    [
        (ABLE, {"message.delete": "pending", "member.remove": "pending"}, None),
        (UNABLE, {"message.delete": "notice", "member.remove": "notice"}, 1.0),
        (UNABLE | {"remove_member"}, {"message.delete": "notice", "member.remove": "pending"}, 1.0),
    ],
    ids=["linked device", "writes alone", "official group"],
)
async def test_x04_what_each_channel_can_do_is_tried_and_the_rest_is_counted(capabilities, chain, beyond):
    api = api_of(Group(policy(), capabilities=frozenset(capabilities)))
    async with api.client:
        for number in (1, 2, 3):
            api.opened(number)
        steps = (await api.get(f"/v1/cases/{named(3)}")).json()["steps"]
        assert {each["action"]: each["achieved"] for each in steps} == chain
        (links,) = (await api.get("/v1/enforcement", days=7)).json()["rules"]
        assert (links["rule"], links["beyond"]["value"]) == ("links", beyond)
        assert links["left"] + links["pending"] == 4
        assert (await api.get("/v1/enforcement", scope="community:kamao")).json()["rules"] == []
        assert (await api.get("/v1/enforcement", by="nobody")).status_code == 403
        assert (await api.get("/v1/enforcement", days=0)).status_code == 422


async def test_the_queue_shows_the_oldest_first_and_how_long_people_wait(api):
    for number in (1, 2, 3):
        api.opened(number, Intent.HOLD, at=later(hours=number))
    api.hall.now_is = later(hours=5)
    await api.case(2, "dismiss", {"reason": "context"})
    page = (await api.get("/v1/reviews", state="open", by="reader")).json()
    assert [each["name"] for each in page["reviews"]] == ["M1", "M3"]
    assert (page["clock"]["open"], page["clock"]["oldest_seconds"]) == (2, 4 * 3600)
    assert page["clock"]["median_seconds"] == 3 * 3600
    assert counted("chaupal_reviews_open") == 2
    assert counted("chaupal_review_oldest_seconds") == 4 * 3600
    assert (await api.get("/v1/reviews", state="closed")).status_code == 422


async def test_an_appeal_waits_since_it_was_made_and_so_it_is_listed_and_counted(api):
    old = api.opened(1)
    api.opened(2, Intent.HOLD, at=later(days=1))
    appeal = Appeal("मेरी अपनी साइट", later(days=2), due=later(days=3))
    api.hall.group.cases[old.case_id] = replace(old, state=CaseState.APPEALED, appeal=appeal)
    api.hall.now_is = later(days=2, hours=1)
    first = (await api.get("/v1/reviews", limit=1)).json()
    second = (await api.get("/v1/reviews", limit=1, after=first["next"])).json()
    (waiting,), (appealed,) = first["reviews"], second["reviews"]
    assert (waiting["name"], appealed["name"], second["next"]) == ("M2", "M1", None)
    assert dt.datetime.fromisoformat(appealed["waits_since"]) == later(days=2)
    shown = (await api.get(f"/v1/cases/{named(1)}")).json()
    assert dt.datetime.fromisoformat(shown["appeal"]["due"]) == later(days=3)
    before = counted("chaupal_case_decision_seconds_sum", rule="links")
    answer = {**RULED, "upheld": True, "words": "नियम सबके लिए है।"}
    assert (await api.case(1, "answer", answer, by="second")).status_code == 200
    assert counted("chaupal_case_decision_seconds_sum", rule="links") == before + 3600
    assert (await api.get(f"/v1/cases/{named(1)}")).json()["waits_since"] is None


async def test_what_members_have_reported_is_confirmed_under_a_rule_that_decides_its_weight(api):
    api.hall.group.settled(9, days=90, accepted=100)
    for number in (5, 6, 7):
        api.hall.group.judged[message_id(number)] = judged(number)
        body = {"chat_id": chat_id(0), "message_id": message_id(number), "member_id": member_id(9)}
        assert (await api.post("/v1/reports", body)).status_code == 202
    nameless = await api.case(1, "uphold", {"reason": "rule_broken"})
    assert (nameless.status_code, nameless.json()["title"]) == (422, "invalid")
    assert "name the rule" in nameless.json()["detail"]
    assert api.hall.group.case(1).state is CaseState.REVIEW
    for number, rule, points in ((1, "links", 1), (2, "respect", 2), (3, "income", 3)):
        answer = await api.case(number, "uphold", {"reason": "rule_broken", "rule": rule})
        assert (answer.json()["rule"], answer.json()["points"]) == (rule, points)


async def test_a_claim_keeps_others_away(api):
    api.opened(1, Intent.HOLD)
    assert (await api.post(f"/v1/reviews/{named(1)}:claim")).json()["claimed_by"] == "first"
    assert (await api.post(f"/v1/reviews/{named(1)}:claim", by="second")).status_code == 409
    assert (await api.case(1, "dismiss", {"reason": "context"}, by="second")).status_code == 409
    assert (await api.post(f"/v1/reviews/{named(1)}:release", by="second")).status_code == 409
    assert (await api.post(f"/v1/reviews/{named(1)}:release")).json()["claimed_by"] is None
    assert (await api.post(f"/v1/reviews/{named(1)}:claim", by="second")).status_code == 200


async def test_of_many_cases_one_that_fails_keeps_none_of_the_others(api):
    for number in (1, 3):
        api.opened(number, Intent.HOLD)
    case = api.opened(2)
    names = [f"{SCOPE}#1", case.case_id, f"{SCOPE}#2", f"{SCOPE}#99", f"{SCOPE}#1"]
    body: dict[str, Any] = {"cases": names, "ruling": "dismiss", "reason": "context"}
    for _ in range(2):
        outcomes = (await api.post("/v1/reviews:bulk", body)).json()["outcomes"]
        assert [(each["case_id"][-2:].lstrip("#"), each["status"]) for each in outcomes] == [
            ("1", 200),
            ("3", 409),
            ("2", 200),
            ("99", 404),
        ]
    too_many: dict[str, Any] = {**body, "cases": [f"{SCOPE}#{number}" for number in range(51)]}
    for wrong in (too_many, {**body, "cases": []}, {**body, "cases": ["M1"]}, {**body, "ruling": "delete"}):
        assert (await api.post("/v1/reviews:bulk", wrong)).status_code == 422


async def test_only_who_may_decides_or_looks(api):
    api.opened(1)
    for verb, body in (("overturn", RULED), ("undo", None), ("done-by-hand", {})):
        assert (await api.case(1, verb, body, by="reader")).status_code == 403
    for path in (f"/v1/reviews/{named(1)}:claim", "/v1/reviews:bulk"):
        many = {"cases": [f"{SCOPE}#1"], "ruling": "dismiss", "reason": "context"}
        assert (await api.post(path, many, by="reader")).status_code == 403
    for path in ("/v1/cases", f"/v1/cases/{named(1)}", "/v1/reviews", "/v1/reports"):
        assert (await api.get(path, by="nobody")).status_code == 403
        assert (await api.client.get(path)).status_code == 401


async def test_a_report_of_a_message_nobody_knows_is_not_found(api):
    body = {"chat_id": chat_id(0), "message_id": message_id(5), "member_id": member_id(9)}
    assert (await api.post("/v1/reports", body)).status_code == 404
    assert (await api.post("/v1/reports", {**body, "member_id": "m_"})).status_code == 422
    assert (await api.get("/v1/reports")).json() == {"reports": [], "next": None}


async def test_a_member_is_reported_for_and_the_report_is_listed(api):
    api.hall.group.settled(9, days=90, accepted=100)
    api.hall.group.judged[message_id(5)] = judged(5)
    body = {"chat_id": chat_id(0), "message_id": message_id(5), "member_id": member_id(9)}
    answers = [await api.post("/v1/reports", body) for _ in range(2)]
    assert [(each.status_code, each.json()) for each in answers] == [(202, {"case_id": f"{SCOPE}#1"})] * 2
    (listed,) = (await api.get("/v1/reports")).json()["reports"]
    assert (listed["message_id"], listed["reporters"]) == (message_id(5), {member_id(9): 1.0})
