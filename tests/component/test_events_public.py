"""The public pages of sessions, over HTTP: what everybody may see, and what nobody is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from icalendar import Calendar

from services.events.api.public import Public, public_router
from services.events.calendars import Calendars
from services.events.domain.roll import Roll
from services.events.domain.webinar import Webinar
from shared.clock import FixedClock
from shared.http.app import create_app
from tests.support.events import member_id
from tests.support.village import InMemory
from tests.support.webinars import ADMIN, CODES, PUBLIC_URL, Group

STARTS = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)


class Kept:
    """The stores of a group, as the public listener looks them up."""

    def __init__(self, kept: InMemory[Any]) -> None:
        self._kept = kept

    async def find(self, key: str) -> Any:
        return self._kept.kept.get(key)

    async def page(self, wanted: Any, after: Any, limit: int) -> list[Webinar]:
        assert after is None
        found = sorted(self._kept.kept.values(), key=lambda each: each.starts_at)
        fits = [each for each in found if each.scope == wanted.scope and each.starts_at >= wanted.since]
        return [each for each in fits if not wanted.stages or each.stage in wanted.stages][:limit]

    async def of(self, keys: Any) -> Any:
        found = {key: self._kept.kept[key] for key in sorted(keys) if key in self._kept.kept}
        return found if any(isinstance(each, Roll) for each in found.values()) else list(found.values())

    async def of_certificate(self, number: str) -> Any:
        return next((each for each in self._kept.kept.values() if each.of(number)), None)

    async def names_of(self, webinars: Any) -> dict[str, str]:
        del webinars
        return {}


class Rolls(Kept):
    async def of(self, keys: Any) -> Any:
        return {key: self._kept.kept[key] for key in keys if key in self._kept.kept}


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


@pytest.fixture
async def client(group: Group) -> AsyncIterator[httpx2.AsyncClient]:
    clock = FixedClock(group.village.now)
    public = Public(
        Kept(group.webinars),
        Rolls(group.rolls),
        Kept(group.communities),
        Kept(group.members),
        Kept(group.awards),
        Kept(group.speakers),
        Calendars(PUBLIC_URL),
        CODES,
        clock,
    )
    app = create_app("events", "Sessions.", public_router(public), clock=clock)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://events.test") as made:
        yield made


async def read(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer


async def test_the_page_of_a_community_shows_what_is_ahead_and_how_to_join(
    client: httpx2.AsyncClient, group: Group
) -> None:
    number = await group.calls("SEO <b>वेबिनार</b> कल शाम साढ़े सात बजे 50 सीट https://meet.example.org/x")

    page = await read(client, "/calendar/seekho")

    assert f"!शामिल {number}" in page.text
    assert "<b>वेबिनार" not in page.text
    assert "meet.example.org" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "!join" in (await read(client, "/calendar/seekho?lang=en")).text
    assert (await client.get("/calendar/nobody")).status_code == 404
    assert (await client.get("/calendar/..%2f..%2fetc")).status_code in {404, 422}


async def test_a_cancelled_session_is_cancelled_in_the_feed_and_in_its_file(
    client: httpx2.AsyncClient, group: Group
) -> None:
    number = await group.calls()
    await group.writes(f"!कार्यक्रम रद्द {number}")
    await group.writes("हाँ")

    for path in ("/calendar/seekho.ics", f"/calendar/seekho/{number}.ics"):
        (event,) = Calendar.from_ical((await read(client, path)).content).walk("VEVENT")
        assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)


async def test_b2_08_the_own_calendar_has_the_one_session_of_a_series_that_was_registered_for(
    client: httpx2.AsyncClient, group: Group
) -> None:
    await group.calls("SEO क्लिनिक हर मंगलवार शाम 6 बजे https://meet.example.org/x")
    await group.writes("!शामिल 2", by=7)

    feed = await read(client, f"/feeds/{CODES.feed(member_id(7))}.ics")

    (event,) = Calendar.from_ical(feed.content).walk("VEVENT")
    assert event["UID"] == "community:seekho#2@chaupal"
    assert event["LOCATION"] == "https://meet.example.org/x"
    for other in (CODES.feed(member_id(8)), CODES.join("x", member_id(7)), "x", "x" * 600):
        assert (await client.get(f"/feeds/{other}.ics")).status_code in {404, 422}


async def test_a_poster_is_a_picture_of_the_session(client: httpx2.AsyncClient, group: Group) -> None:
    number = await group.calls()

    poster = await read(client, f"/calendar/seekho/{number}.png?lang=hi-Latn")

    assert poster.headers["content-type"] == "image/png"
    assert poster.content.startswith(b"\x89PNG")
    assert (await client.get("/calendar/seekho/999.png")).status_code == 404


async def test_b2_10_a_certificate_shows_name_session_date_and_whether_it_holds_and_no_number(
    client: httpx2.AsyncClient, group: Group
) -> None:
    number = await group.calls()
    await group.writes(f"!शामिल {number}", by=7)
    await group.village.until(STARTS + dt.timedelta(minutes=5))
    await group.writes(f"!हाज़िर {CODES.attendance(group.webinar(number))}", by=7)
    await group.village.until(STARTS + dt.timedelta(hours=2))
    said = await group.writes(f"!प्रमाणपत्र {number} सुनीता शर्मा", by=7)
    path = said[said.index("/certificates/") :].split()[0]

    page = await read(client, path)

    for shown in ("सुनीता शर्मा", "SEO वेबिनार", "24 नवंबर 2026", "वैध"):
        assert shown in page.text
    assert member_id(7) not in page.text
    paper = await read(client, f"{path}.pdf")
    assert paper.content.startswith(b"%PDF")

    await group.writes(f"!प्रमाणपत्र {number} सुनीता वर्मा", by=7)

    old = await read(client, path)
    assert "रद्द" in old.text
    assert (await client.get(f"{path}.pdf")).status_code == 404
    assert (await client.get("/certificates/AAAA-BBBB-CCCC")).status_code == 404
    assert group.webinar(number).host == member_id(ADMIN)
