from __future__ import annotations

import asyncio
import datetime as dt
import random
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol

from services.simulator.arrivals import Arrival, Arrivals
from services.simulator.dispatcher import Dispatcher
from services.simulator.domain.changes import Changes, Webhook
from services.simulator.domain.faults import Mischief, Plan, Rule
from services.simulator.domain.files import File
from services.simulator.domain.limits import Limits, Meter
from services.simulator.domain.messages import Message
from services.simulator.domain.people import BOT, Group, Member
from services.simulator.domain.receipts import Pace, stages
from services.simulator.domain.waha.session import VERSION, WORKING
from services.simulator.domain.world import World
from services.simulator.feed import STALE, Feed
from services.simulator.journal import Journal
from services.simulator.views import news_of
from shared.clock import Clock
from shared.errors import NotFound


class Past(Protocol):
    """What a restart finds written down."""

    @property
    def members(self) -> Sequence[Member]:
        """Everybody."""
        ...

    @property
    def groups(self) -> Sequence[Group]:
        """All groups."""
        ...

    @property
    def messages(self) -> Sequence[Message]:
        """Everything that was said, in order."""
        ...

    @property
    def webhooks(self) -> Sequence[Webhook]:
        """What the gateway has not acknowledged, in order."""
        ...

    @property
    def files(self) -> Sequence[File]:
        """All files."""
        ...


