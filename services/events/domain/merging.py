"""Two members turn out to be one person, or one turns out to be two after all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from services.events.domain.award import Award, award_key
from services.events.domain.board import Board, Question
from services.events.domain.community import Community
from services.events.domain.member import Member, Tries
from services.events.domain.registering import offered
from services.events.domain.roll import Roll, Seat
from services.events.domain.scene import Scene
from services.events.domain.seats import Offer
from services.events.domain.timers import offer_name, offer_timer
from services.events.domain.uniting import parted, united
from services.events.domain.webinar import Webinar
from shared.chats import Chat
from shared.contracts.envelope import Envelope
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.decision import Cancel, Decision, Wake

_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Union:
    """Two members, and all that they have to do with."""

    kept: Member
    """Who stays."""
    gone: Member
    """Who turns out to be the same, or to be somebody else again."""
    others: Mapping[str, Member] = field(default_factory=dict)
    """By id: those who turned out to be `gone` before, and whoever `kept` turned out to be."""
    webinars: Mapping[str, Webinar | None] = field(default_factory=dict)
    """On whose rolls any of them is."""
    rolls: Mapping[str, Roll] = field(default_factory=dict)
    """Of these."""
    boards: Mapping[str, Board | None] = field(default_factory=dict)
    """Of these."""
    awards: Mapping[str, Award | None] = field(default_factory=dict)
    """Of all of them for these; see `award_keys`."""
    communities: Mapping[str, Community] = field(default_factory=dict)
    """Of these webinars, by scope."""


def award_keys(*members: Member) -> tuple[str, ...]:
    """Return the keys of all that these members hold for the webinars of any of them."""
    webinars = sorted(frozenset().union(*(each.webinars for each in members)))
    return tuple(award_key(webinar, each.member_id) for webinar in webinars for each in members)


def decide_merged(union: Union, event: Envelope[MemberMerged], now: dt.datetime) -> Decision[Union]:
    """Give all that belongs to one member to the other: the better seat of two, and whatever either attended.

    Questions and ratings stay under the id they came from; a member answers for all ids they have had. The
    seat of who had two goes to who waits.
    """
    kept, gone = union.kept, union.gone
    if kept.member_id in {gone.member_id, gone.merged_into}:
        return Decision(union)
    target = kept.now if kept.now != gone.member_id else kept.member_id
    absorbed = {gone.member_id, *gone.absorbed} - {target}
    heir = union.others.get(target, kept) if target != kept.member_id else replace(kept, merged_into=None)
    heir = replace(
        heir,
        scopes=heir.scopes | gone.scopes,
        webinars=heir.webinars | gone.webinars,
        # Who has asked for silence is not to hear more because they are known better.
        reminded=heir.reminded and gone.reminded,
        tries=max(heir.tries, gone.tries, key=_strictness),
        rating=heir.rating or gone.rating,
        absorbed=heir.absorbed | absorbed,
    )
    others = {
        name: replace(each, merged_into=target) if name in absorbed else each
        for name, each in union.others.items()
    }
    changed = replace(
        union,
        gone=replace(gone, merged_into=target),
        others=others,
        boards={name: _once(each, heir.ids) for name, each in union.boards.items()},
        awards=_handed_over(union.awards, gone.member_id, target),
    )
    return _seated(
        _with(changed, heir),
        heir,
        gone,
        lambda roll, _: united(roll, target, gone.member_id),
        since=event.time,
        now=now,
        note="members_merged",
    )


def decide_unmerged(union: Union, event: Envelope[MemberUnmerged], now: dt.datetime) -> Decision[Union]:
    """Make two of one again: who comes back has what they came with, and the other has the rest.

    What happened while they were one stays with who was kept: nobody can tell any more which of them it was.
    """
    kept, gone = union.kept, union.gone
    if gone.merged_into is None:
        return Decision(union)
    target = gone.merged_into
    heir = kept if target == kept.member_id else union.others.get(target, kept)
    heir = replace(heir, absorbed=heir.absorbed - {gone.member_id, *gone.absorbed})
    others = {
        name: replace(each, merged_into=gone.member_id) if name in gone.absorbed else each
        for name, each in union.others.items()
    }
    changed = replace(
        union,
        gone=replace(gone, merged_into=None),
        others=others,
        awards=_given_back(union.awards, gone, target),
    )
    done = _seated(
        changed,
        heir,
        gone,
        lambda roll, webinar: parted(roll, webinar, target, gone.member_id),
        since=event.time,
        now=now,
        note="members_parted",
    )
    rolls = done.state.rolls
    left = {name for name in heir.webinars if name not in rolls or rolls[name].of(target) is not None}
    return replace(done, state=_with(done.state, replace(heir, webinars=frozenset(left))))


def _seated(
    union: Union,
    heir: Member,
    gone: Member,
    change: Callable[[Roll, Webinar | None], Roll],
    *,
    since: dt.datetime,
    now: dt.datetime,
    note: str,
) -> Decision[Union]:
    """Return the decision to change the rolls, with the timers of offers as they are then."""
    rolls = dict(union.rolls)
    done: Decision[Union] = Decision(union, note=note)
    for name, roll in union.rolls.items():
        webinar, changed = union.webinars.get(name), change(roll, union.webinars.get(name))
        if changed is roll:
            continue
        if webinar is not None and webinar.ahead:
            wake = (*_timers(webinar, changed, heir), Cancel(offer_name(webinar, gone.member_id)))
            scene = _scene(union, heir, webinar, changed)
            freed = offered(scene, webinar, since, now) if changed.taken < roll.taken else Decision(scene)
            changed = freed.state.roll(webinar)
            done = replace(
                done,
                emit=(*done.emit, *freed.emit),
                say=(*done.say, *freed.say),
                wake=(*done.wake, *wake, *freed.wake),
            )
        rolls[name] = changed
    return replace(done, state=replace(union, rolls=rolls))


def _timers(webinar: Webinar, roll: Roll, heir: Member) -> tuple[Wake | Cancel, ...]:
    """Return the timer of the heir's offer, or that they have none."""
    entry = roll.of(heir.member_id)
    if entry is not None and entry.seat is Seat.OFFERED and entry.offered_until is not None:
        return (offer_timer(webinar, Offer(heir.member_id, entry.offered_until)),)
    return (Cancel(offer_name(webinar, heir.member_id)),)


