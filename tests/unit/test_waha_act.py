from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.gateway.channels.contract import Resident, Roster
from services.gateway.channels.waha import Waha, ids
from services.gateway.channels.waha.engine import Engine
from services.gateway.domain.items import Address, AddressKind
from services.gateway.domain.outgoing import (
    Accepted,
    Action,
    AnswerJoin,
    Capability,
    Delete,
    Destination,
    MessageRef,
    Pin,
    React,
    Refused,
    Remove,
    Restrict,
    TryAgain,
    Unclear,
)
from services.gateway.domain.troubles import advice
from shared.contracts.gateway import ChatKind
from shared.errors import ProviderUnavailable
from tests.support.waha import (
    ASHA,
    ASHA_HIDDEN,
    GROUP_ID,
    SAID_AT,
    SESSION,
    FakeWaha,
    connected,
    hidden,
    phone,
    probed,
)

GROUP = Destination(group=GROUP_ID)
CLIENT_ID = "3f1c2d4e-0000-5000-8000-000000000001"
CHOSEN = ids.chosen(CLIENT_ID)
THEIRS = MessageRef(f"false_{GROUP_ID}_3AAA01_70000000000101@lid", ASHA_HIDDEN)
OURS = MessageRef(f"true_{GROUP_ID}_3EB0AAAA")
CHAT = f"/api/{SESSION}/chats/{GROUP_ID.replace('@', '%40')}"
IN_GROUP = f"/api/{SESSION}/groups/{GROUP_ID.replace('@', '%40')}"
STATE = f"/api/sessions/{SESSION}"


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Waha, FakeWaha]]:
    async with connected() as both:
        yield both


@pytest.fixture
def waha(pair) -> FakeWaha:
    return pair[1]


@pytest.fixture
def fresh(pair) -> Waha:
    return pair[0]


@pytest.fixture
async def channel(fresh, waha) -> Waha:
    return await probed(fresh, waha, "NOWEB")


THEIR_PATH = f"{CHAT}/messages/{THEIRS.provider_id.replace('@', '%40')}"
ACTIONS: list[tuple[Action, str, str, Any]] = [
    (
        React(THEIRS, "👍"),
        "PUT",
        "/api/reaction",
        {"session": SESSION, "messageId": THEIRS.provider_id, "reaction": "👍"},
    ),
    (
        React(THEIRS, None),
        "PUT",
        "/api/reaction",
        {"session": SESSION, "messageId": THEIRS.provider_id, "reaction": ""},
    ),
    (Delete(THEIRS), "DELETE", THEIR_PATH, None),
    (Delete(MessageRef(f"false_{GROUP_ID}_3AAA01", ASHA_HIDDEN)), "DELETE", THEIR_PATH, None),
    (Delete(MessageRef("3AAA01", ASHA_HIDDEN)), "DELETE", THEIR_PATH, None),
    (Delete(OURS), "DELETE", f"{CHAT}/messages/{OURS.provider_id.replace('@', '%40')}", None),
    (Pin(THEIRS, 1), "POST", f"{THEIR_PATH}/pin", {"duration": 86_400}),
    (Pin(THEIRS, 2), "POST", f"{THEIR_PATH}/pin", {"duration": 604_800}),
    (Pin(THEIRS, 7), "POST", f"{THEIR_PATH}/pin", {"duration": 604_800}),
    (Pin(THEIRS, 30), "POST", f"{THEIR_PATH}/pin", {"duration": 2_592_000}),
    (Pin(THEIRS, 90), "POST", f"{THEIR_PATH}/pin", {"duration": 2_592_000}),
    (Pin(THEIRS, 0), "POST", f"{THEIR_PATH}/unpin", {}),
    (
        Remove(ASHA),
        "POST",
        f"{IN_GROUP}/participants/remove",
        {"participants": [{"id": "919000000101@c.us"}]},
    ),
    (
        Restrict(admins_only=True),
        "PUT",
        f"{IN_GROUP}/settings/security/messages-admin-only",
        {"adminsOnly": True},
    ),
]


