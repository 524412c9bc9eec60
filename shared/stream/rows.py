"""What a decision leads to, as records for the outbox and timers for the store."""

from __future__ import annotations

import datetime as dt

from shared.contracts.base import EventModel
from shared.contracts.envelope import Cause, Envelope, encode, follow
from shared.contracts.gateway import MessageSend
from shared.contracts.topics import topic_of
from shared.decision import Decision, Emit, Say, Wake
from shared.errors import PermanentError
from shared.ids import deterministic_id
from shared.log.record import NewRecord
from shared.replies import Speaker
from shared.store.timers import Timer


def rows_of(
    decision: Decision[object], cause: Cause, consumer: str, speaker: Speaker | None, now: dt.datetime
) -> list[NewRecord]:
    """Return the records that `decision` leads to: its facts first, then what it says.

    Raises:
        PermanentError: it says something the catalogue does not hold.
    """
    events = [*decision.emit]
    events += [Emit(_command(say, cause, speaker), say.chat_id, say.event_id) for say in decision.say]
    return [
        to_record(
            follow(
                cause,
                each.data,
                consumer=consumer,
                ordinal=ordinal,
                key=each.key,
                time=now,
                event_id=each.event_id,
            )
        )
        for ordinal, each in enumerate(events)
    ]


def timers_of(decision: Decision[object], cause: Cause, consumer: str) -> dict[str, Timer | None]:
    """Return the timers that `decision` sets, by name; None where it cancels one."""
    return {
        each.name: _timer(each, cause, consumer) if isinstance(each, Wake) else None for each in decision.wake
    }


def to_record(envelope: Envelope[EventModel]) -> NewRecord:
    """Return the record that carries `envelope` on the topic of its type."""
    value, headers = encode(envelope)
    return NewRecord(topic_of(type(envelope.data)).name, envelope.partition_key.encode(), value, headers)


def _timer(wake: Wake, cause: Cause, consumer: str) -> Timer:
    # The id is that of the timer and its time, whoever set it: set again to the same time it fires once.
    event_id = deterministic_id("timer", consumer, wake.name, wake.due.astimezone(dt.UTC).isoformat())
    envelope = Envelope(
        id=event_id,
        source=f"/chaupal/{consumer}",
        time=wake.due,
        correlation_id=cause.correlation_id,
        partition_key=wake.key,
        data=wake.data,
        causation_id=cause.id,
        traceparent=cause.traceparent,
        due=wake.due,
    )
    return Timer(wake.name, wake.due, wake.due + wake.valid_for, to_record(envelope))


def _command(say: Say, cause: Cause, speaker: Speaker | None) -> MessageSend:
    if speaker is None:
        raise PermanentError("This consumer has no catalogue to speak from.")
    return MessageSend(
        chat_id=say.chat_id,
        text=speaker.text(say.phrase, say.language, mentioned=len(say.mentions)),
        send_class=say.send_class,
        # Counted from what was asked, not from now: after an outage an old question is better left alone.
        not_after=cause.time + say.valid_for,
        reply_to=say.reply_to,
        mentions=say.mentions,
        member_id=say.privately_to,
        aloud=say.aloud or say.instead is not None,
        aloud_text=speaker.text(say.instead.phrase, say.instead.language) if say.instead else None,
        choices=say.choices,
        poll=say.poll,
        file=say.file,
    )
