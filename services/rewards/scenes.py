"""Which states a decision of rewards is made on, whatever it begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from services.rewards import meant
from services.rewards.domain.account import Account, account_key
from services.rewards.domain.board import Board, Place, board_key, period_named
from services.rewards.domain.community import Community
from services.rewards.domain.contests.contest import Ballots, Contest
from services.rewards.domain.entry import Entry
from services.rewards.domain.following import restricted_weeks
from services.rewards.domain.leaders import Leaders
from services.rewards.domain.member import Member
from services.rewards.domain.merging import Union, account_keys
from services.rewards.domain.naming import Naming
from services.rewards.domain.periods import ALL, day_of, longer_periods, week_of
from services.rewards.domain.post import Post
from services.rewards.domain.prizes.prize import Prize
from services.rewards.domain.scene import Scene
from services.rewards.domain.sources.facts import Telling
from services.rewards.domain.standing import Standing, standing_key
from services.rewards.domain.week import Week, week_key
from shared.chats import DEFAULT_ZONE, Chat
from shared.commands import COMMANDS, Command, parse_command
from shared.contracts.gateway import ChatKind, MemberJoined, MessageReceived
from shared.contracts.moderation import MemberRestricted
from shared.stream import keys
from shared.stream.keys import NOBODY, Keys, SoFar
from shared.stream.subscription import Bundle, Part, States

OURS = frozenset(each.name for each in COMMANDS if each.owner == "rewards")


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the states of scenes are kept."""

    chats: States[Chat]
    communities: States[Community]
    members: States[Member]
    posts: States[Post]
    accounts: States[Account]
    weeks: States[Week]
    standings: States[Standing]
    entries: States[Entry | None]
    leaders: States[Leaders]
    boards: States[Board]
    places: States[Place]
    contests: States[Contest | None]
    ballots: States[Ballots]
    prizes: States[Prize | None]


def around_message(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a message or of a reaction to one; its subject is the event that tells of it."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.member),
            "homes": Part(stores.communities, _homes, many=True),
            "contests": Part(stores.contests, _asked_for(meant.contests), many=True),
            "ballots": Part(stores.ballots, _asked_for(meant.ballots), many=True),
            "prizes": Part(stores.prizes, _asked_for(meant.prizes), many=True),
            "posts": Part(stores.posts, _posts, many=True),
            "people": Part(stores.members, _meant, many=True),
            "weeks": Part(stores.weeks, _thanked_weeks, many=True),
            "accounts": Part(stores.accounts, _accounts_asked_for, many=True),
            "boards": Part(stores.boards, _boards_asked_for, many=True),
            "places": Part(stores.places, _places_asked_for, many=True),
            **booked(stores),
        },
    )


def around_deed(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of what another service tells that a member did; its subject is a `Telling`."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, _doer),
            "weeks": Part(stores.weeks, _deed_week, many=True),
            "accounts": Part(stores.accounts, accounts_around, many=True),
            **booked(stores),
        },
    )


def around_case(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of what is said of a message: that it is gone, or breaks a rule, or does not."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.nobody),
            "posts": Part(stores.posts, _named_post, many=True),
            "contests": Part(stores.contests, _entered, many=True),
            "weeks": Part(stores.weeks, _weeks_of_posts, many=True),
            "accounts": Part(stores.accounts, accounts_around, many=True),
            **booked(stores),
        },
    )


def around_restriction(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a member's restriction; its subject is what moderation says of it."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.member),
            "accounts": Part(stores.accounts, _own_account, many=True),
            "weeks": Part(stores.weeks, _restricted, many=True),
            **booked(stores),
        },
    )


def around_movement(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of somebody's coming, going or rising, or of a chat; its subject is the event."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.member),
            "weeks": Part(stores.weeks, _given, many=True),
            "accounts": Part(stores.accounts, accounts_around, many=True),
            **booked(stores),
        },
    )


def around_union(stores: Stores) -> Bundle[Union]:
    """Return the bundle of two members who are one, or are not; its subject is the event that says so."""
    return Bundle(
        Union,
        {
            "kept": Part(stores.members, keys.kept),
            "gone": Part(stores.members, keys.gone),
            "others": Part(stores.members, keys.others, many=True),
            "communities": Part(stores.communities, _scopes, many=True),
            "accounts": Part(stores.accounts, _accounts_of_both, many=True),
            "weeks": Part(stores.weeks, _weeks_of_both, many=True),
            **booked(stores),
        },
    )


