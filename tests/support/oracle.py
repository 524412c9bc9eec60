"""Judges what is left of a run with faults in it: what was put in against everything that came of it.

Four things must hold. No gaps: every input has an effect or a dead letter. No double effect: balances are the
arithmetic sum, and every effect downstream is there once. Committed is never ahead of processed. What happens
to one chat, and what is said in it, happens in order.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Literal

Stamp = tuple[str, int]
"""Which input: its chat, and its number in that chat, from 0."""

SHOWN = 3
"""Examples of each kind of violation that a report names."""


@dataclass(frozen=True, slots=True)
class Input:
    """One event that was put in, however many copies of it."""

    chat: str
    n: int
    points: int
    poison: bool = False
    """It must become a dead letter, and nothing else must come of it."""
    copies: int = 1

    @property
    def stamp(self) -> Stamp:
        return self.chat, self.n


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it stands on its topic; a relay that died writes the same id again."""

    id: str
    chat: str
    n: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A dead letter as it stands on its topic."""

    stamp: Stamp | None
    """None: it resembles nothing that was put in."""
    place: str
    """Where the record stood that was set aside: the same place again is the same letter again."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one look at a partition showed while the run went on."""

    partition: str
    committed: int
    processed: int
    """Below this offset everything has an effect; looked for no further than `committed`."""


@dataclass(frozen=True, slots=True)
class History:
    """What came of the inputs."""

    effects: Mapping[str, Sequence[int]]
    """By chat, which inputs had their effect, in the order in which they had it."""
    balances: Mapping[str, int]
    dead: Sequence[Dead] = ()
    replies: Sequence[Reply] | None = None
    """In the order of their topic; None where nobody answers."""
    downstream: Mapping[str, Sequence[int]] | None = None
    """By chat, which answers had their effect at their reader; None where nobody reads them."""
    samples: Sequence[Sample] = ()

    @property
    def said_again(self) -> int:
        """How many answers stand on their topic beyond one for each id."""
        ids = [reply.id for reply in self.replies or ()]
        return len(ids) - len(set(ids))


@dataclass(slots=True)
class Verdict:
    """What the oracle found, each finding a sentence."""

    effects: int = 0
    dead_letters: int = 0
    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """Sums that are wrong, and what came of nothing that was put in."""

    @property
    def holds(self) -> bool:
        return not (self.lost or self.double or self.out_of_order or self.ahead or self.strange)


def judge(inputs: Iterable[Input], history: History) -> Verdict:
    """Return what is wrong with `history`."""
    wanted = {each.stamp: each for each in inputs}
    verdict = Verdict()
    effects = Counter((chat, n) for chat, heard in history.effects.items() for n in heard)
    letters = {letter.place: letter for letter in history.dead}
    dead = Counter(letter.stamp for letter in letters.values() if letter.stamp is not None)
    verdict.effects, verdict.dead_letters = effects.total(), len(letters)
    _each_input(wanted, effects, dead, verdict)
    _sums(wanted, history, verdict)
    _in_order("effect", history.effects, verdict)
    if history.replies is not None:
        _replies(effects, history.replies, verdict)
    if history.downstream is not None:
        _downstream(effects, history.downstream, verdict)
    for letter in letters.values():
        if letter.stamp not in wanted:
            verdict.strange.append(f"the dead letter of {letter.place} resembles no input")
    for sample in history.samples:
        if sample.committed > sample.processed:
            verdict.ahead.append(
                f"{sample.partition} was committed to {sample.committed}, processed to {sample.processed}"
            )
    return verdict


def _each_input(
    wanted: Mapping[Stamp, Input], effects: Counter[Stamp], dead: Counter[Stamp], verdict: Verdict
) -> None:
    for stamp, each in wanted.items():
        name = f"{stamp[0]}#{stamp[1]}"
        if not effects[stamp] and not dead[stamp]:
            verdict.lost.append(f"{name} has neither an effect nor a dead letter")
        if effects[stamp] > 1:
            verdict.double.append(f"{name} had its effect {effects[stamp]} times")
        if each.poison and effects[stamp]:
            verdict.strange.append(f"{name} is poison and had an effect")
        if not each.poison and dead[stamp]:
            verdict.strange.append(f"{name} is sound and was set aside")
        if dead[stamp] > each.copies:
            verdict.double.append(f"{name} was set aside {dead[stamp]} times")
    verdict.strange += [
        f"{chat}#{n} had an effect and was never put in" for chat, n in effects.keys() - wanted.keys()
    ]


def _sums(wanted: Mapping[Stamp, Input], history: History, verdict: Verdict) -> None:
    sums: Counter[str] = Counter()
    for each in wanted.values():
        sums[each.chat] += 0 if each.poison else each.points
    for chat in sums.keys() | history.balances.keys():
        if sums[chat] != history.balances.get(chat, 0):
            verdict.strange.append(
                f"the balance of {chat} is {history.balances.get(chat, 0)}, the sum {sums[chat]}"
            )


