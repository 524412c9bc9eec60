"""Two members turn out to be one person, or one turns out to be two after all.

Claims go to who stands for both, and come back by the id under which they were told. What the ledger has
said of them is taken back there and said again here: no line is changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from services.rewards.domain.account import Account, account_key
from services.rewards.domain.booking import Occasion, book
from services.rewards.domain.community import Community
from services.rewards.domain.entry import Entry
from services.rewards.domain.member import MOST_GIVEN, Member
from services.rewards.domain.scene import Scene
from services.rewards.domain.standing import Standing
from services.rewards.domain.week import Claim, Week, week_key
from shared.chats import Chat
from shared.contracts.envelope import Envelope
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.decision import Decision

ELSEWHERE: Final = "counted_elsewhere"
"""Why a claim earns nothing under an id that does not stand for its member."""


@dataclass(frozen=True, slots=True)
class Union:
    """Two members, and all that they have earned and recognised."""

    kept: Member
    """Who stays."""
    gone: Member
    """Who turns out to be the same, or to be somebody else again."""
    others: Mapping[str, Member] = field(default_factory=dict)
    """By id: those who turned out to be `gone` before, and whoever `kept` turned out to be."""
    communities: Mapping[str, Community] = field(default_factory=dict)
    """Where any of them has been seen, by scope."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    """Of all of them there, and of those to whom they gave thanks; by `account_key`."""
    weeks: Mapping[str, Week] = field(default_factory=dict)
    """Of these accounts, and those in which they have recognised something."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """Of these weeks."""
    entries: Mapping[str, Entry | None] = field(default_factory=dict)
    """New lines of the ledger."""


def decide_merged(union: Union, event: Envelope[MemberMerged], now: dt.datetime) -> Decision[Union]:
    """Give all that one member has earned and recognised to the other."""
    del now
    kept, gone = union.kept, union.gone
    if kept.member_id in {gone.member_id, gone.merged_into}:
        return Decision(union)
    target = kept.now if kept.now != gone.member_id else kept.member_id
    heir = union.others.get(target, kept) if target != kept.member_id else replace(kept, merged_into=None)
    absorbed = {gone.member_id, *gone.absorbed} - {target}
    heir = replace(
        heir,
        scopes=heir.scopes | gone.scopes,
        # Who wants to be on no board is on none for being known better.
        private=heir.private or gone.private,
        given=tuple(dict.fromkeys((*gone.given, *heir.given)))[-MOST_GIVEN:],
        absorbed=heir.absorbed | absorbed,
    )
    others = {
        name: replace(each, merged_into=target) if name in absorbed else each
        for name, each in union.others.items()
    }
    union = _with(replace(union, gone=replace(gone, merged_into=target), others=others), heir)
    return _moved(union, gone.now, heir, absorbed, event)


def decide_unmerged(union: Union, event: Envelope[MemberUnmerged], now: dt.datetime) -> Decision[Union]:
    """Make two of one again: each has what was told under the ids that are theirs."""
    del now
    kept, gone = union.kept, union.gone
    if gone.merged_into is None:
        return Decision(union)
    target = gone.merged_into
    heir = kept if target == kept.member_id else union.others.get(target, kept)
    theirs = frozenset({gone.member_id, *gone.absorbed})
    others = {
        name: replace(each, merged_into=gone.member_id) if name in gone.absorbed else each
        for name, each in union.others.items()
    }
    back = replace(
        gone, merged_into=None, given=tuple(dict.fromkeys((*gone.given, *heir.given)))[-MOST_GIVEN:]
    )
    heir = replace(heir, absorbed=heir.absorbed - theirs)
    union = _with(replace(union, gone=back, others=others), heir)
    return _moved(union, heir.member_id, back, theirs, event)


def _moved(
    union: Union,
    source: str,
    to: Member,
    ids: Iterable[str],
    event: Envelope[MemberMerged] | Envelope[MemberUnmerged],
) -> Decision[Union]:
    """Return the decision by which what was told under `ids`, and counted for `source`, counts for `to`."""
    note = "members_merged" if isinstance(event.data, MemberMerged) else "members_parted"
    theirs, done = frozenset(ids), Decision(union, note=note)
    for scope, community in union.communities.items():
        scene = Scene(
            Chat(""),
            community,
            to,
            accounts=done.state.accounts,
            weeks=done.state.weeks,
            standings=done.state.standings,
            entries=done.state.entries,
        )
        scene = scene.with_account(_joined(scene, scope, source, to))
        changed = _reassigned(scene, scope, source, to, theirs)
        booked = book(scene, changed.values(), Occasion(event.id, event.time), note)
        state = replace(
            done.state,
            accounts=booked.state.accounts,
            weeks=booked.state.weeks,
            standings=booked.state.standings,
            entries=booked.state.entries,
        )
        done = replace(done, state=state, emit=(*done.emit, *booked.emit))
    return done


def _joined(scene: Scene, scope: str, source: str, to: Member) -> Account:
    """Return the account of who is counted from now on, with what holds of the person by either name."""
    mine, theirs = scene.account(to.member_id, scope), scene.account(source, scope)
    cases = {each.case_id: each for each in (*theirs.restrictions, *mine.restrictions)}
    return replace(
        mine,
        joined_at=min(filter(None, (mine.joined_at, theirs.joined_at)), default=None),
        here=mine.here or theirs.here,
        restrictions=tuple(cases.values()),
    )


def _reassigned(scene: Scene, scope: str, source: str, to: Member, ids: frozenset[str]) -> dict[str, Week]:
    """Return the weeks that are other than before: those of both, and those they have given thanks in."""
    changed: dict[str, Week] = {}
    for week in [each for each in scene.weeks.values() if each.scope == scope]:
        regiven = _each(week, lambda claim: _given_as(claim, to.member_id, ids))
        if regiven is not week:
            changed[week.key] = regiven
    for week in [each for each in scene.weeks.values() if each.scope == scope and each.member_id == source]:
        left = changed.get(week.key, week)
        key = week_key(scope, week.week, to.member_id)
        there = changed.get(key) or scene.weeks.get(key) or Week(key)
        for claim in (each for each in left.claims.values() if each.member_id in ids):
            there = _here(there, claim)
        cases = {each.case_id: each for each in (*left.restrictions, *there.restrictions)}
        changed[key] = replace(
            there,
            newcomers={**left.newcomers, **there.newcomers},
            restrictions=tuple(cases.values()),
            aliases=to.ids - {to.member_id},
        )
        changed[week.key] = replace(_each(left, lambda claim: _away(claim, ids)), aliases=left.aliases - ids)
    return changed


def _here(week: Week, claim: Claim) -> Week:
    known = week.claims.get(claim.claim_id)
    heard = claim if known is None else replace(known, void=known.void - {ELSEWHERE}).heard(claim)
    return replace(
        week, claims={**week.claims, claim.claim_id: replace(heard, void=heard.void - {ELSEWHERE})}
    )


def _away(claim: Claim, ids: frozenset[str]) -> Claim:
    return replace(claim, void=claim.void | {ELSEWHERE}) if claim.member_id in ids else claim


def _given_as(claim: Claim, member_id: str, ids: frozenset[str]) -> Claim:
    return replace(claim, giver=member_id) if claim.told_by in ids else claim


def _each(week: Week, change: Callable[[Claim], Claim]) -> Week:
    claims = {name: change(each) for name, each in week.claims.items()}
    return week if claims == week.claims else replace(week, claims=claims)


def account_keys(scopes: Iterable[str], members: Collection[Member]) -> tuple[str, ...]:
    """Return the keys of the accounts of these members in these scopes, and of those they gave thanks to."""
    ids = sorted({name for each in members for name in each.ids})
    thanked = (Week(key) for each in members for key in each.given)
    found = [account_key(scope, name) for scope in scopes for name in ids]
    found += [account_key(each.scope, each.member_id) for each in thanked]
    return tuple(dict.fromkeys(found))


def _with(union: Union, heir: Member) -> Union:
    if heir.member_id == union.kept.member_id:
        return replace(union, kept=heir)
    return replace(union, others={**union.others, heir.member_id: heir})
