"""Gives messages to providers: each once, as far as a provider without idempotency keys allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.gateway.channels.contract import (
    Accepted,
    Capability,
    MessageRef,
    Outcome,
    Outgoing,
    Refused,
    TryAgain,
    Unclear,
)
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.items import Address
from services.gateway.domain.marks import Mark, client_id
from services.gateway.domain.outgoing import (
    OPTED_OUT,
    PAIR_LIMITED,
    RATE_LIMITED,
    SPAM_LIMITED,
    WINDOW_CLOSED,
)
from services.gateway.domain.policy import (
    LOW,
    NOISE_PERIOD,
    Verdict,
    judge,
    needs_noise,
    needs_standing,
)
from services.gateway.domain.render import render, render_fallback
from services.gateway.domain.standing import Standing
from services.gateway.sending.book import Book
from services.gateway.sending.pacer import Pacer
from services.gateway.sending.ways import Way, Ways
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageAccepted, MessageFailed, MessageSend, SendClass
from shared.errors import DependencyAway, NotYet, ProviderUnavailable
from shared.faults import fault
from shared.observability.logs import get_logger
from shared.observability.metrics import REPLY_SECONDS, SEND_SECONDS, SENDS

log = get_logger(__name__)

EXPIRED = "expired"
LONGEST_WAIT = 30.0
LONGEST_PAIR_WAIT = 300.0
RECONCILE_POLL_SECONDS = 1.0
DROPPED = frozenset({EXPIRED, *(verdict.value for verdict in Verdict if verdict.drops)})


class Standings(Protocol):
    """Where it is found how chats stand to us."""

    async def of(self, chat_id: str) -> Standing:
        """Return how a chat stands to us."""
        ...

    async def silence(self, chat_id: str, at: dt.datetime) -> None:
        """Note that a chat wants nothing unasked."""
        ...


class Heard(Protocol):
    """Where it is counted what chats have heard from us."""

    async def heard(self, chat_id: str, classes: frozenset[SendClass], since: dt.datetime, most: int) -> int:
        """Return how many messages of `classes` a chat has had since then; counting ends at `most`."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes out on which way."""

    way: Way
    message: Outgoing
    fallback: Outgoing | None
    """What is sent instead where the provider takes nothing else."""


