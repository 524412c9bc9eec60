"""Does to a chat what services ask for, and says of each thing what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from services.gateway.channels.contract import (
    Accepted,
    Action,
    AnswerJoin,
    Capability,
    Delete,
    MessageRef,
    Outcome,
    Pin,
    React,
    Refused,
    Remove,
    Restrict,
    TryAgain,
    Unclear,
)
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.outgoing import RATE_LIMITED, UNSUPPORTED
from services.gateway.sending.book import Book
from services.gateway.sending.pacer import Pacer
from services.gateway.sending.planner import EXPIRED
from services.gateway.sending.sender import RECONCILE_POLL_SECONDS, backoff, why_closed
from services.gateway.sending.ways import Way, Ways
from shared.contracts.actions import (
    ActionDone,
    ActionFailed,
    ActionUnsupported,
    ChatRestrict,
    JoinAnswer,
    MemberRemove,
    MessageDelete,
    MessagePin,
    MessageReact,
)
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope
from shared.errors import DependencyAway, InTurn, NotYet
from shared.faults import fault
from shared.observability.logs import get_logger
from shared.observability.metrics import SEND_SECONDS, SENDS

log = get_logger(__name__)

Command: TypeAlias = MessageReact | MessageDelete | MessagePin | MemberRemove | JoinAnswer | ChatRestrict

_POSSIBLE: dict[type[EventModel], frozenset[Capability]] = {
    MessageReact: frozenset({Capability.REACTIONS}),
    MessagePin: frozenset({Capability.PIN}),
    MessageDelete: frozenset({Capability.DELETE_OWN, Capability.DELETE_FOREIGN}),
    MemberRemove: frozenset({Capability.REMOVE_MEMBER}),
    JoinAnswer: frozenset({Capability.ANSWER_JOIN}),
    ChatRestrict: frozenset({Capability.RESTRICT}),
}
"""What a channel must be able to do, one of these at least: which one, only the message tells."""

ALREADY = frozenset({"unknown_request", "not_in_group"})
"""Codes that mean that it is done, where a call before may have had its effect."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What the channel would have to be able to do."""

    capability: Capability


