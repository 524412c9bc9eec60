"""What happens to messages and to groups, as events."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.gateway.domain.facts import (
    Resolved,
    events_of,
    left_over,
    message_key,
    people_of,
    places_of,
    report_id,
)
from services.gateway.domain.items import (
    Address,
    AddressKind,
    Echo,
    GroupChange,
    IncomingEdit,
    IncomingMessage,
    IncomingReaction,
    IncomingRevoke,
    IncomingVote,
    Item,
    Passed,
    Place,
    StatusUpdate,
)
from services.gateway.domain.known import Whereabouts
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, decode, encode
from shared.contracts.gateway import (
    ChatKind,
    DeliveryStatus,
    MessageEdited,
    MessageKind,
    MessageRevoked,
    PollVoted,
)
from shared.contracts.members import (
    JoinRequested,
    JoinWithdrawn,
    MemberDemoted,
    MemberPresent,
    MemberPromoted,
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
LINKED = replace(IDS, channel="waha")

EDIT = IncomingEdit("wamid.5=", "wamid.1=", GROUP, (ASHA,), "नया", EARLIER)
REVOKE = IncomingRevoke("wamid.1=", GROUP, (ASHA,), EARLIER, "wamid.6=")
LOST = IncomingRevoke("wamid.1=", None, (), EARLIER)
VOTE = IncomingVote("wamid.1=", GROUP, (ASHA,), ("रविवार",), EARLIER)
ROSTER = GroupChange("group_participants_update", "group.v2.participants", "group-1", EARLIER)
ASKED = replace(ROSTER, type="group_join_request_created", person=RAVI, join_request_id="JR-1")
PLACE = {"chat_id": GROUP_CHAT, "chat_kind": ChatKind.GROUP}


def events(item: Item, ids: Resolved = IDS) -> list[Envelope[EventModel]]:
    return list(events_of(item, ids, NOW))


def data(item: Item, ids: Resolved = IDS) -> list[EventModel]:
    return [each.data for each in events(item, ids)]


def only_id(item: Item, ids: Resolved = IDS) -> str:
    (only,) = events(item, ids)
    return only.id


def test_an_edit_names_the_message_and_says_how_it_reads():
    message_id = IDS.id("message", "wamid.1=")
    assert data(EDIT) == [
        MessageEdited(**PLACE, message_id=message_id, member_id=ASHA_ID, text="नया", edited_at=EARLIER)
    ]
    assert only_id(EDIT) != message_id


def test_each_edit_of_a_message_is_an_event_of_its_own():
    others = [replace(EDIT, text="और नया"), replace(EDIT, at=NOW), replace(EDIT, provider_id="wamid.7=")]
    assert len({only_id(each) for each in (EDIT, *others)}) == 4


def test_a_deletion_is_told_once_however_often_it_is_said():
    assert data(REVOKE) == [
        MessageRevoked(
            **PLACE, message_id=IDS.id("message", "wamid.1="), member_id=ASHA_ID, revoked_at=EARLIER
        )
    ]
    again = replace(REVOKE, provider_id="wamid.8=", at=NOW, by=())
    assert only_id(again) == only_id(REVOKE)


def test_a_deletion_that_names_only_the_message_is_told_where_that_was():
    found = replace(IDS, messages={IDS.id("message", "wamid.1="): Whereabouts(ASHA_CHAT, ChatKind.DIRECT)})
    assert data(LOST, found) == [
        MessageRevoked(
            chat_id=ASHA_CHAT,
            chat_kind=ChatKind.DIRECT,
            message_id=IDS.id("message", "wamid.1="),
            revoked_at=EARLIER,
        )
    ]
    assert left_over(LOST, found) is None
    assert [each.partition_key for each in events(LOST, found)] == [ASHA_CHAT]


@pytest.mark.parametrize("item", [LOST, replace(LOST, place=DIRECT), replace(LOST, by=(RAVI,))])
def test_a_deletion_of_a_message_nobody_knows_is_kept(item):
    assert events(item) == []
    assert left_over(item, IDS) == "unknown_message"


def test_a_vote_is_the_whole_choice_of_a_member():
    for options in (("रविवार",), ("a", "b"), ()):
        (vote,) = data(replace(VOTE, options=options))
        assert vote == PollVoted(
            **PLACE,
            message_id=IDS.id("message", "wamid.1="),
            member_id=ASHA_ID,
            options=options,
            voted_at=EARLIER,
        )


def test_each_vote_is_an_event_of_its_own():
    others = [
        replace(VOTE, options=()),
        replace(VOTE, options=("a", "b")),
        replace(VOTE, options=("ab",)),
        replace(VOTE, sender=(RAVI,)),
        replace(VOTE, at=NOW),
        replace(VOTE, poll="wamid.2="),
    ]
    assert len({only_id(each) for each in (VOTE, *others)}) == 7


def test_a_vote_that_could_not_be_read_is_kept():
    assert events(replace(VOTE, options=None)) == []
    assert left_over(replace(VOTE, options=None), IDS) == "unread_vote"


def test_admins_are_made_and_unmade():
    assert data(replace(ROSTER, promoted=(ASHA, RAVI), demoted=(RAVI,))) == [
        MemberPromoted(**PLACE, member_id=ASHA_ID, promoted_at=EARLIER),
        MemberPromoted(**PLACE, member_id=RAVI_ID, promoted_at=EARLIER),
        MemberDemoted(**PLACE, member_id=RAVI_ID, demoted_at=EARLIER),
    ]


def test_somebody_asks_to_join_and_asks_no_more():
    (asked,), (withdrawn,) = events(ASKED), events(replace(ASKED, type="group_join_request_revoked"))
    assert asked.data == JoinRequested(**PLACE, member_id=RAVI_ID, request_id="JR-1", requested_at=EARLIER)
    assert withdrawn.data == JoinWithdrawn(
        **PLACE, member_id=RAVI_ID, request_id="JR-1", withdrawn_at=EARLIER
    )
    assert asked.id != withdrawn.id


@pytest.mark.parametrize("request_id", ["919000000102", "919000000102@c.us", "5501000000000101@lid"])
def test_a_request_that_is_called_by_an_address_is_called_by_the_member(request_id):
    hidden = Address(AddressKind.HIDDEN, "5501000000000101")
    item = replace(ASKED, join_request_id=request_id, names=((RAVI, hidden),))
    (asked,) = data(item)
    assert getattr(asked, "request_id", None) == RAVI_ID


@pytest.mark.parametrize(
    "item",
    [replace(ASKED, person=None), replace(ASKED, join_request_id=None), replace(ASKED, type="elsewhere")],
)
def test_nobody_asks_where_it_is_not_said_who_and_what(item):
    assert events(item) == []


def test_one_person_named_twice_joins_once():
    assert len(events(replace(ROSTER, added=(ASHA, SCOPED)))) == 1


def test_all_names_of_a_person_are_given_together():
    item = replace(ASKED, added=(ASHA,), removed=(RAVI,), names=((ASHA, SCOPED),))
    assert list(people_of(item)) == [(ASHA, SCOPED), (RAVI,), (RAVI,)]


def test_a_change_that_says_more_than_any_rule_reads_is_kept():
    assert left_over(replace(ROSTER, unread={"type": "blessed"}), IDS) == "group_change"
    assert left_over(ROSTER, IDS) is None


@pytest.mark.parametrize("item", [Passed("story"), Echo("wamid.9=", "text"), ROSTER])
def test_what_is_none_of_our_business_is_no_event_and_is_not_kept(item):
    assert (events(item), left_over(item, IDS)) == ([], None)


@pytest.mark.parametrize("item", [EDIT, REVOKE, VOTE, ASKED, replace(ROSTER, promoted=(ASHA,))])
class TestIds:
    def test_the_same_thing_told_twice_is_the_same_event(self, item):
        later = events_of(item, IDS, NOW.replace(hour=9))
        assert [each.id for each in events(item)] == [each.id for each in later]

    def test_the_same_thing_told_to_two_accounts_is_two_events(self, item):
        assert only_id(item) != only_id(item, replace(IDS, account="second"))

    def test_nothing_of_the_provider_or_the_person_is_in_it(self, item):
        for each in events(item):
            value, headers = encode(each)
            wire = b" ".join([value, *headers.values()]).decode()
            for secret in ("wamid", "919000000101", "919000000102", "IN.55", "group-1"):
                assert secret not in wire
            assert decode(value, headers) == each


class TestMessageKey:
    SHORT = "3EB0B0698FEF4B43922FC5"

    def test_a_message_of_ours_is_one_however_a_linked_device_names_it(self):
        chat = "120363410357828123@g.us"
        key = message_key("waha", f"true_{chat}_{self.SHORT}_252342767239268@lid")
        assert key == message_key("waha", f"true_{chat}_{self.SHORT}")

    def test_who_chooses_the_id_of_somebody_elses_message_repeats_nothing(self):
        chat = "120363410357828123@g.us"
        spelled = [
            f"false_{chat}_{self.SHORT}_919000000101@c.us",
            f"false_{chat}_{self.SHORT}_919000000102@c.us",
            f"false_919000000101@c.us_{self.SHORT}",
            f"true_{chat}_{self.SHORT}",
        ]
        assert len({LINKED.id("message", each) for each in spelled}) == len(spelled)
        assert len({report_id("waha", "main", each, "read", "") for each in spelled}) == len(spelled)
        assert {LINKED.alias(each) for each in spelled} == {LINKED.id("message", self.SHORT)}

    @pytest.mark.parametrize(
        "other", ["", "msg-1", "true_", "maybe_1@c.us_A", "true__A", "true_1_A", "true_1@c.us_"]
    )
    def test_what_has_another_shape_is_its_own_key(self, other):
        assert message_key("waha", other) == other

    @given(st.text(max_size=40))
    def test_other_channels_mean_what_they_say(self, provider_id):
        assert message_key("cloud_api", provider_id) == provider_id
        assert message_key("cloud_api", f"true_1@c.us_{provider_id}") != provider_id

    def test_all_that_is_said_of_a_message_meets_under_one_id(self):
        full = f"false_120363410357828123@g.us_{self.SHORT}_919000000101@c.us"
        message = IncomingMessage(full, GROUP, (ASHA,), EARLIER, MessageKind.TEXT, "chat")
        status = StatusUpdate(full, DeliveryStatus.READ, GROUP, None, EARLIER)
        said: list[Item] = [
            message,
            IncomingReaction("r", GROUP, (ASHA,), full, "🙏", EARLIER),
            replace(EDIT, target=full, provider_id=full),
            replace(REVOKE, target=full),
            replace(VOTE, poll=full),
        ]
        found = [each for item in said for each in events(item, LINKED)]
        assert {getattr(each.data, "message_id", None) for each in found} == {only_id(message, LINKED)}
        assert len({each.id for each in found}) == len(found)
        (reported,) = data(status, LINKED)
        assert getattr(reported, "provider_message", None) == only_id(message, LINKED)


ADDRESSES = st.sampled_from([ASHA, RAVI, SCOPED])
PEOPLE = st.lists(ADDRESSES, max_size=3).map(tuple)
PLACES = st.sampled_from([GROUP, DIRECT])
TIMES = st.none() | st.just(EARLIER)
ITEMS: st.SearchStrategy[Item] = st.one_of(
    st.builds(
        IncomingEdit, st.text(), st.text(), PLACES, ADDRESSES.map(lambda each: (each,)), st.none(), TIMES
    ),
    st.builds(IncomingRevoke, st.text(), st.none() | PLACES, PEOPLE, TIMES),
    st.builds(
        IncomingVote,
        st.text(),
        PLACES,
        ADDRESSES.map(lambda each: (each,)),
        st.none() | st.lists(st.text(max_size=300), max_size=70).map(tuple),
        TIMES,
    ),
    st.builds(
        GroupChange,
        st.text(),
        st.sampled_from(["group_join_request_created", "group_join_request_revoked", "x"]),
        st.none() | st.just("group-1"),
        TIMES,
        added=PEOPLE,
        removed=PEOPLE,
        promoted=PEOPLE,
        demoted=PEOPLE,
        person=st.none() | ADDRESSES,
        join_request_id=st.none() | st.text(max_size=2000),
    ),
)


@given(ITEMS)
def test_every_item_becomes_events_or_breaks_the_contract_and_names_whom_it_needs(item):
    members = {address: ASHA_ID for person in people_of(item) for address in person}
    chats = {place.group or ASHA_ID: ASHA_CHAT for place, _ in places_of(item)}
    try:
        found = list(events_of(item, Resolved("waha", "main", members, chats), NOW))
    except ValidationError:
        return
    for each in found:
        assert decode(*encode(each)) == each


def test_who_was_there_when_we_came_is_present_and_no_newcomer():
    came = replace(ROSTER, type="group_joined_by_us", present=(ASHA, RAVI), promoted=(RAVI,))
    assert data(came) == [
        MemberPresent(**PLACE, member_id=ASHA_ID, seen_at=EARLIER),
        MemberPresent(**PLACE, member_id=RAVI_ID, seen_at=EARLIER),
        MemberPromoted(**PLACE, member_id=RAVI_ID, promoted_at=EARLIER),
    ]
    assert [each.id for each in events(came)] == [each.id for each in events(came)]


def test_a_wish_is_the_same_whether_a_webhook_or_a_list_in_whole_seconds_tells_of_it():
    told = replace(ASKED, at=EARLIER.replace(microsecond=123_000))
    later = replace(ASKED, at=EARLIER + dt.timedelta(seconds=1))
    (webhook,), (listed,), (again,) = events(told), events(ASKED), events(later)
    assert webhook.id == listed.id != again.id
