"""The votes are counted and the result is told, once; who has won has earned something."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.booking import Occasion
from services.rewards.domain.claiming import claim_id, claimed
from services.rewards.domain.contests.contest import Ballots, Contest, Submission, Vote
from services.rewards.domain.contests.counting import Count, counted, weighs
from services.rewards.domain.contests.opening import over
from services.rewards.domain.contests.telling import news, of, pages
from services.rewards.domain.contests.voting import begun
from services.rewards.domain.periods import day_of
from services.rewards.domain.rules import CONTEST
from services.rewards.domain.scene import Scene
from services.rewards.domain.week import Claim
from services.rewards.domain.wording import Mentions, listed
from shared.clock import as_stored
from shared.contracts.envelope import Envelope
from shared.contracts.rewards import ContestClosed, ContestDue, ContestStage
from shared.decision import Decision, Emit, Phrase, Say

QUOTED: Final = 200
"""Characters of an entry that has won."""


def decide_due(scene: Scene, event: Envelope[ContestDue], now: dt.datetime) -> Decision[Scene]:
    """Bring a contest to its next stage; a timer of a stage that is past changes nothing."""
    contest, due = scene.contests.get(event.data.contest_id), event.data
    if contest is None:
        return Decision(scene, note="contest_unknown")
    match contest.stage, due.stage:
        case ContestStage.SUBMISSIONS, ContestStage.VOTING if due.until == contest.submissions_until:
            return begun(scene, contest, now)
        case ContestStage.VOTING, ContestStage.CLOSED if due.until == contest.votes_until:
            return closed(scene, contest, event, now)
        case _:
            return Decision(scene, note="contest_due_before")


def closed(scene: Scene, contest: Contest, event: Envelope[ContestDue], now: dt.datetime) -> Decision[Scene]:
    """Return the decision that a contest is over, with its result."""
    count = _count(scene, contest)
    submissions = tuple(
        replace(each, votes=count.votes.get(each.number or 0, 0)) if each.valid else each
        for each in contest.submissions
    )
    winners = _winners(replace(contest, submissions=submissions), count)
    contest = replace(
        contest,
        stage=ContestStage.CLOSED,
        submissions=submissions,
        voters=count.voters,
        winners=tuple(scene.person(each.member_id).now for each in winners),
        closed_at=as_stored(now),
    )
    fact = ContestClosed(
        scope=contest.scope,
        contest_id=contest.contest_id,
        chat_id=contest.chat_id,
        winners=contest.winners,
        entries=len(contest.entries),
        voters=count.voters,
        closed_at=now,
    )
    done = Decision(
        over(scene, contest),
        emit=(Emit(fact, contest.scope),),
        say=_result(scene, contest, winners),
        note="contest_closed" if winners else "contest_without_votes",
    )
    for each in winners:
        done = _rewarded(done, contest, each, Occasion(event.id, event.time))
    return done


def won_on(contest: Contest, zone: str) -> str:
    """Return the day for which a win counts: the last one for votes, however late they are counted."""
    return day_of(contest.votes_until, zone)


def _count(scene: Scene, contest: Contest) -> Count:
    def counts(who: str, vote: Vote) -> bool:
        account = scene.account(who, contest.scope)
        return weighs(account, vote, scene.community.rules_at(vote.at))

    ballots = scene.ballots.get(contest.contest_id) or Ballots(contest.contest_id)
    return counted(contest, ballots, lambda name: scene.person(name).now, counts)


def _winners(contest: Contest, count: Count) -> tuple[Submission, ...]:
    """Return the entries with the most votes; equal is equal, and nothing wins without a vote."""
    best = max(count.votes.values(), default=0)
    return tuple(each for each in contest.entries if best and each.votes == best)


def _rewarded(
    done: Decision[Scene], contest: Contest, won: Submission, occasion: Occasion
) -> Decision[Scene]:
    scene = done.state
    claim = Claim(
        claim_id(CONTEST, contest.contest_id, won.member_id),
        CONTEST,
        won.member_id,
        contest.votes_until,
        won_on(contest, scene.zone),
        occasion.event_id,
        contest.chat_id,
        about=won.message_id,
    )
    more = claimed(scene, claim, scene.person(won.member_id).now, occasion, "claimed_contest")
    return replace(done, state=more.state, emit=(*done.emit, *more.emit), wake=(*done.wake, *more.wake))


def _result(scene: Scene, contest: Contest, winners: tuple[Submission, ...]) -> tuple[Say, ...]:
    if not winners:
        return (news(contest, Phrase("contest.nobody_voted", of(contest)), "closed"),)
    said = []
    for number, page in enumerate(pages([each.text[:QUOTED] for each in winners])):
        mentions = Mentions()
        lines = [_winner(scene, winners[index], mentions) for index in page]
        if number == 0 and (others := _others(contest, winners)) is not None:
            lines.append(others)
        phrase = Phrase("contest.closed", of(contest, lines=tuple(lines), voters=contest.voters or 0))
        said.append(news(contest, phrase, "closed", page=number, mentions=mentions.members))
    return tuple(said)


def _winner(scene: Scene, won: Submission, mentions: Mentions) -> Phrase:
    person = scene.person(won.member_id)
    who = Phrase("who.hidden") if person.private else mentions.who(person.now)
    text = won.text if len(won.text) <= QUOTED else f"{won.text[: QUOTED - 1]}…"
    return Phrase("entry.won", {"who": who, "votes": won.votes or 0, "text": text})


def _others(contest: Contest, winners: tuple[Submission, ...]) -> Phrase | None:
    rest = [each for each in contest.entries if each not in winners]
    if not rest:
        return None
    in_order = sorted(rest, key=lambda each: (-(each.votes or 0), each.number or 0))
    counts = [
        Phrase("entry.counted", {"number": each.number or 0, "votes": each.votes or 0}) for each in in_order
    ]
    return Phrase("contest.others", {"them": listed(counts)})
