"""The certificates of a member for a session, the withdrawn ones too: what was true once can be looked up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from services.events.domain.codes import Codes


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate."""

    certificate_id: str
    """By which anybody looks it up who holds it."""
    member_id: str
    """To whom it was issued, whoever they have turned out to be since."""
    edition: int
    name: str
    issued_at: dt.datetime
    revoked_at: dt.datetime | None = None
    reason: str | None = None
    """Why it no longer holds: a code of ours, or an admin's words."""
    replaced_by: str | None = None

    @property
    def valid(self) -> bool:
        """Whether it holds."""
        return self.revoked_at is None


@dataclass(frozen=True, slots=True)
class Award:
    """What one member holds for one session."""

    webinar_id: str
    member_id: str
    issued: tuple[Certificate, ...] = ()
    """All there have been, the newest last."""
    barred: bool = False
    """Whether an admin wants none to be issued at the member's own wish."""

    @property
    def key(self) -> str:
        """Under which it is kept."""
        return award_key(self.webinar_id, self.member_id)

    @property
    def held(self) -> Certificate | None:
        """The newest one that holds."""
        return next((each for each in reversed(self.issued) if each.valid), None)

    def of(self, certificate_id: str) -> Certificate | None:
        """Return the certificate of that number, None where it is none of these."""
        return next((each for each in self.issued if each.certificate_id == certificate_id), None)

    def issue(self, name: str, now: dt.datetime, codes: Codes, reason: str) -> Award:
        """Return the award with a new certificate, by which those that held are replaced."""
        edition = 1 + max((each.edition for each in self.issued), default=0)
        number = codes.certificate(self.webinar_id, self.member_id, edition)
        before = self.revoke(now, reason, replaced_by=number)
        new = Certificate(number, self.member_id, edition, name, now)
        return replace(before, issued=(*before.issued, new))

    def revoke(self, now: dt.datetime, reason: str, replaced_by: str | None = None) -> Award:
        """Return the award without any that holds."""
        issued = (
            replace(each, revoked_at=now, reason=reason, replaced_by=replaced_by) if each.valid else each
            for each in self.issued
        )
        return replace(self, issued=tuple(issued))


def award_key(webinar_id: str, member_id: str) -> str:
    """Return the key under which what a member holds for a session is kept."""
    return f"{webinar_id}|{member_id}"
