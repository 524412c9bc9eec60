"""Plans a message: where it goes, whether it may go out now, and in which form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from services.gateway.channels.contract import Capability, MessageRef, Outgoing
from services.gateway.domain.delivery import Delivery, Stage
from services.gateway.domain.items import Address
from services.gateway.domain.marks import Mark, client_id
from services.gateway.domain.policy import (
    LOW,
    NOISE_PERIOD,
    Verdict,
    judge,
    needs_noise,
    needs_standing,
)
from services.gateway.domain.private import Door, door_to
from services.gateway.domain.render import render, render_fallback
from services.gateway.domain.standing import Standing
from services.gateway.sending.ways import Way, Ways
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageSend, SendClass
from shared.decision import Phrase
from shared.i18n import Language
from shared.mentions import has_marks
from shared.replies import Speaker

EXPIRED = "expired"
"""Code of a decision of ours: its time was over."""


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


class Names(Protocol):
    """Where it is kept what members call themselves."""

    async def of(self, member_ids: Collection[str]) -> Mapping[str, str]:
        """Return the names of those who have one."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes."""

    way: Way
    private: bool = False
    """Whether it goes to a member alone, elsewhere than to the chat it was meant for."""
    template: bool = False
    """Whether nothing but the template would be taken there."""
    aloud: bool = False
    """Whether it is said in the chat because there is no private way to the member."""
    else_aloud: bool = False
    """Whether it may be said in the chat once it is certain that the member alone was not reached."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes out where."""

    route: Route
    message: Outgoing
    fallback: Outgoing | None
    """What is sent instead where the provider takes nothing else."""

    @property
    def way(self) -> Way:
        """How it is reached."""
        return self.route.way


