"""Who comes into a group and who leaves it, who is an admin, and what the group is called.

The words for what happened are the Cloud API's, so that the same thing is called the same on every channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    return GroupChange(
        field=event.name,
        type=WE_CAME if event.name.endswith("join") else WE_LEFT,
        group=event.required("group", "id"),
        at=event.instant("timestamp") or event.at,
        subject=fields.text(event.payload, "group", "subject", limit=MAX_SUBJECT),
    )


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
    requester = event.required("requesterId")
    phone = fields.identifier(event.payload, "requesterPn")
    people = ids.people(requester, phone)
    if not people:
        raise KeyError("requesterId")
    return GroupChange(
        field=event.name,
        type=_ASKING[event.required("action")],
        group=event.required("group", "id"),
        at=event.instant("timestamp") or event.at,
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
