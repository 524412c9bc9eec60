"""From signed bytes to events on the log: nothing is answered before it is durable."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Protocol, TypeVar

import orjson
from pydantic import ValidationError

from services.gateway.channels.contract import Channel
from services.gateway.domain.facts import (
    SOURCE,
    Resolved,
    Where,
    events_of,
    left_over,
    people_of,
    places_of,
)
from services.gateway.domain.items import (
    GroupChange,
    IncomingMessage,
    IncomingRevoke,
    Item,
    SystemNotice,
    Unread,
)
from services.gateway.domain.known import Known, Whereabouts, received
from services.gateway.domain.resolved import is_bare
from services.gateway.store import Identities
from shared.clock import Clock
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import MessageKind, WebhookUnparsed
from shared.ids import deterministic_id
from shared.log.backend import Backend
from shared.observability.logs import get_logger
from shared.observability.metrics import WEBHOOK_ITEMS
from shared.observability.tracing import record_root, record_span, root_traceparent, tracing
from shared.stream.rows import to_record

log = get_logger(__name__)

KeyT = TypeVar("KeyT")

SLICE = 250
"""Items, and events, that are at hand at once. Meta sends up to 1 000 in one webhook, and more fit into a
body than a process could hold or anybody else would like to wait for. Of 40 000 statuses in one signed body
of 2.7 MB, on a local log, the process grew by 21 to 23 MiB, and the event loop stood still for 24 to 28 ms
at most, once for 54 ms; it took 2.7 to 3.4 s."""

UNPARSED_PART = 150_000
"""Characters of unreadable input per record: the log takes a megabyte, and JSON may need six bytes each."""


class Messages(Protocol):
    """Knows messages that have passed."""

    def remember(self, known: Known) -> None:
        """Take note of a message, without waiting for anything."""
        ...

    async def chats_of(self, message_ids: Collection[str]) -> Mapping[str, Where]:
        """Return the chats of those of `message_ids` that are known."""
        ...


class Names(Protocol):
    """Knows what people call themselves."""

    def note(self, member_id: str, name: str | None) -> None:
        """Note under which name a member writes, without waiting for anything."""
        ...


class Ingest:
    """Turns the body of an authentic webhook into records."""

    def __init__(
        self,
        backend: Backend,
        identities: Identities,
        clock: Clock,
        messages: Messages | None = None,
        names: Names | None = None,
    ) -> None:
        self._backend = backend
        self._identities = identities
        self._clock = clock
        self._messages = messages
        self._names = names
        # Bound once: the logger of a module is put together anew for every line.
        self._log = log.bind()

    async def accept(self, channel: Channel, account: str, body: bytes) -> None:
        """Return once everything `body` says is on the log.

        It goes there slice by slice. What a failure leaves there of it comes again under the same ids.

        Raises:
            LogUnavailable: the log did not acknowledge; the provider will deliver the webhook again.
            StoreUnavailable: a new address could not be given its id; likewise.
        """
        items = iter(channel.parse(body))
        while slice_ := list(islice(items, SLICE)):
            await self._take(channel.name, account, slice_, body)
            if len(slice_) == SLICE:
                # Where nothing else waits for anything: others get their turn all the same.
                await asyncio.sleep(0)

    async def _take(self, channel: str, account: str, items: Sequence[Item], body: bytes) -> None:
        began = self._clock.now()
        await self._move(channel, account, items)
        ids = await self._resolve(channel, account, items)
        events = chain.from_iterable(self._events(item, ids, body) for item in items)
        while some := list(islice(events, SLICE)):
            await self._append(some, began)
        self._remember(items, ids, began)
        for kind, count in _counted(map(_kind, items)).items():
            WEBHOOK_ITEMS.labels(channel, kind).inc(count)

    async def _append(self, events: Sequence[Envelope[EventModel]], began: dt.datetime) -> None:
        # What a webhook says of a trace is no more to be believed than the rest of its headers.
        placed = [event.at(root_traceparent(event.correlation_id)) for event in events]
        await self._backend.append([to_record(event) for event in placed])
        if tracing():
            self._trace(placed, began)
        # One line per trip, not per event: a group of a hundred reports every delivery a hundred times.
        trips = _counted((each.type, each.correlation_id) for each in events)
        for (name, correlation_id), count in trips.items():
            self._log.info("gateway.received", type=name, correlation_id=correlation_id, count=count)

    def _trace(self, events: Sequence[Envelope[EventModel]], began: dt.datetime) -> None:
        now = self._clock.now()
        for event in events:
            # A status belongs to the trip of the message it tells of, which a webhook before it began.
            tell = record_root if event.id == event.correlation_id else record_span
            tell("webhook", event.traceparent, began, now, event_type=event.type, event_id=event.id)

    async def _move(self, channel: str, account: str, items: Sequence[Item]) -> None:
        """Follow those who have new names, before anything else is said of them under these."""
        for item in items:
            if not isinstance(item, SystemNotice) or not item.moved_to:
                continue
            before = [each for each in (*item.sender, *item.moved_from) if each not in item.moved_to]
            if before:
                await self._identities.moved(channel, account, before, item.moved_to, at=item.sent_at)

    def _remember(self, items: Sequence[Item], ids: Resolved, now: dt.datetime) -> None:
        for item in items:
            if isinstance(item, IncomingMessage):
                if self._messages is not None:
                    self._messages.remember(received(item, ids, now))
                if self._names is not None:
                    self._names.note(ids.members[item.sender[0]], item.name)

    async def _resolve(self, channel: str, account: str, items: Sequence[Item]) -> Resolved:
        people = {person: None for item in items for person in people_of(item)}
        members = await self._identities.members(channel, account, people)
        wanted: dict[str, tuple[str, str | None]] = {}
        for item in items:
            for place, person in places_of(item):
                where = place.group if place.group is not None else members[person[0]]
                subject = item.subject if isinstance(item, GroupChange) else None
                _, told = wanted.get(where, (None, None))
                wanted[where] = (str(place.kind), subject or told)
        chats = await self._identities.chats(channel, account, wanted)
        ids = Resolved(channel, account, members, chats)
        return await self._find_messages(items, ids) if self._messages else ids

    async def _find_messages(self, items: Sequence[Item], ids: Resolved) -> Resolved:
        """Return `ids` with the chats of messages that are spoken of without them, which is rare."""
        spoken_of = {
            ids.id("message", item.target)
            for item in items
            if isinstance(item, IncomingRevoke)
            and (not (item.place and (item.place.group or item.by)) or is_bare(ids.channel, item.target))
        }
        if not spoken_of or self._messages is None:
            return ids
        found = dict(await self._messages.chats_of(spoken_of))
        for item in items:
            if isinstance(item, IncomingMessage):
                # Said and deleted in one breath.
                message_id = ids.id("message", item.provider_id)
                where = Whereabouts(ids.chat(item.place, item.sender), item.place.kind, message_id)
                found[ids.alias(item.provider_id) or message_id] = where
        return replace(ids, messages=found)

    def _events(self, item: Item, ids: Resolved, body: bytes) -> Iterator[Envelope[EventModel]]:
        now = self._clock.now()
        if isinstance(item, Unread):
            yield from self._unparsed(item.reason, _text_of(item.raw, body), ids)
            return
        try:
            yield from list(events_of(item, ids, now))
        except ValidationError:
            # Readable, and yet nothing our contracts allow, such as a text of a megabyte.
            yield from self._unparsed(f"invalid:{type(item).__name__}", _words_of(item, body), ids)
            return
        if (reason := left_over(item, ids)) is not None:
            yield from self._unparsed(reason, _words_of(item, body), ids)

    def _unparsed(self, reason: str, text: str, ids: Resolved) -> Iterator[Envelope[EventModel]]:
        digest = hashlib.sha256(text.encode()).hexdigest()
        for start in range(0, max(1, len(text)), UNPARSED_PART):
            part = text[start : start + UNPARSED_PART]
            event_id = deterministic_id("unparsed", ids.channel, ids.account, digest, str(start))
            data = WebhookUnparsed(account=ids.account, reason=reason, raw=part)
            yield originate(data, event_id=event_id, source=SOURCE, key=ids.account, time=self._clock.now())


def _counted(keys: Iterable[KeyT]) -> dict[KeyT, int]:
    # `Counter` costs three times as much where there is but one, as there is in nearly every webhook.
    counts: dict[KeyT, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _kind(item: Item) -> str:
    unsupported = isinstance(item, IncomingMessage) and item.kind is MessageKind.UNSUPPORTED
    return "Unsupported" if unsupported else type(item).__name__


def _words_of(item: Item, body: bytes) -> str:
    """Return what is kept of `item`: as it came, where it carries that."""
    raw = item.unread if isinstance(item, GroupChange) else None
    return str(item) if raw is None else _text_of(raw, body)


def _text_of(raw: object, body: bytes) -> str:
    """Return what is kept of `raw`, a part of `body`, as text that any store takes."""
    if isinstance(raw, str):
        return raw.encode("utf-8", "backslashreplace").decode()
    with contextlib.suppress(TypeError, ValueError, RecursionError):
        return orjson.dumps(raw).decode()
    with contextlib.suppress(RecursionError):
        # Lone surrogates or deep nesting: kept in Python's own notation rather than not at all.
        return ascii(raw)
    return body.decode("utf-8", "replace")
