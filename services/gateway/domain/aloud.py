"""What was for one member alone and did not reach them: it is said once in the chat, where it may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.gateway.domain.delivery import Delivery, Stage, decide_report, later
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import DeliveryReported, MessageSend
from shared.decision import Decision, Emit
from shared.ids import deterministic_id


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report is about."""

    deliveries: Mapping[str, Delivery | None]
    """The message, by what the report calls it."""
    unsaid: MessageSend | None = None
    """What may be said in the chat, where it went to a member alone."""


def named_by(report: DeliveryReported) -> str:
    """Return what a report calls the message: by its command, else by our id of the message itself."""
    return report.send_id or report.provider_message


def aloud_id(send_id: str) -> str:
    """Return the id of the command that says in the chat what was meant for one member alone.

    It follows from the first alone, so whatever happens twice leads to one message.
    """
    return deterministic_id("aloud", send_id)


def unsaid_of(delivery: Delivery | None) -> tuple[str, ...]:
    """Return the command of which it may yet turn out that it did not reach a member alone, if it is one."""
    if delivery is None or delivery.went_to is None or delivery.stage is Stage.FAILED:
        return ()
    return (delivery.send_id,) if later(delivery.stage, Stage.FAILED) is Stage.FAILED else ()


def decide_outcome(
    state: Reported, event: Envelope[DeliveryReported], now: dt.datetime
) -> Decision[Reported]:
    """Return what a report leads to; a member alone who was not reached may still be told in the chat.

    The command that does it has a delivery from its beginning, which says that no private way is left to try.
    """
    name = named_by(event.data)
    before = state.deliveries[name]
    decided = decide_report(before, event, now)
    after = decided.state
    if after is before:
        return Decision(state, note=decided.note)
    reported = replace(state, deliveries={**state.deliveries, name: after})
    unsaid = state.unsaid
    if after is None or after.stage is not Stage.FAILED or unsaid is None or now > unsaid.not_after:
        return Decision(reported, decided.emit, note=decided.note)
    again = aloud_id(after.send_id)
    aloud = Delivery(
        again, after.chat_id, send_class=after.send_class, since=now, member_id=after.member_id, aloud=True
    )
    return Decision(
        Reported({**reported.deliveries, again: aloud}),
        (*decided.emit, Emit(unsaid, after.chat_id, event_id=again)),
        note="said_aloud",
    )
