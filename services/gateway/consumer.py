"""What the gateway listens to."""

from __future__ import annotations

from services.gateway.domain.aloud import Reported, decide_outcome, named_by, unsaid_of
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.roster import Membership, decide_roster, membership_key
from services.gateway.domain.standing import Standing, decide_inbound
from services.gateway.sending.book import CONSUMER
from services.gateway.sending.outbound import Outbound
from shared.contracts.actions import COMMANDS
from shared.contracts.base import EventModel
from shared.contracts.gateway import DeliveryReported, MemberJoined, MemberLeft, MessageReceived, MessageSend
from shared.contracts.members import MemberDemoted, MemberPresent, MemberPromoted
from shared.stream.effects import Effect
from shared.stream.subscription import Bundle, Handler, Part, States, Subscription

LINGER_SECONDS = 0.2
"""How late statuses, standings and rosters are known at most, and five transactions a second at most."""


def subscription(deliveries: States[Delivery | None], unsaid: States[MessageSend | None]) -> Subscription:
    """Return the table of the consumer that follows what became of messages."""
    reported = Bundle(
        Reported,
        {
            "deliveries": Part(deliveries, lambda name, _: (name,), many=True),
            # Most reports are about messages to everybody, and cost no question more.
            "unsaid": Part(unsaid, lambda name, known: unsaid_of(known["deliveries"][name])),
        },
    )
    return Subscription(
        consumer="gateway.deliveries",
        service="gateway",
        handlers=(
            Handler(
                DeliveryReported,
                key=named_by,
                states=reported,
                decide=decide_outcome,
            ),
        ),
        linger_seconds=LINGER_SECONDS,
    )


def standing(standings: States[Standing]) -> Subscription:
    """Return the table of the consumer that notes when somebody wrote last, and who wants silence."""
    return Subscription(
        consumer="gateway.standings",
        service="gateway",
        handlers=(
            Handler(
                MessageReceived,
                key=lambda message: message.chat_id,
                states=standings,
                decide=decide_inbound,
            ),
        ),
        linger_seconds=LINGER_SECONDS,
    )


def rosters(memberships: States[Membership]) -> Subscription:
    """Return the table of the consumer that keeps who is in which group as what."""
    events = (MemberJoined, MemberLeft, MemberPresent, MemberPromoted, MemberDemoted)
    return Subscription(
        consumer="gateway.rosters",
        service="gateway",
        handlers=tuple(
            Handler(event, key=membership_key, states=memberships, decide=decide_roster) for event in events
        ),
        linger_seconds=LINGER_SECONDS,
    )


def sending(outbound: Outbound) -> Effect[EventModel]:
    """Return what is done about every command to the gateway."""
    return Effect(CONSUMER, (MessageSend, *COMMANDS), outbound.act)
