"""What the gateway listens to."""

from __future__ import annotations

from services.gateway.domain.delivery import Delivery, decide_report
from services.gateway.sender import CONSUMER, Sender
from shared.contracts.gateway import DeliveryReported, MessageSend
from shared.stream.effects import Effect
from shared.stream.subscription import Handler, States, Subscription


def subscription(deliveries: States[Delivery | None]) -> Subscription:
    """Return the table of the gateway's state-keeping consumer."""
    return Subscription(
        consumer="gateway.deliveries",
        service="gateway",
        handlers=(
            Handler(
                DeliveryReported,
                key=lambda report: report.send_id or report.provider_message,
                states=deliveries,
                decide=decide_report,
            ),
        ),
    )


def sending(sender: Sender) -> Effect[MessageSend]:
    """Return what is done about every `message.send`."""
    return Effect(CONSUMER, (MessageSend,), sender.send)
