"""What became of an outbound message; merging reports in any order gives the same answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import DeliveryReported, DeliveryStatus, MessageFailed, MessageSend
from shared.decision import Decision, Emit

UNDELIVERED = "undelivered"
"""Code of a message that the provider took and could not deliver, where it does not say why."""


class Stage(StrEnum):
    """How far a message has come. It only ever moves forward: providers promise no order."""

    WAITING = "waiting"
    """Not given to the provider, or refused by it for now."""
    IN_FLIGHT = "in_flight"
    """Given to the provider, who has not answered: it may have gone out."""
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    """Final, unless a report proves that it arrived after all."""


_ORDER = (
    Stage.WAITING,
    Stage.IN_FLIGHT,
    Stage.ACCEPTED,
    Stage.SENT,
    Stage.FAILED,
    Stage.DELIVERED,
    Stage.READ,
)
_RANK = {stage: rank for rank, stage in enumerate(_ORDER)}

_STAGES = {
    DeliveryStatus.SENT: Stage.SENT,
    DeliveryStatus.DELIVERED: Stage.DELIVERED,
    DeliveryStatus.READ: Stage.READ,
    DeliveryStatus.PLAYED: Stage.READ,
    DeliveryStatus.FAILED: Stage.FAILED,
}


GONE_OUT = frozenset({Stage.ACCEPTED, Stage.SENT, Stage.DELIVERED, Stage.READ})
"""What a message has come to that people have heard, or will."""


def later(one: Stage, other: Stage) -> Stage:
    """Return the one that lies further ahead."""
    return max(one, other, key=_RANK.__getitem__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbound message, or one action."""

    send_id: str
    chat_id: str
    stage: Stage = Stage.WAITING
    attempts: int = 0
    attempted_at: dt.datetime | None = None
    provider_id: str | None = None
    code: str | None = None
    """Why it failed."""
    members: Mapping[str, Stage] = field(default_factory=dict)
    """In a group, how far it has come for each member."""
    what: str = MessageSend.TYPE
    """The type of the command: a message, or an action."""
    send_class: str | None = None
    since: dt.datetime | None = None
    """When the sender first met the command."""
    member_id: str | None = None
    """Who alone was to read it; None where everybody in the chat was."""
    went_to: str | None = None
    """The direct chat with them that it was given to."""
    aloud: bool = False
    """Whether it was said in the chat because there was no private way to them."""
    message_id: str | None = None
    """Our id of the message, by which reports name it where they carry no mark of ours."""

    @property
    def where(self) -> str:
        """The chat in which it stands, if anywhere."""
        return self.went_to or self.chat_id

    @property
    def settled(self) -> bool:
        """Whether the sender has nothing left to do."""
        return self.stage not in {Stage.WAITING, Stage.IN_FLIGHT}

    def attempt(self, now: dt.datetime, went_to: str | None = None, *, aloud: bool = False) -> Delivery:
        """Return this delivery as it is just before the provider is called; a settled one stays as it is.

        Args:
            now: the time.
            went_to: the direct chat, where that is not the chat it is meant for.
            aloud: whether it is said in that chat for want of a private way.
        """
        if self.settled:
            return self
        return replace(
            self,
            stage=Stage.IN_FLIGHT,
            attempts=self.attempts + 1,
            attempted_at=now,
            since=self.since or now,
            went_to=went_to,
            aloud=aloud,
        )

    def postponed(self) -> Delivery:
        """Return this delivery after the provider said not now; a report may have overtaken the answer."""
        return replace(self, stage=Stage.WAITING) if self.stage is Stage.IN_FLIGHT else self

    def refused_privately(self) -> Delivery:
        """Return this delivery after the direct chat took nothing, from where on it is said aloud."""
        return replace(self.postponed(), went_to=None, aloud=True)

    def accepted(self, provider_id: str | None, message_id: str | None = None) -> Delivery:
        """Return this delivery once the provider has taken it.

        Args:
            provider_id: what the provider calls the message, where that is known.
            message_id: our id of it, where its reports name it by that.
        """
        return replace(
            self,
            stage=later(self.stage, Stage.ACCEPTED),
            provider_id=provider_id or self.provider_id,
            message_id=message_id or self.message_id,
        )

    def failed(self, code: str) -> Delivery:
        """Return this delivery once it is given up; one that a report has shown to have arrived stays."""
        failed = later(self.stage, Stage.FAILED) is Stage.FAILED
        return replace(self, stage=Stage.FAILED, code=code) if failed else self

    def reported(self, status: DeliveryStatus, member: str | None) -> Delivery:
        """Return this delivery after a report about the whole chat, or about one member of a group.

        Of a group the furthest member counts: one failed phone does not make the message fail.
        """
        stage = _STAGES.get(status)
        if stage is None:
            return self
        members = dict(self.members)
        if member is not None:
            members[member] = later(members.get(member, Stage.ACCEPTED), stage)
            stage = Stage.SENT if stage is Stage.FAILED else stage
        merged = later(self.stage, stage)
        if merged is self.stage and members == self.members:
            return self
        return replace(self, stage=merged, members=members)


@dataclass(frozen=True, slots=True)
class Search:
    """Which deliveries somebody asks for; what is None may be anything."""

    chat_id: str | None = None
    stage: Stage | None = None
    reason: str | None = None
    send_class: str | None = None
    member_id: str | None = None


def decide_report(
    delivery: Delivery | None, event: Envelope[DeliveryReported], now: dt.datetime
) -> Decision[Delivery | None]:
    """Return the delivery after a status; a message that is not ours is left alone."""
    if delivery is None:
        return Decision(delivery)
    report = event.data
    after = delivery.reported(report.status, report.member_id)
    if after.stage is delivery.stage:
        return Decision(after)
    note = f"delivery_{after.stage}"
    if after.stage is not Stage.FAILED:
        return Decision(after, note=note)
    provider_code = next(iter(report.provider_codes), None)
    after = replace(after, code=f"provider_{provider_code}" if provider_code else UNDELIVERED)
    failed = MessageFailed(
        send_id=delivery.send_id,
        chat_id=delivery.chat_id,
        code=UNDELIVERED,
        provider_code=provider_code,
        failed_at=now,
    )
    return Decision(after, emit=(Emit(failed, delivery.chat_id),), note=note)
