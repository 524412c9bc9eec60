"""Who comes into a group and who leaves it, who is an admin, and what the group is called.

The words for what happened are the Cloud API's, so that the same thing is called the same on every channel.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.gateway.channels.waha import fields, ids
from services.gateway.channels.waha.event import Event
from services.gateway.domain.items import Address, GroupChange, Item, Passed

ADD, REMOVE = "group_participants_add", "group_participants_remove"
PROMOTE, DEMOTE = "group_participants_promote", "group_participants_demote"
WE_CAME, WE_LEFT, SETTINGS = "group_joined_by_us", "group_left_by_us", "group_settings_update"
ASKED, WITHDRAWN = "group_join_request_created", "group_join_request_revoked"

_TYPES = {"join": ADD, "leave": REMOVE, "promote": PROMOTE, "demote": DEMOTE}
_ASKING = {"created": ASKED, "revoked": WITHDRAWN, "rejected": WITHDRAWN}
_WHO_DID_IT = ("_data", "author"), ("_data", "Sender"), ("_data", "SenderPN"), ("_data", "by")

ADMINS = frozenset({"admin", "superadmin"})
_GONE = "left"

MAX_SUBJECT = 256


def participants(event: Event) -> Item:
    """Return that people came, left, or became admins or no longer are.

    Raises:
        KeyError: it names no group, or something else happened to them.
    """
    kind = _TYPES[event.required("type")]
    named = tuple(_people(event))
    people = tuple(names[0] for names in named)
    if not people:
        # We ourselves: `group.v2.join` and `group.v2.leave` say that too.
        return Passed(f"{event.name}:ours")
    return GroupChange(
        field=event.name,
        type=kind,
        group=event.required("group", "id"),
        at=event.instant("timestamp") or event.at,
        added=people if kind == ADD else (),
        removed=people if kind == REMOVE else (),
        promoted=people if kind == PROMOTE else (),
        demoted=people if kind == DEMOTE else (),
        initiated_by=_initiated_by(event) if kind == REMOVE else None,
        names=_several(named),
    )


def ours(event: Event) -> Item:
    """Return that our own account came into a group or is no longer in it.

    Raises:
        KeyError: it names no group.
    """
    came = event.name.endswith("join")
    listed = fields.dicts(fields.section(event.payload, "group"), "participants") if came else ()
    there = [(names, role) for names, role in residents(listed) if event.us.isdisjoint(names)]
    return GroupChange(
        field=event.name,
        type=WE_CAME if came else WE_LEFT,
        group=event.required("group", "id"),
        at=event.instant("timestamp") or event.at,
        subject=fields.text(event.payload, "group", "subject", limit=MAX_SUBJECT),
        present=tuple(names[0] for names, _ in there),
        promoted=tuple(names[0] for names, role in there if role in ADMINS),
        names=_several(names for names, _ in there),
    )


def residents(listed: Iterable[fields.Part]) -> Iterator[tuple[tuple[Address, ...], str | None]]:
    """Yield the names and the role of everybody among `listed` who is in the group."""
    for each in listed:
        try:
            names = ids.people(fields.identifier(each, "id"), fields.identifier(each, "pn"))
        except ValueError:
            continue
        role = fields.text(each, "role", limit=32)
        if names and role != _GONE:
            yield names, role


def update(event: Event) -> Item:
    """Return that something about the group itself changed.

    Raises:
        KeyError: it names no group.
    """
    return GroupChange(
        field=event.name,
        type=SETTINGS,
        group=event.required("group", "id"),
        at=event.instant("timestamp") or event.at,
        subject=fields.text(event.payload, "group", "subject", limit=MAX_SUBJECT),
    )


def join_request(event: Event) -> Item:
    """Return that somebody asks to come in, or asks no longer. WAHA knows a request by who makes it.

    Raises:
        KeyError: it names no group or nobody.
    """
    wish = _wish(event.payload, event.name, event.required("group", "id"))
    if wish is None:
        raise KeyError("requesterId")
    return replace(wish, type=_ASKING[event.required("action")], at=wish.at or event.at)


def pending(listed: object, group: str) -> Iterator[GroupChange]:
    """Yield the wish of everybody `listed` who asks to come into `group`, as its event would tell it.

    A wish without a time cannot be told from an earlier one of the same person, and is left out.
    """
    for each in fields.dicts({"all": listed}, "all"):
        with contextlib.suppress(ValueError):
            if (wish := _wish(each, "join-requests", group)) is not None and wish.at is not None:
                yield wish


def _wish(part: fields.Part, field: str, group: str) -> GroupChange | None:
    requester = fields.identifier(part, "requesterId")
    people = ids.people(requester, fields.identifier(part, "requesterPn"))
    if requester is None or not people:
        return None
    return GroupChange(
        field=field,
        type=ASKED,
        group=group,
        at=fields.instant(fields.at(part, "timestamp")),
        person=people[0],
        join_request_id=requester,
        names=_several((people,)),
    )


def before_v2(event: Event) -> Item:
    """Return that people came or left, as WAHA told it before there was a second version.

    Raises:
        KeyError: it names no group.
    """
    joined = event.name == "group.join"
    named = fields.at(event.payload, "recipientIds")
    jids = [fields.identifier({"id": each}, "id") for each in named] if isinstance(named, list) else []
    people = event.others(tuple(each for each in map(ids.address, jids) if each))
    if not people:
        return Passed(f"{event.name}:ours")
    by = ids.address(fields.identifier(event.payload, "author"))
    return GroupChange(
        field=event.name,
        type=ADD if joined else REMOVE,
        group=event.required("chatId"),
        at=event.instant("timestamp") or event.at,
        added=people if joined else (),
        removed=() if joined else people,
        initiated_by=None if joined or by is None else "participant" if by in people else "business",
    )


def _people(event: Event) -> Iterator[tuple[Address, ...]]:
    """Yield the names of everybody the event is about but ourselves."""
    for each in fields.dicts(event.payload, "participants"):
        names = ids.people(fields.identifier(each, "id"), fields.identifier(each, "pn"))
        if names and event.us.isdisjoint(names):
            yield names


def _several(people: Iterable[tuple[Address, ...]]) -> tuple[tuple[Address, ...], ...]:
    return tuple(names for names in people if len(names) > 1)


def _initiated_by(event: Event) -> str | None:
    """Return who made somebody leave, in the words of the Cloud API: `business` is whoever runs the group."""
    who = [fields.identifier(event.payload, *path) for path in _WHO_DID_IT]
    by = set(ids.people(*who))
    if not by:
        return None
    return "participant" if any(by & set(names) for names in _people(event)) else "business"
