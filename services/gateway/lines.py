"""Watches over the accounts: whether each provider takes what is sent, and what it can do."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from services.gateway.channels.contract import (
    Accepted,
    Action,
    Capability,
    Channel,
    Destination,
    Outcome,
    Outgoing,
    Refused,
    Roster,
    TryAgain,
)
from services.gateway.domain.items import Item, Passed, Unread
from services.gateway.domain.line import Line
from services.gateway.domain.outgoing import RATE_LIMITED, RESTRICTED, SPAM_LIMITED
from services.gateway.sending.pacer import BULK_REST_SECONDS, RESTRICTED_REST_SECONDS
from shared.clock import Clock
from shared.contracts.gateway import ChatKind
from shared.errors import ProviderUnavailable
from shared.observability.logs import get_logger
from shared.observability.metrics import CHANNEL_UP

log = get_logger(__name__)

PROBE_SECONDS = 180.0
"""How often a provider is asked, and how old what one process has seen may be for the others."""

_OF_THE_ACCOUNT = ("session.", "state.", "field:account")
"""How what a webhook tells of the account begins: a bridge's session and its state, Meta's notices of it."""

KINDS = (ChatKind.DIRECT, ChatKind.GROUP)

SLOWED_SECONDS: Mapping[str, float] = {
    RATE_LIMITED: 60.0,
    SPAM_LIMITED: BULK_REST_SECONDS,
    RESTRICTED: RESTRICTED_REST_SECONDS,
}
"""How long an account counts as slowed after an answer with this code."""


class Book(Protocol):
    """Where what was seen is kept for all processes."""

    async def note(self, line: Line) -> None:
        """Keep what this process has seen."""
        ...

    async def of(self, lines: Mapping[str, Line]) -> list[Line]:
        """Return `lines` with what every process has seen of them."""
        ...


class Enabled(Protocol):
    """Who is told what can be done in chats."""

    async def enable(self, account: str, kind: str, capabilities: tuple[str, ...]) -> int:
        """Set what an account can do in some of its chats of a kind; return in how many that was new."""
        ...


class Gate(Protocol):
    """Who holds back what an account would send while its provider takes nothing."""

    def refused(self, account: str, now: dt.datetime) -> None:
        """Note that the provider refuses an account."""
        ...

    def taken(self, account: str) -> None:
        """Note that the provider answers for an account."""
        ...


class Attended:
    """A channel whose every call is noted; nobody who uses it needs to know."""

    def __init__(self, channel: Channel, account: str, clock: Clock, gate: Gate | None = None) -> None:
        self._channel = channel
        self._clock = clock
        self._gate = gate
        self.doubtful: Callable[[], None] = lambda: None
        """Called where a webhook says that something has happened to the account itself."""
        self._line = Line(account, channel.name)
        self._webhook_at: dt.datetime | None = None

    @property
    def line(self) -> Line:
        """What this process has seen of it."""
        # Put together here: to write it anew costs more than the signature of a webhook.
        return dataclasses.replace(self._line, webhook_at=self._webhook_at)

    @line.setter
    def line(self, line: Line) -> None:
        self._line, self._webhook_at = line, line.webhook_at

    @property
    def name(self) -> str:
        """The provider, for metrics."""
        return self._channel.name

    def authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether the provider signed `body`; see `Channel.authentic`."""
        found = self._channel.authentic(body, headers)
        if found:
            self._webhook_at = self._clock.now()
        return found

    def handshake(self, query: Mapping[str, str]) -> str | None:
        """Return what proves that this webhook is ours; see `Channel.handshake`."""
        return self._channel.handshake(query)

    def parse(self, body: bytes) -> Iterator[Item]:
        """Yield everything an authentic body contains; what concerns the account is looked into."""
        for each in self._channel.parse(body):
            if _of_the_account(each):
                self.doubtful()
            yield each

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        """Return what can be done in chats of this kind; see `Channel.capabilities`."""
        return self._channel.capabilities(kind)

    async def send(self, to: Destination, message: Outgoing) -> Outcome:
        """Send `message`; see `Channel.send`."""
        with self._noted():
            return self._seen(await self._channel.send(to, message))

    async def act(self, to: Destination, action: Action) -> Outcome:
        """Do `action`; see `Channel.act`."""
        with self._noted():
            return self._heeded(await self._channel.act(to, action))

    async def find(self, to: Destination, client_id: str) -> str | None:
        """Return the provider's id of a message of ours; see `Channel.find`."""
        return await self._channel.find(to, client_id)

    async def probe(self) -> None:
        """Ask whether the account works; see `Channel.probe`."""
        now = self._clock.now()
        with self._noted():
            await self._channel.probe()
            self._turn(None)
        self.line = dataclasses.replace(self.line, probed_at=now)

    async def roster(self, group: str) -> Roster | None:
        """Return who is in a group; see `Channel.roster`."""
        return await self._channel.roster(group)

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except ProviderUnavailable as error:
            self._turn(error.reason)
            raise

    def _seen(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Accepted):
            self._turn(None)
            self.line = dataclasses.replace(self.line, accepted_at=self._clock.now())
        return self._heeded(outcome)

    def _heeded(self, outcome: Outcome) -> Outcome:
        code = outcome.code if isinstance(outcome, (Refused, TryAgain)) else ""
        if seconds := SLOWED_SECONDS.get(code):
            self.line = self.line.slower(code, self._clock.now() + dt.timedelta(seconds=seconds))
        return outcome

    def _turn(self, reason: str | None) -> None:
        """Note that the account is up, or down for `reason`."""
        account, now, before = self.line.account, self._clock.now(), self.line
        if self._gate is not None:
            if reason is None:
                self._gate.taken(account)
            else:
                self._gate.refused(account, now)
        self.line = before.turned(now, reason)
        if self.line.up is not before.up:
            CHANNEL_UP.labels(account).set(int(reason is None))
        if (self.line.up, reason) == (before.up, before.reason):
            return
        if reason is None:
            log.info("channel.up", account=account, channel=self.name)
        else:
            # Nothing goes out until somebody acts, and nobody in a chat can tell.
            log.error("channel.down", account=account, channel=self.name, reason=reason)