class Actions:
    """Acts on the commands that change a chat.

    Every one of them asks for a state, so asking twice does no harm: where the answer is lost, the provider
    is simply asked again.
    """

    def __init__(self, book: Book, ways: Ways, pacer: Pacer) -> None:
        self._book = book
        self._ways = ways
        self._pacer = pacer

    async def act(self, command: Envelope[Command]) -> None:
        """Do what `command` asks for, or say in an event why not.

        Raises:
            NotYet: it has to be tried again later.
            ProviderUnavailable: the provider refuses the account itself.
            StoreUnavailable: the database does not answer.
        """
        way, now = await self._ways.to(command.data.chat_id), self._book.now()
        if isinstance(way, str):
            await self._fail(command, way)
            return
        action = EXPIRED if now > command.data.not_after else await self._action(command.data, way)
        if isinstance(action, Missing):
            await self._unsupported(command, action.capability)
        elif isinstance(action, str):
            await self._fail(command, action)
        else:
            await self._do(command, way, action, now)

    async def _action(self, command: Command, way: Way) -> Action | Missing | str:
        """Return what the provider is to do, what it lacks, or the code that says why it is not asked."""
        possible = _POSSIBLE[type(command)]
        if not possible & way.capabilities:
            return Missing(min(possible))
        action = await self._said(command, way)
        if isinstance(action, str) or _needed(action) in way.capabilities:
            return action
        return Missing(_needed(action))

    async def _said(self, command: Command, way: Way) -> Action | str:
        match command:
            case MemberRemove():
                person = await self._ways.person(command.member_id, way)
                return Remove(person) if person is not None else "no_address"
            case JoinAnswer():
                # Where a provider knows a request by an address alone, `join.requested` names the member.
                person = await self._ways.person(command.request_id, way)
                return AnswerJoin(command.request_id, command.approved, person)
            case ChatRestrict():
                return Restrict(command.admins_only)
        message = await self._ways.message(command.message_id, command.chat_id, way)
        return "unknown_message" if message is None else _about(message, command)

    async def _do(self, command: Envelope[Command], way: Way, action: Action, now: dt.datetime) -> None:
        if self._pacer.closed(way.account, now):
            raise why_closed(self._pacer, way.account, now)
        if (seconds := self._pacer.wait(command.id, way.account, now, urgent=True)) > 0:
            raise InTurn("Others are before it.", seconds)
        marked, unsure = self._fresh(command).attempt(now), False
        if not await self._book.begin(marked):
            before = await self._book.find(command.id)
            unsure = before is not None and before.stage is Stage.IN_FLIGHT
            marked = await self._record(command, lambda delivery: delivery.attempt(now))
        self._pacer.gone(command.id)
        if marked.settled:
            SENDS.labels("any", "duplicate").inc()
            return
        try:
            with SEND_SECONDS.labels(way.channel.name).time():
                outcome = await way.channel.act(way.to, action)
        except DependencyAway:
            self._pacer.refused(way.account, self._book.now())
            await self._postpone(command, unsure=unsure)
            raise
        self._pacer.taken(way.account)
        fault("after_http_before_record")
        await self._conclude(command, marked.attempts, way, action, outcome, unsure=unsure)

    async def _conclude(
        self,
        command: Envelope[Command],
        attempts: int,
        way: Way,
        action: Action,
        outcome: Outcome,
        *,
        unsure: bool,
    ) -> None:
        match outcome:
            case Accepted():
                await self._done(command)
            case Refused(code=code) if unsure and code in ALREADY:
                await self._done(command)
            case Refused(code=code) if code == UNSUPPORTED:
                await self._unsupported(command, _needed(action))
            case Refused(code, provider_code):
                await self._fail(command, code, provider_code)
            case TryAgain(code, seconds):
                if code == RATE_LIMITED:
                    self._pacer.slower(way.account, self._book.now())
                await self._postpone(command, unsure=unsure)
                log.warning("gateway.action_postponed", code=code, correlation_id=command.correlation_id)
                raise NotYet(f"The provider said {code}.", backoff(attempts, seconds, code))
            case Unclear():
                log.warning("gateway.action_unclear", correlation_id=command.correlation_id)
                raise NotYet(
                    "The provider gave no answer that can be read.", backoff(attempts, RECONCILE_POLL_SECONDS)
                )

    async def _postpone(self, command: Envelope[Command], *, unsure: bool) -> None:
        """Note that this call had no effect; where one before it may have had its own, it stays in flight."""
        if not unsure:
            await self._record(command, Delivery.postponed)

    async def _done(self, command: Envelope[Command]) -> None:
        fact = ActionDone(
            action_id=command.id,
            action=command.type,
            chat_id=command.data.chat_id,
            done_at=self._book.now(),
        )
        await self._record(command, lambda delivery: _settle(delivery, delivery.accepted(None)), fact)
        log.info("gateway.acted", action=command.type, correlation_id=command.correlation_id)

    async def _unsupported(self, command: Envelope[Command], missing: Capability) -> None:
        fact = ActionUnsupported(
            action_id=command.id,
            action=command.type,
            chat_id=command.data.chat_id,
            code=str(missing),
            told_at=self._book.now(),
        )
        await self._record(command, lambda delivery: _settle(delivery, delivery.failed(str(missing))), fact)
        log.warning("gateway.action_unsupported", code=missing, correlation_id=command.correlation_id)

    async def _fail(self, command: Envelope[Command], code: str, provider_code: int | None = None) -> None:
        self._pacer.gone(command.id)
        fact = ActionFailed(
            action_id=command.id,
            action=command.type,
            chat_id=command.data.chat_id,
            code=code,
            provider_code=provider_code,
            failed_at=self._book.now(),
        )
        await self._record(command, lambda delivery: _settle(delivery, delivery.failed(code)), fact)
        log.warning("gateway.action_failed", code=code, correlation_id=command.correlation_id)

    async def _record(
        self,
        command: Envelope[Command],
        change: Callable[[Delivery], Delivery],
        fact: EventModel | None = None,
    ) -> Delivery:
        return await self._book.record(command, self._fresh(command), change, fact)

    def _fresh(self, command: Envelope[Command]) -> Delivery:
        return Delivery(command.id, command.data.chat_id, what=command.type, since=self._book.now())


def _about(message: MessageRef, command: MessageReact | MessagePin | MessageDelete) -> Action:
    match command:
        case MessageReact():
            return React(message, command.emoji)
        case MessagePin():
            return Pin(message, command.days)
        case MessageDelete():
            return Delete(message)


def _needed(action: Action) -> Capability:
    match action:
        case React():
            return Capability.REACTIONS
        case Pin():
            return Capability.PIN
        case Delete(message):
            return Capability.DELETE_OWN if message.ours else Capability.DELETE_FOREIGN
        case Remove():
            return Capability.REMOVE_MEMBER
        case AnswerJoin():
            return Capability.ANSWER_JOIN
        case Restrict():
            return Capability.RESTRICT


def _settle(before: Delivery, after: Delivery) -> Delivery:
    """Return `before` where it is settled: an action has one outcome."""
    return before if before.settled else after