def _in_order(what: str, by_chat: Mapping[str, Sequence[int]], verdict: Verdict) -> None:
    for chat, numbers in by_chat.items():
        for before, after in pairwise(numbers):
            if after < before:
                verdict.out_of_order.append(f"{what} {chat}#{after} came behind #{before}")


def _replies(effects: Counter[Stamp], replies: Sequence[Reply], verdict: Verdict) -> None:
    ids: dict[str, Stamp] = {}
    order: dict[str, list[int]] = {}
    for reply in replies:
        stamp = reply.chat, reply.n
        if reply.id not in ids:
            order.setdefault(reply.chat, []).append(reply.n)
        if ids.setdefault(reply.id, stamp) != stamp:
            verdict.strange.append(f"the id {reply.id} answers {ids[reply.id]} and {stamp}")
    answers = Counter(ids.values())
    verdict.double += [
        f"{chat}#{n} was answered under {times} ids" for (chat, n), times in answers.items() if times > 1
    ]
    verdict.lost += [f"{chat}#{n} was never answered" for chat, n in effects.keys() - answers.keys()]
    verdict.strange += [
        f"an answer to {chat}#{n} follows from nothing" for chat, n in answers.keys() - effects.keys()
    ]
    _in_order("answer", order, verdict)


def _downstream(effects: Counter[Stamp], downstream: Mapping[str, Sequence[int]], verdict: Verdict) -> None:
    found = Counter((chat, n) for chat, numbers in downstream.items() for n in numbers)
    verdict.lost += [f"the answer to {chat}#{n} had no effect" for chat, n in effects.keys() - found.keys()]
    verdict.double += [
        f"the answer to {chat}#{n} had its effect {times} times"
        for (chat, n), times in found.items()
        if times > 1
    ]
    _in_order("effect of an answer", downstream, verdict)


@dataclass(slots=True)
class Report:
    """What one scenario came to."""

    scenario: str
    fault: str
    seed: int
    inputs: int = 0
    effects: int = 0
    duplicates_absorbed: int = 0
    dead_letters: int = 0
    lost: int = 0
    double: int = 0
    out_of_order: int = 0
    ahead: int = 0
    recovery_p50: float | None = None
    recovery_max: float | None = None
    seconds: float = 0.0
    verdict: Literal["passed", "failed", "not run"] = "passed"
    notes: list[str] = field(default_factory=list)
    """What else was measured."""
    failures: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Write down what was measured."""
        self.notes.append(sentence)

    def fail(self, sentence: str) -> None:
        """Say what did not hold."""
        self.failures.append(sentence)
        self.verdict = "failed"

    def expect(self, holds: bool, sentence: str) -> None:  # noqa: FBT001
        """Fail with `sentence`, which says what was found, unless it holds."""
        if not holds:
            self.fail(sentence)

    def not_run(self, reason: str) -> None:
        """Say why the scenario cannot run here."""
        self.verdict = "not run"
        self.notes.append(f"not run: {reason}")

    def recovered(self, seconds: Sequence[float]) -> None:
        """Take over how long it took after each fault until all went on."""
        if seconds:
            self.recovery_p50 = round(statistics.median(seconds), 2)
            self.recovery_max = round(max(seconds), 2)

    def add(self, inputs: Iterable[Input], verdict: Verdict) -> None:
        """Take over what the oracle found; a second verdict, of other inputs, is added to the first."""
        self.inputs += sum(1 for _ in inputs)
        self.effects += verdict.effects
        self.dead_letters += verdict.dead_letters
        self.lost += len(verdict.lost)
        self.double += len(verdict.double)
        self.out_of_order += len(verdict.out_of_order)
        self.ahead += len(verdict.ahead)
        for found in (verdict.lost, verdict.double, verdict.out_of_order, verdict.ahead, verdict.strange):
            for sentence in found[:SHOWN]:
                self.fail(sentence)
            if len(found) > SHOWN:
                self.fail(f"and {len(found) - SHOWN} more like this")

    def json_line(self) -> str:
        """Return the report on one line, for machines."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def human_line(self) -> str:
        """Return the report on one line, for a person."""
        if self.verdict == "not run":
            return f"–  {self.scenario:<10} {self.fault}: {self.notes[-1]}"
        sign = "✔" if self.verdict == "passed" else "✘"
        counts = (
            f"{self.inputs} in, {self.effects} effects, {self.duplicates_absorbed} duplicates absorbed, "
            f"{self.dead_letters} dead, lost {self.lost}, double {self.double}, "
            f"out of order {self.out_of_order}"
        )
        if self.recovery_max is not None:
            counts += f", back after {self.recovery_p50}/{self.recovery_max} s"
        said = " ".join("; ".join([*self.failures, *self.notes]).split())
        return f"{sign}  {self.scenario:<10} {self.fault} ({self.seconds:.0f} s): {counts}. {said}".rstrip()
