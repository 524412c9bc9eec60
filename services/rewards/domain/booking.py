"""Writes into the ledger what the facts of a week have come to, and nothing where they come to the same."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.rewards.domain.account import Account
from services.rewards.domain.badges import levels_of
from services.rewards.domain.entry import Entry, entry_id
from services.rewards.domain.periods import periods_of
from services.rewards.domain.scene import Scene
from services.rewards.domain.settling import Grant, settled
from services.rewards.domain.standing import Standing, standing_key
from services.rewards.domain.week import Booked, Week
from shared.contracts.rewards import BadgeGranted, BadgeWithdrawn, PointsAwarded, PointsReversed
from shared.decision import Decision, Emit

_NOTHING: Final = Booked(0, 0, "")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a line of the ledger is written upon."""

    event_id: str
    at: dt.datetime
    by: str | None = None
    """Who did it by hand, where somebody did."""
    why: str | None = None
    """What they say of it."""


def book(scene: Scene, weeks: Iterable[Week], occasion: Occasion, note: str) -> Decision[Scene]:
    """Return the scene with those weeks, with what has changed by them in the ledger and on the boards."""
    emit: list[Emit] = []
    for week in weeks:
        scene, facts = _book(scene, week, occasion)
        emit += facts
    return Decision(scene, emit=tuple(emit), note=note)


def _book(scene: Scene, week: Week, occasion: Occasion) -> tuple[Scene, list[Emit]]:
    entries = _entries(week, settled(week, scene.community.versions), occasion)
    scene, badges = enter(scene, week, entries, occasion.at)
    return scene, [*(_fact(each, week) for each in entries), *badges]


def enter(scene: Scene, week: Week, entries: Sequence[Entry], at: dt.datetime) -> tuple[Scene, list[Emit]]:
    """Return the scene with a week that has these further entries, and what follows for badges."""
    if not entries:
        return scene.with_week(week), []
    booked, more, counts = dict(week.booked), 0, Counter[str]()
    for entry in entries:
        before = booked.get(entry.claim_id, _NOTHING)
        after = Booked(before.points + entry.points, before.entries + 1, entry.reason)
        booked[entry.claim_id] = after
        more += entry.points
        if (change := (after.points > 0) - (before.points > 0)) != 0:
            counts[entry.action] += change
            if entry.topic is not None:
                counts[f"topic:{entry.topic}"] += change
    week = replace(week, booked=booked, points=week.points + more, reached=at if more else week.reached)
    account = scene.account(week.member_id, week.scope)
    tally = account.counts if not counts else _summed(account.counts, counts)
    levels, badges = _levels(account, tally, at) if counts else (account.badges, [])
    account = replace(
        account,
        weeks={**account.weeks, week.week: week.points},
        counts=tally,
        badges=levels,
        reached=at if more else account.reached,
    )
    scene = replace(
        scene,
        weeks={**scene.weeks, week.key: week},
        accounts={**scene.accounts, account.key: account},
        standings=_on_boards(scene.standings, week, entries, at),
        entries={**scene.entries, **{each.entry_id: each for each in entries}},
    )
    return scene, badges


def _entries(week: Week, grants: Mapping[str, Grant], occasion: Occasion) -> list[Entry]:
    """Return the lines by which the ledger comes to say what the claims are worth."""
    entries = []
    for claim_id, grant in grants.items():
        before = week.booked.get(claim_id)
        if before is None or before.points != grant.points:
            entries.append(_entry(week, claim_id, grant, occasion))
    return entries


def _entry(week: Week, claim_id: str, grant: Grant, occasion: Occasion) -> Entry:
    claim, before = week.claims[claim_id], week.booked.get(claim_id, _NOTHING)
    return Entry(
        entry_id(week.key, claim.claim_id, before.entries),
        week.scope,
        week.member_id,
        claim.claim_id,
        before.entries,
        claim.action,
        grant.points - before.points,
        grant.reason,
        grant.rule_version,
        claim.source,
        occasion.event_id,
        claim.day,
        week.week,
        claim.at,
        occasion.at,
        claim.chat_id,
        claim.giver,
        claim.about,
        claim.topic,
        occasion.by,
        occasion.why,
    )


def _summed(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    sums = {name: counts.get(name, 0) + more.get(name, 0) for name in {**counts, **more}}
    return {name: n for name, n in sums.items() if n}


def _levels(
    account: Account, counts: Mapping[str, int], at: dt.datetime
) -> tuple[dict[str, int], list[Emit]]:
    """Return the badges that follow from counts, and the facts about those that come or go."""
    levels, emit = levels_of(counts), list[Emit]()
    scope, member = account.scope, account.member_id
    for badge in sorted({*levels, *account.badges}):
        level, before = levels.get(badge, 0), account.badges.get(badge, 0)
        if level > before:
            granted = BadgeGranted(scope=scope, member_id=member, badge=badge, level=level, granted_at=at)
            emit.append(Emit(granted, member))
        elif level < before:
            withdrawn = BadgeWithdrawn(
                scope=scope, member_id=member, badge=badge, level=before, withdrawn_at=at
            )
            emit.append(Emit(withdrawn, member))
    return levels, emit


def _on_boards(
    standings: Mapping[str, Standing], week: Week, entries: Iterable[Entry], at: dt.datetime
) -> dict[str, Standing]:
    """Return the boards on which those lines count, each for the day that it is of."""
    more: Counter[str] = Counter()
    for entry in entries:
        for period in periods_of(entry.day):
            more[standing_key(week.scope, period, week.member_id)] += entry.points
    changed = dict(standings)
    for key, points in more.items():
        changed[key] = (standings.get(key) or Standing(key)).plus(points, at)
    return changed


def _fact(entry: Entry, week: Week) -> Emit:
    claim = week.claims[entry.claim_id]
    kind = PointsAwarded if entry.points >= 0 else PointsReversed
    fact = kind(
        scope=entry.scope,
        member_id=entry.member_id,
        claim_id=entry.claim_id,
        number=entry.number,
        against=tuple(sorted(claim.void - claim.lifted)),
        action=entry.action,
        reason=entry.reason,
        rule_version=entry.rule_version,
        source=entry.source,
        cause=entry.cause,
        chat_id=entry.chat_id,
        giver=entry.giver,
        about=entry.about,
        topic=entry.topic,
        by=entry.by,
        why=entry.why,
        day=entry.day,
        earned_at=entry.earned_at,
        booked_at=entry.booked_at,
        points=entry.points,
    )
    return Emit(fact, entry.member_id, event_id=entry.entry_id)
