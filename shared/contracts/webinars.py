"""What events says: which sessions there are, who takes part in them, and who was there.

A webinar is a session at one time; one of a series names the series. Facts about it are kept in order by its
chat.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.base import EventModel, OpenEnum
from shared.contracts.gateway import ChatId, MemberId

WebinarId = Annotated[str, StringConstraints(min_length=3, max_length=128)]
MAX_TITLE = 200


class OriginKind(OpenEnum):
    """From what a session has come."""

    TREND = "trend"
    SUGGESTION = "suggestion"
    QUESTION = "question"
    UNKNOWN = "unknown"


class OriginOfWebinar(BaseModel):
    """What members want or speak of, and of which an admin has made a session."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: OriginKind
    origin_id: str = Field(min_length=1, max_length=160, description="By which its own service knows it.")
    title: str | None = Field(None, max_length=MAX_TITLE)


class _OfWebinar(EventModel):
    webinar_id: WebinarId
    chat_id: ChatId
    community: str | None = Field(None, max_length=64)


class _Described(_OfWebinar):
    number: int = Field(ge=1, description="By which members of the community name it.")
    title: str = Field(max_length=MAX_TITLE)
    starts_at: AwareDatetime
    zone: str = Field(max_length=64, description="The zone its time was agreed in, as the IANA names it.")
    minutes: int = Field(ge=1, le=7 * 24 * 60)
    host: MemberId | None = Field(None, description="Who runs it; None where a REST client called it.")
    speakers: tuple[str, ...] = Field((), max_length=32)
    capacity: int | None = Field(None, ge=1, description="Seats; None where there is room for all.")
    series: str | None = Field(None, max_length=128)
    origin: OriginOfWebinar | None = Field(None, description="From what it has come, where that is known.")


class WebinarScheduled(_Described):
    """A session was called."""

    TYPE: ClassVar[str] = "webinar.scheduled"

    scheduled_at: AwareDatetime


class WebinarChanged(_Described):
    """A session is different from before, in time or otherwise."""

    TYPE: ClassVar[str] = "webinar.changed"

    version: int = Field(ge=1)
    moved_from: AwareDatetime | None = Field(
        None, description="When it was to start, where that has changed."
    )
    changed_at: AwareDatetime


class WebinarCancelled(_OfWebinar):
    """A session will not take place."""

    TYPE: ClassVar[str] = "webinar.cancelled"

    host: MemberId | None = None
    reason: str | None = Field(None, max_length=500)
    cancelled_at: AwareDatetime


class WebinarStarted(_OfWebinar):
    """A session has begun."""

    TYPE: ClassVar[str] = "webinar.started"

    started_at: AwareDatetime


class WebinarEnded(_OfWebinar):
    """A session is over, and its attendance complete but for corrections."""

    TYPE: ClassVar[str] = "webinar.ended"

    title: str = Field(max_length=MAX_TITLE)
    host: MemberId | None = None
    speakers: tuple[str, ...] = Field((), max_length=32)
    session_at: AwareDatetime | None = Field(None, description="When it had begun.")
    origin: OriginOfWebinar | None = Field(None, description="From what it has come, where that is known.")
    registered: int = Field(ge=0, description="Who had a seat at the end.")
    attended: int = Field(ge=0)
    ended_at: AwareDatetime


class RecordingAdded(_OfWebinar):
    """There is something to see of a session after it."""

    TYPE: ClassVar[str] = "recording.added"

    title: str = Field(max_length=MAX_TITLE)
    recording: str | None = Field(None, max_length=2048, pattern=r"^https://")
    slides: str | None = Field(None, max_length=2048, pattern=r"^https://")
    added_at: AwareDatetime


class _OfMember(_OfWebinar):
    member_id: MemberId


class RegistrationConfirmed(_OfMember):
    """A member has a seat."""

    TYPE: ClassVar[str] = "registration.confirmed"

    confirmed_at: AwareDatetime


class RegistrationWaiting(_OfMember):
    """A member waits for a seat."""

    TYPE: ClassVar[str] = "registration.waiting"

    position: int = Field(ge=1)
    waiting_at: AwareDatetime


class RegistrationOffered(_OfMember):
    """A seat is held for a member who waited, until the time given."""

    TYPE: ClassVar[str] = "registration.offered"

    until: AwareDatetime
    offered_at: AwareDatetime


class RegistrationCancelled(_OfMember):
    """A member no longer has, or no longer waits for, a seat."""

    TYPE: ClassVar[str] = "registration.cancelled"

    expired: bool = Field(False, description="Whether an offer ran out, and nobody said no.")
    cancelled_at: AwareDatetime


class AttendanceProof(OpenEnum):
    """How it is known that somebody was there."""

    CODE = "code"
    LINK = "link"
    ADMIN = "admin"
    UNKNOWN = "unknown"


class AttendanceRecorded(_OfMember):
    """A member was at a session."""

    TYPE: ClassVar[str] = "attendance.recorded"

    session_at: AwareDatetime | None = Field(None, description="When the session began.")
    proof: AttendanceProof
    recorded_by: str | None = Field(None, max_length=128, description="Who says so, where an admin does.")
    reason: str | None = Field(None, max_length=500, description="Why they say so.")
    recorded_at: AwareDatetime


