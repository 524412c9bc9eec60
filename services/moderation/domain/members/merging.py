"""Two members turn out to be one person, or one turns out to be two after all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.moderation.domain.members.ladder import KEPT, derive
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.review.credibility import KEPT as KEPT_REPORTS
from shared.contracts.envelope import Envelope
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.decision import Decision


@dataclass(frozen=True, slots=True)
class Union:
    """Two members, and how each of them stands everywhere."""

    kept: Person
    """Who stays."""
    gone: Person
    """Who turns out to be the same, or to be somebody else again."""
    others: Mapping[str, Person]
    """By id: those who turned out to be `gone` before, and whoever `kept` turned out to be."""
    standings: Mapping[str, Standing]
    """Of both in all scopes of either, by `<scope>|<member>`."""


def standing_keys(*persons: Person) -> tuple[str, ...]:
    """Return the keys of all standings of these members, in the scopes of any of them."""
    scopes = sorted(frozenset().union(*(each.scopes for each in persons)))
    return tuple(f"{scope}|{each.member_id}" for scope in scopes for each in persons)


def decide_merged(union: Union, event: Envelope[MemberMerged], now: dt.datetime) -> Decision[Union]:
    """Give all that belongs to one member to the other: strikes are united, counts added up.

    The standing of who goes stays as it is, unread: it is what they get back where the merge was a mistake.
    Nobody is warned or removed by a merge; the next strike counts them all.
    """
    del event, now
    kept, gone = union.kept, union.gone
    if kept.member_id in {gone.member_id, gone.merged_into}:
        return Decision(union)
    target = kept.now if kept.now != gone.member_id else kept.member_id
    absorbed = {gone.member_id, *gone.absorbed} - {target}
    heir = union.others.get(target, kept) if target != kept.member_id else replace(kept, merged_into=None)
    heir = replace(
        heir,
        scopes=heir.scopes | gone.scopes,
        absorbed=heir.absorbed | absorbed,
        language=heir.language or gone.language,
    )
    others = {
        name: replace(each, merged_into=target) if name in absorbed else each
        for name, each in union.others.items()
    }
    standings = dict(union.standings)
    for scope in sorted(gone.scopes):
        theirs = standings.get(f"{scope}|{gone.member_id}")
        if theirs is not None:
            mine = standings.get(f"{scope}|{target}") or Standing(scope, target)
            standings[f"{scope}|{target}"] = united(mine, theirs)
    changed = replace(union, gone=replace(gone, merged_into=target), others=others, standings=standings)
    return Decision(_with(changed, heir), note="members_merged")


def decide_unmerged(union: Union, event: Envelope[MemberUnmerged], now: dt.datetime) -> Decision[Union]:
    """Make two of one again: who comes back has what they had when they went, and the other has the rest.

    What happened while they were one stays with who was kept: nobody can tell any more which of them it was.
    Of what there can be one only, the earlier first day, the accepted rules and the language stay too.
    """
    del event, now
    kept, gone = union.kept, union.gone
    if gone.merged_into is None:
        return Decision(union)
    target = gone.merged_into
    heir = kept if target == kept.member_id else union.others.get(target, kept)
    standings = dict(union.standings)
    for scope in sorted(gone.scopes):
        theirs = standings.get(f"{scope}|{gone.member_id}")
        mine = standings.get(f"{scope}|{target}")
        if theirs is not None and mine is not None:
            standings[f"{scope}|{target}"] = parted(mine, theirs)
    heir = replace(heir, absorbed=heir.absorbed - {gone.member_id, *gone.absorbed})
    others = {
        name: replace(each, merged_into=gone.member_id) if name in gone.absorbed else each
        for name, each in union.others.items()
    }
    changed = replace(union, gone=replace(gone, merged_into=None), others=others, standings=standings)
    return Decision(_with(changed, heir), note="members_parted")


def united(mine: Standing, theirs: Standing) -> Standing:
    """Return one standing of two in the same scope; restriction and removal follow from all strikes.

    Of what there can be one only, mine goes before theirs, and the earlier first day before the later.
    """
    strikes = {each.case: each for each in (*theirs.strikes, *mine.strikes)}
    reports = {each.case: each for each in (*theirs.reports, *mine.reports)}
    days = [each.since for each in (mine, theirs) if each.since is not None]
    accepted = max(
        (each.acceptance for each in (mine, theirs) if each.acceptance is not None),
        key=lambda each: (each.version, each.at),
        default=None,
    )
    return derive(
        replace(
            mine,
            since=min(days, default=None),
            accepted=mine.accepted + theirs.accepted,
            strikes=tuple(sorted(strikes.values(), key=lambda each: (each.at, each.case)))[-KEPT:],
            acceptance=accepted,
            reports=tuple(reports.values())[-KEPT_REPORTS:],
            reported_at=tuple(sorted({*mine.reported_at, *theirs.reported_at})),
        )
    )


def parted(mine: Standing, theirs: Standing) -> Standing:
    """Return what is left of a united standing without what the other one brought into it."""
    cases = {each.case for each in theirs.strikes}
    reported = {each.case for each in theirs.reports}
    return derive(
        replace(
            mine,
            accepted=max(0, mine.accepted - theirs.accepted),
            strikes=tuple(each for each in mine.strikes if each.case not in cases),
            reports=tuple(each for each in mine.reports if each.case not in reported),
            reported_at=tuple(each for each in mine.reported_at if each not in theirs.reported_at),
        )
    )


def _with(union: Union, heir: Person) -> Union:
    if heir.member_id == union.kept.member_id:
        return replace(union, kept=heir)
    return replace(union, others={**union.others, heir.member_id: heir})
