"""Gives messages to providers: each once, as far as a provider without idempotency keys allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from services.gateway.channels.contract import (
    Accepted,
    Capability,
    Outcome,
    Outgoing,
    Refused,
    TryAgain,
    Unclear,
)
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.marks import client_id
from services.gateway.domain.outgoing import (
    OPTED_OUT,
    PAIR_LIMITED,
    RATE_LIMITED,
    RESTRICTED,
    SPAM_LIMITED,
    WINDOW_CLOSED,
)
from services.gateway.domain.policy import LOW, Verdict
from services.gateway.domain.private import NO_PRIVATE_WAY, NOT_PRIVATELY
from services.gateway.sending.book import Book
from services.gateway.sending.pacer import BULK_REST_SECONDS, RESTRICTED_REST_SECONDS, Pacer
from services.gateway.sending.planner import EXPIRED, Plan, Planner, Route, Standings
from services.gateway.sending.ways import Way, Ways
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageAccepted, MessageFailed, MessageSend, SendClass
from shared.errors import DependencyAway, InTurn, NotYet, ProviderUnavailable
from shared.faults import fault
from shared.observability.logs import get_logger
from shared.observability.metrics import REPLY_SECONDS, SEND_SECONDS, SENDS

log = get_logger(__name__)

LONGEST_WAIT = 30.0
LONGEST_PAIR_WAIT = 300.0
RECONCILE_POLL_SECONDS = 1.0
ASIDE_SECONDS = 300.0
"""How long a message rests elsewhere whose account has been refused for long."""
DROPPED = frozenset({EXPIRED, NO_PRIVATE_WAY, *(verdict.value for verdict in Verdict if verdict.drops)})


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
        planner: Planner,
        pacer: Pacer,
        standings: Standings,
        *,
        reconcile_seconds: float,
    ) -> None:
        self._book = book
        self._ways = ways
        self._planner = planner
        self._pacer = pacer
        self._standings = standings
        self._reconcile = dt.timedelta(seconds=reconcile_seconds)
        self._taken: dict[str, tuple[str, str | None]] = {}
        """The provider's ids of messages it has taken, and ours of their reports, until they are stored."""

    async def send(self, command: Envelope[MessageSend]) -> None:
        """Bring a message to its chat, or say in an event why not.

        Raises:
            NotYet: it has to be tried again later.
            ProviderUnavailable: the provider refuses the account itself.
            StoreUnavailable: the database does not answer.
        """
        if (taken := self._taken.get(command.id)) is not None:
            # It went out and the database was away when that had to be stored.
            await self._accept(command, *taken)
            return
        now = self._book.now()
        before = await self._book.find(command.id) if command.data.member_id is not None else None
        route = await self._planner.route(command.data, before, now)
        closed = isinstance(route, Route) and self._pacer.closed(route.way.account, now)
        plan = route if isinstance(route, str) or closed else await self._planner.plan(command, route, now)
        if isinstance(plan, Plan):
            plan = self._in_time(command, plan, now)
        if isinstance(plan, Plan):
            if plan.route.else_aloud:
                await self._book.keep(command)
            # Nearly every command is new, and one insert finds out.
            first = _attempted(self._fresh(command), plan, now)
            if await self._book.begin(first):
                await self._call(command, first, plan)
                return
        await self._look_first(command, route, plan, now)

    def _in_time(self, command: Envelope[MessageSend], plan: Plan, now: dt.datetime) -> Plan | str:
        """Return `plan` once its turn has come, or the reason why it never will.

        Raises:
            InTurn: its turn comes later.
        """
        send = command.data
        seconds = self._pacer.wait(
            command.id,
            plan.way.account,
            now,
            person=plan.way.chat_id if plan.way.kind is ChatKind.DIRECT else None,
            bulk=send.send_class in LOW,
            urgent=send.send_class is SendClass.SAFETY,
        )
        if now + dt.timedelta(seconds=seconds) > send.not_after:
            return EXPIRED
        if seconds > 0:
            raise InTurn("Others are before it.", seconds)
        return plan

    async def _look_first(
        self, command: Envelope[MessageSend], route: Route | str, plan: Plan | Route | str, now: dt.datetime
    ) -> None:
        before = await self._book.find(command.id) or self._fresh(command)
        if before.settled:
            await self._already(command, before)
            return
        if before.stage is Stage.IN_FLIGHT:
            if isinstance(route, Route) and (found := await self._found(command, route.way)) is not None:
                await self._accept(command, found, self._ways.reported_as(route.way, found))
                return
            self._await_status(before, now)
        if isinstance(plan, str):
            await self._fail(command, plan)
            return
        if isinstance(plan, Route):
            if now > command.data.not_after:
                await self._fail(command, EXPIRED)
                return
            raise why_closed(self._pacer, plan.way.account, now)
        marked = await self._record(command, lambda delivery: _attempted(delivery, plan, now))
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
        await self._conclude(command, marked.attempts, plan.route, outcome)

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
        self, command: Envelope[MessageSend], attempts: int, route: Route, outcome: Outcome
    ) -> None:
        way = route.way
        match outcome:
            case Accepted(provider_id):
                await self._accept(command, provider_id, self._ways.reported_as(way, provider_id))
                self._ways.remember(way, provider_id, self._book.now())
                SENDS.labels(way.channel.name, "accepted").inc()
                log.info("gateway.sent", send_id=command.id, correlation_id=command.correlation_id)
            case Refused(code, provider_code):
                if code == RESTRICTED:
                    self._rest_bulk(way, code, RESTRICTED_REST_SECONDS)
                if code == OPTED_OUT and way.kind is ChatKind.DIRECT:
                    await self._standings.silence(way.chat_id, self._book.now())
                if route.else_aloud and code in NOT_PRIVATELY:
                    # Nothing was taken, and nothing is said in that chat from here on.
                    await self._record(command, Delivery.refused_privately)
                    await self.send(command)
                    return
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
            self._rest_bulk(way, code, BULK_REST_SECONDS)

    def _rest_bulk(self, way: Way, code: str, seconds: float) -> None:
        self._pacer.rest_bulk(way.account, self._book.now(), seconds)
        log.error("gateway.bulk_stopped", account=way.account, code=code, seconds=seconds)

    async def _already(self, command: Envelope[MessageSend], delivery: Delivery) -> None:
        """Leave a message alone that is done; where only a status told so, say that it was accepted."""
        self._pacer.gone(command.id)
        SENDS.labels("any", "duplicate").inc()
        if delivery.provider_id is None and delivery.stage is not Stage.FAILED:
            await self._accept(command, None)

    async def _accept(
        self, command: Envelope[MessageSend], provider_id: str | None, message_id: str | None = None
    ) -> None:
        now = self._book.now()
        accepted = MessageAccepted(send_id=command.id, chat_id=command.data.chat_id, accepted_at=now)
        if provider_id is not None:
            self._taken[command.id] = provider_id, message_id
        await self._record(command, lambda delivery: delivery.accepted(provider_id, message_id), accepted)
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
        return Delivery(
            command.id,
            send.chat_id,
            send_class=str(send.send_class),
            since=self._book.now(),
            member_id=send.member_id,
        )


def _attempted(delivery: Delivery, plan: Plan, now: dt.datetime) -> Delivery:
    went_to = plan.way.chat_id if plan.route.private else None
    return delivery.attempt(now, went_to, aloud=plan.route.aloud)


def why_closed(pacer: Pacer, account: str, now: dt.datetime) -> ProviderUnavailable | InTurn:
    """Return why nothing can go out through an account whose provider has just refused it.

    At first messages wait where they are. After a while they rest elsewhere: there is room for a few hundred,
    and those of other accounts need it.
    """
    if pacer.long_closed(account, now):
        return InTurn("The provider has been refusing this account for long.", ASIDE_SECONDS)
    return ProviderUnavailable("The provider has just refused this account.")


def backoff(attempts: int, at_least: float, code: str | None = None) -> float:
    """Return the seconds before the next attempt: doubling from half a second, never under `at_least`.

    Where one person was written to too often, the gap is four times the last one.
    """
    if code == PAIR_LIMITED:
        return max(at_least, min(LONGEST_PAIR_WAIT, 4.0 ** min(attempts - 1, 10)))
    return max(at_least, min(LONGEST_WAIT, 0.5 * 2.0 ** min(attempts - 1, 10)))
