"""How the command shows things: tables for a person, JSON for a program; complaints beside them."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import orjson
from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from shared.replay.letter import OUTBOX, Letter, State
from shared.replay.query import NONE, Summary
from shared.replay.views import (
    EmitView,
    LetterDetail,
    LetterPage,
    LetterView,
    PlannedView,
    PlanView,
    ReportView,
    SummaryView,
    escaped_lines,
    summary_view,
)

WIDE = 120
"""Columns from which on a table has room for where a letter came from."""

ViewT = TypeVar("ViewT", LetterView, PlannedView)

REFUSED = "Refused by the log"
MOST_FAILED = 20
MOST_OF_A_REASON = 24

_STYLES = {
    "applied": "green",
    "would_act": "green",
    "would_publish": "green",
    "duplicate": "dim",
    "skipped": "yellow",
    State.OPEN: "yellow",
    State.REPLAYED: "green",
    State.DROPPED: "dim",
}
_WHY = {
    "changed": "somebody was faster",
    "gone": "no longer kept",
    "no_consumer": "no consumer of this service has this name",
    "not_found": "there is no such letter",
    "replayed": "replayed before; --again takes it",
    "dropped": "dropped before; --again takes it where it is named by --id",
}


class Screen:
    """Standard output for what was asked for, standard error for everything else."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._out = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self._err = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)

    def page(self, page: LetterPage) -> None:
        """Show letters and their summary."""
        if self._json:
            return self._dump(page)
        if not page.letters:
            return self._out.print(f"{page.service} has no such letters.")
        self._letters(page.letters)
        self._summary(page.summary)
        if (left := page.summary.total - len(page.letters)) > 0:
            self._out.print(f"{left} more; --limit shows them.", style="dim")
        return None

    def details(self, letters: Sequence[LetterDetail], *, more: bool) -> None:
        """Show letters with their headers."""
        if self._json:
            return self._write(orjson.dumps([each.model_dump(mode="json") for each in letters]))
        for letter in letters:
            self._detail(letter)
        if more:
            self._out.print("There are more; --limit shows them.", style="dim")
        return None

    def plan(self, plan: PlanView) -> None:
        """Show what a replay would come to."""
        if self._json:
            return self._dump(plan)
        if not plan.letters:
            return self._out.print(f"{plan.service} has no such letters.")
        on_the_log, refused = _split(plan.letters)
        for name, letters in (("Letter", on_the_log), (REFUSED, refused)):
            table = _table(name, "Outcome", elastic=["Publishes"])
            for each in letters:
                publishes = Text("\n").join(map(_emit, each.emits)) if each.emits else Text("–", "dim")
                table.add_row(each.id, Text(each.outcome, _style(each.outcome)), publishes)
            if letters:
                self._out.print(table, "")
        self._counts("letters", plan.outcomes, len(plan.letters))
        emitted = Counter(emit.type or NONE for each in plan.letters for emit in each.emits)
        if emitted:
            self._counts("to publish", emitted, emitted.total())
        if plan.more:
            self._out.print("There are more letters than this plan takes; --limit, up to 1000.", style="dim")
        return None

    def report(self, report: ReportView, verb: str) -> None:
        """Show what was done."""
        if self._json:
            return self._dump(report)
        if not report.done and not report.failed:
            return self._out.print(f"{report.service} has no such letters.")
        self._out.print(
            f"{report.done} {verb}, {len(report.failed)} not." if report.failed else f"{report.done} {verb}."
        )
        self.passed_over(report.failed)
        if report.last_not_before is not None:
            self._out.print(f"The last is handled at {_time(report.last_not_before)} UTC or soon after.")
        if report.more:
            self._out.print("There are more; the same command takes the next ones.", style="dim")
        return None

    def warn(self, sentence: str, letters: Sequence[Letter]) -> None:
        """Say what is about to happen, to which letters."""
        self._err.print(sentence, style="bold")
        self._err.print(_pairs(_by(summary_view(Summary.of(letters)))))

    def passed_over(self, letters: Mapping[str, str]) -> None:
        """Say which of the letters that were named are not taken, and why."""
        for letter_id, why in list(letters.items())[:MOST_FAILED]:
            self.complain(f"{letter_id}: {_WHY.get(why, why)}")
        if len(letters) > MOST_FAILED:
            self.complain(f"… and {len(letters) - MOST_FAILED} others")

    def complain(self, sentence: str) -> None:
        """Say why something could not be done."""
        self._err.print(sentence, soft_wrap=True)

    @contextlib.contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """Give what to call with how many letters are done; a bar for a person who waits, else nothing."""
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        hidden = self._json or not self._err.is_terminal
        with Progress(*columns, console=self._err, transient=True, disable=hidden) as bar:
            task = bar.add_task(what, total=total)
            yield lambda count: bar.advance(task, count)

    def _letters(self, letters: Sequence[LetterView]) -> None:
        on_the_log, refused = _split(letters)
        if on_the_log:
            self._out.print(self._table_of_letters(on_the_log))
        if refused:
            # A table of its own: the ids of rows are long, and would squeeze everything else.
            if on_the_log:
                self._out.print()
            table = _table(REFUSED, "Written", "Reason", elastic=["Type"])
            for each in refused:
                table.add_row(each.id, _time(each.at), each.reason, _elastic(each.type))
            self._out.print(table)

    def _table_of_letters(self, letters: Sequence[LetterView]) -> Table:
        wide = self._out.width >= WIDE
        marked = ["State"] if any(each.mark for each in letters) else []
        places = ["Origin", "Key"] if wide else []
        numbers = ["Tries", "Bytes"] if wide else []
        table = _table(
            "Letter", "Set aside", *marked, *numbers, "Reason", elastic=["Consumer", "Type", *places]
        )
        for each in letters:
            cells = [Text(each.id), Text(_time(each.at))]
            if marked:
                times = f" {each.mark.times}×" if each.mark and each.mark.times > 1 else ""
                cells.append(Text(f"{each.state}{times}", _style(each.state)))
            if wide:
                cells += [Text(str(each.attempts)), Text(str(each.size))]
            cells += [Text(each.reason[:MOST_OF_A_REASON]), _elastic(each.consumer), _elastic(each.type)]
            if wide:
                cells += [_elastic(each.origin), _elastic(each.key)]
            table.add_row(*cells)
        return table

    def _summary(self, summary: SummaryView) -> None:
        self._out.print(f"\n{summary.total} in all", style="bold")
        self._out.print(_pairs(_by(summary)))

    def _counts(self, what: str, counts: Mapping[str, int], total: int) -> None:
        self._out.print(Text.assemble((f"{total} ", "bold"), _counted(what, counts)))

    def _detail(self, letter: LetterDetail) -> None:
        self._out.rule(Text(letter.id, "bold"), align="left", style="dim")
        facts = {
            "state": _state(letter),
            "set aside": f"{_time(letter.at)} UTC" if letter.at else "–",
            "consumer": letter.consumer,
            "reason": letter.reason,
            "error": letter.error,
            "origin": letter.origin,
            "attempts": str(letter.attempts),
            "version": letter.version,
            "key": letter.key,
            "size": f"{letter.size} bytes",
        }
        self._out.print(_pairs({name: value or "–" for name, value in facts.items()}))
        self._out.print("headers", style="bold")
        self._out.print(_pairs(letter.headers))
        body = letter.body
        fields = "no JSON object" if body.fields is None else f"fields {', '.join(body.fields) or '–'}"
        self._out.print(Text.assemble(("body", "bold"), f"  {body.size} bytes, {fields}"))
        if body.content is not None:
            self._out.print(_pretty(body.content), soft_wrap=True)
        self._out.print()

    def _dump(self, model: BaseModel) -> None:
        self._write(orjson.dumps(model.model_dump(mode="json")))

    def _write(self, data: bytes) -> None:
        self._out.file.write(data.decode() + "\n")


