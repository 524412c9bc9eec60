"""Compares who is in each group with what its provider says: events of joining and leaving get lost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.gateway.channels.contract import Channel
from services.gateway.domain.chat import Chat
from services.gateway.domain.facts import events_of, people_of
from services.gateway.domain.items import Address, GroupChange
from services.gateway.domain.resolved import Resolved
from services.gateway.domain.roster import SOURCE, Correction, Membership, Seen, drift, stamp
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import MemberJoined, MemberLeft
from shared.contracts.members import MemberPresent
from shared.errors import ProviderUnavailable
from shared.ids import deterministic_id
from shared.log.backend import Backend
from shared.observability.logs import get_logger
from shared.observability.metrics import ROSTER_DRIFT
from shared.stream.rows import to_record

log = get_logger(__name__)

PAGE = 50
"""Groups that are compared together."""

FIRST_AFTER_SECONDS = 60.0
"""A process that has just started has other things to do first, such as reading what came meanwhile."""

SETTLE_SECONDS = 10.0
"""After this a difference is looked at again: an event on its way is no difference."""


ASKED_WITHIN = dt.timedelta(days=14)
"""Who has asked longer ago is told of no more: services forget after 22 days what they were told."""


class Chats(Protocol):
    """Where groups are found."""

    async def page(self, after: str | None, limit: int, **equal: str) -> list[Chat]:
        """Return up to `limit` chats behind `after` that have what `equal` says."""
        ...

    async def chat(self, chat_id: str) -> Chat | None:
        """Return a chat with its place."""
        ...


class Memberships(Protocol):
    """Where it is kept who is in a group."""

    async def of_chat(self, chat_id: str) -> Mapping[str, Membership]:
        """Return all memberships of a group by member."""
        ...

    async def compared(self, chat_id: str) -> bool:
        """Return whether a group was compared before."""
        ...

    async def note_compared(self, chat_id: str, at: dt.datetime) -> None:
        """Note that everybody in a group is known."""
        ...


class People(Protocol):
    """Where members are found by their addresses."""

    async def members(
        self, channel: str, account: str, people: Iterable[tuple[Address, ...]]
    ) -> Mapping[Address, str]:
        """Return the member behind every address of every person."""
        ...

    async def survivors(self, member_ids: Sequence[str]) -> Mapping[str, str]:
        """Return to whom each of `member_ids` leads."""
        ...


class Pace(Protocol):
    """How fast to go, and whether at all."""

    def get_on(self) -> None:
        """Say that the work gets on."""
        ...

    async def rest(self, seconds: float) -> None:
        """Wait for a few seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider has said of one group."""

    chat: Chat
    seen: Mapping[str, Seen]
    at: dt.datetime
    asking: Sequence[Envelope[EventModel]] = ()
    """Who asks to come in, as their webhooks have told or would have."""


class Reconcile:
    """Goes through all groups and says what was missed."""

    def __init__(
        self,
        backend: Backend,
        chats: Chats,
        memberships: Memberships,
        people: People,
        channels: Mapping[str, Channel],
        *,
        now: Callable[[], dt.datetime],
        turn: Callable[[str], Awaitable[bool]],
    ) -> None:
        self._backend = backend
        self._chats = chats
        self._memberships = memberships
        self._people = people
        self._channels = channels
        self._now = now
        self._turn = turn

    async def run(self, pace: Pace) -> None:
        """Compare every group once, where no other process has just done so.

        Raises:
            StoreUnavailable: the database does not answer.
            LogUnavailable: the log does not.
        """
        if not await self._turn("rosters"):
            return
        changed = Counter({channel.name: 0 for channel in self._channels.values()})
        for account, channel in self._channels.items():
            after = None
            while page := await self._chats.page(after, PAGE, account=account, kind="group"):
                after = page[-1].chat_id
                try:
                    answers = [
                        answer
                        for chat in page
                        if (answer := await self._ask(channel, chat.chat_id, pace)) is not None
                    ]
                except ProviderUnavailable:
                    log.warning("roster.not_compared", account=account)
                    break
                await self._tell([event for answer in answers for event in answer.asking])
                changed[channel.name] += await self._correct(answers, pace)
        for name, count in changed.items():
            ROSTER_DRIFT.labels(name).set(count)

    async def _ask(self, channel: Channel, chat_id: str, pace: Pace) -> Answer | None:
        pace.get_on()
        chat = await self._chats.chat(chat_id)
        if chat is None or chat.group is None:
            return None
        # Taken before the question, so that whatever happens after the answer was made counts as newer.
        at = self._now()
        roster = await channel.roster(chat.group)
        # Nobody at all is what a provider says that no longer shows us the group: we are in it ourselves.
        if roster is None or not roster.people:
            return None
        people = [each for each in roster.people if each.names]
        ids = await self._people.members(chat.channel, chat.account, [each.names for each in people])
        seen = {ids[each.names[0]]: Seen(ids[each.names[0]], each.admin) for each in people}
        return Answer(chat, seen, at, await self._asking(chat, roster.asking, at))

    async def _asking(
        self, chat: Chat, wishes: Sequence[GroupChange], now: dt.datetime
    ) -> Sequence[Envelope[EventModel]]:
        recent = [each for each in wishes if each.at is not None and each.at > now - ASKED_WITHIN]
        people = [names for each in recent for names in people_of(each)]
        if not people or chat.group is None:
            return ()
        members = await self._people.members(chat.channel, chat.account, people)
        ids = Resolved(chat.channel, chat.account, members, {chat.group: chat.chat_id})
        return [event for each in recent for event in events_of(each, ids, now)]

    async def _tell(self, events: Sequence[Envelope[EventModel]]) -> None:
        if events:
            await self._backend.append([to_record(event) for event in events])

    async def _correct(self, answers: Sequence[Answer], pace: Pace) -> int:
        differing = [each for each in answers if await self._drift(each)]
        if not differing:
            return 0
        await pace.rest(SETTLE_SECONDS)
        count = 0
        for answer in differing:
            pace.get_on()
            count += await self._say(answer)
        return count

    async def _drift(self, answer: Answer) -> list[tuple[str, Correction]]:
        chat_id = answer.chat.chat_id
        kept = await self._memberships.of_chat(chat_id)
        # Who was merged is in the group as who they are now.
        survivors = await self._people.survivors(list(kept))
        there = {
            survivors[member_id] for member_id, each in kept.items() if each.present
        } & answer.seen.keys()
        mine = {
            member_id: each
            for member_id, each in kept.items()
            if survivors[member_id] == member_id or survivors[member_id] not in answer.seen
        }
        first = await self._first(chat_id, kept)
        found = [
            event
            for event in drift(chat_id, mine, answer.seen, answer.at, first=first)
            if not (isinstance(event, (MemberJoined, MemberPresent)) and event.member_id in there)
        ]
        if first and not any(isinstance(event, MemberPresent) for event in found):
            await self._memberships.note_compared(chat_id, answer.at)
        return [
            (f"{event.TYPE}|{event.member_id}|{stamp(kept.get(event.member_id))}", event) for event in found
        ]

    async def _first(self, chat_id: str, kept: Mapping[str, Membership]) -> bool:
        """Return whether nobody has yet said who was in a group all along.

        Said and not yet taken in, it is said again as the same.
        """
        told = any(each.seen_at is not None for each in kept.values())
        return not told and not await self._memberships.compared(chat_id)

    async def _say(self, answer: Answer) -> int:
        found = await self._drift(answer)
        events = [
            originate(
                event,
                event_id=deterministic_id("drift", answer.chat.chat_id, name),
                source=SOURCE,
                key=answer.chat.chat_id,
                time=self._now(),
            )
            for name, event in found
        ]
        if events:
            await self._backend.append([to_record(event) for event in events])
            log.info("roster.corrected", chat_id=answer.chat.chat_id, count=len(events))
        return sum(isinstance(event, (MemberJoined, MemberLeft)) for _, event in found)