def around_week(stores: Stores) -> Bundle[Naming]:
    """Return the bundle of a week whose contributors are to be named; its subject has scope and week."""
    return Bundle(
        Naming,
        {
            "community": Part(stores.communities, lambda subject, _: (subject.scope,)),
            "leaders": Part(stores.leaders, lambda subject, _: (f"{subject.scope}|{subject.week}",)),
            "chats": Part(stores.chats, lambda _, so_far: sorted(so_far["community"].chats), many=True),
            "people": Part(stores.members, _leading, many=True),
            "accounts": Part(stores.accounts, _accounts_of_leaders, many=True),
        },
    )


def around_entry(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a line of the ledger as it was told; its subject is the fact."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, lambda subject, _: (subject.scope,)),
            "member": Part(stores.members, keys.nobody),
            "weeks": Part(stores.weeks, _week_of_entry, many=True),
            "accounts": Part(stores.accounts, _accounts_of_weeks, many=True),
            **booked(stores),
        },
    )


def around_claims(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of claims that are taken back or given again by hand; see `ClaimsSubject`."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, lambda subject, _: (subject.scope,)),
            "member": Part(stores.members, keys.nobody),
            "weeks": Part(stores.weeks, lambda subject, _: subject.weeks, many=True),
            "accounts": Part(stores.accounts, _accounts_of_weeks, many=True),
            **booked(stores),
        },
    )


def booked(stores: Stores) -> dict[str, Part]:
    """Return the parts that follow from the weeks: their lines on boards, and new ones of the ledger."""
    return {
        "standings": Part(stores.standings, _standings, many=True),
        "entries": Part(stores.entries, keys.none, many=True),
    }


def zone_in(so_far: SoFar) -> str:
    """Return the zone of the group that a scene is in."""
    return so_far["chat"].zone or so_far["community"].zone or DEFAULT_ZONE


def command_in(subject: object) -> Command | None:
    """Return the command of ours that a message gives."""
    found = parse_command(getattr(subject, "text", None) or "")
    return found if isinstance(found, Command) and found.name in OURS else None


def _thanks(subject: object) -> bool:
    found = command_in(subject)
    return not isinstance(subject, MessageReceived) or (found is not None and found.name == "thanks")


