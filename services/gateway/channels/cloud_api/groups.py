"""Group changes of the Cloud API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway.channels.cloud_api import fields
from services.gateway.domain.group_facts import ADDED, REMOVED, REQUESTED, WITHDRAWN
from services.gateway.domain.items import Address, GroupChange, Item

_SILENT = frozenset(
    {
        "group_create",
        "group_delete",
        "group_settings_update",
        "group_subject",
        "group_description",
        "profile_picture",
        "group_suspend",
        "group_suspend_cleared",
    }
)
"""Types that tell of no person."""

_LISTS = ("added_participants", "removed_participants", "failed_participants")


def change(part: Mapping[str, Any], field: str, value: Mapping[str, Any]) -> Item:
    """Return one element of `groups`, with what stands beside it in `value`."""
    type_name = (fields.text(part, "type") or "unknown")[:64]
    group = fields.identifier(part, "group_id")
    added, removed, failed = (_people(part, name) for name in _LISTS)
    asking = fields.named(part)
    join_request = fields.identifier(part, "join_request_id")
    return GroupChange(
        field=field,
        type=type_name,
        group=group,
        at=fields.instant(part.get("timestamp")),
        subject=_subject(part),
        added=_firsts(added),
        removed=_firsts(removed),
        failed=_firsts(failed),
        person=asking[0] if asking else None,
        # Printed inside the group in one place of the documentation and beside it in another.
        initiated_by=fields.text(part, "initiated_by") or fields.text(value, "initiated_by"),
        request_id=fields.identifier(part, "request_id"),
        join_request_id=join_request,
        error_codes=fields.error_codes(part),
        names=tuple(each for each in (*added, *removed, asking) if len(each) > 1),
        asked=any("input" in each for each in fields.dicts(part, "removed_participants")),
        unread=None if _understood(type_name, part, group, asking, join_request) else part,
    )


def _understood(
    type_name: str,
    part: Mapping[str, Any],
    group: str | None,
    asking: tuple[Address, ...],
    join_request: str | None,
) -> bool:
    """Return whether all that is told of people can be told on."""
    if type_name in _SILENT:
        return True
    if type_name in REQUESTED | WITHDRAWN:
        return bool(group and asking and join_request)
    if type_name not in ADDED | REMOVED or group is None:
        return False
    listed = [part[name] for name in _LISTS if part.get(name) is not None]
    return bool(listed) and all(
        isinstance(people, list) and all(fields.named(each) for each in people) for people in listed
    )


def _people(part: Mapping[str, Any], name: str) -> list[tuple[Address, ...]]:
    listed = part.get(name)
    return [names for each in listed if (names := fields.named(each))] if isinstance(listed, list) else []


def _firsts(people: list[tuple[Address, ...]]) -> tuple[Address, ...]:
    return tuple(names[0] for names in people)


def _subject(part: Mapping[str, Any]) -> str | None:
    """Return what the group is called from now on: a change that failed leaves it as it was."""
    changed = part.get("group_subject")
    if isinstance(changed, dict):
        return fields.text(changed, "text") if changed.get("update_successful") is True else None
    return None if fields.dicts(part, "errors") else fields.text(part, "subject")
