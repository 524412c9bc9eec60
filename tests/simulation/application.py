"""The service under simulation: it writes down what it hears, answers, sets timers, and fails as told."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from random import Random
from typing import TYPE_CHECKING, Any, cast

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, MessageSend, SendClass
from shared.decision import Cancel, Decision, Wake
from shared.errors import DependencyAway, NotYet, TransientError
from shared.faults import fault
from shared.replies import Speaker
from shared.store.client import translated
from shared.store.unit_of_work import Session
from shared.stream.desk import Desk
from shared.stream.effects import Effect
from shared.stream.runtime import Runtime
from shared.stream.subscription import Handler, Subscription
from tests.support.events import chat_id
from tests.support.tally import Tallies, Tally, hear

if TYPE_CHECKING:
    from tests.simulation.driver import Database
    from tests.simulation.world import World

HEARING, SENDING = "tally", "sender"
ALWAYS = 10**6


class Script:
    """What fails how often, by message: the same for every process, for it is the message's own fault."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._tries: Counter[str] = Counter()
        self._acts: dict[str, list[Exception]] = {}

    def hear(self, event: Envelope[MessageReceived]) -> None:
        """Fail the first times that a flaky message is decided on.

        Raises:
            TransientError: this was one of them.
        """
        if event.data.text and event.data.text.startswith("flaky"):
            self._tries[event.id] += 1
            if self._tries[event.id] <= int(event.data.text.split()[1]):
                raise TransientError("Not this time.")

    def load(self) -> None:
        """Fail now and then, whatever is loaded.

        Raises:
            TransientError: this was such a time.
        """
        if self._random.random() < 0.05:
            raise TransientError("The states cannot be loaded just now.")

    def act(self, command: Envelope[MessageSend]) -> None:
        """Fail the first times that some commands are acted on.

        Raises:
            Exception: as drawn for this command.
        """
        if command.id not in self._acts:
            self._acts[command.id] = self._draw()
        if failures := self._acts[command.id]:
            raise failures.pop(0)

    def _draw(self) -> list[Exception]:
        match self._random.randrange(20):
            case 0:
                return [NotYet("Slower.", self._random.random() * 3) for _ in range(3)]
            case 1:
                return [NotYet("Much later.", 90.0)]
            case 2:
                return [TransientError("Not this time.") for _ in range(self._random.randint(1, 6))]
            case 3:
                return [KeyError("a bug") for _ in range(3)]
            case _:
                return []


class SimulatedTallies(Tallies):
    def __init__(self, database: Database, script: Script) -> None:
        super().__init__(database)  # type: ignore[arg-type]
        self._script = script

    async def load(self, session: Session | None, keys: Collection[str]) -> Mapping[str, Tally]:
        self._script.load()
        # In an order of its own: that of a set is another one in each process.
        return await super().load(session, sorted(keys))


def subscription(tallies: SimulatedTallies, script: Script) -> Subscription:
    def decide(tally: Tally, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Tally]:
        script.hear(event)
        decision = hear(tally, event, now)
        words = (event.data.text or "").split()
        if words[:1] == ["wake"]:
            due = now + dt.timedelta(seconds=float(words[2]))
            wake = Wake(f"{event.data.chat_id}/{words[1]}", due, _reminder(event, due), event.data.chat_id)
            return dataclasses.replace(decision, wake=(wake,))
        if words[:1] == ["cancel"]:
            return dataclasses.replace(decision, wake=(Cancel(f"{event.data.chat_id}/{words[1]}"),))
        return decision

    handler: Handler[Any, Any] = Handler(
        MessageReceived, key=lambda data: data.chat_id, states=tallies, decide=decide
    )
    return Subscription(HEARING, "moderation", (handler,))


def effect(world: World, database: Database, script: Script) -> Effect[MessageSend]:
    """Send a command as the gateway does: look whether it was sent, send it, write that down."""
    deliveries = database["deliveries"]

    async def act(command: Envelope[MessageSend]) -> None:
        began = world.loop.time()
        async with translated():
            if await deliveries.find_one({"_id": command.id}) is not None:
                world.trace.add(f"act {command.id}: was sent before")
                return
        script.act(command)
        world.oracle.sent(command, began)
        await world.way()
        fault("after_http_before_record")
        async with translated():
            await deliveries.update_one(
                {"_id": command.id}, {"$setOnInsert": {"chat": command.data.chat_id}}, upsert=True
            )

    return Effect(SENDING, (MessageSend,), act)


async def visit(world: World, runtime: Runtime, tallies: SimulatedTallies) -> None:
    """Change states by request, in competition with everybody who hears something at the same time."""

    def ask(tally: Tally, now: dt.datetime) -> Decision[Tally]:
        return Decision(dataclasses.replace(tally, answers=(*tally.answers, now.isoformat())))

    desk = Desk("desk", tallies, runtime, cast("Speaker", None))
    for chat in world.random.sample([chat_id(number) for number in range(3)], 2):
        # Who asked is told that it failed, and may ask again or not.
        with contextlib.suppress(DependencyAway, TransientError):
            await desk.decide(chat, ask)


def _reminder(event: Envelope[MessageReceived], due: dt.datetime) -> MessageSend:
    return MessageSend(
        chat_id=event.data.chat_id,
        text=f"reminder of {event.data.message_id}",
        send_class=SendClass.REPLY,
        not_after=due + dt.timedelta(hours=1),
    )
