"""The timers of a contest, under the names by which they are replaced and forgotten."""

from __future__ import annotations

import datetime as dt
from typing import Final

from services.rewards.domain.contests.contest import Contest
from shared.contracts.rewards import ContestDue, ContestStage
from shared.decision import Cancel, Wake

VALID_FOR: Final = dt.timedelta(days=30)
"""However late it comes, a contest is not left hanging."""


def submissions_end(contest: Contest) -> Wake:
    """Return the timer by which the voting begins."""
    return _timer(contest, ContestStage.VOTING, contest.submissions_until)


def votes_end(contest: Contest) -> Wake:
    """Return the timer by which the votes are counted."""
    return _timer(contest, ContestStage.CLOSED, contest.votes_until)


def no_timers(contest: Contest) -> tuple[Cancel, ...]:
    """Return what silences a contest that is cancelled."""
    return Cancel(_name(contest, ContestStage.VOTING)), Cancel(_name(contest, ContestStage.CLOSED))


def _timer(contest: Contest, stage: ContestStage, until: dt.datetime) -> Wake:
    due = ContestDue(
        scope=contest.scope,
        contest_id=contest.contest_id,
        chat_id=contest.chat_id,
        stage=stage,
        until=until,
    )
    return Wake(_name(contest, stage), until, due, contest.scope, VALID_FOR)


def _name(contest: Contest, stage: ContestStage) -> str:
    return f"contest/{contest.contest_id}/{stage}"
