"""Builds up again, from what the ledger has told, what stood in a database that is lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final, TypeAlias

from services.rewards.domain.booking import enter
from services.rewards.domain.community import Community
from services.rewards.domain.entry import Entry, entry_id
from services.rewards.domain.periods import week_of
from services.rewards.domain.ruling import rules_in
from services.rewards.domain.scene import Scene
from services.rewards.domain.settling import WITHDRAWN
from services.rewards.domain.week import Booked, Claim, Week, week_key
from shared.contracts.envelope import Envelope
from shared.contracts.rewards import ContributorNamed, PointsAwarded, PointsReversed, RewardRulesChanged
from shared.decision import Decision

Told: TypeAlias = PointsAwarded | PointsReversed

NEW: Final = Booked(0, 0, "")


def decide_entry(scene: Scene, event: Envelope[Told], now: dt.datetime) -> Decision[Scene]:
    """Return the scene with a line of the ledger as it was told, once; nobody is told again."""
    del now
    told = event.data
    key = week_key(told.scope, week_of(told.day), told.member_id)
    week = scene.weeks.get(key) or Week(key)
    if told.number < week.booked.get(told.claim_id, NEW).entries:
        return Decision(scene, note="entry_known")
    week = week.with_claim(_claim(told))
    claim = replace(
        week.claims[told.claim_id],
        void=frozenset(told.against),
        lifted=frozenset(),
        stands=told.reason != WITHDRAWN,
    )
    week = replace(week, claims={**week.claims, told.claim_id: claim})
    scene, _ = enter(scene, week, [_entry(told, key)], told.booked_at)
    return Decision(scene, note="entry_rebuilt")


def decide_named(
    community: Community, event: Envelope[ContributorNamed], now: dt.datetime
) -> Decision[Community]:
    """Return the community that knows who was named, as it was told."""
    del now
    told = event.data
    if told.week in community.named:
        return Decision(community)
    named = {**community.named, told.week: tuple(each.member_id for each in told.members)}
    return Decision(replace(community, named=named), note="naming_rebuilt")


def decide_ruled(
    community: Community, event: Envelope[RewardRulesChanged], now: dt.datetime
) -> Decision[Community]:
    """Return the community with a version of its rules, as it was told."""
    del now
    rules = rules_in(event.data)
    if any(each.version == rules.version for each in community.versions):
        return Decision(community)
    versions = sorted((*community.versions, rules), key=lambda each: each.version)
    return Decision(replace(community, versions=tuple(versions)), note="rules_rebuilt")


def _claim(told: Told) -> Claim:
    return Claim(
        told.claim_id,
        told.action,
        told.member_id,
        told.earned_at,
        told.day,
        told.source,
        told.chat_id,
        told.giver,
        told.giver,
        told.about,
        told.topic,
    )


def _entry(told: Told, key: str) -> Entry:
    return Entry(
        entry_id(key, told.claim_id, told.number),
        told.scope,
        told.member_id,
        told.claim_id,
        told.number,
        told.action,
        told.points,
        told.reason,
        told.rule_version,
        told.source,
        told.cause,
        told.day,
        week_of(told.day),
        told.earned_at,
        told.booked_at,
        told.chat_id,
        told.giver,
        told.about,
        told.topic,
        told.by,
        told.why,
    )
