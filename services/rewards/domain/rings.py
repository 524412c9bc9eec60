"""Who thanks mostly each other, and whom many thank at once: shown to admins with the evidence, and no more.

Friends thank each other too. Nothing follows from what is found here but that a person looks at it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.rewards.domain.simulating import is_thanks
from services.rewards.domain.week import Claim, Week

OFTEN: Final = 3
"""Thanks from one to another that make more than chance of it, in the time that is looked at."""
MOSTLY: Final = 0.5
"""What share of the thanks that its members got comes from within a ring."""
LARGEST: Final = 12
"""A larger circle is a community."""
BURST: Final = dt.timedelta(minutes=10)
MANY: Final = 8
"""Thanks to one member within `BURST` that are more than a good answer brings."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Thanks from one member to another."""

    giver: str
    earner: str
    thanks: int
    claims: tuple[str, ...]
    """By their ids, in order."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Members who thank mostly each other."""

    members: tuple[str, ...]
    edges: tuple[Edge, ...]
    inside: float
    """What share of the thanks to them came from them."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Many thanks to one member at once."""

    member_id: str
    begin: dt.datetime
    end: dt.datetime
    givers: tuple[str, ...]
    claims: tuple[str, ...]


def edges_of(weeks: Iterable[Week]) -> tuple[Edge, ...]:
    """Return who has thanked whom in these weeks, and how often, whether or not it earned anything."""
    found: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
    for week in weeks:
        for claim in week.claims.values():
            if is_thanks(claim) and claim.stands and claim.giver != week.member_id:
                found[str(claim.giver), week.member_id].append(claim)
    return tuple(
        Edge(giver, earner, len(claims), tuple(each.claim_id for each in _in_order(claims)))
        for (giver, earner), claims in sorted(found.items())
    )


def rings_of(edges: Sequence[Edge]) -> tuple[Ring, ...]:
    """Return the circles among members who thank each other often, and hardly anybody else thanks.

    A circle is a strongly connected component of the graph of those who thanked often: all of it reach each
    other along thanks.
    """
    often: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.thanks >= OFTEN:
            often[edge.giver].add(edge.earner)
    rings = []
    for members in _circles(often):
        inner = tuple(each for each in edges if each.giver in members and each.earner in members)
        got = sum(each.thanks for each in edges if each.earner in members)
        share = sum(each.thanks for each in inner) / got
        if len(members) <= LARGEST and share >= MOSTLY:
            rings.append(Ring(tuple(sorted(members)), inner, share))
    return tuple(sorted(rings, key=lambda each: (-each.inside, each.members)))


def bursts_of(weeks: Iterable[Week]) -> tuple[Burst, ...]:
    """Return when members had many thanks at once: each the longest run of them that is as dense."""
    return tuple(burst for week in weeks for burst in _bursts(week))


def _bursts(week: Week) -> Iterable[Burst]:
    claims = _in_order(each for each in week.claims.values() if is_thanks(each) and each.stands)
    begin = 0
    while begin < len(claims):
        run = [each for each in claims[begin:] if each.at - claims[begin].at <= BURST]
        if len(run) >= MANY:
            givers = tuple(sorted({str(each.giver) for each in run}))
            yield Burst(week.member_id, run[0].at, run[-1].at, givers, tuple(each.claim_id for each in run))
        begin += len(run) if len(run) >= MANY else 1


def _circles(graph: Mapping[str, set[str]]) -> list[frozenset[str]]:
    """Return the sets of more than one node that all reach each other."""
    reach = {node: _reached(graph, node) for node in graph}
    circles = {frozenset(other for other in reach[node] if node in reach.get(other, ())) for node in graph}
    return [each for each in circles if len(each) > 1]


def _reached(graph: Mapping[str, set[str]], node: str) -> set[str]:
    found, open_ = set[str](), [node]
    while open_:
        for other in graph.get(open_.pop(), ()):
            if other not in found:
                found.add(other)
                open_.append(other)
    return found


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda each: (each.at, each.claim_id))
