"""`!प्रतियोगिता`: which contests there are, and what one of them takes just now."""

from __future__ import annotations

import datetime as dt
from typing import Final

from services.rewards.domain.contests.contest import Contest
from services.rewards.domain.contests.finding import numbered, open_ones
from services.rewards.domain.contests.opening import decide_cancelled, decide_new
from services.rewards.domain.contests.telling import of, pages
from services.rewards.domain.contests.voting import listed_entries
from services.rewards.domain.numbering import number_in
from services.rewards.domain.replying import answer, reply
from services.rewards.domain.scene import Scene
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import ContestStage
from shared.decision import Decision, Phrase

NEW: Final = frozenset({"नया", "नई", "नयी", "naya", "nayi", "nai", "new"})
CANCEL: Final = frozenset({"रद्द", "radd", "cancel"})


def decide_contest(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Show the contests or one of them; an admin opens and cancels them too."""
    word = command.words[0].casefold() if command.words else ""
    if word in NEW | CANCEL:
        return _managed(scene, command, event, now)
    if not word:
        return _all(scene, event)
    contest = numbered(scene, number_in(word))
    if contest is None:
        return answer(scene, event, Phrase("contest.unknown"), "contest_refused")
    return _one(scene, contest, event)


def _managed(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "contest_refused")
    if not scene.admin:
        return answer(scene, event, Phrase("ask.admins_only"), "contest_refused")
    word = command.words[0]
    decide = decide_new if word.casefold() in NEW else decide_cancelled
    return decide(scene, command.args[len(word) :].strip(), event, now)


def _all(scene: Scene, event: Envelope[MessageReceived]) -> Decision[Scene]:
    found = open_ones(scene)
    if not found:
        return answer(scene, event, Phrase("contest.none"), "contests_shown")
    lines = tuple(Phrase(f"contest.line_{each.stage}", of(each)) for each in found)
    return answer(scene, event, Phrase("list.lines", {"lines": lines}), "contests_shown")


def _one(scene: Scene, contest: Contest, event: Envelope[MessageReceived]) -> Decision[Scene]:
    """Show one contest: whose an entry is, and what was voted, is in none of it."""
    if contest.stage is not ContestStage.VOTING:
        return answer(scene, event, Phrase(f"contest.shown_{contest.stage}", of(contest)), "contest_shown")
    entries = contest.entries
    said = tuple(
        reply(scene, event, listed_entries(contest, [entries[index] for index in page]))
        for page in pages([each.text for each in entries])
    )
    return Decision(scene, say=said, note="contest_shown")
