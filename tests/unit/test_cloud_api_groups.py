"""What the Cloud API tells of groups."""

from __future__ import annotations

from typing import Any

import pytest

from services.gateway.domain.items import AddressKind, GroupChange
from tests.support.cloud_api import (
    ASHA,
    BOTH_OF_ASHA,
    CHANGED_AT,
    GROUP_ID,
    LIFECYCLE,
    OTHER_GROUP_ID,
    ROSTER,
    body_of,
    items_in,
    only,
    phone,
    scoped,
)

GROUP_CHANGES: dict[str, dict[str, Any]] = {
    "group_created": {
        "field": LIFECYCLE,
        "type": "group_create",
        "subject": "SEO सीखें",
        "request_id": "REQ-1",
    },
    "group_not_created": {
        "field": LIFECYCLE,
        "type": "group_create",
        "group": None,
        "request_id": "REQ-2",
        "error_codes": (131211,),
    },
    "group_deleted": {"field": LIFECYCLE, "type": "group_delete", "request_id": "REQ-3"},
    "group_joined": {
        "field": ROSTER,
        "type": "group_participants_add",
        "added": (ASHA, scoped("IN.5501000000000103")),
        "names": (BOTH_OF_ASHA,),
    },
    "group_joined_other_spelling": {
        "field": "group_participant_update",
        "type": "group_add_participants",
        "added": (ASHA,),
    },
    "group_left": {
        "field": ROSTER,
        "type": "group_participants_remove",
        "removed": (ASHA,),
        "initiated_by": "participant",
    },
    "group_left_said_beside": {
        "field": ROSTER,
        "type": "group_participants_remove",
        "removed": (ASHA,),
        "initiated_by": "participant",
    },
    "group_removed": {
        "field": ROSTER,
        "type": "group_participants_remove",
        "removed": (ASHA,),
        "failed": (phone("919000000102"),),
        "initiated_by": "business",
        "request_id": "REQ-4",
        "error_codes": (131201,),
        "asked": True,
    },
    "group_removed_other_spelling": {
        "field": "group_participant_update",
        "type": "group_remove_participants",
        "removed": (ASHA,),
        "request_id": "REQ-5",
    },
    "group_join_requested": {
        "field": ROSTER,
        "type": "group_join_request_created",
        "person": phone("919000000105"),
        "join_request_id": "JR-1",
    },
    "group_join_request_revoked": {
        "field": ROSTER,
        "type": "group_join_request_revoked",
        "person": phone("919000000105"),
        "join_request_id": "JR-1",
    },
    "group_settings": {
        "field": "group_settings_update",
        "type": "group_settings_update",
        "request_id": "REQ-6",
        "subject": "SEO सीखें 2",
    },
    "group_settings_failed": {
        "field": "group_settings_update",
        "type": "group_settings_update",
        "request_id": "REQ-7",
        "error_codes": (131041,),
    },
    "group_removed_without_saying_who": {
        "field": ROSTER,
        "type": "group_participants_remove",
        "removed": (ASHA,),
        "asked": True,
    },
    "group_suspended": {"field": "group_status_update", "type": "group_suspend"},
}


@pytest.mark.parametrize("name", GROUP_CHANGES)
def test_every_change_of_a_group_is_read(name):
    usual: dict[str, Any] = {"group": GROUP_ID, "at": CHANGED_AT}
    assert items_in(name) == [GroupChange(**(usual | GROUP_CHANGES[name]))]


def test_two_groups_in_one_change_are_two_changes():
    assert [
        (each.group, each.type) for each in items_in("group_two_at_once") if isinstance(each, GroupChange)
    ] == [
        (GROUP_ID, "group_suspend"),
        (OTHER_GROUP_ID, "group_suspend_cleared"),
    ]


class TestGroupsNobodyForesaw:
    """What is told of a group and cannot be told on is kept whole, beside what can."""

    @pytest.mark.parametrize(
        "change",
        [
            {"type": "group_participants_blessed", "wa_id": "919000000105"},
            {"type": "group_participants_add"},
            {"type": "group_participants_add", "added_participants": {"wa_id": "919000000105"}},
            {"type": "group_participants_add", "added_participants": [{"username": "@meera"}]},
            {"type": "group_participants_add", "added_participants": [{"wa_id": "919000000101"}, 7.5]},
            {"type": "group_join_request_created", "wa_id": "919000000105"},
            {"type": "group_join_request_created", "join_request_id": "JR-1"},
            {"type": 7},
            {},
        ],
        ids=str,
    )
    def test_it_is_kept_whole(self, change):
        told = {"group_id": GROUP_ID, **change}
        found = only(body_of({"groups": [told]}, ROSTER))
        assert isinstance(found, GroupChange)
        assert found.unread == told

    def test_people_of_no_group_are_kept(self):
        told = {"type": "group_participants_add", "added_participants": [{"wa_id": "919000000101"}]}
        found = only(body_of({"groups": [told]}, ROSTER))
        assert isinstance(found, GroupChange)
        assert found.unread == told

    def test_a_person_may_be_a_bare_name(self):
        told = {
            "group_id": GROUP_ID,
            "type": "group_participants_add",
            "added_participants": ["919000000101"],
        }
        found = only(body_of({"groups": [told]}, ROSTER))
        assert isinstance(found, GroupChange)
        assert (found.added, found.unread) == ((ASHA,), None)

    @pytest.mark.parametrize("given", ["IN.5501000000000103", "IN.ENT.7700000000000103"])
    @pytest.mark.parametrize("key", ["wa_id", "user_id", "input"])
    def test_a_scoped_id_is_one_wherever_it_stands(self, given, key):
        told = {"group_id": GROUP_ID, "type": "group_join_request_created", "join_request_id": "JR-1"}
        found = only(body_of({"groups": [{**told, key: given}]}, ROSTER))
        assert isinstance(found, GroupChange)
        assert found.person is not None
        assert found.person.value == given
        assert found.person.kind is not AddressKind.PHONE
