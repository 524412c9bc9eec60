"""What a replay would come to, found out before anything is run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.log.record import NewRecord, Record
from shared.replay.letter import Letter, Opened
from shared.replay.letters import Letters
from shared.replay.rehearsal import rehearse
from shared.stream.effects import Effects
from shared.stream.processor import Processor

MOST: Final = 1000
"""Letters of one plan: it is one transaction, which the database ends after seconds."""

MOST_BYTES: Final = 64_000_000
"""Bytes of the letters of one plan, which are in memory together."""

NO_CONSUMER: Final = "no_consumer"
WOULD_PUBLISH: Final = "would_publish"
GONE: Final = "gone"


def rehearsers(loops: Iterable[object]) -> dict[str, Processor | Effects]:
    """Return the consumers among `loops`, by name."""
    return {loop.consumer: loop for loop in loops if isinstance(loop, (Processor, Effects))}


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one letter."""

    letter: Letter
    outcome: str
    emits: tuple[NewRecord, ...] = ()


@dataclass(slots=True)
class Plan:
    """What would become of letters, in their order."""

    letters: list[Planned] = field(default_factory=list)
    more: bool = False
    """Whether some were left out because all together are too large."""

    @property
    def outcomes(self) -> Counter[str]:
        """How many letters come to what."""
        return Counter(each.outcome for each in self.letters)


async def plan(letters: Letters, chosen: Sequence[Letter], loops: Iterable[object]) -> Plan:
    """Return what would become of `chosen` if they were replayed now.

    The letters of one consumer are decided one after another, as they would be: what follows from one is seen
    by the next. Of an effect it says only that it would be tried.

    Raises:
        LogUnavailable: the log does not answer.
        StoreUnavailable: the database does not answer.
    """
    within = _within(chosen)
    opened = {each.letter.id: each async for each in letters.read([each.id for each in within])}
    there = rehearsers(loops)
    by_consumer: defaultdict[str, list[Opened]] = defaultdict(list)
    told: dict[str, Planned] = {}
    for letter in within:
        if letter.id not in opened:
            told[letter.id] = Planned(letter, GONE)
        elif letter.refused:
            told[letter.id] = Planned(letter, WOULD_PUBLISH, (_as_new(opened[letter.id].record),))
        elif letter.consumer is None or letter.consumer not in there:
            told[letter.id] = Planned(letter, NO_CONSUMER)
        else:
            by_consumer[letter.consumer].append(opened[letter.id])
    for consumer, records in by_consumer.items():
        rehearsals = await rehearse(there[consumer], [each.record for each in records])
        for each, rehearsal in zip(records, rehearsals, strict=True):
            told[each.letter.id] = Planned(each.letter, rehearsal.outcome, rehearsal.emits)
    return Plan([told[each.id] for each in within], more=len(within) < len(chosen))


def _within(chosen: Sequence[Letter]) -> list[Letter]:
    size, within = 0, list[Letter]()
    for letter in chosen[:MOST]:
        size += letter.size
        if within and size > MOST_BYTES:
            break
        within.append(letter)
    return within


def _as_new(record: Record) -> NewRecord:
    return NewRecord(record.topic, record.key, record.value, record.headers)