class Simulation:
    """The simulated WhatsApp at work: lets acts happen, writes them down, then tells everybody."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        journal: Journal,
        dispatcher: Dispatcher,
        mischief: Mischief,
        *,
        erase: Callable[[], Awaitable[None]],
    ) -> None:
        self.world = world
        self.clock = clock
        self.feed = Feed()
        self.arrivals = Arrivals()
        self.dispatcher = dispatcher
        self.mischief = mischief
        self.pace = Pace()
        self.limits = Limits()
        self.meter = Meter()
        self.mischief_changed = asyncio.Event()
        self.session_status = WORKING
        """How the WAHA session is; only while it works does it do anything."""
        self._told: dict[str, asyncio.Event] = {}
        self._journal = journal
        self._erase = erase
        self.arrivals.report_to(self._arrive)
        dispatcher.report_to(self._settled, self._refused)

    def resume(self, past: Past) -> None:
        """Take up where the last process ended."""
        last = max((each.id for each in past.webhooks), default=0)
        self.world.restore(past.members, past.groups, past.messages, last, past.files)
        self.dispatcher.add(past.webhooks)
        for each in past.messages:
            rest = stages(each, self.pace)
            # Once written down, a message has been sent; only what comes after that is still open.
            self.arrivals.expect(each.id, [stage for stage in rest if stage.after > 0])

    def now(self) -> dt.datetime:
        """Return the time, as precise as the store keeps it."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def new_message_id(self, chat: str, who: str = BOT) -> str:
        """Return an id for something said in `chat` by a member or the bot."""
        author = self.world.members.get(who)
        return self.world.dialect(chat).message_id(chat, author, secrets.token_bytes(9))

    def new_file_id(self) -> str:
        """Return an id for a file."""
        return str(10**15 + secrets.randbelow(9 * 10**15))

    async def commit(self, changes: Changes) -> None:
        """Write `changes` down, then deliver and announce them."""
        if not changes:
            return
        await self._journal.keep(changes)
        self._announce(changes)

    async def say(self, chat: str, phone: str, **what: Any) -> Message:
        """Let a member say something and return it."""
        message_id = self.new_message_id(chat, phone)
        await self.commit(self.world.say(chat, phone, message_id, self.now(), **what))
        return self.world.messages[message_id]

    async def react(self, chat: str, phone: str, target: str, emoji: str) -> Message:
        """Let a member react and return the message they reacted to."""
        new = self.new_message_id(chat, phone)
        await self.commit(self.world.react(chat, phone, target, emoji, message_id=new, at=self.now()))
        return self.world.messages[target]

    async def upload(self, body: bytes, mime_type: str, filename: str | None) -> File:
        """Keep a file of a member and return it."""
        file = File(self.new_file_id(), mime_type, body, filename)
        await self.commit(self.world.upload(file))
        return file

    async def act(self, chat: str, do: Callable[[str, dt.datetime], Changes], who: str = BOT) -> str:
        """Let `who` do something in `chat` and return its id; `do` takes the id and the time."""
        new = self.new_message_id(chat, who)
        await self.commit(do(new, self.now()))
        return new

    async def found_group(
        self,
        subject: str,
        description: str,
        members: Iterable[str] = (),
        admins: Iterable[str] = (),
        *,
        request_id: str | None = None,
        announce: bool = True,
        approval: bool = False,
        waha: bool = False,
    ) -> Group:
        """Create a group, of the Cloud API or of WAHA's number, and return it."""
        new = self.world.new_group_id(secrets.token_bytes(8), waha=waha)
        group = Group(
            new,
            subject,
            self.now(),
            "",
            description,
            tuple(dict.fromkeys(members)),
            frozenset(admins),
            approval,
        )
        note = self.new_message_id(new)
        await self.commit(self.world.found_group(group, note, request_id=request_id, announce=announce))
        return self.world.groups[new]

    async def join(self, group: str, phone: str) -> Group:
        """Let a member join and return the group."""
        await self.commit(self.world.join(group, phone, self.new_message_id(group), self.now()))
        return self.world.groups[group]

    async def leave(
        self, group: str, phone: str, *, request_id: str | None = None, by: str | None = None
    ) -> Group:
        """Let a member leave, or be removed by the gateway's request or an admin, and return the group."""
        note = self.new_message_id(group)
        await self.commit(self.world.leave(group, phone, note, self.now(), request_id=request_id, by=by))
        return self.world.groups[group]

    async def turn_session(self, status: str, version: str | None = None) -> None:
        """Let the WAHA session be like this from now on, on a server of this version, and tell.

        Raises:
            NotFound: there is none.
        """
        if self.world.waha is None:
            raise NotFound("There is no WAHA session here.")
        self.session_status = status
        self.world.waha.version = version or self.world.waha.version
        changes, now = Changes(), self.now()
        told = self.world.waha.status_changed(status, now)
        self.world.notify(changes, self.world.waha.session.jid, [told], now)
        await self.commit(changes)

    def telling(self, message_id: str) -> asyncio.Event:
        """Return what is set as soon as the gateway has taken a webhook about this message."""
        return self._told.setdefault(message_id, asyncio.Event())

    def untell(self, message_id: str) -> None:
        """Wait no more for webhooks about this message."""
        self._told.pop(message_id, None)

    def misbehave(self, plan: Plan) -> None:
        """Let `plan` go wrong from now on; calls that hang are let go."""
        self.mischief.begin(plan)
        self.dispatcher.hold(plan.hold)
        self.mischief_changed.set()
        self.mischief_changed = asyncio.Event()

    def fault(self, chat: str | None) -> Rule | None:
        """Return what goes wrong with the call about `chat` that has just come in."""
        return self.mischief.next(random.random(), chat)  # noqa: S311 - a roll of the dice, not a secret

    async def reset(self) -> None:
        """Forget everything, in memory and in the store."""
        self.arrivals.forget()
        self.dispatcher.forget()
        chats = [*self.world.groups, *self.world.members, *(f"{each}@c.us" for each in self.world.members)]
        self.world.clear()
        self.misbehave(Plan())
        self.pace, self.limits = Pace(), Limits()
        self.session_status = WORKING
        if self.world.waha is not None:
            self.world.waha.version = VERSION
        self.meter.clear()
        self._told.clear()
        # What is being written at this moment must be written before it is erased.
        await self._journal.keep(Changes())
        await self._erase()
        self.feed.stir(chats)
        self.feed.publish([STALE])

    def _announce(self, changes: Changes) -> None:
        self.dispatcher.add(each for each in changes.webhooks.values() if each is not None)
        for each in changes.said:
            plan = stages(changes.messages[each], self.pace, reorder=self.mischief.plan.reorder)
            self.arrivals.expect(each, plan)
        if self.feed.watched:
            self.feed.publish(news_of(changes))
        self.feed.stir(changes.chats)

    async def _arrive(self, due: Sequence[Arrival]) -> None:
        changes = Changes()
        for each in due:
            changes.add(self.world.reach(each.message, each.status, each.who, self.now()))
        await self.commit(changes)

    def _settled(self, webhook: Webhook, delivered: bool) -> None:  # noqa: FBT001
        changes = Changes()
        if delivered and webhook.about:
            changes.add(self.world.heard(webhook.about))
            if (told := self._told.pop(webhook.about, None)) is not None:
                told.set()
        changes.webhooks[webhook.id] = None
        self._journal.note(changes)
        self._announce(changes)

    def _refused(self, webhook: Webhook) -> None:
        self._journal.note(Changes(webhooks={webhook.id: webhook}))
