"""`!चुनें 3 2`: a member's vote, which a later one replaces; what anybody chose is told to nobody.

Every answer is for who votes alone, names no entry and no number of votes, and is counted under one name.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.rewards.domain.contests.contest import MOST_VOTES, Ballots, Contest, Vote
from services.rewards.domain.contests.counting import weighs
from services.rewards.domain.contests.finding import answered, numbered, open_ones, unclear
from services.rewards.domain.contests.telling import of
from services.rewards.domain.numbering import number_in
from services.rewards.domain.replying import reply
from services.rewards.domain.scene import Scene
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import ContestStage
from shared.decision import Decision, Instead, Phrase

STAGE = ContestStage.VOTING


def decide_choice(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take a vote, or say why not."""
    del now
    meant = _meant(scene, command, event)
    if isinstance(meant, Phrase):
        return _answered(scene, event, meant)
    contest, number = meant
    if refused := _refused(scene, contest, number, event.data.sent_at):
        return _answered(scene, event, refused)
    ballots = scene.ballots.get(contest.contest_id) or Ballots(contest.contest_id)
    known = scene.member.member_id in ballots.votes
    if not known and len(ballots.votes) >= MOST_VOTES:
        return _answered(scene, event, Phrase("vote.full", of(contest)))
    vote = Vote(number, event.data.sent_at, event.data.message_id)
    ballots = ballots.cast(scene.member.member_id, vote)
    scene = replace(scene, ballots={**scene.ballots, contest.contest_id: ballots})
    account = scene.account(scene.member.now, contest.scope)
    rules = scene.homes.get(contest.scope, scene.community).rules_at(vote.at)
    if weighs(account, vote, rules):
        return _answered(scene, event, Phrase("vote.taken", of(contest)))
    return _answered(scene, event, Phrase("vote.newcomer", of(contest, days=rules.newcomer_days)))


def _meant(scene: Scene, command: Command, event: Envelope[MessageReceived]) -> tuple[Contest, int] | Phrase:
    """Return the contest and the entry that a command means, or what to say where it is not clear."""
    numbers = [number_in(each) for each in command.words]
    if len(numbers) not in {1, 2} or numbers[-1] is None:
        return Phrase("vote.how")
    contest = answered(scene, event.data)
    if len(numbers) > 1:
        contest = numbered(scene, numbers[0], STAGE)
    elif contest is None and len(fits := open_ones(scene, STAGE)) == 1:
        contest = fits[0]
    return (contest, numbers[-1]) if contest is not None else unclear(scene, STAGE)


def _refused(scene: Scene, contest: Contest, number: int, at: dt.datetime) -> Phrase | None:
    if contest.stage is ContestStage.SUBMISSIONS:
        return Phrase("vote.not_yet", of(contest))
    if contest.stage is not STAGE or at >= contest.votes_until:
        return Phrase("vote.over", of(contest))
    entry = contest.entry(number)
    if entry is None:
        return Phrase("vote.unknown", of(contest))
    return Phrase("vote.own", of(contest)) if scene.person(entry.member_id).now == scene.member.now else None


def _answered(scene: Scene, event: Envelope[MessageReceived], phrase: Phrase) -> Decision[Scene]:
    said = reply(scene, event, phrase, private=True)
    if not scene.chat.direct:
        said = replace(said, instead=Instead(Phrase("vote.in_private"), scene.chat.spoken))
    return Decision(scene, say=(said,), note="vote_answered")