def _posts(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    found = command_in(subject)
    answers = _thanks(subject) or (found is not None and found.name in meant.ANSWERING)
    answered = getattr(subject, "reply_to", None) if answers else None
    return (subject.message_id, *((answered,) if answered else ()))


def _meant(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return of whom a command or a reaction is: the author of what it answers, or who is named."""
    command = command_in(subject)
    if isinstance(subject, MessageReceived) and command is None:
        return ()
    target = getattr(subject, "reply_to", None) or subject.message_id
    post = so_far["posts"].get(target)
    authors = (post.author,) if post is not None and post.author else ()
    found = dict.fromkeys((*authors, *getattr(subject, "mentions", ()), *meant.people(command, so_far)))
    return tuple(each for each in found if each != subject.member_id)


def _thanked_weeks(subject: Any, so_far: SoFar) -> Collection[str]:
    if not _thanks(subject):
        return ()
    at: dt.datetime = subject.sent_at if isinstance(subject, MessageReceived) else subject.changed_at
    week = week_of(day_of(at, zone_in(so_far)))
    earning = [each.now for each in so_far["people"].values()]
    found = [week_key(so_far["community"].scope, week, each) for each in earning]
    if not isinstance(subject, MessageReceived):
        # A reaction that is taken back counted in the week in which it was put.
        found += sorted(so_far["posts"][subject.message_id].weeks)
    return tuple(dict.fromkeys(found))


def _asks(subject: object, name: str) -> Command | None:
    found = command_in(subject)
    return found if found is not None and found.name == name else None


def _accounts_asked_for(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return the accounts a message touches: in a direct chat, of all communities of who asks."""
    if _asks(subject, "points") is None or subject.chat_kind is not ChatKind.DIRECT:
        votes = meant.accounts(command_in(subject), so_far)
        return tuple(dict.fromkeys((*accounts_around(subject, so_far), *votes)))
    return tuple(account_key(scope, so_far["member"].now) for scope in sorted(so_far["member"].scopes))


def _boards_asked_for(subject: Any, so_far: SoFar) -> Collection[str]:
    found = _asks(subject, "board")
    if found is None:
        return ()
    word = found.words[0] if found.words else ""
    _, period = period_named(word, subject.sent_at, zone_in(so_far))
    return (board_key(so_far["community"].scope, period),)


def _places_asked_for(subject: Any, so_far: SoFar) -> Collection[str]:
    if _asks(subject, "points") is None:
        return ()
    week = week_of(day_of(subject.sent_at, zone_in(so_far)))
    accounts = so_far["accounts"].values()
    return tuple(
        standing_key(each.scope, period, each.member_id) for each in accounts for period in (week, ALL)
    )


def _doer(subject: Telling, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.deed.member_id if subject.deed is not None else NOBODY,)


def _deed_week(subject: Telling, so_far: SoFar) -> Collection[str]:
    deed = subject.deed
    if deed is None:
        return ()
    week = week_of(day_of(deed.at, zone_in(so_far)))
    return (week_key(so_far["community"].scope, week, so_far["member"].now),)


def _homes(subject: object, so_far: SoFar) -> Collection[str]:
    return meant.homes(subject, command_in(subject), so_far)


def _asked_for(keys: Callable[[Command | None, SoFar], Collection[str]]) -> Keys:
    return lambda subject, so_far: keys(command_in(subject), so_far)


def _entered(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the contest in which a message hands something in."""
    del subject
    return tuple(each.entered for each in so_far["posts"].values() if each.entered)


def _named_post(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.message_id,) if subject.message_id else ()


def _weeks_of_posts(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(sorted(frozenset[str]().union(*(each.weeks for each in so_far["posts"].values()))))


def _own_account(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return (account_key(so_far["community"].scope, so_far["member"].now),)


def accounts_around(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the accounts of who acts, of those of whom it is, and of those whose weeks these are."""
    del subject
    scope = so_far["community"].scope
    own = so_far["member"].now
    people = (each.now for each in so_far.get("people", {}).values())
    found = [account_key(scope, each) for each in (own, *people) if each]
    found += [account_key(each.scope, each.member_id) for each in so_far["weeks"].values()]
    return tuple(dict.fromkeys(found))


def _week_of_entry(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    return (week_key(subject.scope, week_of(subject.day), subject.member_id),)


def _accounts_of_weeks(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(dict.fromkeys(account_key(each.scope, each.member_id) for each in so_far["weeks"].values()))


def _restricted(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return the weeks of a restriction: as it is told, or as it was told before."""
    scope, member, zone = so_far["community"].scope, so_far["member"].now, zone_in(so_far)
    known = [
        (each.begin, each.end)
        for account in so_far["accounts"].values()
        for each in account.restrictions
        if each.case_id == subject.case_id
    ]
    if isinstance(subject, MemberRestricted):
        known.append((subject.restricted_at, subject.until))
    found = [key for span in known for key in restricted_weeks(scope, member, *span, zone)]
    return tuple(dict.fromkeys(found))


def _given(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the weeks in which a member may have given thanks before it was known when they had come."""
    if not isinstance(subject, MemberJoined):
        return ()
    scope = so_far["community"].scope
    return tuple(each for each in so_far["member"].given if Week(each).scope == scope)


def _leading(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(each.member_id for each in so_far["leaders"].weeks)


def _accounts_of_leaders(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(account_key(each.scope, each.member_id) for each in so_far["leaders"].weeks)


def _standings(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(
        standing_key(each.scope, period, each.member_id)
        for each in so_far["weeks"].values()
        for period in longer_periods(each.week)
    )


def _both(so_far: SoFar) -> list[Member]:
    return [so_far["kept"], so_far["gone"], *so_far["others"].values()]


def _scopes(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(sorted(frozenset[str]().union(*(each.scopes for each in _both(so_far)))))


def _accounts_of_both(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return account_keys(so_far["communities"], _both(so_far))


def _weeks_of_both(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the weeks of both, every one of which may be the other's too, and those they gave thanks in."""
    del subject
    ids = sorted({name for each in _both(so_far) for name in each.ids})
    found: list[str] = []
    for account in so_far["accounts"].values():
        if account.member_id in ids:
            found += [week_key(account.scope, week, name) for week in account.weeks for name in ids]
    found += [key for each in _both(so_far) for key in each.given]
    return tuple(dict.fromkeys(found))
