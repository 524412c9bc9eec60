"""Which states a decision on a contest or a prize is made on, where no message asks for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.rewards.domain.contests.closing import won_on
from services.rewards.domain.numbering import scope_in
from services.rewards.domain.periods import week_of
from services.rewards.domain.scene import Scene
from services.rewards.domain.week import week_key
from services.rewards.scenes import Stores, accounts_around, booked, zone_in
from shared.stream.keys import NOBODY, SoFar
from shared.stream.subscription import Bundle, Part


def around_contest(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a contest with all who take part and vote in it; its subject has its id."""
    return Bundle(
        Scene,
        {
            "contests": Part(stores.contests, lambda subject, _: (subject.contest_id,), many=True),
            "chat": Part(stores.chats, _chat_of_contest),
            "community": Part(stores.communities, lambda subject, _: (scope_in(subject.contest_id),)),
            "member": Part(stores.members, _nobody),
            "ballots": Part(stores.ballots, lambda subject, _: (subject.contest_id,), many=True),
            "people": Part(stores.members, _taking_part, many=True),
            "posts": Part(stores.posts, _entries, many=True),
            "weeks": Part(stores.weeks, _weeks_of_authors, many=True),
            "accounts": Part(stores.accounts, accounts_around, many=True),
            **booked(stores),
        },
    )


def around_prize(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a prize, whose it is, and who has to hand it over; its subject has its id."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, _nobody),
            "community": Part(stores.communities, lambda subject, _: (scope_in(subject.prize_id),)),
            "member": Part(stores.members, _nobody),
            "prizes": Part(stores.prizes, _prize_and_list, many=True),
            "people": Part(stores.members, _owner, many=True),
        },
    )


def around_due_prize(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a prize with the admins of its chat; its subject has its id."""
    return Bundle(
        Scene,
        {
            "prizes": Part(stores.prizes, lambda subject, _: (subject.prize_id,), many=True),
            "chat": Part(stores.chats, _chat_of_prize),
            "community": Part(stores.communities, lambda subject, _: (scope_in(subject.prize_id),)),
            "member": Part(stores.members, _nobody),
            "people": Part(stores.members, _admins, many=True),
        },
    )


def around_making(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a chat for which a REST client makes a contest or a prize; see `MakingSubject`."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, lambda subject, _: (subject.chat_id,)),
            "community": Part(stores.communities, lambda _, so_far: (so_far["chat"].scope,)),
            "member": Part(stores.members, _nobody),
            "contests": Part(stores.contests, _made, many=True),
            "prizes": Part(stores.prizes, _made_and_listed, many=True),
            "posts": Part(stores.posts, _none, many=True),
            "people": Part(stores.members, _named, many=True),
        },
    )


def around_report(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a report on a message of ours; its subject is the report."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, _nobody),
            "community": Part(stores.communities, _nobody),
            "member": Part(stores.members, _nobody),
            "posts": Part(stores.posts, _reported, many=True),
        },
    )


def _nobody(subject: object, so_far: SoFar) -> Collection[str]:
    del subject, so_far
    return (NOBODY,)


def _none(subject: object, so_far: SoFar) -> Collection[str]:
    del subject, so_far
    return ()


def _reported(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.send_id, subject.provider_message) if subject.send_id else ()


def _there(so_far: SoFar, part: str) -> list[Any]:
    return [each for each in so_far[part].values() if each is not None]


def _chat_of_contest(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(each.chat_id for each in _there(so_far, "contests")) or (NOBODY,)


def _chat_of_prize(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(each.chat_id for each in _there(so_far, "prizes")) or (NOBODY,)


def _taking_part(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    authors = {entry.member_id for each in _there(so_far, "contests") for entry in each.submissions}
    return sorted(authors.union(*(each.votes for each in so_far["ballots"].values())))


def _entries(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(entry.message_id for each in _there(so_far, "contests") for entry in each.entries)


def _weeks_of_authors(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the weeks in which a win would count, of everybody who may win."""
    del subject
    zone, people = zone_in(so_far), so_far["people"]
    return tuple(
        dict.fromkeys(
            week_key(each.scope, week_of(won_on(each, zone)), people[entry.member_id].now)
            for each in _there(so_far, "contests")
            for entry in each.entries
        )
    )


def _prize_and_list(subject: Any, so_far: SoFar) -> Collection[str]:
    return sorted({subject.prize_id, *so_far["community"].prizes})


def _owner(subject: Any, so_far: SoFar) -> Collection[str]:
    prize = so_far["prizes"].get(subject.prize_id)
    return (prize.member_id,) if prize is not None else ()


def _admins(subject: Any, so_far: SoFar) -> Collection[str]:
    return sorted({*so_far["chat"].admins, *_owner(subject, so_far)})


def _made(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return what the same request has made before."""
    made = so_far["community"].made.get(subject.request)
    return (made.item_id,) if made is not None else ()


def _made_and_listed(subject: Any, so_far: SoFar) -> Collection[str]:
    return sorted({*_made(subject, so_far), *so_far["community"].prizes})


def _named(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.member_id,) if subject.member_id else ()
