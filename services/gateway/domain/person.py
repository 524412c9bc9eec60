"""A member as the gateway knows them: under how many kinds of names, and where; never by a name itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from services.gateway.domain.items import AddressKind
from shared.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Person:
    """A member, with all who have been merged into them."""

    member_id: str
    kinds: tuple[AddressKind, ...]
    """One for each address, the most reliable first."""
    chats: tuple[str, ...]
    """Direct chats with them and groups they are in."""
    deliveries: int
    """Messages sent to their direct chats that are still remembered."""
    merged_into: str | None = None
    merged: tuple[str, ...] = ()
    """Who has been merged into them, directly or not."""


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """A member by themselves, for who looks through many."""

    member_id: str
    kinds: tuple[AddressKind, ...]
    """One for each address, the most reliable first."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two members who may be one: a payload named one person by an address of each."""

    members: tuple[str, str]
    times: int
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is asked of a member before a merge."""

    member_id: str
    known: bool
    merged_into: str | None = None


def check_merge(survivor: Standing, merged: Standing) -> None:
    """Return where `merged` may become a part of `survivor`.

    Raises:
        Invalid: they are the same.
        NotFound: nobody is known by one of the ids.
        Conflict: one of them is a part of somebody already. Only whole members are merged, so there is never
            a circle, and each merge can be taken back by itself.
    """
    if survivor.member_id == merged.member_id:
        raise Invalid("A member cannot be merged with themselves.")
    for each in (survivor, merged):
        if not each.known:
            raise NotFound(f"There is no member {each.member_id}.")
    if merged.merged_into is not None:
        raise Conflict(f"{merged.member_id} has been merged into {merged.merged_into} already.")
    if survivor.merged_into is not None:
        raise Conflict(
            f"{survivor.member_id} has been merged into {survivor.merged_into}: merge into that one instead."
        )


def check_unmerge(survivor: Standing, merged: Standing) -> None:
    """Return where `merged` may become a member of their own again.

    Raises:
        NotFound: nobody is known by one of the ids.
        Conflict: they were not merged, or `survivor` has been merged since: what came last goes first, or
            those who follow the events could not tell whose is what.
    """
    for each in (survivor, merged):
        if not each.known:
            raise NotFound(f"There is no member {each.member_id}.")
    if merged.merged_into != survivor.member_id:
        raise Conflict(f"{merged.member_id} is not merged into {survivor.member_id}.")
    if survivor.merged_into is not None:
        raise Conflict(
            f"{survivor.member_id} has been merged into {survivor.merged_into} since: take that back first."
        )


def in_order(kinds: Collection[AddressKind]) -> tuple[AddressKind, ...]:
    """Return `kinds`, the most reliable first."""
    order = tuple(AddressKind)
    return tuple(sorted(kinds, key=order.index))
