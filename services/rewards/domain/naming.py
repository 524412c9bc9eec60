"""Names the contributors of a week, so that everybody can work out why it is them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from services.rewards.domain.account import Account, account_key
from services.rewards.domain.community import Community
from services.rewards.domain.leaders import Leaders
from services.rewards.domain.member import Member
from services.rewards.domain.merit import MOST_NAMED, is_enough, kinds_of
from services.rewards.domain.periods import announced_at, week_after
from services.rewards.domain.result import Result
from services.rewards.domain.rings import edges_of, rings_of
from services.rewards.domain.telling import announced, reported
from services.rewards.domain.week import Week
from shared.chats import DEFAULT_ZONE, Chat
from shared.contracts.envelope import Envelope
from shared.contracts.rewards import ContributorNamed, Part, Placed, WeekDue
from shared.decision import Decision, Emit

RUNNERS_UP = 2


@dataclass(frozen=True, slots=True)
class Naming:
    """What naming is decided on."""

    community: Community
    leaders: Leaders
    """Of the week."""
    chats: Mapping[str, Chat] = field(default_factory=dict)
    """Of the community."""
    people: Mapping[str, Member] = field(default_factory=dict)
    """The leaders, by id."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    """Theirs, by `account_key`."""


def decide_week_due(
    naming: Naming, event: Envelope[WeekDue], now: dt.datetime, *, public_url: str
) -> Decision[Naming]:
    """Name the contributors of a week in the groups of the community, once, with a card to share."""
    community, week = naming.community, event.data.week
    if week in community.named:
        return Decision(naming, note="week_named_before")
    result = result_of(naming, week)
    community = replace(
        community,
        named={**community.named, week: tuple(each.member_id for each in result.winners)},
        nominations={name: each for name, each in community.nominations.items() if name > week},
        vetoes={name: each for name, each in community.vetoes.items() if name > week},
    )
    groups = [naming.chats[name] for name in sorted(community.chats) if name in naming.chats]
    fact = ContributorNamed(
        scope=community.scope,
        week=week,
        members=tuple(map(_placed, result.winners)),
        runners_up=tuple(map(_placed, result.runners_up)),
        rested=tuple(each.member_id for each in result.rested),
        vetoed=tuple(each.member_id for each in result.vetoed),
        named_at=now,
    )
    found = rings_of(edges_of(naming.leaders.weeks))
    return Decision(
        replace(naming, community=community),
        emit=(Emit(fact, community.scope),),
        say=(
            *(announced(result, chat, card_link(public_url, community.scope, week)) for chat in groups),
            *(each for chat in groups if found for each in reported(found, chat)),
        ),
        note="contributor_named" if result.winners else "nobody_named",
    )


def card_link(public_url: str, scope: str, week: str) -> str:
    """Return where the card of a week's first contributor is."""
    return f"{public_url.rstrip('/')}/contributors/{quote(scope, safe=':')}/{week}/1.png"


def result_of(naming: Naming, week: str) -> Result:
    """Return who are the contributors of a week as it stands.

    Who wants no name on any board, or is not here any more, is not among them. Who was named in the weeks
    before rests; of those who are left and have done enough, the most points count, and equal is equal.
    """
    community = naming.community
    rules = community.rules_at(announced_at(week, community.zone or DEFAULT_ZONE))
    seen = [each for each in naming.leaders.weeks if each.points > 0 and _shown(naming, each)]
    vetoes = {each.member_id: each for each in community.vetoes.get(week, ())}
    named = {
        name
        for weeks in range(1, rules.rest_weeks + 1)
        for name in community.named.get(week_after(week, -weeks), ())
    }
    enough = [each for each in seen if is_enough(each, rules, _nominated_by(community, week, each.member_id))]
    free = [each for each in enough if each.member_id not in named and each.member_id not in vetoes]
    winners = _first(free)
    best = winners[0].points if winners else 0
    before = [each for each in enough if each.points >= best]
    chosen = {each.member_id for each in winners}
    others = [each for each in seen if each.member_id not in chosen and each.member_id not in vetoes]
    return Result(
        week,
        winners,
        tuple(others[:RUNNERS_UP]),
        tuple(each for each in before if each.member_id in named and each.member_id not in vetoes),
        tuple(vetoes[each.member_id] for each in before if each.member_id in vetoes),
        tuple(each for each in community.nominations.get(week, ()) if each.member_id not in vetoes),
        rules.rest_weeks,
    )


def _shown(naming: Naming, week: Week) -> bool:
    member = naming.people.get(week.member_id)
    account = naming.accounts.get(account_key(week.scope, week.member_id))
    return not (member is not None and member.private) and (account is None or account.here)


def _nominated_by(community: Community, week: str, member_id: str) -> tuple[str, ...]:
    return tuple(each.by for each in community.nominations.get(week, ()) if each.member_id == member_id)


def _first(weeks: Sequence[Week]) -> tuple[Week, ...]:
    best = max((each.points for each in weeks), default=0)
    return tuple(each for each in weeks if each.points == best)[:MOST_NAMED]


def _placed(week: Week) -> Placed:
    parts = (Part(action=each.action, count=each.count, points=each.points) for each in kinds_of(week))
    return Placed(member_id=week.member_id, points=week.points, parts=tuple(parts))
