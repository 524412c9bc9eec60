from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.channels.cloud_api.parse import parse
from services.gateway.domain.facts import Resolved, events_of, left_over, people_of, places_of
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    GroupChange,
    IncomingMessage,
    IncomingReaction,
    Item,
    Place,
    ProviderError,
    StatusUpdate,
    SystemNotice,
    Unread,
)
from services.gateway.domain.marks import Mark
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, encode
from shared.contracts.gateway import (
    Attachment,
    ChatKind,
    DeliveryReported,
    DeliveryStatus,
    Location,
    MemberJoined,
    MemberLeft,
    MessageKind,
    MessageReceived,
    ReactionChanged,
)

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
EARLIER = NOW - dt.timedelta(minutes=3)
GROUP = Place(ChatKind.GROUP, "group-1")
DIRECT = Place(ChatKind.DIRECT)
ASHA = Address(AddressKind.PHONE, "919000000101")
RAVI = Address(AddressKind.PHONE, "919000000102")
SCOPED = Address(AddressKind.BUSINESS_SCOPED, "IN.5501000000000101")
ASHA_ID, RAVI_ID = "m_" + "a" * 20, "m_" + "b" * 20
GROUP_CHAT, ASHA_CHAT = "c_" + "1" * 20, "c_" + "2" * 20
IDS = Resolved(
    "cloud_api",
    "main",
    members={ASHA: ASHA_ID, SCOPED: ASHA_ID, RAVI: RAVI_ID},
    chats={"group-1": GROUP_CHAT, ASHA_ID: ASHA_CHAT},
)
OTHER_ACCOUNT = replace(IDS, account="second")

MESSAGE = IncomingMessage("wamid.1=", GROUP, (ASHA, SCOPED), EARLIER, MessageKind.TEXT, "text", text="जी")
REACTION = IncomingReaction("wamid.2=", GROUP, (ASHA,), "wamid.1=", "🙏", EARLIER)
STATUS = StatusUpdate("wamid.3=", DeliveryStatus.READ, DIRECT, ASHA, EARLIER)
JOINED = GroupChange(
    "group_participants_update", "group_participants_add", "group-1", EARLIER, added=(ASHA, RAVI)
)
LEFT = GroupChange(
    "group_participants_update", "group_participants_remove", "group-1", EARLIER, removed=(ASHA,)
)


def events(item: Item, ids: Resolved = IDS) -> list[Envelope[EventModel]]:
    return list(events_of(item, ids, NOW))


def event(item: Item, ids: Resolved = IDS) -> Envelope[Any]:
    (only,) = events(item, ids)
    return only


def test_a_message_says_who_wrote_what_where_and_when():
    received = event(replace(MESSAGE, reply_to="wamid.0=", forwarded=True, media_id="81"))
    assert received.data == MessageReceived(
        chat_id=GROUP_CHAT,
        chat_kind=ChatKind.GROUP,
        message_id=received.id,
        member_id=ASHA_ID,
        sent_at=EARLIER,
        kind=MessageKind.TEXT,
        text="जी",
        reply_to=IDS.id("message", "wamid.0="),
        forwarded=True,
        media_id="81",
    )
    assert (received.partition_key, received.time, received.correlation_id) == (GROUP_CHAT, NOW, received.id)


def test_a_message_says_all_that_it_consists_of():
    attachment = Attachment(mime_type="image/jpeg", voice=True)
    location = Location(latitude=26.8, longitude=80.9)
    item = replace(
        MESSAGE,
        attachment=attachment,
        location=location,
        choice="rsvp:yes",
        form="{}",
        mentions=(RAVI, ASHA, RAVI),
        often_forwarded=True,
        from_advertisement=True,
    )
    received = event(item).data
    assert (received.attachment, received.location) == (attachment, location)
    assert (received.choice, received.form) == ("rsvp:yes", "{}")
    assert (received.often_forwarded, received.from_advertisement) == (True, True)
    assert received.mentions == (RAVI_ID, ASHA_ID)
    assert list(people_of(item)) == [(ASHA, SCOPED), (RAVI,), (ASHA,), (RAVI,)]


def test_a_message_of_no_known_time_was_sent_now():
    assert event(replace(MESSAGE, sent_at=None)).data.sent_at == NOW


def test_a_direct_message_is_in_the_chat_of_its_sender():
    assert event(replace(MESSAGE, place=DIRECT)).data.chat_id == ASHA_CHAT


