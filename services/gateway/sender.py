"""Gives messages to providers: each once, as far as a provider without idempotency keys allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.gateway.channels.contract import (
    Accepted,
    Channel,
    Destination,
    Outcome,
    Refused,
    TryAgain,
    Unclear,
)
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.marks import Mark
from services.gateway.store import Deliveries, Identities
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, follow
from shared.contracts.gateway import MessageAccepted, MessageFailed, MessageSend
from shared.errors import DependencyAway, NotYet, ProviderUnavailable
from shared.faults import fault
from shared.observability.logs import get_logger
from shared.observability.metrics import REPLY_SECONDS, SEND_SECONDS, SENDS
from shared.store.unit_of_work import Session
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime

log = get_logger(__name__)

CONSUMER = "gateway.sender"
EXPIRED = "expired"
LONGEST_WAIT = 30.0
RECONCILE_POLL_SECONDS = 1.0

PROBE_SECONDS = 2.0
"""How often one message is tried while a provider refuses an account: hundreds of chats would be a storm."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a chat is reached."""

    account: str
    channel: Channel
    to: Destination


class Sender:
    """Acts on `message.send`.

    Before a call the delivery is marked in flight, so that a crash during the call is known of afterwards:
    then a status webhook is awaited, and only its absence leads to a second call.
    """

    def __init__(
        self,
        runtime: Runtime,
        identities: Identities,
        deliveries: Deliveries,
        channels: Mapping[str, Channel],
        reconcile_seconds: float,
    ) -> None:
        self._runtime = runtime
        self._identities = identities
        self._deliveries = deliveries
        self._channels = channels
        self._reconcile = dt.timedelta(seconds=reconcile_seconds)
        self._taken: dict[str, str] = {}
        """The provider's ids of messages it has taken, until they are stored."""
        self._refused: dict[str, dt.datetime] = {}
        """Accounts the provider refuses, each with the instant of the next try."""

    async def send(self, command: Envelope[MessageSend]) -> None:
        """Bring a message to its chat, or say in an event why not.

        Raises:
            NotYet: it has to be tried again later.
            ProviderUnavailable: the provider refuses the account itself.
            StoreUnavailable: the database does not answer.
        """
        if (provider_id := self._taken.get(command.id)) is not None:
            # It went out and the database was away when that had to be stored.
            await self._accept(command, provider_id)
            return
        way = await self._way(command.data.chat_id)
        now = self._runtime.clock.now()
        closed = isinstance(way, Way) and self._closed(way, now)
        if isinstance(way, Way) and not closed and now <= command.data.not_after:
            # Nearly every command is new, and one insert finds out.
            first = Delivery(command.id, command.data.chat_id).attempt(now)
            if await self._deliveries.add(first):
                await self._call(command, first, way)
                return
        await self._look_first(command, way, now, closed=closed)

    async def _way(self, chat_id: str) -> Way | str:
        """Return how the chat is reached, or the code that says why it cannot be."""
        chat = await self._identities.chat(chat_id)
        channel = self._channels.get(chat.account) if chat else None
        if chat is None or channel is None:
            return "unknown_chat"
        if chat.group is not None:
            return Way(chat.account, channel, Destination(group=chat.group))
        person = await self._identities.address(chat.member_id) if chat.member_id else None
        return Way(chat.account, channel, Destination(person=person)) if person else "no_address"

    async def _look_first(
        self, command: Envelope[MessageSend], way: Way | str, now: dt.datetime, *, closed: bool
    ) -> None:
        before = await self._deliveries.find(command.id) or Delivery(command.id, command.data.chat_id)
        if before.settled:
            await self._already(command, before)
            return
        self._await_status(before, now)
        if isinstance(way, str):
            await self._fail(command, way)
            return
        if now > command.data.not_after:
            await self._fail(command, EXPIRED)
            return
        if closed:
            raise ProviderUnavailable("The provider has just refused this account.")
        marked = await self._record(command, lambda delivery: delivery.attempt(now))
        if marked.settled:
            await self._already(command, marked)
            return
        await self._call(command, marked, way)

    def _await_status(self, delivery: Delivery, now: dt.datetime) -> None:
        in_flight = delivery.stage is Stage.IN_FLIGHT and delivery.attempted_at is not None
        if in_flight and delivery.attempted_at and now < delivery.attempted_at + self._reconcile:
            raise NotYet("The fate of this message is not known yet.", RECONCILE_POLL_SECONDS)

    def _closed(self, way: Way, now: dt.datetime) -> bool:
        """Return whether the provider has just refused the account; once in a while one message may try."""
        if (probe_at := self._refused.get(way.account)) is None:
            return False
        if now >= probe_at:
            self._refused[way.account] = now + dt.timedelta(seconds=PROBE_SECONDS)
            return False
        return True

    async def _call(self, command: Envelope[MessageSend], marked: Delivery, way: Way) -> None:
        mark = str(Mark(command.id, command.correlation_id))
        try:
            with SEND_SECONDS.labels(way.channel.name).time():
                outcome = await way.channel.send_text(way.to, command.data.text, mark)
        except DependencyAway:
            now = self._runtime.clock.now()
            self._refused[way.account] = now + dt.timedelta(seconds=PROBE_SECONDS)
            # Nothing was taken: the next call need not wait for a status that cannot come.
            await self._record(command, Delivery.postponed)
            raise
        self._refused.pop(way.account, None)
        fault("after_http_before_record")
        await self._conclude(command, marked.attempts, way.channel, outcome)

    async def _conclude(
        self, command: Envelope[MessageSend], attempts: int, channel: Channel, outcome: Outcome
    ) -> None:
        match outcome:
            case Accepted(provider_id):
                await self._accept(command, provider_id)
                SENDS.labels(channel.name, "accepted").inc()
                log.info("gateway.sent", send_id=command.id, correlation_id=command.correlation_id)
            case Refused(code, provider_code):
                await self._fail(command, code, provider_code)
            case TryAgain(code, seconds):
                await self._record(command, Delivery.postponed)
                SENDS.labels(channel.name, "retried").inc()
                log.warning("gateway.send_postponed", code=code, correlation_id=command.correlation_id)
                raise NotYet(f"The provider said {code}.", backoff(attempts, seconds))
            case Unclear():
                SENDS.labels(channel.name, "unclear").inc()
                log.warning("gateway.send_unclear", correlation_id=command.correlation_id)
                raise NotYet("The provider gave no answer that can be read.", RECONCILE_POLL_SECONDS)

    async def _already(self, command: Envelope[MessageSend], delivery: Delivery) -> None:
        """Leave a message alone that is done; where only a status told so, say that it was accepted."""
        SENDS.labels("any", "duplicate").inc()
        if delivery.provider_id is None and delivery.stage is not Stage.FAILED:
            await self._accept(command, None)

    async def _accept(self, command: Envelope[MessageSend], provider_id: str | None) -> None:
        now = self._runtime.clock.now()
        accepted = MessageAccepted(send_id=command.id, chat_id=command.data.chat_id, accepted_at=now)
        if provider_id is not None:
            self._taken[command.id] = provider_id
        await self._record(command, lambda delivery: delivery.accepted(provider_id), accepted)
        self._taken.pop(command.id, None)
        REPLY_SECONDS.observe(max(0.0, (now - command.time).total_seconds()))

    async def _fail(
        self, command: Envelope[MessageSend], code: str, provider_code: int | None = None
    ) -> None:
        failed = MessageFailed(
            send_id=command.id,
            chat_id=command.data.chat_id,
            code=code,
            provider_code=provider_code,
            failed_at=self._runtime.clock.now(),
        )
        await self._record(command, lambda delivery: delivery.failed(code), failed)
        SENDS.labels("any", "expired" if code == EXPIRED else "failed").inc()
        log.warning("gateway.send_failed", code=code, correlation_id=command.correlation_id)

    async def _record(
        self,
        command: Envelope[MessageSend],
        change: Callable[[Delivery], Delivery],
        fact: EventModel | None = None,
    ) -> Delivery:
        """Apply `change` to the stored delivery and, if it made one, add the fact that tells of it."""

        async def work(session: Session) -> Delivery:
            stored = (await self._deliveries.load(session, [command.id]))[command.id]
            after = change(stored or Delivery(command.id, command.data.chat_id))
            await self._deliveries.save(session, {command.id: after})
            if fact is not None and after is not stored:
                await self._runtime.outbox.add(session, [to_record(self._follow(command, fact))])
            return after

        delivery = await self._runtime.unit_of_work.run(work)
        if fact is not None:
            self._runtime.outbox.filled.set()
        return delivery

    def _follow(self, command: Envelope[MessageSend], fact: EventModel) -> Envelope[EventModel]:
        key, now = command.data.chat_id, self._runtime.clock.now()
        return follow(command, fact, consumer=CONSUMER, ordinal=0, key=key, time=now)


def backoff(attempts: int, at_least: float) -> float:
    """Return the seconds before the next attempt: doubling from half a second, never under `at_least`."""
    return max(at_least, min(LONGEST_WAIT, 0.5 * 2.0 ** min(attempts - 1, 10)))
