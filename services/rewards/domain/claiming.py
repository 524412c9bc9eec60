"""Adds to what members are to be rewarded for: the one way in, for every kind of source."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.booking import Occasion, book
from services.rewards.domain.periods import announced_at, day_of, week_of
from services.rewards.domain.scene import Scene
from services.rewards.domain.week import Claim, Week, week_key
from shared.contracts.rewards import WeekDue
from shared.decision import Decision, Wake
from shared.ids import deterministic_id

LATE: Final = dt.timedelta(days=7)
"""How late the contributors of a week may still be named."""
_MATTERS: Final = dt.timedelta(days=365)
"""No rules call somebody a newcomer for longer."""


def claim_id(*natural_key: str) -> str:
    """Return the id of a claim: the same whoever tells of it, and however often."""
    return deterministic_id("claim", *natural_key)


def claimed(scene: Scene, claim: Claim, earner: str, occasion: Occasion, note: str) -> Decision[Scene]:
    """Return the decision to reward `earner`, the member as they stand today, for `claim`."""
    week = week_of(claim.day)
    key = week_key(scene.scope, week, earner)
    known = scene.weeks.get(key) or Week(key)
    account = scene.account(earner)
    changed = known.with_claim(_as_known(scene, claim))
    if changed is known:
        return Decision(scene, note=note)
    if not known.claims:
        ids = frozenset[str]().union(
            *(each.ids for each in (scene.member, *scene.people.values()) if each.now == earner)
        )
        changed = replace(changed, restrictions=account.restrictions, aliases=ids - {earner})
    if claim.giver is not None and claim.giver != earner:
        joined = scene.account(claim.giver).joined_at
        if joined is not None and joined > claim.at - _MATTERS:
            changed = replace(changed, newcomers={**changed.newcomers, claim.giver: joined})
        if claim.giver in scene.member.ids:
            scene = replace(scene, member=scene.member.gave_in(key))
    if claim.about is not None and (post := scene.posts.get(claim.about)) is not None:
        scene = scene.with_post(post.claimed_in(key))
    done = book(scene, [changed], occasion, note)
    return _awaiting(done, week)


def day_and_week(scene: Scene, at: dt.datetime) -> tuple[str, str]:
    """Return the day and the week of an instant, where the group is."""
    day = day_of(at, scene.zone)
    return day, week_of(day)


def _as_known(scene: Scene, claim: Claim) -> Claim:
    """Return the claim with what holds against the message it is about."""
    post = scene.posts.get(claim.about or "")
    if post is None or not (post.void or post.lifted):
        return claim
    return replace(claim, void=claim.void | post.void, lifted=claim.lifted | post.lifted)


def _awaiting(done: Decision[Scene], week: str) -> Decision[Scene]:
    """Return the decision by which the contributors of that week will be named, if no later one's are."""
    scene, community = done.state, done.state.community
    if (community.waiting or "") >= week or week in community.named:
        return done
    due = Wake(
        f"week/{scene.scope}/{week}",
        announced_at(week, scene.zone),
        WeekDue(scope=scene.scope, week=week),
        scene.scope,
        LATE,
    )
    scene = replace(scene, community=replace(community, waiting=week))
    return replace(done, state=scene, wake=(*done.wake, due))