ASKING = f"{IN_GROUP}/participants/join-requests"
REQUESTS = [
    {"requesterId": "70000000000102@lid", "requesterPn": None, "requestMethod": "invite_link"},
    {"requesterId": "70000000000101@lid", "requesterPn": "919000000101@c.us", "timestamp": 1795410000},
    {"requesterId": "919000000103@c.us"},
    {"requesterId": "x" * 5000},
    "nobody",
]


class TestAnswersToWhoAsksToComeIn:
    @pytest.mark.parametrize(
        ("person", "named"),
        [
            (ASHA, "70000000000101@lid"),
            (ASHA_HIDDEN, "70000000000101@lid"),
            (hidden("70000000000102"), "70000000000102@lid"),
            (phone("919000000103"), "919000000103@c.us"),
        ],
    )
    @pytest.mark.parametrize("approved", [True, False])
    async def test_they_are_answered_under_the_name_they_ask_by(self, channel, waha, person, named, approved):
        word = "approve" if approved else "reject"
        waha.answers[ASKING] = (200, REQUESTS)
        waha.answers[f"{ASKING}/{word}"] = (201, [{"requesterId": named, "success": True}])
        assert await channel.act(GROUP, AnswerJoin("m_1", approved, person)) == Accepted("")
        assert waha.asked == [
            ("GET", ASKING, None),
            ("POST", f"{ASKING}/{word}", {"participants": [{"id": named}]}),
        ]

    @pytest.mark.parametrize("listed", [[], {}, None, "x", [None, 7, {}], REQUESTS[:1]])
    async def test_where_they_ask_no_more_nobody_else_is_let_in(self, channel, waha, listed):
        waha.answers[ASKING] = (200, listed)
        assert await channel.act(GROUP, AnswerJoin("m_1", True, ASHA)) == Refused("unknown_request")
        assert len(waha.asked) == 1

    async def test_a_request_of_nobody_known_is_no_request(self, channel, waha):
        assert await channel.act(GROUP, AnswerJoin("7@lid", approved=True)) == Refused("unknown_request")
        assert waha.asked == []

    @pytest.mark.parametrize(
        ("status", "body", "outcome"),
        [
            (404, {"message": f"Cannot GET {ASKING}", "statusCode": 404}, Refused("unsupported")),
            (501, {"message": "not implemented"}, Refused("unsupported")),
            (404, {"message": "no such group"}, Refused("rejected", 404)),
            (500, {"message": "not-authorized"}, Refused("not_admin")),
            (500, {}, TryAgain("provider_failed", 0.5)),
            (503, {}, TryAgain("provider_failed", 0.5)),
        ],
    )
    async def test_a_list_that_is_not_given_says_why(self, channel, waha, status, body, outcome):
        waha.answers[ASKING] = (status, body)
        assert await channel.act(GROUP, AnswerJoin("m_1", True, ASHA)) == outcome

    @pytest.mark.parametrize(
        ("status", "body", "outcome"),
        [
            (201, [{"requesterId": "x", "success": False, "error": 403}], Refused("not_admin", 403)),
            (201, [{"requesterId": "x", "success": False, "error": 404}], Refused("unknown_request")),
            (201, [{"requesterId": "x", "success": False, "error": "409"}], Refused("unknown_request")),
            (201, [{"requesterId": "x", "success": False}], Refused("not_admin")),
            (429, {}, TryAgain("rate_limited", 2.0)),
            (500, {}, Unclear()),
        ],
    )
    async def test_the_answer_says_what_became_of_it(self, channel, waha, status, body, outcome):
        waha.answers[ASKING] = (200, REQUESTS)
        waha.answers[f"{ASKING}/approve"] = (status, body)
        assert await channel.act(GROUP, AnswerJoin("m_1", True, ASHA)) == outcome


