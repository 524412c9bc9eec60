"""`!प्रविष्टि 3 <text>`: one entry of a member; a later one takes its place until the voting begins."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.rewards.domain.contests.contest import (
    LONGEST_ENTRY,
    MOST_ENTRIES,
    Contest,
    Submission,
)
from services.rewards.domain.contests.finding import answered, numbered, open_ones, unclear
from services.rewards.domain.contests.telling import of
from services.rewards.domain.numbering import number_in
from services.rewards.domain.post import Post
from services.rewards.domain.replying import answer, reply
from services.rewards.domain.scene import Scene
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import ContestEntered, ContestStage
from shared.decision import Decision, Emit, Phrase

STAGE = ContestStage.SUBMISSIONS


def decide_entry(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take what a member hands in, or say why not."""
    meant = _meant(scene, command, event)
    if isinstance(meant, Phrase):
        return answer(scene, event, meant, "entry_refused")
    contest, text = meant
    mine = next((each for each in contest.submissions if _theirs(scene, each)), None)
    if refused := _refused(contest, text, event.data.sent_at, known=mine is not None):
        return answer(scene, event, refused, "entry_refused")
    if mine is not None and (mine.at, mine.message_id) > (event.data.sent_at, event.data.message_id):
        return answer(scene, event, Phrase("entry.replaced", of(contest)), "entry_overtaken")
    message_id = event.data.message_id
    post = scene.posts.get(message_id) or Post(message_id)
    new = Submission(
        scene.member.member_id,
        text,
        event.data.sent_at,
        message_id,
        mine.order if mine is not None else 1 + max((each.order for each in contest.submissions), default=0),
        # What is said of a message may be heard before the message.
        void=post.void,
        lifted=post.lifted,
    )
    others = tuple(each for each in contest.submissions if each is not mine)
    scene = scene.with_contest(replace(contest, submissions=(*others, new)))
    scene = scene.with_post(replace(post, entered=contest.contest_id))
    fact = ContestEntered(
        scope=contest.scope,
        contest_id=contest.contest_id,
        chat_id=contest.chat_id,
        member_id=scene.member.now,
        number=new.order,
        entered_at=now,
    )
    phrase = Phrase("entry.taken" if mine is None else "entry.replaced", of(contest))
    return Decision(
        scene,
        emit=(Emit(fact, contest.scope),),
        say=(reply(scene, event, phrase),),
        note="entry_taken" if mine is None else "entry_replaced",
    )


def judged(scene: Scene, post: Post) -> Scene:
    """Return the scene in which a contest knows what is said of the message of one of its entries."""
    contest = scene.contests.get(post.entered or "")
    if contest is None or contest.stage not in {ContestStage.SUBMISSIONS, ContestStage.VOTING}:
        return scene
    changed = contest.judged(post.message_id, post.void, post.lifted)
    return scene if changed is contest else scene.with_contest(changed)


def _meant(scene: Scene, command: Command, event: Envelope[MessageReceived]) -> tuple[Contest, str] | Phrase:
    """Return the contest and the entry that a command means, or what to say where it is not clear."""
    first, *others = command.words or ("",)
    number, rest, whole = number_in(first), " ".join(others), " ".join(command.words)
    if (contest := answered(scene, event.data)) is not None:
        return contest, rest if number == contest.number else whole
    if number is not None and (contest := numbered(scene, number, STAGE)) is not None:
        return contest, rest
    fits = open_ones(scene, STAGE)
    return (fits[0], whole) if len(fits) == 1 else unclear(scene, STAGE)


def _refused(contest: Contest, text: str, at: dt.datetime, *, known: bool) -> Phrase | None:
    if contest.stage is not STAGE or at >= contest.submissions_until:
        return Phrase("entry.too_late", of(contest))
    if not text:
        return Phrase("entry.how", of(contest))
    if len(text) > LONGEST_ENTRY:
        return Phrase("entry.too_long", of(contest, most=LONGEST_ENTRY))
    if not known and len(contest.submissions) >= MOST_ENTRIES:
        return Phrase("entry.full", of(contest))
    return None


def _theirs(scene: Scene, submission: Submission) -> bool:
    return scene.person(submission.member_id).now == scene.member.now
