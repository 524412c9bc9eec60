from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from services.events.api.attendance import attendance_router, joining_router
from services.events.api.certificates import certificate_router
from services.events.api.questions import question_router
from services.events.api.speakers import invitation_router, speaker_router
from services.events.api.webinars import READ, WRITE
from services.events.domain import questions
from services.events.domain.award import Award
from services.events.domain.member import Member
from services.events.domain.speaker import Speaker
from services.events.domain.subjects import SpeakerSubject, WebinarSubject
from services.events.domain.webinar import Stage
from shared.clock import FixedClock
from shared.contracts.webinars import AttendanceRecorded
from shared.decision import Decision
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from tests.support.events import member_id
from tests.support.halls import CODES, ENDS, SCOPE, STARTS, Hall

LINK = "https://videos.example.com/seo-12"
SESSION = f"/v1/webinars/{quote(f'{SCOPE}#12', safe='')}"


class Kept:
    """What a store finds, in a hall."""

    def __init__(self, kept: Callable[[], dict[str, Any]]) -> None:
        self._kept = kept

    async def find(self, key: str) -> Any:
        return self._kept().get(key)

    async def of_scope(self, scope: str) -> list[Speaker]:
        return [each for each in self._kept().values() if each.scope == scope]

    async def of_certificate(self, certificate_id: str) -> Award | None:
        return next((each for each in self._kept().values() if each and each.of(certificate_id)), None)