def _scene(union: Union, heir: Member, webinar: Webinar, roll: Roll) -> Scene:
    community = union.communities.get(webinar.scope) or Community(webinar.scope)
    key = webinar.webinar_id
    return Scene(Chat(webinar.chat_id), community, heir, webinars={key: webinar}, rolls={key: roll})


def _once(board: Board | None, ids: frozenset[str]) -> Board | None:
    """Return the questions with one vote of a person each, and none for their own."""
    if board is None:
        return None
    return replace(board, questions=tuple(_voted_once(each, ids) for each in board.questions))


def _voted_once(question: Question, ids: frozenset[str]) -> Question:
    theirs = question.votes & ids
    counts = frozenset() if question.member_id in ids else frozenset(sorted(theirs)[:1])
    return question if theirs == counts else replace(question, votes=question.votes - ids | counts)


def _handed_over(awards: Mapping[str, Award | None], gone: str, target: str) -> dict[str, Award | None]:
    changed = dict(awards)
    for key, theirs in awards.items():
        if theirs is None or theirs.member_id != gone:
            continue
        mine = awards.get(award_key(theirs.webinar_id, target)) or Award(theirs.webinar_id, target)
        issued = sorted((*mine.issued, *theirs.issued), key=lambda each: (each.issued_at, each.edition))
        changed[key] = None
        changed[mine.key] = replace(mine, issued=tuple(issued), barred=mine.barred or theirs.barred)
    return changed


def _given_back(awards: Mapping[str, Award | None], gone: Member, target: str) -> dict[str, Award | None]:
    changed = dict(awards)
    for key, mine in awards.items():
        if mine is None or mine.member_id != target:
            continue
        theirs = tuple(each for each in mine.issued if each.member_id in {gone.member_id, *gone.absorbed})
        if theirs:
            back = Award(mine.webinar_id, gone.member_id, theirs, barred=mine.barred)
            changed[back.key] = back
            changed[key] = replace(mine, issued=tuple(each for each in mine.issued if each not in theirs))
    return changed


def _strictness(tries: Tries) -> tuple[dt.datetime, int]:
    return tries.blocked_until or _LONG_AGO, tries.wrong


def _with(union: Union, heir: Member) -> Union:
    if heir.member_id == union.kept.member_id:
        return replace(union, kept=heir)
    return replace(union, others={**union.others, heir.member_id: heir})