class TestActions:
    @pytest.mark.parametrize(("action", "call"), [(each[0], each[1:]) for each in ACTIONS])
    async def test_an_action_is_one_call(self, channel, waha, action, call):
        waha.body = b"{}"
        assert await channel.act(GROUP, action) == Accepted("")
        assert waha.asked == [call]

    async def test_what_waha_has_no_call_for_is_unsupported(self, channel, waha):
        action = Remove(Address(AddressKind.BUSINESS_SCOPED, "IN.5"))
        assert await channel.act(GROUP, action) == Refused("unsupported")
        assert waha.asked == []

    @pytest.mark.parametrize("engine", ["WEBJS", "WPP"])
    async def test_in_a_browser_our_own_message_is_found_by_its_whole_id(self, fresh, waha, engine):
        channel = await probed(fresh, waha, engine)
        await channel.act(GROUP, Delete(OURS))
        assert waha.asked[0][1].endswith(
            "/messages/true_120363000000000101%40g.us_3EB0AAAA_88000000000001%40lid"
        )

    async def test_an_id_that_would_leave_its_place_stays_in_it(self, channel, waha):
        await channel.act(GROUP, Delete(MessageRef("../../sessions/x?y#z", ASHA_HIDDEN)))
        assert waha.asked[0][1].startswith(f"{CHAT}/messages/false_")
        assert "%2F..%2Fsessions%2Fx%3Fy%23z" in waha.asked[0][1]

    @pytest.mark.parametrize(
        ("body", "outcome"),
        [
            ([{"status": "200", "jid": "x"}], Accepted("")),
            ([{"status": "404", "jid": "x"}], Accepted("")),
            ([{"JID": "x", "Error": 0}], Accepted("")),
            ({"success": True}, Accepted("")),
            (True, Accepted("")),
            ([{"status": "403", "jid": "x"}], Refused("not_admin", 403)),
            ([{"requesterId": "x", "success": False}], Refused("not_admin")),
            (False, Refused("not_admin")),
        ],
    )
    async def test_whatsapp_may_refuse_in_an_answer_of_success(self, channel, waha, body, outcome):
        waha.body = json.dumps(body).encode()
        assert await channel.act(GROUP, Remove(ASHA)) == outcome

    @pytest.mark.parametrize(
        ("status", "body", "outcome"),
        [
            (404, None, Refused("rejected", 404)),
            (429, None, TryAgain("rate_limited", 2)),
            (500, None, Unclear()),
            (502, None, Unclear()),
            (503, None, TryAgain("provider_failed", 0.5)),
            (500, {"exception": {"message": "forbidden"}}, Refused("not_admin")),
            (501, None, Refused("unsupported")),
        ],
    )
    async def test_an_action_that_failed_is_tried_again_or_not(self, channel, waha, status, body, outcome):
        waha.fail(status, body)
        assert await channel.act(GROUP, Remove(ASHA)) == outcome


class TestFind:
    PATH = f"{CHAT}/messages/true_{GROUP_ID.replace('@', '%40')}_{CHOSEN}"

    async def test_a_message_that_went_out_is_found_by_the_id_we_chose(self, channel, waha):
        waha.body = json.dumps({"id": f"true_{GROUP_ID}_{CHOSEN}"}).encode()
        waha.status = 200
        assert await channel.find(GROUP, CLIENT_ID) == f"true_{GROUP_ID}_{CHOSEN}"
        assert waha.asked == [("GET", self.PATH, None)]

    @pytest.mark.parametrize(
        ("status", "body"), [(404, b""), (400, b"{}"), (500, b"{}"), (200, b""), (200, b"null"), (200, b"{}")]
    )
    async def test_a_message_that_nobody_has_is_not_found(self, channel, waha, status, body):
        waha.status, waha.body = status, body
        assert await channel.find(GROUP, CLIENT_ID) is None

    @pytest.mark.parametrize("status", [401, 403, 429, 502, 503, 504])
    async def test_where_nobody_can_be_asked_nothing_is_said(self, channel, waha, status):
        waha.fail(status)
        with pytest.raises(ProviderUnavailable):
            await channel.find(GROUP, CLIENT_ID)


TEXT = {Capability.TEXT}
MOST = {
    *TEXT,
    *(Capability.FILES, Capability.REPLIES, Capability.MENTIONS, Capability.REACTIONS, Capability.POLLS),
    *(Capability.CLIENT_IDS, Capability.DELETE_OWN, Capability.PIN),
}
GROUPS = {*MOST, Capability.REMOVE_MEMBER, Capability.RESTRICT}


