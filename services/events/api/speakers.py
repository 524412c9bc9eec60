"""Speakers by REST: what is known of them, what they agree to, and the sessions they are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.events.api.ids import SCOPE, MemberName, WebinarPath
from services.events.api.questions import RatingView, rating_view
from services.events.api.webinars import READ, Writer
from services.events.domain import speakers
from services.events.domain.links import MAX_LINK, is_public_link
from services.events.domain.scene import Scene
from services.events.domain.speaker import Consent, Invited, Shown, Speaker
from services.events.domain.subjects import SpeakerSubject
from services.events.domain.webinar import Webinar
from shared.clock import Clock
from shared.decision import Decision
from shared.errors import Conflict, Invalid, NotFound
from shared.http.app import requires
from shared.http.paging import Key
from shared.ids import deterministic_id
from shared.stream.desk import Desk

PATTERN = r"^sp_[0-9a-f]{20}$"

SpeakerPath = Annotated[str, Path(pattern=PATTERN, description="A speaker.")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Speakers(Protocol):
    """Where speakers are looked up."""

    async def find(self, key: str) -> Speaker | None:
        """Return a speaker."""
        ...

    async def of_scope(self, scope: str) -> list[Speaker]:
        """Return the speakers of a community or chat, by name."""
        ...


class ConsentView(BaseModel):
    """Whether somebody agrees, and since when."""

    holds: bool
    given_at: AwareDatetime | None
    withdrawn_at: AwareDatetime | None


class InvitationView(BaseModel):
    """A session that a speaker was asked for."""

    webinar_id: str
    starts_at: AwareDatetime
    state: Invited
    at: AwareDatetime


class SpeakerView(BaseModel):
    """A speaker, as those see them who plan sessions."""

    speaker_id: str
    scope: str
    name: str = Field(description="Shown to members only while `name_consent` holds.")
    bio: str
    topics: list[str]
    languages: list[str]
    photo: str | None
    member_id: str | None
    name_consent: ConsentView
    photo_consent: ConsentView
    load: int = Field(description="Sessions of the last 30 days.")
    busy: bool = Field(description="Whether one more would be too many.")
    rating: RatingView
    invitations: list[InvitationView] = Field(description="The newest last.")


class SpeakerList(BaseModel):
    """The speakers of a community."""

    speakers: list[SpeakerView]


class ProfileBody(BaseModel):
    """What is known of a speaker."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Short
    bio: str = Field("", max_length=2000)
    topics: list[Short] = Field([], max_length=20)
    languages: list[Short] = Field([], max_length=10)
    photo: str | None = Field(None, max_length=MAX_LINK, pattern=r"^https://")
    member_id: MemberName | None = Field(None, description="Who they are in our chats.")


class NewSpeaker(ProfileBody):
    """A speaker nobody knows yet."""

    scope: str = Field(pattern=f"^{SCOPE}$", description="The community, or chat, that knows them.")


class ConsentBody(BaseModel):
    """Whether they agree."""

    model_config = ConfigDict(extra="forbid")

    given: bool


class AnswerBody(BaseModel):
    """What they say to an invitation."""

    model_config = ConfigDict(extra="forbid")

    accepted: bool


class Asked(BaseModel):
    """What became of an invitation."""

    webinar_id: str
    speakers: list[str] = Field(description="Who has said yes.")
    invited: list[str] = Field(description="Who has said nothing yet.")
    busy: bool = Field(description="Whether this speaker has many sessions in these 30 days already.")


def speaker_router(found: Speakers, desk: Desk[Speaker | None], clock: Clock) -> APIRouter:
    """Return the routes of speakers.

    Args:
        found: where they are looked up.
        desk: changes what is known of one.
        clock: tells up to when their load counts.
    """
    router = APIRouter(prefix="/v1", tags=["speakers"])
    reading = [Depends(requires(READ))]

    @router.get("/speakers", summary="The speakers of a community", dependencies=reading)
    async def list_speakers(scope: Annotated[str, Query(pattern=f"^{SCOPE}$")]) -> SpeakerList:
        return SpeakerList(speakers=[_view(each, clock.now()) for each in await found.of_scope(scope)])

    @router.get("/speakers/{speaker_id}", summary="One speaker", dependencies=reading)
    async def get_speaker(speaker_id: SpeakerPath) -> SpeakerView:
        return _shown(await found.find(speaker_id), clock.now())

    @router.post("/speakers", summary="Make a speaker known", status_code=201)
    async def add(body: NewSpeaker, key: Key, actor: Writer) -> SpeakerView:
        name = deterministic_id("speaker", actor.id, key).replace("-", "")
        speaker_id, profile = f"sp_{name[-20:]}", _profile(body)

        def do(known: Speaker | None, now: dt.datetime) -> Decision[Speaker | None]:
            done = speakers.decide_profile(known, speaker_id, body.scope, profile, now)
            if known is not None and (done.state != known or known.scope != body.scope):
                raise Conflict("Another request had this Idempotency-Key.")
            return done

        return _shown(await desk.decide(speaker_id, do), clock.now())

    @router.put("/speakers/{speaker_id}", summary="Change what is known of a speaker")
    async def change(speaker_id: SpeakerPath, body: ProfileBody, actor: Writer) -> SpeakerView:
        del actor
        profile = _profile(body)

        def do(known: Speaker | None, now: dt.datetime) -> Decision[Speaker | None]:
            if known is None:
                raise NotFound("There is no such speaker.")
            return speakers.decide_profile(known, speaker_id, known.scope, profile, now)

        return _shown(await desk.decide(speaker_id, do), clock.now())

    @router.put("/speakers/{speaker_id}/consents/{what}", summary="Note what a speaker agrees to")
    async def consent(speaker_id: SpeakerPath, what: Shown, body: ConsentBody, actor: Writer) -> SpeakerView:
        del actor
        state = await desk.decide(
            speaker_id, lambda known, now: speakers.decide_consent(known, what, now, given=body.given)
        )
        return _shown(state, clock.now())

    return router