class Planner:
    """Knows what each chat wants and what each channel can do."""

    def __init__(
        self,
        ways: Ways,
        standings: Standings,
        heard: Heard,
        speaker: Speaker,
        *,
        names: Names,
        noise_per_hour: int,
    ) -> None:
        """Plan with what is known.

        Args:
            ways: how chats are reached.
            standings: what they want, and when somebody last wrote there.
            heard: what they have heard from us.
            speaker: gives the word for a member who cannot be mentioned.
            names: what members call themselves.
            noise_per_hour: how many reminders and digests a group may have.
        """
        self._ways = ways
        self._standings = standings
        self._heard = heard
        self._speaker = speaker
        self._names = names
        self._noise_per_hour = noise_per_hour

    async def route(self, send: MessageSend, before: Delivery | None, now: dt.datetime) -> Route | str:
        """Return where a message goes, or the reason why it goes nowhere.

        Args:
            send: the message.
            before: what is noted of it, where it is for one member alone: one of unknown fate stays where
                it was, and one that was refused there is not tried there again.
            now: the time.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if before is not None and before.stage is Stage.IN_FLIGHT:
            way = await self._ways.to(before.went_to or send.chat_id)
            if isinstance(way, str):
                return way
            route = Route(way, private=before.went_to is not None, aloud=before.aloud)
            return await self._or_aloud(send, route)
        way = await self._ways.to(send.chat_id)
        if isinstance(way, str):
            return way
        if send.member_id is not None and (before is None or not before.aloud):
            private = await self._privately(send, send.member_id, way, now)
            if isinstance(private, Route):
                return await self._or_aloud(send, private)
            if not _for_all(send, way):
                return private
        return Route(way, aloud=send.member_id is not None)

    async def plan(self, command: Envelope[MessageSend], route: Route, now: dt.datetime) -> Plan | str:
        """Return what goes out, or the reason why nothing does.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        send, way = _as_said(command.data, route), route.way
        if now > send.not_after:
            return EXPIRED
        names = {"mark": str(Mark(command.id, command.correlation_id)), "client_id": client_id(command.id)}
        fallback = render_fallback(send, way.capabilities, **names)
        verdict = await self._judge(send, route, now, fallback=fallback is not None)
        if verdict.drops:
            return verdict.value
        if verdict is Verdict.SEND_FALLBACK and fallback is not None:
            return Plan(route, fallback, None)
        reply_to: MessageRef | None = None
        if send.reply_to is not None and Capability.REPLIES in way.capabilities:
            reply_to = await self._ways.message(send.reply_to, way.chat_id, way)
        mentions = await self._mentioned(send, route)
        message = render(
            send,
            way.capabilities,
            **names,
            reply_to=reply_to,
            mentions=mentions,
            called=await self._called(send, route, mentions),
        )
        return Plan(route, message, fallback)

    async def _or_aloud(self, send: MessageSend, route: Route) -> Route:
        if not (route.private and send.aloud):
            return route
        chat = await self._ways.to(send.chat_id)
        return replace(route, else_aloud=isinstance(chat, Way) and _for_all(send, chat))

    async def _privately(
        self, send: MessageSend, member_id: str, known_from: Way, now: dt.datetime
    ) -> Route | str:
        ways = {each.chat_id: each for each in await self._ways.directly(member_id)}
        if known_from.chat_id in ways:
            # The chat is the private one: what goes there by any command goes by this one.
            return Route(known_from)
        doors = [
            Door(
                each.chat_id,
                near=each.account == known_from.account,
                standing=await self._standings.of(each.chat_id),
                window=Capability.WINDOW in each.capabilities,
                template=send.fallback is not None and Capability.TEMPLATES in each.capabilities,
            )
            for each in ways.values()
        ]
        found = door_to(doors, send.send_class, now)
        if isinstance(found, str):
            return found
        return Route(ways[found.chat_id], private=True, template=found.template)

    async def _judge(self, send: MessageSend, route: Route, now: dt.datetime, *, fallback: bool) -> Verdict:
        way = route.way
        if route.private:
            return Verdict.SEND_FALLBACK if route.template else Verdict.SEND
        standing, heard = Standing(), 0
        if needs_standing(send.send_class, way.kind, way.capabilities):
            standing = await self._standings.of(way.chat_id)
        if needs_noise(send.send_class, way.kind):
            heard = await self._heard.heard(way.chat_id, LOW, now - NOISE_PERIOD, self._noise_per_hour)
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

    async def _mentioned(self, send: MessageSend, route: Route) -> tuple[Address | None, ...]:
        """Return by what names the mentioned are called where the message goes, None for who cannot be."""
        way, members = route.way, _marked(send, route)
        if Capability.MENTIONS not in way.capabilities:
            return (None,) * len(members)
        found = await self._ways.persons(members, way)
        if way.kind is ChatKind.GROUP:
            return found
        # A mention shows a number, and the reader may not know those of others.
        return tuple(each if each == way.to.person else None for each in found)

    async def _called(
        self, send: MessageSend, route: Route, mentions: Sequence[Address | None]
    ) -> tuple[str, ...]:
        """Return what stands for each member where they cannot be mentioned: a name, or a word for anybody.

        The word comes last, for whom no mention is of. A name is what somebody calls themselves; a number is
        never shown.
        """
        if not has_marks(send.text):
            return ()
        members = _marked(send, route)
        # The question of a poll mentions nobody.
        named = None in mentions or bool(send.poll)
        names = await self._names.of(members) if named else {}
        spoken = await self._ways.language(send.chat_id)
        word = self._speaker.text(Phrase("mention.somebody"), Language.of(spoken) if spoken else None)
        return (*(f"@{names[each]}" if each in names else word for each in members), word)


def _marked(send: MessageSend, route: Route) -> list[str]:
    """Return whom the marks of a message stand for; who is spoken to aloud comes last."""
    members = list(send.mentions)
    if route.aloud and send.member_id is not None and send.member_id not in members:
        members.append(send.member_id)
    return members


def _as_said(send: MessageSend, route: Route) -> MessageSend:
    """Return the message in the words that are for everybody, where it has such and they are said."""
    if not route.aloud or send.aloud_text is None:
        return send
    return MessageSend(
        chat_id=send.chat_id, text=send.aloud_text, send_class=send.send_class, not_after=send.not_after
    )


def _for_all(send: MessageSend, way: Way) -> bool:
    """Return whether it may be said in the chat; never in a direct chat, which is one with somebody else."""
    return send.aloud and way.kind is ChatKind.GROUP