class AttendanceWithdrawn(_OfMember):
    """An admin took back that a member was at a session."""

    TYPE: ClassVar[str] = "attendance.withdrawn"

    session_at: AwareDatetime | None = Field(None, description="When the session began.")
    withdrawn_by: str = Field(max_length=128)
    reason: str = Field(max_length=500)
    withdrawn_at: AwareDatetime


class ReminderExpired(_OfWebinar):
    """A reminder came to its turn after the session had begun, and was not sent."""

    TYPE: ClassVar[str] = "reminder.expired"

    before_minutes: int = Field(ge=0)
    expired_at: AwareDatetime


class CertificateIssued(_OfMember):
    """A member has a certificate of a session."""

    TYPE: ClassVar[str] = "certificate.issued"

    certificate_id: str = Field(max_length=64)
    issued_at: AwareDatetime


class CertificateRevoked(_OfMember):
    """A certificate no longer holds."""

    TYPE: ClassVar[str] = "certificate.revoked"

    certificate_id: str = Field(max_length=64)
    reason: str = Field(max_length=500)
    revoked_at: AwareDatetime


class SpeakerConfirmed(_OfWebinar):
    """A speaker has said yes to a session."""

    TYPE: ClassVar[str] = "speaker.confirmed"

    speaker_id: str = Field(max_length=64)
    confirmed_at: AwareDatetime


class SpeakerDeclined(_OfWebinar):
    """A speaker has said no to a session, or does so after all."""

    TYPE: ClassVar[str] = "speaker.declined"

    speaker_id: str = Field(max_length=64)
    declined_at: AwareDatetime


class SessionAsked(_OfMember):
    """A member put a question to a session; its words stay with the session."""

    TYPE: ClassVar[str] = "session.asked"

    number: int = Field(ge=1, description="Of the question, within the session.")
    asked_at: AwareDatetime


class SessionRated(_OfWebinar):
    """Somebody who was at a session has rated it; it does not say who."""

    TYPE: ClassVar[str] = "session.rated"

    rating: int = Field(ge=1, le=5)
    rated_at: AwareDatetime


class RecordingDue(_OfWebinar):
    """A timer of ours: it is time to tell who missed a session where it can be seen."""

    TYPE: ClassVar[str] = "recording.due"

    after: MemberId | None = Field(None, description="Who was told last, where many are in steps.")


class FeedbackDue(_OfWebinar):
    """A timer of ours: it is time to ask who was at a session how it was."""

    TYPE: ClassVar[str] = "feedback.due"

    after: MemberId | None = Field(None, description="Who was asked last, where many are in steps.")


class ReminderDue(_OfWebinar):
    """A timer of ours: it is time to remind of a session."""

    TYPE: ClassVar[str] = "reminder.due"

    before_minutes: int = Field(ge=0)
    starts_at: AwareDatetime = Field(description="The start it was set for; a moved session has another.")
    after: MemberId | None = Field(None, description="Who was reminded last, where many are in steps.")


class DueStage(OpenEnum):
    """What a session becomes by the clock."""

    LIVE = "live"
    ENDED = "ended"
    ARCHIVED = "archived"
    UNKNOWN = "unknown"


class WebinarDue(_OfWebinar):
    """A timer of ours: a session becomes something by the clock."""

    TYPE: ClassVar[str] = "webinar.due"

    stage: DueStage
    starts_at: AwareDatetime = Field(description="The start it was set for; a moved session has another.")


class News(OpenEnum):
    """What people with a seat have to hear."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class NewsDue(_OfWebinar):
    """A note to ourselves: tell the next of those concerned."""

    TYPE: ClassVar[str] = "news.due"

    news: News
    version: int = Field(ge=0, description="Of the session, as it is told.")
    after: MemberId | None = Field(None, description="Who was told last, where many are in steps.")


class SeriesDue(EventModel):
    """A timer of ours: it is time to make the next sessions of a series."""

    TYPE: ClassVar[str] = "series.due"

    chat_id: ChatId
    series_id: str = Field(max_length=128)


class OfferDue(_OfMember):
    """A timer of ours: the offer of a seat runs out."""

    TYPE: ClassVar[str] = "offer.due"

    until: AwareDatetime


EVENTS: tuple[type[EventModel], ...] = (
    WebinarScheduled,
    WebinarChanged,
    WebinarCancelled,
    WebinarStarted,
    WebinarEnded,
    RecordingAdded,
    RegistrationConfirmed,
    RegistrationWaiting,
    RegistrationOffered,
    RegistrationCancelled,
    AttendanceRecorded,
    AttendanceWithdrawn,
    ReminderExpired,
    CertificateIssued,
    CertificateRevoked,
    SpeakerConfirmed,
    SpeakerDeclined,
    SessionAsked,
    SessionRated,
    RecordingDue,
    FeedbackDue,
    ReminderDue,
    WebinarDue,
    NewsDue,
    SeriesDue,
    OfferDue,
)
