"""Certificates by REST: looked up by their number, issued and revoked for a member."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.events.api.attendance import Words
from services.events.api.ids import MemberPath, WebinarPath
from services.events.api.webinars import READ, Webinars, Writer
from services.events.domain import certificates
from services.events.domain.award import Award, Certificate
from services.events.domain.codes import Codes, certificate_number
from services.events.domain.scene import Scene
from services.events.domain.subjects import WebinarSubject
from services.events.domain.webinar import Webinar
from shared.decision import Decision
from shared.errors import NotFound
from shared.http.app import requires
from shared.stream.desk import Desk

NumberPath = Annotated[
    str, Path(max_length=64, description="A certificate's number.", examples=["7K3M-9QXT-4WZB"])
]


class Awards(Protocol):
    """Where certificates are looked up."""

    async def of_certificate(self, certificate_id: str) -> Award | None:
        """Return the award to which a certificate belongs."""
        ...


class CertificateView(BaseModel):
    """A certificate."""

    certificate_id: str
    name: str = Field(description="As it stands on it.")
    valid: bool
    issued_at: AwareDatetime
    revoked_at: AwareDatetime | None
    reason: str | None = Field(description="Why it no longer holds.")
    replaced_by: str | None = Field(description="The number of the one that holds in its place.")


class CertificateWhole(CertificateView):
    """A certificate, and what it is of."""

    webinar_id: str
    title: str
    starts_at: AwareDatetime
    zone: str


class AwardView(BaseModel):
    """What a member holds for a session, and has held."""

    webinar_id: str
    member_id: str
    barred: bool = Field(description="Whether they get none at their own wish any more.")
    certificates: list[CertificateView] = Field(description="The newest last.")


class Named(BaseModel):
    """The name that is to stand on it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=200)


class Revocation(BaseModel):
    """Why a certificate does not hold."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: Words


def certificate_router(webinars: Webinars, awards: Awards, desk: Desk[Scene], codes: Codes) -> APIRouter:
    """Return the routes of certificates.

    Args:
        webinars: where sessions are looked up.
        awards: where certificates are looked up.
        desk: issues and revokes; its bundle takes a `WebinarSubject`, and has what its member holds.
        codes: of this installation.
    """
    router = APIRouter(prefix="/v1", tags=["certificates"])
    reading = [Depends(requires(READ))]
    of_member = "/webinars/{webinar_id}/certificates/{member_id}"

    @router.get("/certificates/{number}", summary="What a certificate says", dependencies=reading)
    async def get_certificate(number: NumberPath) -> CertificateWhole:
        certificate_id = certificate_number(number)
        award = await awards.of_certificate(certificate_id) if certificate_id else None
        certificate = award.of(certificate_id) if award and certificate_id else None
        webinar = await webinars.find(award.webinar_id) if award else None
        if certificate is None or webinar is None:
            raise NotFound("There is no such certificate.")
        return CertificateWhole(
            **_view(certificate).model_dump(),
            webinar_id=webinar.webinar_id,
            title=webinar.title,
            starts_at=webinar.starts_at,
            zone=webinar.zone,
        )

    @router.get(of_member, summary="What a member holds for a session", dependencies=reading)
    async def held(webinar_id: WebinarPath, member_id: MemberPath) -> AwardView:
        return await _decided(desk, webinar_id, member_id, lambda scene, _webinar, _now: Decision(scene))

    @router.put(of_member, summary="Issue a certificate, in place of one that holds")
    async def issue(webinar_id: WebinarPath, member_id: MemberPath, body: Named, actor: Writer) -> AwardView:
        del actor
        return await _decided(
            desk,
            webinar_id,
            member_id,
            lambda scene, webinar, now: certificates.decide_issue(
                scene, webinar, scene.member.now, body.name, now, codes=codes
            ),
        )

    @router.post(f"{of_member}:revoke", summary="Revoke what a member holds for a session")
    async def revoke(
        webinar_id: WebinarPath, member_id: MemberPath, body: Revocation, actor: Writer
    ) -> AwardView:
        del actor
        return await _decided(
            desk,
            webinar_id,
            member_id,
            lambda scene, webinar, now: certificates.decide_revoke(
                scene, webinar, scene.member.now, body.reason, now
            ),
        )

    return router


class _Decide(Protocol):
    def __call__(self, scene: Scene, webinar: Webinar, now: dt.datetime, /) -> Decision[Scene]: ...


async def _decided(desk: Desk[Scene], webinar_id: str, member_id: str, decide: _Decide) -> AwardView:
    def do(scene: Scene, now: dt.datetime) -> Decision[Scene]:
        return decide(scene, _found(scene, webinar_id), now)

    scene = await desk.decide(WebinarSubject(webinar_id, member_id), do)
    award = certificates.award_of(scene, _found(scene, webinar_id), scene.member.now)
    return AwardView(
        webinar_id=webinar_id,
        member_id=award.member_id,
        barred=award.barred,
        certificates=[_view(each) for each in award.issued],
    )


def _found(scene: Scene, webinar_id: str) -> Webinar:
    webinar = scene.webinars.get(webinar_id)
    if webinar is None:
        raise NotFound("There is no such session.")
    return webinar


def _view(certificate: Certificate) -> CertificateView:
    return CertificateView(
        certificate_id=certificate.certificate_id,
        name=certificate.name,
        valid=certificate.valid,
        issued_at=certificate.issued_at,
        revoked_at=certificate.revoked_at,
        reason=certificate.reason,
        replaced_by=certificate.replaced_by,
    )
