"""Sessions by REST: listed, called, changed and cancelled as in the chat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Literal, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.events.api.ids import SCOPE, ChatName, MemberName, WebinarPath
from services.events.api.views import WebinarView, WebinarWhole, view, whole
from services.events.domain import repeating, scheduling
from services.events.domain.course import Course
from services.events.domain.draft import Draft, Kind
from services.events.domain.origin import Origin
from services.events.domain.roll import Roll
from services.events.domain.scene import Scene
from services.events.domain.search import WebinarFilter
from services.events.domain.subjects import ChatSubject, WebinarSubject
from services.events.domain.timing.rrule import from_rrule, to_rrule
from services.events.domain.timing.zones import canonical
from services.events.domain.webinar import Stage, Webinar
from shared.asked import asked
from shared.chats import DEFAULT_ZONE
from shared.contracts.webinars import MAX_TITLE, OriginOfWebinar
from shared.decision import Decision
from shared.errors import Conflict, Invalid, NotFound
from shared.http.app import requires
from shared.http.keys import Actor
from shared.http.paging import NEXT, Key, PagedByTime, cursor, place
from shared.stream.desk import Desk

READ, WRITE = "webinars:read", "webinars:write"
WALL = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$"
WEEK = 7 * 24 * 60

Writer: TypeAlias = Annotated[Actor, Depends(requires(WRITE))]
Decide: TypeAlias = Callable[[Scene, Webinar, dt.datetime], Decision[Scene]]


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


class Rolls(Protocol):
    """Where rolls are looked up."""

    async def find(self, key: str) -> Roll | None:
        """Return the roll of a webinar."""
        ...


class WebinarQuery(PagedByTime):
    """Which sessions."""

    scope: str | None = Field(None, pattern=f"^{SCOPE}$", description="Of one community or chat.")
    stage: Stage | None = None
    since: AwareDatetime | None = Field(None, description="That start then or later.")
    until: AwareDatetime | None = Field(None, description="That start before.")
    origin: str | None = Field(None, max_length=160, description="That have come from what has this id.")


class WebinarPage(BaseModel):
    """Some sessions, and where to go on."""

    webinars: list[WebinarView]
    next: str | None = Field(description=NEXT)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewWebinar(_Body):
    """A session that is to be called."""

    chat_id: ChatName = Field(description="The group it is for.")
    title: str = Field(min_length=1, max_length=MAX_TITLE)
    starts: str = Field(pattern=WALL, description="Local time of the start, without a zone.")
    zone: str = Field(DEFAULT_ZONE, max_length=64, description="Of `starts`, as the IANA names it.")
    minutes: int | None = Field(None, ge=1, le=WEEK)
    capacity: int | None = Field(None, ge=1, le=100_000)
    link: str | None = Field(None, max_length=1500, pattern=r"^https://")
    host: MemberName | None = None
    rule: str | None = Field(
        None,
        max_length=200,
        description="Where it comes again and again: an RRULE by week or by weekday of the month, such as "
        "FREQ=WEEKLY;BYDAY=TU;COUNT=8. `starts` is the first.",
    )
    origin: OriginOfWebinar | None = Field(
        None, description="The trend, suggestion or question it comes from; its facts name it."
    )


class WebinarChange(_Body):
    """What is to be different; what is left out stays."""

    title: str | None = Field(None, min_length=1, max_length=MAX_TITLE)
    description: str | None = Field(None, max_length=4000)
    starts: str | None = Field(None, pattern=WALL)
    zone: str | None = Field(None, max_length=64)
    minutes: int | None = Field(None, ge=1, le=WEEK)
    capacity: int | None = Field(None, ge=1, le=100_000)
    unlimited: bool = Field(default=False, description="Room for all from now on.")
    link: str | None = Field(None, max_length=1500, pattern=r"^(https://.*)?$")
    whole: Literal["this", "following"] = Field(
        "this", description="With `following`, `starts` is for it and all after it in its series."
    )


class Cancellation(_Body):
    """Why a session will not take place."""

    reason: str | None = Field(None, max_length=500)
    whole: Literal["this", "following", "all"] = Field("this", description="How much of its series.")


def webinar_router(
    webinars: Webinars, rolls: Rolls, calling: Desk[Scene], desk: Desk[Scene], series: Desk[Scene]
) -> APIRouter:
    """Return the routes under `/v1/webinars`.

    Args:
        webinars: where they are looked up.
        rolls: where it is looked up who takes part.
        calling: calls new ones; its bundle takes a `ChatSubject`.
        desk: changes them; its bundle takes a `WebinarSubject`.
        series: changes what follows in their series too; its bundle takes a `WebinarSubject`.
    """
    router = APIRouter(prefix="/v1/webinars", tags=["webinars"])

    @router.get("", summary="Sessions, by their start", dependencies=[Depends(requires(READ))])
    async def list_webinars(wanted: Annotated[WebinarQuery, Query()]) -> WebinarPage:
        stages = frozenset({wanted.stage}) if wanted.stage else frozenset[Stage]()
        search = WebinarFilter(wanted.scope, stages, wanted.since, wanted.until, origin=wanted.origin)
        found = await webinars.page(search, place(wanted.after), wanted.limit + 1)
        shown = found[: wanted.limit]
        last = shown[-1] if len(found) > wanted.limit else None
        return WebinarPage(
            webinars=[view(each) for each in shown],
            next=cursor(last.starts_at, last.webinar_id) if last else None,
        )

    @router.get("/{webinar_id}", summary="One session", dependencies=[Depends(requires(READ))])
    async def get_webinar(webinar_id: WebinarPath) -> WebinarWhole:
        found = await webinars.find(webinar_id)
        if found is None:
            raise NotFound("There is no such session.")
        return whole(found, await rolls.find(webinar_id) or Roll(webinar_id))

    @router.post("", summary="Call a session", status_code=201)
    async def call(body: NewWebinar, key: Key, actor: Writer) -> WebinarWhole:
        wanted = asked(actor.id, key, body.model_dump_json(exclude_defaults=True).encode())
        starts, zone = _plain(body.starts), canonical(body.zone)
        draft = Draft(
            Kind.CALL,
            title=body.title,
            wall=_wall(body.starts),
            zone=zone,
            minutes=body.minutes,
            capacity=body.capacity,
            link=body.link,
            recurrence=to_rrule(from_rrule(body.rule, starts, zone), zone) if body.rule else None,
            origin=Origin(**body.origin.model_dump()) if body.origin else None,
        )
        begin = repeating.begin if draft.recurrence else scheduling.call
        scene = await calling.decide(
            ChatSubject(body.chat_id, wanted.id),
            lambda scene, now: scheduling.call_once(
                scene, wanted, lambda found: begin(found, draft, host=body.host, now=now)
            ),
        )
        webinar = scene.webinars[scene.community.called[wanted.id].webinar_id]
        if webinar is None:
            raise NotFound("There is no such session.")
        return whole(webinar, scene.roll(webinar))

    @router.patch("/{webinar_id}", summary="Change a session")
    async def change(webinar_id: WebinarPath, body: WebinarChange, actor: Writer) -> WebinarWhole:
        del actor
        if body.whole == "following":
            return await decided(
                series, webinar_id, lambda scene, found, now: _moved(scene, found, now, body)
            )
        wanted = scheduling.Change(
            wall=_wall(body.starts) if body.starts else None,
            zone=canonical(body.zone) if body.zone else None,
            minutes=body.minutes,
            title=body.title,
            capacity=body.capacity,
            unlimited=body.unlimited,
            description=body.description,
            link=body.link,
        )
        return await decided(
            desk, webinar_id, lambda scene, found, now: scheduling.change(scene, found, wanted, now)
        )

    @router.post("/{webinar_id}:cancel", summary="Cancel a session")
    async def cancel(webinar_id: WebinarPath, body: Cancellation, actor: Writer) -> WebinarWhole:
        del actor
        if body.whole != "this":
            return await decided(
                series, webinar_id, lambda scene, found, now: _ended(scene, found, now, body)
            )
        return await decided(
            desk, webinar_id, lambda scene, found, now: scheduling.cancel(scene, found, body.reason, now)
        )

    return router


async def decided(
    desk: Desk[Scene], webinar_id: str, decide: Decide, member_id: str | None = None
) -> WebinarWhole:
    """Return a session after `decide`.

    Raises:
        NotFound: there is no such session.
        Rejected: whatever `decide` raises.
        StoreUnavailable: the database does not answer.
    """

    def found(scene: Scene) -> Webinar:
        webinar = scene.webinars.get(webinar_id)
        if webinar is None:
            raise NotFound("There is no such session.")
        return webinar

    scene = await desk.decide(
        WebinarSubject(webinar_id, member_id), lambda scene, now: decide(scene, found(scene), now)
    )
    return whole(found(scene), scene.roll(found(scene)))


def _moved(scene: Scene, webinar: Webinar, now: dt.datetime, body: WebinarChange) -> Decision[Scene]:
    """Return the decision to move a session and all after it in its series.

    Raises:
        Invalid: something else than the time is to be different for all of them.
        Conflict: it is of no series, has begun, or is over.
    """
    other = body.model_dump(exclude={"starts", "whole"}, exclude_defaults=True)
    if body.starts is None or other:
        raise Invalid("Of all that follow, only `starts` can be changed.")
    return repeating.move(scene, _course(scene, webinar), webinar, _wall(body.starts), now)


def _ended(scene: Scene, webinar: Webinar, now: dt.datetime, body: Cancellation) -> Decision[Scene]:
    """Return the decision that a series has no session from this one on, or none at all any more."""
    begin = webinar.number if body.whole == "following" else 0
    return repeating.end(scene, _course(scene, webinar), begin, body.reason, now)


def _course(scene: Scene, webinar: Webinar) -> Course:
    course = scene.courses.get(webinar.series or "")
    if course is None:
        raise Conflict("This session is of no series.")
    return course


def _plain(starts: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(_wall(starts))
    except ValueError:
        raise Invalid("This is not a time.") from None


def _wall(text: str) -> str:
    return text if text.count(":") > 1 else f"{text}:00"