def _table(*names: str, elastic: Sequence[str]) -> Table:
    """Return a table whose `elastic` columns give way where there is no room for all.

    The others never do: an id that is cut names nothing.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in names:
        table.add_column(name, no_wrap=True)
    for name in elastic:
        table.add_column(Text(name, no_wrap=True, overflow="ellipsis"))
    return table


def _split(letters: Sequence[ViewT]) -> tuple[list[ViewT], list[ViewT]]:
    """Return the letters that stand on the log, and those that never got there."""
    refused = [each for each in letters if each.id.startswith(OUTBOX)]
    return [each for each in letters if not each.id.startswith(OUTBOX)], refused


def _elastic(text: str | None) -> Text:
    return Text(text or "–", no_wrap=True, overflow="ellipsis")


def _pairs(values: Mapping[str, str]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    for name, value in values.items():
        table.add_row(Text(name), Text(value))
    return table


def _emit(emit: EmitView) -> Text:
    text = Text(f"{emit.type or '(none)'} → {emit.topic}\n")
    text.append(f"  {emit.key}", "dim")
    if emit.text is not None:
        text.append("\n  " + escaped_lines(emit.text).replace("\n", "\n  "), "italic")
    return text


def _by(summary: SummaryView) -> dict[str, str]:
    counts = {"by reason": summary.reasons, "by consumer": summary.consumers, "by type": summary.types}
    return {name: _listed(count) for name, count in counts.items()}


def _counted(what: str, counts: Mapping[str, int]) -> str:
    return f"{what}: {_listed(counts)}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "–"


def _state(letter: LetterView) -> str:
    mark = letter.mark
    return str(letter.state) if mark is None else f"{letter.state} at {_time(mark.at)} UTC by {mark.by}"


def _time(at: dt.datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _style(word: str) -> str:
    return _STYLES.get(word, "red")


def _pretty(content: str) -> str:
    try:
        shown = json.dumps(orjson.loads(content), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        shown = content
    return escaped_lines(shown)
