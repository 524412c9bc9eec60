"""An admin changes how a community counts, from a date on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from pydantic import TypeAdapter

from services.rewards.domain.community import Community
from services.rewards.domain.rules import Rules
from shared.clock import as_stored
from shared.contracts.rewards import RewardRulesChanged
from shared.decision import Decision, Emit
from shared.errors import Conflict, Invalid

MOST_VERSIONS: Final = 200
_RULES: Final = TypeAdapter(Rules)


def decide_rules(
    community: Community, wanted: Rules, based_on: int | None, by: str, now: dt.datetime
) -> Decision[Community]:
    """Return the community that counts by `wanted` from its date on; what was earned before stays as it was.

    The same rules once more are no new version.

    Raises:
        Conflict: somebody has changed the rules since version `based_on`.
        Invalid: they are to hold from a time that is over.
    """
    newest = community.rules
    if based_on is not None and based_on != newest.version:
        raise Conflict(f"The rules are at version {newest.version} by now.")
    since = as_stored(max(wanted.since, now))
    if wanted.since < now - dt.timedelta(minutes=1):
        raise Invalid("Rules hold from now or from a later date on: what was earned is not counted anew.")
    rules = replace(
        wanted,
        version=newest.version,
        since=newest.since,
        changed_by=newest.changed_by,
        changed_at=newest.changed_at,
    )
    if rules == newest:
        return Decision(community, note="rules_repeated")
    if len(community.versions) >= MOST_VERSIONS:
        raise Conflict("There are too many versions of the rules.")
    rules = replace(wanted, version=newest.version + 1, since=since, changed_by=by, changed_at=as_stored(now))
    changed = replace(community, versions=(*community.versions, rules))
    return Decision(
        changed, emit=(Emit(_fact(community.scope, rules), community.scope),), note="rules_changed"
    )


def _fact(scope: str, rules: Rules) -> RewardRulesChanged:
    return RewardRulesChanged(
        scope=scope,
        version=rules.version,
        since=rules.since,
        points=dict(rules.points),
        action_limits=dict(rules.action_limits),
        day_limit=rules.day_limit,
        pair_limit=rules.pair_limit,
        newcomer_days=rules.newcomer_days,
        reactions=rules.reactions,
        least_actions=rules.least_actions,
        least_recognisers=rules.least_recognisers,
        rest_weeks=rules.rest_weeks,
        changed_by=rules.changed_by,
        changed_at=rules.changed_at or rules.since,
    )


def rules_in(fact: RewardRulesChanged) -> Rules:
    """Return the rules that a fact tells of."""
    return _RULES.validate_python(fact.model_dump(exclude={"scope"}))
