"""Who speaks in sessions, and what may be shown of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from services.events.domain.feedback import Rating
from shared.decision import Phrase

KEPT: Final = 100
"""Invitations of a speaker that are remembered, the latest."""

LOAD_DAYS: Final = 30
BUSY: Final = 4
"""Sessions within `LOAD_DAYS`, from which whoever invites is warned: who is asked too often stays away."""


class Invited(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Shown(StrEnum):
    """What of a person needs their consent to be shown."""

    NAME = "name"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether somebody agrees, and since when."""

    given_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None

    @property
    def holds(self) -> bool:
        """Whether they agree."""
        return self.given_at is not None and self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A speaker was asked for a session."""

    webinar_id: str
    starts_at: dt.datetime
    at: dt.datetime
    """When they were asked, or have answered."""
    state: Invited = Invited.OPEN


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker."""

    speaker_id: str
    scope: str
    """The community, or chat, that knows them."""
    name: str
    created_at: dt.datetime
    changed_at: dt.datetime
    bio: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    photo: str | None = None
    """Where it is, by https."""
    member_id: str | None = None
    """Who they are here; None for a guest who is in no chat of ours."""
    named: Consent = Consent()
    pictured: Consent = Consent()
    invitations: tuple[Invitation, ...] = ()
    """The newest last."""
    rating: Rating = field(default_factory=Rating)

    @property
    def public_name(self) -> str | Phrase:
        """What everybody may read: the name of who agrees to that, else that there is a guest."""
        return self.name if self.named.holds else Phrase("speaker.guest")

    @property
    def public_bio(self) -> str:
        """What everybody may read of them; a life tells whose it is."""
        return self.bio if self.named.holds else ""

    @property
    def public_photo(self) -> str | None:
        """The picture that everybody may see."""
        return self.photo if self.pictured.holds else None

    def invitation(self, webinar_id: str) -> Invitation | None:
        """Return the invitation to a session, None where there is none."""
        return next((each for each in self.invitations if each.webinar_id == webinar_id), None)

    def with_invitation(self, invitation: Invitation) -> Speaker:
        """Return the speaker with that invitation, in place of an earlier one to the same session."""
        others = (each for each in self.invitations if each.webinar_id != invitation.webinar_id)
        return replace(self, invitations=(*others, invitation)[-KEPT:])

    def load(self, at: dt.datetime) -> int:
        """Return how many sessions they have spoken in, or are asked for, in the 30 days up to `at`."""
        since = at - dt.timedelta(days=LOAD_DAYS)
        return sum(
            since < each.starts_at <= at for each in self.invitations if each.state is not Invited.DECLINED
        )

    def busy(self, at: dt.datetime) -> bool:
        """Whether one more session would be too many then."""
        return self.load(at) >= BUSY
