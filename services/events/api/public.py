"""What everybody may see, on the public listener: a community's calendar, and its sessions as files."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection
from functools import lru_cache
from typing import Annotated, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse

from services.events.calendars import Calendars
from services.events.domain.award import Award, Certificate
from services.events.domain.codes import MAX_TOKEN, Codes, certificate_number
from services.events.domain.community import Community, Terms
from services.events.domain.member import Member
from services.events.domain.roll import Roll
from services.events.domain.search import WebinarFilter
from services.events.domain.webinar import Stage, Webinar, webinar_id
from services.events.papers.certificate import Certificate as Paper
from services.events.papers.certificate import certificate_pdf
from services.events.papers.ics import Feed, calendar_of, file_of
from services.events.papers.pages import CONTENT_SECURITY_POLICY, calendar_page, certificate_page
from services.events.papers.poster import Poster, poster_png
from shared.chats import DEFAULT_ZONE
from shared.clock import Clock
from shared.errors import NotFound
from shared.i18n.language import Language

MOST_SHOWN = 200
GONE_FOR = dt.timedelta(hours=12)
"""For how long after its start a session stays on the page: who is late still finds it."""
KEPT_FOR = dt.timedelta(days=180)
"""How far a feed reaches back: calendars forget what a feed no longer has."""

SHOWN = frozenset({Stage.SCHEDULED, Stage.LIVE, Stage.CANCELLED})

CommunityPath: TypeAlias = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="A community.")]
Number: TypeAlias = Annotated[int, Path(ge=1, le=999_999_999, description="Of the session.")]
Spoken: TypeAlias = Annotated[str | None, Query(alias="lang", max_length=16, description="hi, en, hi-Latn.")]


Written: TypeAlias = Annotated[
    str, Path(max_length=32, description="The number of a certificate, as it was copied.")
]


class Webinars(Protocol):
    """Where webinars are looked up."""

    async def find(self, key: str) -> Webinar | None:
        """Return a webinar."""
        ...

    async def page(
        self, wanted: WebinarFilter, after: tuple[dt.datetime, str] | None, limit: int
    ) -> list[Webinar]:
        """Return webinars that fit, in the order of their start."""
        ...

    async def of(self, webinar_ids: Collection[str]) -> list[Webinar]:
        """Return the webinars of these ids that exist."""
        ...


class Rolls(Protocol):
    """Where rolls are looked up."""

    async def of(self, webinar_ids: Collection[str]) -> dict[str, Roll]:
        """Return the rolls of these webinars that exist, by the webinar."""
        ...


class Communities(Protocol):
    """Where communities are looked up."""

    async def find(self, key: str) -> Community | None:
        """Return a community."""
        ...


class Members(Protocol):
    """Where members are looked up."""

    async def find(self, key: str) -> Member | None:
        """Return a member."""
        ...


class Awards(Protocol):
    """Where certificates are looked up."""

    async def of_certificate(self, certificate_id: str) -> Award | None:
        """Return the award to which a certificate belongs."""
        ...


class Speakers(Protocol):
    """Where the names are looked up that speakers let be shown."""

    async def names_of(self, webinars: Collection[Webinar]) -> dict[str, str]:
        """Return whom to name as the speaker of each, by the webinar."""
        ...


class Public:
    """Answers what everybody may ask."""

    def __init__(  # noqa: PLR0917 - one for each store it reads
        self,
        webinars: Webinars,
        rolls: Rolls,
        communities: Communities,
        members: Members,
        awards: Awards,
        speakers: Speakers,
        calendars: Calendars,
        codes: Codes,
        clock: Clock,
    ) -> None:
        self._webinars = webinars
        self._rolls = rolls
        self._communities = communities
        self._members = members
        self._awards = awards
        self._speakers = speakers
        self._calendars = calendars
        self._codes = codes
        self._clock = clock

    async def page(self, community: str, language: Language) -> str:
        """Return the page of a community.

        Raises:
            NotFound: nothing was ever heard of it.
        """
        await self._known(community)
        now = self._clock.now()
        wanted = WebinarFilter(f"community:{community}", SHOWN, since=now - GONE_FOR)
        found = await self._webinars.page(wanted, None, MOST_SHOWN)
        rolls = await self._rolls.of([each.webinar_id for each in found])
        names = await self._speakers.names_of(found)
        return calendar_page(self._calendars.page(community, found, rolls, names, now=now, language=language))

    async def feed(self, community: str, language: Language) -> bytes:
        """Return the calendar of a community.

        Raises:
            NotFound: nothing was ever heard of it.
        """
        terms = await self._known(community)
        wanted = WebinarFilter(f"community:{community}", since=self._clock.now() - KEPT_FOR)
        found = await self._webinars.page(wanted, None, MOST_SHOWN)
        names = await self._speakers.names_of(found)
        entries = [
            self._calendars.entry(each, terms, names.get(each.webinar_id), personal=False) for each in found
        ]
        zone = ZoneInfo(found[0].zone if found else DEFAULT_ZONE)
        return calendar_of(entries, Feed(community, zone), language)

    async def own_feed(self, token: str, language: Language) -> bytes:
        """Return the calendar of the member to whom a token belongs: what they have a seat in, and no more.

        Raises:
            NotFound: it is no token of ours.
        """
        member = await self._members.find(self._codes.fed(token) or "")
        if member is None:
            raise NotFound("There is no such calendar.")
        found = await self._webinars.of(member.webinars)
        rolls = await self._rolls.of([each.webinar_id for each in found])
        mine = [
            each
            for each in found
            if (roll := rolls.get(each.webinar_id)) is not None and roll.keeps(member.now)
        ]
        names = await self._speakers.names_of(mine)
        entries = [
            self._calendars.entry(each, Terms(), names.get(each.webinar_id), personal=True) for each in mine
        ]
        return calendar_of(entries, Feed("Chaupal", ZoneInfo(DEFAULT_ZONE)), language)

    async def file(self, community: str, number: int, language: Language) -> bytes:
        """Return a session for a calendar.

        Raises:
            NotFound: there is no such session.
        """
        webinar, speaker = await self._one(community, number)
        terms = await self._known(community)
        entry = self._calendars.entry(webinar, terms, speaker, personal=False)
        return file_of([entry], community, language)

    async def poster(self, community: str, number: int, language: Language) -> bytes:
        """Return the picture of a session.

        Raises:
            NotFound: there is no such session.
        """
        webinar, speaker = await self._one(community, number)
        wanted = self._calendars.poster(webinar, speaker, language)
        # Drawn beside the loop, and once for all who ask: anybody may.
        return await asyncio.to_thread(_drawn, wanted)

    async def certificate(self, written: str, language: Language) -> str:
        """Return the page on which anybody checks a certificate.

        Raises:
            NotFound: there is no such certificate.
        """
        webinar, found = await self._certificate(written)
        return certificate_page(self._calendars.certificate_page(webinar, found, language))

    async def certificate_file(self, written: str, language: Language) -> bytes:
        """Return a certificate to print.

        Raises:
            NotFound: there is no such certificate, or it no longer holds.
        """
        webinar, found = await self._certificate(written)
        if not found.valid:
            raise NotFound("This certificate no longer holds.")
        return await asyncio.to_thread(_printed, self._calendars.certificate(webinar, found, language))

    async def _certificate(self, written: str) -> tuple[Webinar, Certificate]:
        number = certificate_number(written)
        award = await self._awards.of_certificate(number) if number else None
        found = award.of(number) if award is not None and number else None
        webinar = await self._webinars.find(award.webinar_id) if award is not None else None
        if found is None or webinar is None:
            raise NotFound("There is no such certificate.")
        return webinar, found

    async def _one(self, community: str, number: int) -> tuple[Webinar, str | None]:
        found = await self._webinars.find(webinar_id(f"community:{community}", number))
        if found is None:
            raise NotFound("There is no such session.")
        return found, (await self._speakers.names_of([found])).get(found.webinar_id)

    async def _known(self, community: str) -> Terms:
        found = await self._communities.find(f"community:{community}")
        if found is None:
            raise NotFound("There is no such community.")
        return found.terms


@lru_cache(maxsize=64)
def _printed(certificate: Paper) -> bytes:
    return certificate_pdf(certificate)


@lru_cache(maxsize=64)
def _drawn(poster: Poster) -> bytes:
    return poster_png(poster)


def public_router(public: Public) -> APIRouter:
    """Return the routes of the public listener."""
    router = APIRouter(tags=["calendar"])

    @router.get("/calendar/{community}.ics", summary="The calendar of a community", response_class=Response)
    async def feed(community: CommunityPath, lang: Spoken = None) -> Response:
        return _calendar(await public.feed(community, Language.of(lang)))

    @router.get("/calendar/{community}/{number}.ics", summary="A session as a file", response_class=Response)
    async def file(community: CommunityPath, number: Number, lang: Spoken = None) -> Response:
        return _calendar(await public.file(community, number, Language.of(lang)))

    @router.get("/calendar/{community}/{number}.png", summary="A session to share", response_class=Response)
    async def poster(community: CommunityPath, number: Number, lang: Spoken = None) -> Response:
        picture = await public.poster(community, number, Language.of(lang))
        return Response(picture, media_type="image/png", headers={"cache-control": "max-age=300"})

    @router.get("/calendar/{community}", summary="The sessions of a community", response_class=HTMLResponse)
    async def page(community: CommunityPath, lang: Spoken = None) -> HTMLResponse:
        return html(await public.page(community, Language.of(lang)))

    @router.get("/certificates/{number}.pdf", summary="A certificate to print", response_class=Response)
    async def certificate_file(number: Written, lang: Spoken = None) -> Response:
        paper = await public.certificate_file(number, Language.of(lang))
        return Response(paper, media_type="application/pdf")

    @router.get("/certificates/{number}", summary="Check a certificate", response_class=HTMLResponse)
    async def certificate(number: Written, lang: Spoken = None) -> HTMLResponse:
        return html(await public.certificate(number, Language.of(lang)))

    @router.get("/feeds/{token}.ics", summary="A member's own calendar", response_class=Response)
    async def own(
        token: Annotated[str, Path(max_length=MAX_TOKEN, pattern=r"^[A-Za-z0-9_.-]+$")], lang: Spoken = None
    ) -> Response:
        return _calendar(await public.own_feed(token, Language.of(lang)))

    return router


def html(page: str, policy: str = CONTENT_SECURITY_POLICY) -> HTMLResponse:
    """Return a page that may use nothing but itself."""
    return HTMLResponse(
        page,
        headers={
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        },
    )


def _calendar(content: bytes) -> Response:
    return Response(content, media_type="text/calendar; charset=utf-8")
