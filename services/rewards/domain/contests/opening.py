"""`!प्रतियोगिता नया <title> | <days> | <days>`: an admin opens a contest, and may cancel it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from services.rewards.domain.contests.contest import (
    LONGEST_TITLE,
    MOST_DAYS,
    MOST_OPEN,
    OPEN,
    Ballots,
    Contest,
)
from services.rewards.domain.contests.finding import numbered
from services.rewards.domain.contests.telling import HEARD_FOR, answerable, news, of
from services.rewards.domain.contests.timers import no_timers, submissions_end
from services.rewards.domain.numbering import item_id, number_in
from services.rewards.domain.replying import answer
from services.rewards.domain.scene import Scene
from shared.clock import as_stored
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import ContestCancelled, ContestOpened, ContestStage
from shared.decision import Decision, Emit, Phrase, Say
from shared.errors import Conflict, Invalid

SUBMISSION_DAYS: Final = 7
VOTE_DAYS: Final = 3
EVENING: Final = dt.time(20)
"""When a part of a contest ends: what is told then is read."""
LONGEST_REASON: Final = 300

_DAYS: Final = re.compile(r"(\d{1,3})\s*(दिन|दिनों|din|dino|day|days)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A contest as somebody wants it."""

    title: str
    submissions_until: dt.datetime
    votes_until: dt.datetime


def decide_new(
    scene: Scene, wish: str, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Open a contest as an admin wants it, and tell the group until when it takes what."""
    read = _read(wish)
    if read is None:
        return answer(scene, event, Phrase("contest.how", {"days": MOST_DAYS}), "contest_refused")
    title, submission_days, vote_days = read
    wanted = Wish(
        title,
        _evening(event.data.sent_at, submission_days, scene.zone),
        _evening(event.data.sent_at, submission_days + vote_days, scene.zone),
    )
    if _too_many(scene):
        return answer(scene, event, Phrase("contest.too_many", {"most": MOST_OPEN}), "contest_refused")
    return opened(scene, wanted, now, by=scene.member.now, reply_to=event.data.message_id)


def decide_cancelled(
    scene: Scene, rest: str, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Cancel a contest as an admin wants it, and tell the group."""
    first, _, reason = rest.partition(" ")
    contest = numbered(scene, number_in(first))
    if contest is None or contest.stage not in OPEN:
        return answer(scene, event, Phrase("contest.unknown"), "contest_refused")
    return cancelled(scene, contest, " ".join(reason.split())[:LONGEST_REASON] or None, now)


def open_wanted(scene: Scene, wanted: Wish, now: dt.datetime) -> Decision[Scene]:
    """Open a contest as a REST client wants it.

    Raises:
        Invalid: its parts end in the past, in the wrong order, or too late.
        Conflict: the community has too many contests.
    """
    begin, end = as_stored(wanted.submissions_until), as_stored(wanted.votes_until)
    if not now < begin < end:
        raise Invalid("Submissions end in the future, and votes after them.")
    if begin - now > dt.timedelta(days=MOST_DAYS) or end - begin > dt.timedelta(days=MOST_DAYS):
        raise Invalid(f"Neither part of a contest is longer than {MOST_DAYS} days.")
    if _too_many(scene):
        raise Conflict("The community has too many contests that are not over.")
    return opened(scene, Wish(wanted.title, begin, end), now)


def cancel_wanted(scene: Scene, contest: Contest, reason: str | None, now: dt.datetime) -> Decision[Scene]:
    """Cancel a contest as a REST client wants it; one that is cancelled stays so.

    Raises:
        Conflict: it is over.
    """
    if contest.stage is ContestStage.CANCELLED:
        return Decision(scene, note="contest_cancelled_before")
    if contest.stage not in OPEN:
        raise Conflict("This contest is over.")
    return cancelled(scene, contest, reason, now)


def opened(
    scene: Scene, wish: Wish, now: dt.datetime, *, by: str | None = None, reply_to: str | None = None
) -> Decision[Scene]:
    """Return the decision to open a contest at once."""
    community = scene.community
    contest = Contest(
        item_id(scene.scope, community.next_number),
        scene.scope,
        community.next_number,
        scene.chat.chat_id,
        wish.title,
        wish.submissions_until,
        wish.votes_until,
        scene.zone,
        as_stored(now),
        scene.chat.spoken,
        by,
    )
    community = replace(
        community,
        next_number=community.next_number + 1,
        contests=community.contests | {contest.contest_id},
    )
    fact = ContestOpened(
        scope=contest.scope,
        contest_id=contest.contest_id,
        chat_id=contest.chat_id,
        number=contest.number,
        title=contest.title,
        submissions_until=contest.submissions_until,
        votes_until=contest.votes_until,
        opened_at=now,
    )
    said = replace(news(contest, Phrase("contest.opened", of(contest)), "opened"), reply_to=reply_to)
    scene = replace(scene, community=community).with_contest(contest)
    return Decision(
        answerable(scene, contest, (said,)),
        emit=(Emit(fact, contest.scope),),
        say=(said,),
        wake=(submissions_end(contest),),
        note="contest_opened",
    )


def cancelled(scene: Scene, contest: Contest, reason: str | None, now: dt.datetime) -> Decision[Scene]:
    """Return the decision that a contest has no result; what was voted is forgotten."""
    fact = ContestCancelled(
        scope=contest.scope,
        contest_id=contest.contest_id,
        chat_id=contest.chat_id,
        reason=reason,
        cancelled_at=now,
    )
    contest = replace(contest, stage=ContestStage.CANCELLED, closed_at=as_stored(now), reason=reason)
    return Decision(
        over(scene, contest),
        emit=(Emit(fact, contest.scope),),
        say=(_cancellation(contest),),
        wake=no_timers(contest),
        note="contest_cancelled",
    )


def over(scene: Scene, contest: Contest) -> Scene:
    """Return the scene in which a contest is over, and nobody can look up any more who chose what."""
    scene = scene.with_contest(contest)
    ballots = {**scene.ballots, contest.contest_id: Ballots(contest.contest_id)}
    home = scene.community
    community = replace(home, contests=home.contests - {contest.contest_id})
    return replace(scene, ballots=ballots, community=community)


def _cancellation(contest: Contest) -> Say:
    if contest.reason is None:
        phrase = Phrase("contest.cancelled", of(contest))
    else:
        phrase = Phrase("contest.cancelled_for", of(contest, reason=contest.reason))
    return replace(news(contest, phrase, "cancelled"), valid_for=HEARD_FOR)


def _too_many(scene: Scene) -> bool:
    return len(scene.community.contests) >= MOST_OPEN


def _read(wish: str) -> tuple[str, int, int] | None:
    """Return the title and the days of both parts, None where that is not what was written."""
    title, *parts = (" ".join(each.split()) for each in re.split(r"[|\n]", wish))
    days = [_days(each) for each in parts if each]
    if not title or len(title) > LONGEST_TITLE or len(days) > 2:  # noqa: PLR2004 - two parts
        return None
    first, second = (*days, *(SUBMISSION_DAYS, VOTE_DAYS)[len(days) :])[:2]
    return None if first is None or second is None else (title, first, second)


def _days(text: str) -> int | None:
    found = _DAYS.fullmatch(text)
    days = int(found[1]) if found else 0
    return days if 1 <= days <= MOST_DAYS else None


def _evening(at: dt.datetime, days: int, zone: str) -> dt.datetime:
    day = at.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, EVENING, ZoneInfo(zone)).astimezone(dt.UTC)
