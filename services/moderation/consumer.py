"""What moderation listens to."""

from __future__ import annotations

from services.moderation.domain.policy import Conduct
from services.moderation.domain.replies import decide_message
from shared.contracts.gateway import MessageReceived
from shared.stream.subscription import Handler, States, Subscription


def subscription(conducts: States[Conduct]) -> Subscription:
    """Return moderation's table."""
    return Subscription(
        consumer="moderation",
        service="moderation",
        handlers=(
            Handler(
                MessageReceived,
                key=lambda message: message.chat_id,
                states=conducts,
                decide=decide_message,
            ),
        ),
    )