class Halls:
    """Decides in a hall what a request asks for."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def decide(self, subject: Any, decide: Callable[[Any, dt.datetime], Decision[Any]]) -> Any:
        hall = self._hall
        if isinstance(subject, str):
            decision = decide(hall.speakers.get(subject), hall.now)
            hall.speakers[subject] = decision.state
            return decision.state
        assert isinstance(subject, WebinarSubject | SpeakerSubject)
        by = getattr(subject, "member_id", None) or member_id(0)
        hall.members.setdefault(by, Member(by))
        return hall.keep(decide(hall.scene(int(by.partition("_")[2], 16)), hall.now)).state


@pytest.fixture
def hall() -> Hall:
    hall = Hall()
    hall.session(link="https://meet.example.com/x")
    hall.seat(1)
    return hall


@pytest.fixture
async def client(hall: Hall) -> AsyncIterator[httpx2.AsyncClient]:
    key, stored = new_key("reena", frozenset({READ, WRITE}))
    desk: Any = Halls(hall)
    webinars, speakers = Kept(lambda: hall.webinars), Kept(lambda: hall.speakers)
    app = create_app(
        "events",
        "Sessions.",
        attendance_router(webinars, Kept(lambda: hall.rolls), desk, CODES),  # type: ignore[arg-type]
        joining_router(webinars, Kept(lambda: hall.rolls), desk, CODES, FixedClock(STARTS)),  # type: ignore[arg-type]
        certificate_router(webinars, Kept(lambda: hall.awards), desk, CODES),  # type: ignore[arg-type]
        question_router(webinars, Kept(lambda: hall.boards), Kept(lambda: hall.feedback), desk),  # type: ignore[arg-type]
        speaker_router(speakers, desk, FixedClock(STARTS)),
        invitation_router(desk),
        keys=KeyRing(stored),
        clock=FixedClock(STARTS),
    )
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url="http://events.test",
        headers={"Authorization": f"Bearer {key}"},
    ) as client:
        yield client


async def test_b2_09_an_admin_corrects_by_rest_and_it_is_kept_who_and_why(
    client: httpx2.AsyncClient, hall: Hall
) -> None:
    path = f"{SESSION}/attendance/{member_id(1)}"
    for present in (True, True, False):
        answer = await client.put(path, json={"present": present, "reason": "सूची देखी"})
        assert answer.status_code == 200, answer.text
    (found,) = (await client.get(f"{SESSION}/attendance")).json()["attendance"]
    assert (found["member_id"], found["attended_at"], found["seat"]) == (member_id(1), None, "confirmed")
    assert [(each["by"], each["present"]) for each in found["corrections"]] == [
        ("reena", True),
        ("reena", False),
    ]
    assert (await client.put(path, json={"present": True, "reason": " "})).status_code == 422
    assert (
        await client.put(path.replace("12", "13"), json={"present": True, "reason": "x"})
    ).status_code == 404


async def test_the_code_is_told_to_a_key_that_may_write(client: httpx2.AsyncClient, hall: Hall) -> None:
    assert (await client.get(f"{SESSION}/code")).json()["code"] == CODES.attendance(hall.webinar())
    assert (await client.get(f"{SESSION}/code", headers={"Authorization": ""})).status_code == 401


async def test_a_member_comes_with_their_own_link_and_no_other_key(
    client: httpx2.AsyncClient, hall: Hall
) -> None:
    path = f"/join/{CODES.join(f'{SCOPE}#12', member_id(1))}"
    for _ in range(2):
        answer = await client.post(path, headers={"Authorization": ""})
        assert answer.json() == {
            "title": "SEO वेबिनार",
            "link": "https://meet.example.com/x",
            "attended": True,
        }
    assert [each.member_id for each in hall.heard(AttendanceRecorded)] == [member_id(1)]
    page = await client.get(path)
    assert page.status_code == 200
    assert "meet.example.com" not in page.text
    came = await client.post(path, headers={"Authorization": "", "Accept": "text/html"})
    assert (came.status_code, came.headers["location"]) == (303, "https://meet.example.com/x")
    assert (await client.post(f"{path}x")).status_code == 404
    assert (await client.post("/join/" + "x" * 3000)).status_code == 404
    gone = CODES.join(f"{SCOPE}#99", member_id(1))
    assert (await client.post(f"/join/{gone}")).status_code == 404


async def test_b2_10_a_certificate_is_issued_looked_up_and_revoked_by_rest(
    client: httpx2.AsyncClient, hall: Hall
) -> None:
    hall.seat(1, came=True)
    hall.ended()
    of_member = f"{SESSION}/certificates/{member_id(1)}"
    assert (await client.put(of_member, json={"name": "9876543210"})).status_code == 422
    issued = (await client.put(of_member, json={"name": "मीरा देवी"})).json()
    again = (await client.put(of_member, json={"name": "मीरा देवी"})).json()
    assert again == issued
    number = issued["certificates"][0]["certificate_id"]
    found = (await client.get(f"/v1/certificates/{number.lower()}")).json()
    assert (found["name"], found["valid"], found["title"]) == ("मीरा देवी", True, "SEO वेबिनार")
    assert member_id(1) not in str(found)
    assert (await client.post(f"{of_member}:revoke", json={"reason": "ग़लत नाम"})).status_code == 200
    found = (await client.get(f"/v1/certificates/{number}")).json()
    assert (found["valid"], found["reason"]) == (False, "ग़लत नाम")
    assert (await client.get("/v1/certificates/0000-0000-0000")).status_code == 404
    assert (await client.get("/v1/certificates/nonsense")).status_code == 404
    none = f"{SESSION}/certificates/{member_id(2)}"
    assert (await client.put(none, json={"name": "रवि"})).status_code == 409
    assert (await client.get(none)).json()["certificates"] == []


async def test_questions_are_listed_without_their_authors_and_marked(
    client: httpx2.AsyncClient, hall: Hall
) -> None:
    for text in ("पहला?", "दूसरा?"):
        hall.says(questions.decide, f"!सवाल 12 {text}", 1)
    hall.says(questions.decide, "!सवाल 12 +2", 3)
    answer = await client.get(f"{SESSION}/questions")
    assert [(each["number"], each["votes"]) for each in answer.json()["questions"]] == [(2, 1), (1, 0)]
    assert member_id(1) not in answer.text
    assert (await client.post(f"{SESSION}/questions/2:answer")).status_code == 200
    left = (await client.get(f"{SESSION}/questions")).json()["questions"]
    assert [(each["number"], each["answered_at"] is None) for each in left] == [(1, True), (2, False)]
    assert (await client.post(f"{SESSION}/questions/9:answer")).status_code == 404


async def test_b2_11_a_recording_is_added_by_rest(client: httpx2.AsyncClient, hall: Hall) -> None:
    assert (await client.put(f"{SESSION}/recording", json={"recording": LINK})).status_code == 409
    hall.ended()
    answer = await client.put(f"{SESSION}/recording", json={"recording": LINK})
    assert answer.json()["recording"] == LINK
    for hostile in ("http://x.example.com", "https://10.0.0.1/"):
        answer = await client.put(f"{SESSION}/recording", json={"recording": hostile})
        assert answer.status_code == 422


async def test_b7_06_an_average_is_shown_from_ten_ratings(client: httpx2.AsyncClient, hall: Hall) -> None:
    found = (await client.get(f"{SESSION}/feedback")).json()
    assert (found["count"], found["average"]) == (0, None)


async def test_a_speaker_is_made_known_once_invited_and_says_yes(
    client: httpx2.AsyncClient, hall: Hall
) -> None:
    body = {"scope": SCOPE, "name": "नेहा शर्मा", "topics": ["SEO"]}
    key = {"Idempotency-Key": "1"}
    made = (await client.post("/v1/speakers", json=body, headers=key)).json()
    assert (await client.post("/v1/speakers", json=body, headers=key)).json() == made
    other = await client.post("/v1/speakers", json=body | {"name": "रवि"}, headers=key)
    assert other.status_code == 409
    path = f"/v1/speakers/{made['speaker_id']}"
    assert made["name_consent"]["holds"] is False
    consented = (await client.put(f"{path}/consents/name", json={"given": True})).json()
    assert (consented["name_consent"]["holds"], consented["photo_consent"]["holds"]) == (True, False)
    renamed = (await client.put(path, json={"name": "नेहा वर्मा"})).json()
    assert (renamed["name"], renamed["name_consent"]["holds"]) == ("नेहा वर्मा", False)
    asked = f"{SESSION}/speakers/{made['speaker_id']}"
    assert (await client.put(asked, json={"accepted": True})).status_code == 404
    assert (await client.post(f"{asked}:invite")).json()["invited"] == [made["speaker_id"]]
    said = (await client.put(asked, json={"accepted": True})).json()
    assert (said["speakers"], said["invited"]) == ([made["speaker_id"]], [])
    listed = (await client.get("/v1/speakers", params={"scope": SCOPE})).json()["speakers"]
    assert [each["load"] for each in listed] == [1]
    assert (await client.put(path, json={"name": "x", "photo": "https://127.0.0.1/"})).status_code == 422
    assert (await client.get("/v1/speakers/sp_00000000000000000000")).status_code == 404


async def test_a_session_that_is_over_invites_nobody(client: httpx2.AsyncClient, hall: Hall) -> None:
    hall.speakers["sp_" + "0" * 20] = Speaker("sp_" + "0" * 20, SCOPE, "नेहा", ENDS, ENDS)
    hall.ended()
    assert hall.webinar().stage is Stage.ENDED
    assert (await client.post(f"{SESSION}/speakers/sp_{'0' * 20}:invite")).status_code == 409