@pytest.mark.parametrize("codes", [(), (131051,), ("131051",)])
def test_b6_04_a_message_of_unknown_type_is_told_as_unsupported_with_its_type(codes):
    item = replace(MESSAGE, kind=MessageKind.UNSUPPORTED, type_name="poll", text=None, error_codes=codes)
    received = event(item).data
    assert (received.kind, received.unsupported_type) == (MessageKind.UNSUPPORTED, "poll")


def test_a_known_type_needs_no_name():
    assert event(MESSAGE).data.unsupported_type is None


@pytest.mark.parametrize("item", [MESSAGE, REACTION, STATUS, JOINED, LEFT])
def test_the_same_thing_told_twice_is_the_same_event(item):
    assert [each.id for each in events(item)] == [
        each.id for each in events_of(item, IDS, NOW.replace(hour=9))
    ]


@pytest.mark.parametrize("item", [MESSAGE, REACTION, STATUS, JOINED, LEFT])
def test_the_same_thing_told_to_two_accounts_is_two_events(item):
    assert {each.id for each in events(item)}.isdisjoint(each.id for each in events(item, OTHER_ACCOUNT))


@pytest.mark.parametrize("item", [MESSAGE, REACTION, STATUS, JOINED, LEFT])
def test_an_id_betrays_nothing_of_the_provider_or_the_person(item):
    for each in events(item):
        value, headers = encode(each)
        wire = b" ".join([value, *headers.values()]).decode()
        for secret in ("wamid", "919000000101", "919000000102", "IN.55", "group-1"):
            assert secret not in wire


def test_a_reaction_and_its_removal_name_the_message_they_are_about():
    put, taken = event(REACTION), event(replace(REACTION, provider_id="wamid.4=", emoji=None))
    assert put.id != taken.id
    for each, emoji in ((put, "🙏"), (taken, None)):
        assert each.data == ReactionChanged(
            chat_id=GROUP_CHAT,
            chat_kind=ChatKind.GROUP,
            message_id=event(MESSAGE).id,
            member_id=ASHA_ID,
            emoji=emoji,
            changed_at=EARLIER,
        )


def test_a_reaction_told_under_the_id_of_its_message_is_an_event_of_its_own():
    own = event(replace(REACTION, provider_id="wamid.1="))
    assert len({own.id, event(MESSAGE).id, event(replace(REACTION, emoji=None)).id}) == 3


def test_a_status_of_a_direct_chat_concerns_the_chat():
    assert event(STATUS).data == DeliveryReported(
        provider_message=IDS.id("message", "wamid.3="),
        chat_id=ASHA_CHAT,
        status=DeliveryStatus.READ,
        reported_at=EARLIER,
    )


def test_a_status_of_a_group_concerns_a_member_of_it():
    of_asha, of_ravi = (event(replace(STATUS, place=GROUP, recipient=each)) for each in (ASHA, RAVI))
    assert (of_asha.data.chat_id, of_asha.data.member_id) == (GROUP_CHAT, ASHA_ID)
    assert of_ravi.data.member_id == RAVI_ID
    assert of_asha.id != of_ravi.id
    assert event(replace(STATUS, place=GROUP, recipient=None)).data.member_id is None


def test_each_status_of_a_message_is_an_event_of_its_own():
    ids = {event(replace(STATUS, status=each)).id for each in DeliveryStatus}
    assert len(ids) == len(DeliveryStatus)


def test_a_status_about_nobody_is_no_event_and_is_kept():
    assert events(replace(STATUS, recipient=None)) == []
    assert left_over(replace(STATUS, recipient=None), IDS) == "status_of_nobody"
    assert left_over(replace(STATUS, recipient=None, place=GROUP), IDS) is None
    assert left_over(STATUS, IDS) is None


def test_all_names_of_a_recipient_are_one_person():
    assert list(people_of(replace(STATUS, also=(SCOPED,)))) == [(ASHA, SCOPED)]


def test_codes_that_are_no_numbers_are_left_out():
    codes = (131026, "<ERROR_CODE>", "131047", "٣", "9" * 5000, "")
    assert event(replace(STATUS, error_codes=codes)).data.provider_codes == (131026, 131047)


def test_a_status_of_ours_belongs_to_the_trip_its_mark_names():
    mark = Mark("3f1c2d4e-0000-5000-8000-000000000001", "3f1c2d4e-0000-5000-8000-000000000002")
    reported = event(replace(STATUS, mark=str(mark)))
    assert reported.correlation_id == mark.correlation_id
    assert reported.data.send_id == mark.send_id
    assert reported.id == event(STATUS).id


