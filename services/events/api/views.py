"""Webinars and who takes part in them, as REST clients see them."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, Field

from services.events.domain.origin import Origin
from services.events.domain.roll import Proof, Roll, Seat
from services.events.domain.webinar import Stage, Webinar


class WebinarView(BaseModel):
    """A session."""

    webinar_id: str
    scope: str
    number: int = Field(description="By which members name it.")
    chat_id: str
    title: str
    description: str
    stage: Stage
    wall: str = Field(description="The local time of the start, in `zone`.")
    zone: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    minutes: int
    capacity: int | None
    link: str | None
    host: str | None
    speakers: list[str]
    series: str | None
    version: int = Field(description="Rises with every change.")
    recording: str | None
    slides: str | None
    reason: str | None = Field(description="Why it was cancelled.")
    origin: Origin | None = Field(description="From what it has come, where that is known.")


class Counts(BaseModel):
    """Who takes part, in numbers."""

    confirmed: int
    waiting: int
    offered: int
    declined: int
    attended: int


class WebinarWhole(WebinarView):
    """A session with its numbers."""

    counts: Counts


class EntryView(BaseModel):
    """A member on the roll of a session."""

    member_id: str
    seat: Seat
    since: AwareDatetime
    position: int | None = Field(description="On the waiting list, from 1.")
    offered_until: AwareDatetime | None
    attended_at: AwareDatetime | None
    proof: Proof | None


def view(webinar: Webinar) -> WebinarView:
    """Return a webinar as it is shown in a list."""
    return WebinarView(**_fields(webinar))


def whole(webinar: Webinar, roll: Roll) -> WebinarWhole:
    """Return a webinar with what its roll comes to."""
    return WebinarWhole(
        **_fields(webinar),
        counts=Counts(
            confirmed=len(roll.having(Seat.CONFIRMED)),
            waiting=len(roll.queue),
            offered=len(roll.having(Seat.OFFERED)),
            declined=len(roll.having(Seat.DECLINED)),
            attended=len(roll.attended),
        ),
    )


def entries(roll: Roll) -> list[EntryView]:
    """Return who is on a roll: who has a seat, then who waits in their order, then the others."""
    positions = {member: n for n, member in enumerate(roll.queue, 1)}
    order = {Seat.CONFIRMED: 0, Seat.OFFERED: 1, Seat.WAITING: 2, Seat.NONE: 3, Seat.DECLINED: 4}
    members = sorted(
        roll.entries.items(),
        key=lambda each: (order[each[1].seat], positions.get(each[0], 0), each[1].at, each[0]),
    )
    return [
        EntryView(
            member_id=member,
            seat=entry.seat,
            since=entry.at,
            position=positions.get(member),
            offered_until=entry.offered_until,
            attended_at=entry.attended_at,
            proof=entry.proof,
        )
        for member, entry in members
    ]


def _fields(webinar: Webinar) -> dict[str, object]:
    return {
        name: list(value) if isinstance(value := getattr(webinar, name), tuple) else value
        for name in WebinarView.model_fields
    }