class TestProbe:
    @pytest.mark.parametrize(
        ("engine", "direct", "group"),
        [
            ("WEBJS", MOST, {*GROUPS, Capability.DELETE_FOREIGN}),
            ("NOWEB", MOST, {*GROUPS, Capability.DELETE_FOREIGN}),
            ("noweb", MOST, {*GROUPS, Capability.DELETE_FOREIGN}),
            ("GOWS", MOST, GROUPS),
            ("WPP", MOST, GROUPS),
            ("VENOM", TEXT, TEXT),
            ("UNKNOWN", TEXT, TEXT),
        ],
    )
    async def test_the_engine_decides_what_can_be_done(self, fresh, waha, engine, direct, group):
        assert fresh.capabilities(ChatKind.GROUP) == TEXT
        channel = await probed(fresh, waha, engine)
        assert channel.capabilities(ChatKind.DIRECT) == direct
        assert channel.capabilities(ChatKind.GROUP) == group

    @pytest.mark.parametrize(
        ("version", "engine", "able"),
        [
            ("2026.8.2", "WEBJS", True),
            ("2026.8.2", "NOWEB", True),
            ("2027.1.1", "GOWS", True),
            ("2026.10.1-beta", "GOWS", True),
            ("2026.8.1", "NOWEB", False),
            ("2026.7.2", "GOWS", False),
            ("2026.8.2", "WPP", False),
            ("2026.8.2", "VENOM", False),
            ("latest", "NOWEB", False),
            ("9" * 99, "NOWEB", False),
            (None, "NOWEB", False),
        ],
    )
    async def test_who_asks_to_come_in_is_answered_from_one_version_on(
        self, fresh, waha, version, engine, able
    ):
        channel = await probed(fresh, waha, engine, version)
        assert (Capability.ANSWER_JOIN in channel.capabilities(ChatKind.GROUP)) is able
        assert Capability.ANSWER_JOIN not in channel.capabilities(ChatKind.DIRECT)

    @pytest.mark.parametrize("status", [404, 500, 502])
    async def test_a_server_that_does_not_tell_its_version_works_all_the_same(self, fresh, waha, status):
        waha.runs("NOWEB")
        waha.answers["/api/server/version"] = (status, b"<html>")
        await fresh.probe()
        assert fresh.capabilities(ChatKind.GROUP) == {*GROUPS, Capability.DELETE_FOREIGN}

    async def test_an_engine_that_the_session_does_not_name_is_asked_of_the_server(self, fresh, waha):
        waha.runs(None)
        waha.answers["/api/server/version"] = (200, {"version": "2026.7.1", "engine": "GOWS"})
        await fresh.probe()
        assert fresh.capabilities(ChatKind.GROUP) == GROUPS

    async def test_a_change_of_engine_is_noticed(self, fresh, waha):
        for engine in ("GOWS", "NOWEB"):
            await probed(fresh, waha, engine)
        assert Capability.DELETE_FOREIGN in fresh.capabilities(ChatKind.GROUP)

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            ("STOPPED", "session_stopped"),
            ("STARTING", "session_starting"),
            ("SCAN_QR_CODE", "scan_qr"),
            ("FAILED", "session_failed"),
            ("<script>", "session_unknown"),
            ("", "session_unknown"),
        ],
    )
    async def test_a_session_that_does_not_work_is_said_to(self, fresh, waha, status, reason):
        waha.runs("NOWEB", status)
        with pytest.raises(ProviderUnavailable) as refused:
            await fresh.probe()
        assert "<" not in refused.value.sentence
        assert refused.value.reason == reason
        assert advice(reason)
        assert fresh.capabilities(ChatKind.GROUP) == TEXT

    @pytest.mark.parametrize(
        ("status", "body", "reason"),
        [
            (401, b"", "credentials_refused"),
            (404, b"{}", "session_unknown"),
            (404, b'{"message":"Session \\"chaupal\\" does not exist"}', "session_unknown"),
            (422, b'{"status":"SCAN_QR_CODE","expected":["WORKING"]}', "scan_qr"),
            (429, b"", "rate_limited"),
            (500, b"", "provider_failed"),
            (503, b"", "provider_failed"),
            (200, b"[]", "session_unknown"),
            (200, b"<html>", "session_unknown"),
        ],
    )
    async def test_an_answer_that_tells_nothing_is_no_working_session(
        self, fresh, waha, status, body, reason
    ):
        waha.answers[STATE] = (status, body)
        with pytest.raises(ProviderUnavailable) as refused:
            await fresh.probe()
        assert refused.value.reason == reason
        assert advice(reason)

    def test_every_engine_is_known_by_name(self):
        assert {each for each in Engine if each.in_browser} == {Engine.WEBJS, Engine.WPP}


