"""What the scenarios put in: numbered messages with duplicates and poison, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shared.contracts.envelope import encode, originate
from shared.contracts.gateway import ChatKind, MessageKind, MessageReceived
from shared.ids import deterministic_id
from shared.log.record import NewRecord, Record
from tests.chaos.ledger import INBOUND
from tests.support.oracle import Dead, Input, Stamp

MEMBER = f"m_{1:020x}"
APART = 400
"""How many records later a duplicate comes at most."""


class Load:
    """Messages of many chats; each is stamped with its chat, its number there, and what it is worth."""

    def __init__(
        self,
        seed: int,
        count: int,
        *,
        chats: int | None = None,
        duplicates: float = 0.05,
        poison: float = 0.001,
        padding: str = "",
    ) -> None:
        self._random = random.Random(f"load {seed}")  # noqa: S311 - the same again, not a secret
        self._time = dt.datetime.now(dt.UTC)
        self._duplicates = duplicates
        self._padding = padding
        self.seed = seed
        self.chats = [f"c_{self._random.getrandbits(80):020x}" for _ in range(chats or max(20, count // 100))]
        self.inputs: list[Input] = self._made(count, poison)
        self._stamps = {self.event_id(each): each.stamp for each in self.inputs}

    @property
    def poisoned(self) -> frozenset[Stamp]:
        """The inputs that must become dead letters."""
        return frozenset(each.stamp for each in self.inputs if each.poison)

    @property
    def poison(self) -> int:
        """How many of the inputs are poison."""
        return sum(each.poison for each in self.inputs)

    @property
    def copies(self) -> int:
        """How many records are there beyond one for each input; known once `records` has run through."""
        return sum(each.copies - 1 for each in self.inputs)

    def _made(self, count: int, poison: float) -> list[Input]:
        numbers: Counter[str] = Counter()
        # One in each stretch: many bad records in a row are another scenario.
        every = round(1 / poison) if poison else count + 1
        bad = {start + self._random.randrange(every) for start in range(0, count, every)} if poison else set()
        made = []
        for place in range(count):
            chat = self._random.choice(self.chats)
            made.append(Input(chat, numbers[chat], self._random.randrange(1, 100), place in bad))
            numbers[chat] += 1
        return made

    def event_id(self, each: Input) -> str:
        """Return the id of the event of an input: the same however often it is delivered."""
        return deterministic_id("chaos", str(self.seed), each.chat, str(each.n))

    def records(self) -> Iterator[NewRecord]:
        """Yield the records to append, in order; each pass yields the same."""
        chance = random.Random(f"copies {self.seed}")  # noqa: S311
        again: list[tuple[int, int, NewRecord]] = []
        for place, each in enumerate(self.inputs):
            record = self.record(each, place)
            yield record
            copies = 1 + int(not each.poison and chance.random() < self._duplicates)
            if copies != each.copies:
                self.inputs[place] = replace(each, copies=copies)
            if copies > 1:
                heapq.heappush(again, (place + chance.randrange(1, APART), place, record))
            while again and again[0][0] <= place:
                yield heapq.heappop(again)[2]
        yield from (record for _, _, record in sorted(again, key=lambda due: due[:2]))

    def record(self, each: Input, place: int) -> NewRecord:
        """Return the record of one input; poison takes turns in how it is bad."""
        bad = place % 3 if each.poison else None
        identity = self.event_id(each)
        data = MessageReceived(
            chat_id=each.chat,
            chat_kind=ChatKind.GROUP,
            message_id=identity,
            member_id=MEMBER,
            sent_at=self._time,
            kind=MessageKind.TEXT,
            text=f"{each.n} {'poison' if bad == 0 else each.points} {self._padding}",
        )
        value, headers = encode(
            originate(data, event_id=identity, source="/chaos", key=each.chat, time=self._time)
        )
        if bad == 1:
            value = b"\xff" + value
        elif bad == 2:
            headers = {**headers, "ce_type": b"message.unheard_of"}
        return NewRecord(INBOUND, each.chat.encode(), value, headers)

    def stamp(self, record: Record) -> Stamp | None:
        """Return which input a record carries, None where it is none of ours."""
        return self._stamps.get(record.headers.get("ce_id", b"").decode())

    def dead(self, letters: Sequence[Record]) -> list[Dead]:
        """Return what the oracle needs to know of dead letters."""
        return [Dead(self.stamp(letter), _place(letter)) for letter in letters]


def _place(letter: Record) -> str:
    return "/".join(letter.headers[f"x-dlq-{part}"].decode() for part in ("topic", "partition", "offset"))