@pytest.mark.parametrize(
    "mark",
    [
        None,
        "",
        "campaign-7",
        "3f1c2d4e-0000-5000-8000-000000000001",
        "3f1c2d4e-0000-5000-8000-000000000001.3f1c2d4e-0000-5000-8000-000000000002\n",
        "3F1C2D4E-0000-5000-8000-000000000001.3f1c2d4e-0000-5000-8000-000000000002",
        " 3f1c2d4e-0000-5000-8000-000000000001.3f1c2d4e-0000-5000-8000-000000000002",
    ],
)
def test_a_mark_of_somebody_else_is_none_of_ours(mark):
    assert Mark.read(mark) is None
    reported = event(replace(STATUS, mark=mark))
    assert (reported.data.send_id, reported.correlation_id) == (None, reported.id)


@given(st.uuids(), st.uuids())
def test_a_mark_comes_back_as_it_went(send_id, correlation_id):
    mark = Mark(str(send_id), str(correlation_id))
    assert Mark.read(str(mark)) == mark


def test_everybody_who_joins_is_told_of():
    assert [each.data for each in events(JOINED)] == [
        MemberJoined(chat_id=GROUP_CHAT, chat_kind=ChatKind.GROUP, member_id=member, joined_at=EARLIER)
        for member in (ASHA_ID, RAVI_ID)
    ]


@pytest.mark.parametrize(
    ("initiated_by", "request_id", "asked", "removed"),
    [
        ("business", None, False, True),
        ("business", "REQ-1", False, True),
        ("Business", None, False, True),
        (None, "REQ-1", False, True),
        (None, None, False, False),
        (None, None, True, True),
        ("somebody", None, False, False),
        ("participant", None, True, False),
        ("participant", "REQ-1", False, False),
    ],
)
def test_leaving_and_being_removed_are_told_apart(initiated_by, request_id, asked, removed):
    left = event(replace(LEFT, initiated_by=initiated_by, request_id=request_id, asked=asked)).data
    assert left == MemberLeft(
        chat_id=GROUP_CHAT, chat_kind=ChatKind.GROUP, member_id=ASHA_ID, removed=removed, left_at=EARLIER
    )


def test_who_could_not_be_removed_is_still_there():
    assert events(replace(LEFT, removed=(), failed=(ASHA,))) == []


def test_coming_back_is_another_event():
    again = replace(JOINED, at=NOW)
    assert {each.id for each in events(JOINED)}.isdisjoint(each.id for each in events(again))


@pytest.mark.parametrize(
    ("spelled", "other"),
    [
        (JOINED, replace(JOINED, field="group_participant_update", type="group_add_participants")),
        (LEFT, replace(LEFT, field="group_participant_update", type="group_remove_participants")),
    ],
)
def test_both_spellings_of_a_roster_change_say_the_same(spelled, other):
    assert events(spelled) == events(other)


@pytest.mark.parametrize(
    "item",
    [
        GroupChange("group_status_update", "group_suspend", "group-1", EARLIER),
        GroupChange("group_lifecycle_update", "group_create", "group-1", EARLIER, subject="SEO"),
        GroupChange("group_lifecycle_update", "group_create", None, EARLIER),
        replace(JOINED, group=None),
        Echo("wamid.9=", "text"),
        ProviderError(130429),
        SystemNotice("wamid.9=", "user_changed_number", (ASHA,), None, EARLIER),
    ],
)
def test_what_is_no_event_of_ours_makes_none(item):
    assert events(item) == []


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["id", "from", "type", "timestamp", "group_id", "text", "status", "recipient_id", "reaction"]
            ),
            st.sampled_from(["text", "reaction", "919000000101", "g", "read", "w", "1795410000"])
            | st.text(st.characters(exclude_categories=()), max_size=5)
            | st.fixed_dictionaries({"body": st.text(max_size=5), "message_id": st.just("w")}),
        ),
        max_size=4,
    )
)
def test_whatever_was_read_becomes_events_that_can_be_written_and_read(parts):
    body = {"entry": [{"changes": [{"field": "messages", "value": {"messages": parts, "statuses": parts}}]}]}
    items = [each for each in parse(json.dumps(body).encode()) if not isinstance(each, Unread)]
    members = {address: ASHA_ID for item in items for person in people_of(item) for address in person}
    chats = {
        place.group if place.group is not None else ASHA_ID: ASHA_CHAT
        for item in items
        for place, _ in places_of(item)
    }
    for item in items:
        for each in events_of(item, Resolved("cloud_api", "main", members, chats), NOW):
            assert decode(*encode(each)) == each