class TestRoster:
    LISTED: tuple[object, ...] = (
        {"id": "70000000000101@lid", "pn": "919000000101@c.us", "role": "admin"},
        {"id": "70000000000102@lid", "pn": None, "role": "participant"},
        {"id": "919000000103@c.us", "role": "left"},
        {"id": "88000000000001@lid", "pn": "911140001000@c.us", "role": "superadmin"},
        {"id": {}},
        "nobody",
    )

    async def test_it_says_who_is_there_and_who_is_an_admin(self, fresh, waha):
        waha.runs("GOWS")
        waha.answers[f"{IN_GROUP}/participants/v2"] = (200, list(self.LISTED))
        waha.answers[IN_GROUP] = (200, {"JID": GROUP_ID, "Name": "SEO सीखें"})
        assert await fresh.roster(GROUP_ID) == Roster(
            people=(
                Resident((ASHA, ASHA_HIDDEN), admin=True),
                Resident((Address(AddressKind.HIDDEN, "70000000000102"),)),
            ),
            subject="SEO सीखें",
            we_are_admin=True,
        )

    async def test_where_we_are_not_listed_nobody_says_that_we_are_an_admin(self, channel, waha):
        waha.answers[f"{IN_GROUP}/participants/v2"] = (200, [{"id": "919000000101@c.us", "role": "admin"}])
        waha.answers[IN_GROUP] = (404, {})
        assert await channel.roster(GROUP_ID) == Roster((Resident((ASHA,), admin=True),))

    @pytest.mark.parametrize(
        ("version", "role", "known"),
        [("2026.8.2", "admin", True), ("2026.8.2", "participant", False), ("2026.8.1", "admin", False)],
    )
    async def test_an_admin_is_told_who_asks_to_come_in(self, fresh, waha, version, role, known):
        channel = await probed(fresh, waha, "NOWEB", version)
        listed = [{"id": "919000000101@c.us"}, {"id": "88000000000001@lid", "role": role}]
        waha.answers |= {f"{IN_GROUP}/participants/v2": (200, listed), IN_GROUP: (200, {})}
        waha.answers[ASKING] = (200, REQUESTS)
        found = await channel.roster(GROUP_ID)
        assert found is not None
        asked = [(each.type, each.person, each.join_request_id, each.at) for each in found.asking]
        wish = ("group_join_request_created", ASHA, "70000000000101@lid", SAID_AT)
        # Only one of them says since when.
        assert asked == ([wish] if known else [])

    @pytest.mark.parametrize(("status", "body"), [(404, {}), (500, {}), (200, None), (200, "x")])
    async def test_where_requests_are_not_listed_the_roster_is_whole_without(self, fresh, waha, status, body):
        channel = await probed(fresh, waha, "NOWEB", "2026.8.2")
        waha.answers |= {f"{IN_GROUP}/participants/v2": (200, list(self.LISTED)), IN_GROUP: (200, {})}
        waha.answers[ASKING] = (status, body)
        found = await channel.roster(GROUP_ID)
        assert found is not None
        assert (len(found.people), found.asking) == (2, ())

    @pytest.mark.parametrize(("status", "body"), [(404, {}), (500, {}), (200, {}), (200, None)])
    async def test_a_group_nobody_knows_has_no_roster(self, channel, waha, status, body):
        waha.answers[f"{IN_GROUP}/participants/v2"] = (status, body)
        assert await channel.roster(GROUP_ID) is None
