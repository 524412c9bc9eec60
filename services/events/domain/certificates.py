"""`!प्रमाणपत्र 12 <name>`: who was at a session has it in writing, under the name they want to stand there."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import replace
from typing import Final

from services.events.domain.award import Award, Certificate, award_key
from services.events.domain.codes import Codes
from services.events.domain.facts import emit, of_webinar
from services.events.domain.naming import named
from services.events.domain.replying import answer, of
from services.events.domain.scene import Scene
from services.events.domain.webinar import Stage, Webinar
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.webinars import CertificateIssued, CertificateRevoked
from shared.decision import Decision, Emit, Phrase
from shared.errors import Conflict, Invalid

NAME_CORRECTED: Final = "name_corrected"
"""The reason of a certificate that was replaced by one with another name."""

MAX_NAME: Final = 60
"""Characters that stand in one line of a certificate."""

AT_OWN_WISH: Final = 5
"""Certificates of one session a member can ask for: names are corrected, and not tried out."""

_JOINERS: Final = "\u200c\u200d"
"""Say how Devanagari letters join: they are part of how a name is written."""
_BETWEEN: Final = " .'’-"
_STACKED: Final = re.compile(r"[\u0300-\u036f]{3}")
_DOTTED: Final = re.compile(r"([^\W\d_]{2,})\.[^\W\d_]{2,}")
_TITLES: Final = frozenset(
    {"dr", "mr", "ms", "mrs", "prof", "er", "ca", "adv", "shri", "smt", "km", "md", "mohd"}
)


def decide(
    scene: Scene,
    command: Command,
    event: Envelope[MessageReceived],
    now: dt.datetime,
    *,
    codes: Codes,
    public_url: str,
) -> Decision[Scene]:
    """Issue a certificate, with another name in place of the one before, or say where it is."""
    meant = named(scene, command.args, lambda each: _attended(scene, each) and not each.ahead)
    if isinstance(meant, Phrase):
        return answer(scene, event, meant, "certificate_unclear")
    webinar, award = meant.webinar, award_of(scene, meant.webinar, scene.member.now)
    name = name_of(meant.rest)
    if refused := _refused(scene, webinar, award, meant.rest):
        return answer(scene, event, refused, "certificate_refused")
    if award.held is not None and name in {None, award.held.name}:
        said = _link("certificate.here", webinar, award.held, public_url)
        return answer(scene, event, said, "certificate_shown")
    if name is None:
        return answer(scene, event, Phrase("certificate.how", of(webinar)), "certificate_unclear")
    done = issued(scene, webinar, scene.member.now, name, now, codes=codes)
    certificate = award_of(done.state, webinar, scene.member.now).issued[-1]
    said = _link("certificate.issued", webinar, certificate, public_url)
    return replace(done, say=answer(done.state, event, said, "").say)


def decide_issue(
    scene: Scene, webinar: Webinar, member_id: str, name: str, now: dt.datetime, *, codes: Codes
) -> Decision[Scene]:
    """Issue a certificate at an admin's wish, with another name or after all.

    Raises:
        Invalid: nobody is called so.
        Conflict: the member was not there, or the session is not over.
    """
    cleaned = name_of(name)
    if cleaned is None:
        raise Invalid(f"A name has letters, {MAX_NAME} characters at most, and no number or link.")
    entry = scene.roll(webinar).of(member_id)
    if entry is None or entry.attended_at is None:
        raise Conflict("A certificate is for who was there.")
    if webinar.ahead:
        raise Conflict("The session is not over.")
    award = award_of(scene, webinar, member_id)
    if award.held is not None and award.held.name == cleaned and not award.barred:
        return Decision(scene, note="certificate_repeated")
    return issued(scene, webinar, member_id, cleaned, now, codes=codes)


def decide_revoke(
    scene: Scene, webinar: Webinar, member_id: str, reason: str, now: dt.datetime
) -> Decision[Scene]:
    """Revoke what a member holds for a session; from now on only an admin issues another one."""
    done = revoked(scene, webinar, member_id, reason, now)
    barred = replace(award_of(done.state, webinar, member_id), barred=True)
    return replace(done, state=_with(done.state, barred))


def issued(
    scene: Scene, webinar: Webinar, member_id: str, name: str, now: dt.datetime, *, codes: Codes
) -> Decision[Scene]:
    """Return the decision to issue a certificate, in place of any that the member holds."""
    before = award_of(scene, webinar, member_id)
    award = replace(before.issue(name, now, codes, NAME_CORRECTED), barred=False)
    fact = CertificateIssued(
        **of_webinar(webinar),
        member_id=member_id,
        certificate_id=award.issued[-1].certificate_id,
        issued_at=now,
    )
    return Decision(
        _with(scene, award),
        emit=(*_withdrawn(webinar, before, NAME_CORRECTED, now), emit(webinar, fact)),
        note="certificate_issued",
    )


def revoked(scene: Scene, webinar: Webinar, member_id: str, reason: str, now: dt.datetime) -> Decision[Scene]:
    """Return the decision to revoke whatever a member holds for a session; nothing, where they hold none."""
    before = award_of(scene, webinar, member_id)
    if before.held is None:
        return Decision(scene)
    facts = _withdrawn(webinar, before, reason, now)
    return Decision(_with(scene, before.revoke(now, reason)), emit=facts, note="certificate_revoked")


def award_of(scene: Scene, webinar: Webinar, member_id: str) -> Award:
    """Return what a member holds for a session."""
    found = scene.awards.get(award_key(webinar.webinar_id, member_id))
    return found or Award(webinar.webinar_id, member_id)


def name_of(written: str) -> str | None:
    """Return a name as it is to stand on a certificate, None for what is none.

    A certificate is our word for somebody. It is not lent to a phone number, a link or a picture of letters.
    """
    name = " ".join(unicodedata.normalize("NFC", written).split()).strip(" ,;:-")
    letters = [each for each in name if unicodedata.category(each)[0] == "L"]
    if not 2 <= len(name) <= MAX_NAME or len(letters) < 2 or _STACKED.search(name):  # noqa: PLR2004
        return None
    if any(unicodedata.category(each)[0] not in "LM" and each not in _BETWEEN + _JOINERS for each in name):
        return None
    dotted = (found[1].casefold() for found in _DOTTED.finditer(name))
    return None if any(each not in _TITLES for each in dotted) else name


def _refused(scene: Scene, webinar: Webinar, award: Award, written: str) -> Phrase | None:
    """Return why a member gets no certificate, or none of that name; None where they do."""
    if webinar.stage is Stage.CANCELLED or not _attended(scene, webinar):
        return Phrase("certificate.not_there", of(webinar))
    if webinar.ahead:
        return Phrase("certificate.not_yet", of(webinar))
    if award.barred:
        return Phrase("certificate.barred", of(webinar))
    name, held = name_of(written), award.held
    if written.strip() and name is None:
        return Phrase("certificate.bad_name", {"most": MAX_NAME})
    again = name is not None and (held is None or held.name != name)
    return (
        Phrase("certificate.too_often", of(webinar)) if again and len(award.issued) >= AT_OWN_WISH else None
    )


def _attended(scene: Scene, webinar: Webinar) -> bool:
    entry = scene.roll(webinar).of(scene.member.now)
    return entry is not None and entry.attended_at is not None


def _withdrawn(webinar: Webinar, before: Award, reason: str, now: dt.datetime) -> tuple[Emit, ...]:
    return tuple(
        emit(
            webinar,
            CertificateRevoked(
                **of_webinar(webinar),
                member_id=before.member_id,
                certificate_id=each.certificate_id,
                reason=reason,
                revoked_at=now,
            ),
        )
        for each in before.issued
        if each.valid
    )


def _link(key: str, webinar: Webinar, certificate: Certificate, public_url: str) -> Phrase:
    link = f"{public_url.rstrip('/')}/certificates/{certificate.certificate_id}"
    return Phrase(key, of(webinar, name=certificate.name, link=link))


def _with(scene: Scene, award: Award) -> Scene:
    return replace(scene, awards={**scene.awards, award.key: award})