class Sender:
    """Acts on `message.send`.

    Before a call the delivery is marked in flight, so that a crash during the call is known of afterwards:
    then a status webhook is awaited, or the provider asked, and only where neither knows of the message
    is there a second call.
    """

    def __init__(
        self,
        book: Book,
        ways: Ways,
        pacer: Pacer,
        standings: Standings,
        heard: Heard,
        *,
        reconcile_seconds: float,
        noise_per_hour: int,
    ) -> None:
        self._book = book
        self._ways = ways
        self._pacer = pacer
        self._standings = standings
        self._heard = heard
        self._reconcile = dt.timedelta(seconds=reconcile_seconds)
        self._noise_per_hour = noise_per_hour
        self._taken: dict[str, str] = {}
        """The provider's ids of messages it has taken, until they are stored."""

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
        way = await self._ways.to(command.data.chat_id)
        now = self._book.now()
        closed = isinstance(way, Way) and self._pacer.closed(way.account, now)
        plan = way if isinstance(way, str) or closed else await self._plan(command, way, now)
        if isinstance(plan, Plan):
            plan = self._in_time(command, plan, now)
        if isinstance(plan, Plan):
            # Nearly every command is new, and one insert finds out.
            first = self._fresh(command).attempt(now)
            if await self._book.begin(first):
                await self._call(command, first, plan)
                return
        await self._look_first(command, way, plan, now)

    async def _plan(self, command: Envelope[MessageSend], way: Way, now: dt.datetime) -> Plan | str:
        """Return what goes out, or the reason why nothing does."""
        send = command.data
        if now > send.not_after:
            return EXPIRED
        names = {"mark": str(Mark(command.id, command.correlation_id)), "client_id": client_id(command.id)}
        fallback = render_fallback(send, way.capabilities, **names)
        verdict = await self._judge(send, way, now, fallback=fallback is not None)
        if verdict.drops:
            return verdict.value
        if verdict is Verdict.SEND_FALLBACK and fallback is not None:
            return Plan(way, fallback, None)
        reply_to: MessageRef | None = None
        mentions: tuple[Address, ...] = ()
        if send.reply_to is not None and Capability.REPLIES in way.capabilities:
            reply_to = await self._ways.message(send.reply_to, send.chat_id, way)
        if send.mentions and Capability.MENTIONS in way.capabilities:
            mentions = await self._ways.persons(send.mentions, way)
        message = render(send, way.capabilities, **names, reply_to=reply_to, mentions=mentions)
        return Plan(way, message, fallback)

    async def _judge(self, send: MessageSend, way: Way, now: dt.datetime, *, fallback: bool) -> Verdict:
        standing, heard = Standing(), 0
        if needs_standing(send.send_class, way.kind, way.capabilities):
            standing = await self._standings.of(send.chat_id)
        if needs_noise(send.send_class, way.kind):
            heard = await self._heard.heard(send.chat_id, LOW, now - NOISE_PERIOD, self._noise_per_hour)
        return judge(
            send.send_class,
            way.kind,
            way.capabilities,
            standing,
            now,
            heard=heard,
            noise_per_hour=self._noise_per_hour,
            fallback=fallback,
        )

    def _in_time(self, command: Envelope[MessageSend], plan: Plan, now: dt.datetime) -> Plan | str:
        """Return `plan` once its turn has come, or the reason why it never will.

        Raises:
            NotYet: its turn comes later.
        """
        send = command.data
        seconds = self._pacer.wait(
            command.id,
            plan.way.account,
            now,
            person=send.chat_id if plan.way.kind is ChatKind.DIRECT else None,
            bulk=send.send_class in LOW,
            urgent=send.send_class is SendClass.SAFETY,
        )
        if now + dt.timedelta(seconds=seconds) > send.not_after:
            return EXPIRED
        if seconds > 0:
            raise NotYet("Others are before it.", seconds)
        return plan

    async def _look_first(
        self, command: Envelope[MessageSend], way: Way | str, plan: Plan | Way | str, now: dt.datetime
    ) -> None:
        before = await self._book.find(command.id) or self._fresh(command)
        if before.settled:
            await self._already(command, before)
            return
        if before.stage is Stage.IN_FLIGHT:
            if isinstance(way, Way) and (found := await self._found(command, way)) is not None:
                await self._accept(command, found)
                return
            self._await_status(before, now)
        if isinstance(plan, str):
            await self._fail(command, plan)
            return
        if isinstance(plan, Way):
            if now > command.data.not_after:
                await self._fail(command, EXPIRED)
                return
            raise ProviderUnavailable("The provider has just refused this account.")
        marked = await self._record(command, lambda delivery: delivery.attempt(now))
        if marked.settled:
            await self._already(command, marked)
            return
        await self._call(command, marked, plan)

    async def _found(self, command: Envelope[MessageSend], way: Way) -> str | None:
        """Return the provider's id of a message of unknown fate, where it lets us choose ids and has it."""
        if Capability.CLIENT_IDS not in way.capabilities:
            return None
        return await way.channel.find(way.to, client_id(command.id))

    def _await_status(self, delivery: Delivery, now: dt.datetime) -> None:
        if delivery.attempted_at is not None and now < delivery.attempted_at + self._reconcile:
            raise NotYet("The fate of this message is not known yet.", RECONCILE_POLL_SECONDS)

    async def _call(self, command: Envelope[MessageSend], marked: Delivery, plan: Plan) -> None:
        self._pacer.gone(command.id)
        outcome = await self._ask(command, plan.way, plan.message)
        if isinstance(outcome, Refused) and outcome.code == WINDOW_CLOSED and plan.fallback is not None:
            # It took nothing, so this is the same message in the one form it takes, and no second one.
            outcome = await self._ask(command, plan.way, plan.fallback)
        fault("after_http_before_record")
        await self._conclude(command, marked.attempts, plan.way, outcome)

    async def _ask(self, command: Envelope[MessageSend], way: Way, message: Outgoing) -> Outcome:
        try:
            with SEND_SECONDS.labels(way.channel.name).time():
                outcome = await way.channel.send(way.to, message)
        except DependencyAway:
            self._pacer.refused(way.account, self._book.now())
            # Nothing was taken: the next call need not wait for a status that cannot come.
            await self._record(command, Delivery.postponed)
            raise
        self._pacer.taken(way.account)
        return outcome

    async def _conclude(
        self, command: Envelope[MessageSend], attempts: int, way: Way, outcome: Outcome
    ) -> None:
        match outcome:
            case Accepted(provider_id):
                await self._accept(command, provider_id)
                self._ways.remember(command.data.chat_id, way, provider_id, self._book.now())
                SENDS.labels(way.channel.name, "accepted").inc()
                log.info("gateway.sent", send_id=command.id, correlation_id=command.correlation_id)
            case Refused(code, provider_code):
                if code == OPTED_OUT and way.kind is ChatKind.DIRECT:
                    await self._standings.silence(command.data.chat_id, self._book.now())
                await self._fail(command, code, provider_code)
            case TryAgain(code, seconds):
                self._heed(code, way)
                await self._record(command, Delivery.postponed)
                SENDS.labels(way.channel.name, "retried").inc()
                log.warning("gateway.send_postponed", code=code, correlation_id=command.correlation_id)
                raise NotYet(f"The provider said {code}.", backoff(attempts, seconds, code))
            case Unclear():
                SENDS.labels(way.channel.name, "unclear").inc()
                log.warning("gateway.send_unclear", correlation_id=command.correlation_id)
                raise NotYet("The provider gave no answer that can be read.", RECONCILE_POLL_SECONDS)

    def _heed(self, code: str, way: Way) -> None:
        """Slow down whoever the provider has complained of; the chat itself waits in its lane anyway."""
        if code == RATE_LIMITED:
            self._pacer.slower(way.account, self._book.now())
        elif code == SPAM_LIMITED:
            self._pacer.rest_bulk(way.account, self._book.now())
            log.error("gateway.bulk_stopped", account=way.account, code=code)

    async def _already(self, command: Envelope[MessageSend], delivery: Delivery) -> None:
        """Leave a message alone that is done; where only a status told so, say that it was accepted."""
        self._pacer.gone(command.id)
        SENDS.labels("any", "duplicate").inc()
        if delivery.provider_id is None and delivery.stage is not Stage.FAILED:
            await self._accept(command, None)

    async def _accept(self, command: Envelope[MessageSend], provider_id: str | None) -> None:
        now = self._book.now()
        accepted = MessageAccepted(send_id=command.id, chat_id=command.data.chat_id, accepted_at=now)
        if provider_id is not None:
            self._taken[command.id] = provider_id
        await self._record(command, lambda delivery: delivery.accepted(provider_id), accepted)
        self._taken.pop(command.id, None)
        REPLY_SECONDS.observe(max(0.0, (now - command.time).total_seconds()))

    async def _fail(
        self, command: Envelope[MessageSend], code: str, provider_code: int | None = None
    ) -> None:
        self._pacer.gone(command.id)
        failed = MessageFailed(
            send_id=command.id,
            chat_id=command.data.chat_id,
            code=code,
            provider_code=provider_code,
            failed_at=self._book.now(),
        )
        await self._record(command, lambda delivery: delivery.failed(code), failed)
        ours = provider_code is None and code in DROPPED
        outcome = "expired" if code == EXPIRED else "dropped" if ours else "failed"
        SENDS.labels("any", outcome).inc()
        log.warning("gateway.send_failed", code=code, correlation_id=command.correlation_id)

    async def _record(
        self,
        command: Envelope[MessageSend],
        change: Callable[[Delivery], Delivery],
        fact: EventModel | None = None,
    ) -> Delivery:
        return await self._book.record(command, self._fresh(command), change, fact)

    def _fresh(self, command: Envelope[MessageSend]) -> Delivery:
        send = command.data
        return Delivery(command.id, send.chat_id, send_class=str(send.send_class), since=self._book.now())


def backoff(attempts: int, at_least: float, code: str | None = None) -> float:
    """Return the seconds before the next attempt: doubling from half a second, never under `at_least`.

    Where one person was written to too often, the gap is four times the last one.
    """
    if code == PAIR_LIMITED:
        return max(at_least, min(LONGEST_PAIR_WAIT, 4.0 ** min(attempts - 1, 10)))
    return max(at_least, min(LONGEST_WAIT, 0.5 * 2.0 ** min(attempts - 1, 10)))
