"""What each action of the command does: find, perhaps ask, act, tell."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.replay.letter import Letter, printable
from shared.replay.letters import Found, Letters, Report
from shared.replay.marks import MIGRATION
from shared.replay.plan import MOST, plan, rehearsers
from shared.replay.query import Query
from shared.replay.screen import Screen
from shared.replay.views import detail_view, page_view, plan_view, report_view
from shared.service import Loop, Platform, Recipe
from shared.settings import SharedSettings, load
from shared.store.migrations import migrate


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters, how many, and how."""

    query: Query
    limit: int
    rate: float | None = None
    body: bool = False
    yes: bool = False


class Actions:
    """The actions on the letters of one service; each returns whether all of it could be done."""

    def __init__(
        self,
        platform: Platform,
        recipe: Recipe[Any],
        choice: Choice,
        screen: Screen,
        *,
        dotenv: Path,
        ask: Callable[[str], str],
    ) -> None:
        self._platform = platform
        self._recipe = recipe
        self._choice = choice
        self._screen = screen
        self._dotenv = dotenv
        self._ask = ask
        self._database = platform.database(recipe.name)
        self._letters = Letters(platform.runtime(recipe.name), self._database)

    async def list(self) -> bool:
        """Print the letters and a summary."""
        found = await self._find()
        self._screen.page(page_view(self._recipe.name, found))
        return self._any(found)

    async def show(self) -> bool:
        """Print letters with their headers."""
        found = await self._find()
        shown = [
            detail_view(each, body=self._choice.body)
            async for each in self._letters.read([letter.id for letter in found.letters])
        ]
        self._screen.details(shown, more=found.more)
        return self._any(found)

    async def plan(self) -> bool:
        """Print what a replay would come to."""
        found = await self._find(MOST)
        async with self._loops() if found.letters else contextlib.nullcontext(()) as loops:
            planned = await plan(self._letters, found.letters, loops)
        view = plan_view(self._recipe.name, planned, body=self._choice.body, more=found.more)
        self._screen.plan(view)
        return self._any(found)

    async def run(self) -> bool:
        """Replay letters."""
        found = await self._find()
        report = Report()
        if found.letters:
            async with self._loops() as loops:
                consumers = rehearsers(loops)
            with self._screen.progress("Replaying", len(found.letters)) as progress:
                report = await self._letters.replay(
                    found.letters,
                    consumers=consumers,
                    by=operator(),
                    rate=self._choice.rate,
                    progress=progress,
                )
        return self._tell(found, report, "replayed")

    async def drop(self) -> bool:
        """Give letters up, if the operator means it."""
        found = await self._find()
        report = Report()
        if found.letters:
            if not self._choice.yes and not self._confirmed(found.letters):
                self._screen.complain("Nothing was dropped.")
                return False
            await migrate(self._database, self._platform.clock, [MIGRATION])
            with self._screen.progress("Dropping", len(found.letters)) as progress:
                report = await self._letters.drop(found.letters, by=operator(), progress=progress)
        return self._tell(found, report, "dropped")

    async def _find(self, most: int | None = None) -> Found:
        limit = self._choice.limit if most is None else min(self._choice.limit, most)
        return await self._letters.find(self._choice.query, limit=limit)

    def _any(self, found: Found) -> bool:
        self._screen.passed_over(found.passed_over)
        return bool(found.letters) and not found.passed_over

    def _confirmed(self, letters: Sequence[Letter]) -> bool:
        words = f"drop {len(letters)}"
        many = "letter" if len(letters) == 1 else "letters"
        self._screen.warn(f"{len(letters)} {many} of {self._recipe.name} would be given up:", letters)
        return self._ask(f'Type "{words}" to go on: ').strip() == words

    def _tell(self, found: Found, report: Report, verb: str) -> bool:
        report.failed |= found.passed_over
        self._screen.report(report_view(self._recipe.name, report, more=found.more), verb)
        return bool(report.done) and not report.failed

    @contextlib.asynccontextmanager
    async def _loops(self) -> AsyncIterator[Sequence[Loop]]:
        """Give the service's loops, wired as in its own process and never started."""
        settings = load(self._recipe.settings, SharedSettings, dotenv=self._dotenv)
        async with self._recipe.build(self._platform, settings) as service:
            yield service.loops


def operator() -> str:
    """Return who runs this command, for the account that is kept of it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        user = str(os.getuid())
    return printable(f"cli:{user}@{socket.gethostname()}".encode())