def _of_the_account(item: Item) -> bool:
    """Return whether `item` says that something has happened to the account: logged out, warned, banned.

    What it was is not taken from it: the provider is asked.
    """
    return isinstance(item, (Passed, Unread)) and item.reason.startswith(_OF_THE_ACCOUNT)


class Lines:
    """All accounts of this process."""

    def __init__(
        self, channels: Mapping[str, Channel], book: Book, clock: Clock, gate: Gate | None = None
    ) -> None:
        """Watch over `channels`.

        Args:
            channels: by account.
            book: where what was seen is kept for all processes.
            clock: when it was seen.
            gate: who holds back messages while an account is down.
        """
        self.channels = {name: Attended(channel, name, clock, gate) for name, channel in channels.items()}
        """The channels to use instead of those that were given: what they do is seen here."""
        self._book = book
        self._clock = clock

    def when_in_doubt(self, look: Callable[[], None]) -> None:
        """Have `look` called where a webhook says that something has happened to an account."""
        for channel in self.channels.values():
            channel.doubtful = look

    def capabilities(self, account: str, kind: str) -> tuple[str, ...]:
        """Return what an account can do in chats of a kind, in a fixed order."""
        channel = self.channels.get(account)
        return tuple(sorted(channel.capabilities(ChatKind(kind)))) if channel else ()

    async def probe(self, chats: Enabled, get_on: Callable[[], None]) -> None:
        """Ask every provider how its account is doing, and tell its chats what it can do now.

        Args:
            chats: who is told.
            get_on: called before each account; what it raises ends the round.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        for account, channel in self.channels.items():
            get_on()
            try:
                await channel.probe()
            except ProviderUnavailable:
                # Said by the channel; one account that is down must not keep the others from being asked.
                continue
            for kind in KINDS:
                while await chats.enable(account, kind, self.capabilities(account, kind)):
                    get_on()
        await self.note()

    async def note(self) -> None:
        """Tell the other processes what this one has seen.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        for channel in self.channels.values():
            await self._book.note(channel.line)

    async def all(self) -> Sequence[Line]:
        """Return every account, as all processes together have seen it, by name.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        await self.note()
        lines = {
            account: dataclasses.replace(
                channel.line,
                capabilities={str(kind): self.capabilities(account, kind) for kind in KINDS},
            )
            for account, channel in sorted(self.channels.items())
        }
        now = self._clock.now()
        return [each.at(now) for each in await self._book.of(lines)]
