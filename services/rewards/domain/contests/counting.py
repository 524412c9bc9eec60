"""Counts votes: one of each person, their latest, and none for what is their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.rewards.domain.account import Account
from services.rewards.domain.contests.contest import Ballots, Contest, Vote, order_of
from services.rewards.domain.rules import Rules
from services.rewards.domain.settling import is_newcomer


@dataclass(frozen=True, slots=True)
class Count:
    """What the votes of a contest come to."""

    votes: Mapping[int, int]
    """By the number of the entry, for all that take part."""
    voters: int
    """People whose vote counted."""


def counted(
    contest: Contest,
    ballots: Ballots,
    person: Callable[[str], str],
    counts: Callable[[str, Vote], bool],
) -> Count:
    """Return the count; the same, in whatever order and however often votes were heard of.

    Args:
        contest: what takes part.
        ballots: the votes.
        person: under which id somebody stands today, so that who is known by two ids has one vote.
        counts: whether the vote of a person weighs anything.
    """
    latest: dict[str, Vote] = {}
    for member_id, vote in ballots.votes.items():
        who = person(member_id)
        if who not in latest or order_of(vote) > order_of(latest[who]):
            latest[who] = vote
    votes: Counter[int] = Counter()
    for who, vote in latest.items():
        entry = contest.entry(vote.number)
        if entry is not None and person(entry.member_id) != who and counts(who, vote):
            votes[vote.number] += 1
    return Count(
        {each.number: votes[each.number] for each in contest.entries if each.number is not None},
        votes.total(),
    )


def weighs(account: Account, vote: Vote, rules: Rules) -> bool:
    """Whether the vote of a member counts: they are here, and were no newcomer when they gave it."""
    return account.here and not is_newcomer(account.joined_at, vote.at, rules)