def invitation_router(desk: Desk[Scene]) -> APIRouter:
    """Return the routes of who speaks in a session.

    Args:
        desk: asks them; its bundle takes a `SpeakerSubject`.
    """
    router = APIRouter(prefix="/v1/webinars/{webinar_id}/speakers", tags=["speakers"])

    @router.post("/{speaker_id}:invite", summary="Ask a speaker for a session")
    async def invite(webinar_id: WebinarPath, speaker_id: SpeakerPath, actor: Writer) -> Asked:
        del actor

        def do(scene: Scene, now: dt.datetime) -> Decision[Scene]:
            return speakers.decide_invited(scene, *_both(scene, webinar_id, speaker_id), now)

        return _asked(await desk.decide(SpeakerSubject(webinar_id, speaker_id), do), webinar_id, speaker_id)

    @router.put("/{speaker_id}", summary="Say yes or no for a speaker who was asked")
    async def answer(
        webinar_id: WebinarPath, speaker_id: SpeakerPath, body: AnswerBody, actor: Writer
    ) -> Asked:
        del actor

        def do(scene: Scene, now: dt.datetime) -> Decision[Scene]:
            webinar, speaker = _both(scene, webinar_id, speaker_id)
            return speakers.decide_invitation_answered(scene, webinar, speaker, now, accepted=body.accepted)

        return _asked(await desk.decide(SpeakerSubject(webinar_id, speaker_id), do), webinar_id, speaker_id)

    return router


def _both(scene: Scene, webinar_id: str, speaker_id: str) -> tuple[Webinar, Speaker]:
    webinar, speaker = scene.webinars.get(webinar_id), scene.speakers.get(speaker_id)
    if webinar is None:
        raise NotFound("There is no such session.")
    if speaker is None:
        raise NotFound("There is no such speaker.")
    return webinar, speaker


def _asked(scene: Scene, webinar_id: str, speaker_id: str) -> Asked:
    webinar, speaker = _both(scene, webinar_id, speaker_id)
    return Asked(
        webinar_id=webinar_id,
        speakers=list(webinar.speakers),
        invited=list(webinar.invited),
        busy=speaker.busy(webinar.starts_at),
    )


def _profile(body: ProfileBody) -> speakers.Profile:
    if body.photo is not None and not is_public_link(body.photo):
        raise Invalid("A photo is at an https address of the public web.")
    return speakers.Profile(
        body.name, body.bio, tuple(body.topics), tuple(body.languages), body.photo, body.member_id
    )


def _shown(speaker: Speaker | None, now: dt.datetime) -> SpeakerView:
    if speaker is None:
        raise NotFound("There is no such speaker.")
    return _view(speaker, now)


def _view(speaker: Speaker, now: dt.datetime) -> SpeakerView:
    return SpeakerView(
        speaker_id=speaker.speaker_id,
        scope=speaker.scope,
        name=speaker.name,
        bio=speaker.bio,
        topics=list(speaker.topics),
        languages=list(speaker.languages),
        photo=speaker.photo,
        member_id=speaker.member_id,
        name_consent=_consent(speaker.named),
        photo_consent=_consent(speaker.pictured),
        load=speaker.load(now),
        busy=speaker.busy(now),
        rating=rating_view(speaker.rating),
        invitations=[
            InvitationView(webinar_id=each.webinar_id, starts_at=each.starts_at, state=each.state, at=each.at)
            for each in speaker.invitations
        ],
    )


def _consent(consent: Consent) -> ConsentView:
    return ConsentView(holds=consent.holds, given_at=consent.given_at, withdrawn_at=consent.withdrawn_at)
