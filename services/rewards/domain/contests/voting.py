"""Submissions end, and the voting begins: the group reads what was handed in, and not by whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.contests.contest import Contest, Submission
from services.rewards.domain.contests.opening import over
from services.rewards.domain.contests.telling import answerable, news, of, pages
from services.rewards.domain.contests.timers import votes_end
from services.rewards.domain.scene import Scene
from shared.clock import as_stored
from shared.contracts.rewards import ContestClosed, ContestStage
from shared.decision import Decision, Emit, Phrase, Say
from shared.ids import deterministic_id

LATE: Final = dt.timedelta(minutes=1)
"""Where the voting begins later than that, it ends later too: everybody has the time they were told of."""


def begun(scene: Scene, contest: Contest, now: dt.datetime) -> Decision[Scene]:
    """Return the decision to put to the vote what was handed in; where nothing was, that is the end."""
    contest = replace(contest, stage=ContestStage.VOTING, submissions=_numbered(scene, contest))
    if not contest.entries:
        return _without_entries(scene, contest, now)
    if now - contest.submissions_until > LATE:
        later = contest.votes_until + (now - contest.submissions_until)
        contest = replace(contest, votes_until=as_stored(later))
    said = listing(contest)
    return Decision(
        answerable(scene.with_contest(contest), contest, said),
        say=said,
        wake=(votes_end(contest),),
        note="contest_voting",
    )


def listing(contest: Contest) -> tuple[Say, ...]:
    """Return the news of what can be chosen, in as many messages as it needs."""
    entries = contest.entries
    return tuple(
        news(contest, listed_entries(contest, [entries[index] for index in page]), "voting", page=number)
        for number, page in enumerate(pages([each.text for each in entries]))
    )


def listed_entries(contest: Contest, entries: list[Submission]) -> Phrase:
    """Return these entries with what a member does to choose one; whose they are is not in it."""
    lines = tuple(Phrase("entry.line", {"number": each.number or 0, "text": each.text}) for each in entries)
    return Phrase("contest.voting", of(contest, lines=lines))


def _numbered(scene: Scene, contest: Contest) -> tuple[Submission, ...]:
    """Return one entry of each person, in an order that says nothing of who came first."""
    latest: dict[str, Submission] = {}
    for each in sorted(contest.submissions, key=lambda each: (each.at, each.message_id)):
        latest[scene.person(each.member_id).now] = each
    mixed = sorted(
        latest.values(),
        key=lambda each: (not each.valid, deterministic_id("entry", contest.contest_id, each.message_id)),
    )
    return tuple(replace(each, number=number) for number, each in enumerate(mixed, start=1))


def _without_entries(scene: Scene, contest: Contest, now: dt.datetime) -> Decision[Scene]:
    contest = replace(contest, stage=ContestStage.CLOSED, closed_at=as_stored(now), voters=0)
    fact = ContestClosed(
        scope=contest.scope,
        contest_id=contest.contest_id,
        chat_id=contest.chat_id,
        entries=0,
        voters=0,
        closed_at=now,
    )
    return Decision(
        over(scene, contest),
        emit=(Emit(fact, contest.scope),),
        say=(news(contest, Phrase("contest.nobody_entered", of(contest)), "closed"),),
        note="contest_without_entries",
    )
