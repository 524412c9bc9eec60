"""How accounts are doing, as their channels are used and asked."""

from __future__ import annotations

import datetime as dt
import uuid

import httpx2
import pytest
import structlog

from services.gateway.api.channels import channel_router
from services.gateway.api.chats import READ
from services.gateway.channels.contract import (
    Accepted,
    Capability,
    Destination,
    Outgoing,
    React,
    Refused,
    TryAgain,
)
from services.gateway.domain.items import Echo, Passed, Unread
from services.gateway.domain.pacing import Pace as SendPace
from services.gateway.domain.troubles import advice
from services.gateway.lines import SLOWED_SECONDS, Lines
from services.gateway.sending.pacer import Pacer
from services.gateway.store import LineBook
from shared.clock import FixedClock
from shared.errors import ProviderUnavailable
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from shared.observability.metrics import CHANNEL_UP
from tests.support.line import Line, Pace
from tests.support.people import Stores

NOW = dt.datetime(2026, 11, 5, 6, 30, tzinfo=dt.UTC)
TO = Destination(group="group-1")


@pytest.fixture
def account() -> str:
    return f"account-{uuid.uuid4().hex}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def later(clock: FixedClock, seconds: float = 60) -> dt.datetime:
    clock.advance(dt.timedelta(seconds=seconds))
    return clock.now()


class TestLines:
    async def test_nobody_knows_before_somebody_has_looked(self, store, account, clock):
        (line,) = await Lines({account: Line()}, LineBook(store), clock).all()
        assert (line.up, line.since, line.webhook_at) == (None, None, None)
        assert line.capabilities == {"direct": ("text",), "group": ("text",)}

    async def test_what_goes_through_a_channel_is_seen_by_every_process(self, store, account, clock):
        here, there = (Lines({account: Line()}, LineBook(store), clock) for _ in range(2))
        channel = here.channels[account]
        began = clock.now()
        assert not channel.authentic(b"forged", {})
        assert isinstance(await channel.send(TO, Outgoing("नमस्ते", "mark", "id")), Accepted)
        accepted_at = clock.now()
        webhook_at = later(clock)
        assert channel.authentic(b"signed", {})
        await here.note()
        (line,) = await there.all()
        assert (line.up, line.since, line.accepted_at, line.webhook_at) == (
            True,
            began,
            accepted_at,
            webhook_at,
        )

    async def test_an_account_is_down_from_the_first_refusal_to_the_next_acceptance(
        self, store, account, clock
    ):
        inner = Line()
        lines = Lines({account: inner}, LineBook(store), clock)
        channel = lines.channels[account]
        await channel.probe()
        inner.away = True
        down_at = later(clock)
        for call in (channel.send(TO, Outgoing("x", "m", "i")), channel.act(TO, React(None, None))):  # type: ignore[arg-type]
            with pytest.raises(ProviderUnavailable):
                await call
            later(clock)
        (line,) = await lines.all()
        assert (line.up, line.since) == (False, down_at)
        assert CHANNEL_UP.labels(account)._value.get() == 0
        inner.away = False
        inner.outcome = Refused("window_closed")
        await channel.send(TO, Outgoing("x", "m", "i"))
        assert (await lines.all())[0].up is False
        inner.outcome = Accepted("id")
        up_at = clock.now()
        await channel.send(TO, Outgoing("x", "m", "i"))
        (line,) = await lines.all()
        assert (line.up, line.since) == (True, up_at)
        assert CHANNEL_UP.labels(account)._value.get() == 1

    async def test_a_probe_tells_the_chats_what_is_new_and_one_that_is_down_stops_nobody(
        self, store, account, clock
    ):
        stores = Stores.of(store)
        group = await stores.chats.meet("waha", account, {"group-1": ("group", None)})
        down, up = Line(), Line()
        down.away = True
        up.can = frozenset({Capability.TEXT, Capability.POLLS})
        lines = Lines({f"a{account}": down, account: up}, LineBook(store), clock)
        await lines.probe(stores.chats, Pace().get_on)
        chat = await stores.chats.find(group["group-1"])
        assert chat is not None
        assert chat.capabilities == ("polls", "text")
        assert [each.up for each in await lines.all()] == [False, True]
        assert [each.probed_at for each in await lines.all()] == [None, NOW]

    async def test_an_old_process_does_not_turn_back_what_a_newer_one_has_seen(self, store, account, clock):
        here, there = (Lines({account: Line()}, LineBook(store), clock) for _ in range(2))
        here.channels[account].authentic(b"signed", {})
        newest = later(clock)
        there.channels[account].authentic(b"signed", {})
        await there.note()
        await here.note()
        assert (await here.all())[0].webhook_at == newest

    async def test_everything_else_passes_through(self, account, store, clock):
        channel = Lines({account: Line()}, LineBook(store), clock).channels[account]
        assert channel.name == "waha"
        assert channel.handshake({"challenge": "7"}) == "7"
        assert list(channel.parse(b"")) == []
        assert await channel.find(TO, "id") == "id"
        assert await channel.roster("group-1") is None

    async def test_when_each_account_began_to_send_is_kept_from_the_first_to_the_last(
        self, store, account, clock
    ):
        book, began = LineBook(store), clock.now()
        lines = Lines({account: Line(), f"b{account}": Line()}, book, clock)
        await lines.note()
        assert not {account, f"b{account}"} & (await book.began()).keys()
        for _ in range(2):
            await lines.channels[account].send(TO, Outgoing("नमस्ते", "mark", "id"))
            await lines.note()
            later(clock)
        assert (await book.began())[account] == began
        older = began - dt.timedelta(days=9)
        await store["lines"].insert_one({"_id": f"c{account}", "accepted_at": older})
        third = Lines({f"c{account}": Line()}, book, clock)
        await third.channels[f"c{account}"].send(TO, Outgoing("नमस्ते", "mark", "id"))
        await third.note()
        assert (await book.began())[f"c{account}"] == older

    async def test_a_session_that_is_gone_is_an_alert_and_nothing_is_sent_until_it_is_back(
        self, store, account, clock
    ):
        inner, pacer = Line(), Pacer({account: SendPace(1.0)})
        lines = Lines({account: inner}, LineBook(store), clock, gate=pacer)
        channel = lines.channels[account]
        stores = Stores.of(store)
        await lines.probe(stores.chats, Pace().get_on)
        assert not pacer.closed(account, clock.now())
        inner.away = True
        with structlog.testing.capture_logs() as logs:
            await lines.probe(stores.chats, Pace().get_on)
        assert [(each["event"], each["log_level"]) for each in logs] == [("channel.down", "error")]
        assert CHANNEL_UP.labels(account)._value.get() == 0
        assert pacer.closed(account, clock.now())
        inner.away = False
        await channel.probe()
        assert not pacer.closed(account, clock.now())

    async def test_why_an_account_is_down_is_told_and_told_again_when_it_changes(self, store, account, clock):
        inner = Line()
        here, there = (Lines({account: inner}, LineBook(store), clock) for _ in range(2))
        inner.away, down_at, told = True, clock.now(), []
        for reason in ("unreachable", "unreachable", "scan_qr"):
            inner.reason = reason
            with structlog.testing.capture_logs() as logs, pytest.raises(ProviderUnavailable):
                await here.channels[account].probe()
            told.append([each["reason"] for each in logs if each["event"] == "channel.down"])
            later(clock)
        assert told == [["unreachable"], [], ["scan_qr"]]
        await here.note()
        (line,) = await there.all()
        assert (line.up, line.trouble, line.since) == (False, "scan_qr", down_at)
        inner.away = False
        await here.channels[account].probe()
        (line,) = await here.all()
        assert (line.up, line.trouble) == (True, None)

    @pytest.mark.parametrize(
        ("outcome", "code"),
        [
            (Refused("account_restricted", 463), "account_restricted"),
            (TryAgain("spam_rate_limited", 60), "spam_rate_limited"),
            (TryAgain("rate_limited", 2), "rate_limited"),
        ],
    )
    async def test_an_account_that_is_warned_or_slowed_is_up_and_says_so_until_it_is_over(
        self, store, account, clock, outcome, code
    ):
        inner = Line()
        here, there = (Lines({account: inner}, LineBook(store), clock) for _ in range(2))
        await here.channels[account].probe()
        inner.outcome = outcome
        await here.channels[account].send(TO, Outgoing("x", "m", "i"))
        until = clock.now() + dt.timedelta(seconds=SLOWED_SECONDS[code])
        await here.note()
        (line,) = await there.all()
        assert (line.up, line.trouble, line.slowed_until) == (True, code, until)
        assert advice(code)
        later(clock, SLOWED_SECONDS[code])
        (line,) = await there.all()
        assert (line.trouble, line.slowed_until) == (None, None)

    async def test_a_warning_outlasts_a_slower_pace_in_whatever_order_they_come(self, store, account, clock):
        inner = Line()
        here, there = (Lines({account: inner}, LineBook(store), clock) for _ in range(2))
        warned, slowed = Refused("account_restricted", 463), TryAgain("rate_limited", 2)
        for lines, outcomes in ((here, (slowed, warned, slowed)), (there, (slowed,))):
            for outcome in outcomes:
                inner.outcome = outcome
                await lines.channels[account].send(TO, Outgoing("x", "m", "i"))
            await lines.note()
        assert [each.trouble for each in await here.all()] == ["account_restricted"]

    async def test_a_refusal_of_one_message_is_no_trouble_of_the_account(self, store, account, clock):
        inner = Line()
        lines = Lines({account: inner}, LineBook(store), clock)
        await lines.channels[account].probe()
        for outcome in (Refused("window_closed", 131047), TryAgain("pair_rate_limited", 6)):
            inner.outcome = outcome
            await lines.channels[account].send(TO, Outgoing("x", "m", "i"))
        assert [each.trouble for each in await lines.all()] == [None]

    @pytest.mark.parametrize(
        ("item", "looked"),
        [
            (Passed("session.status"), 1),
            (Passed("state.change"), 1),
            (Unread("field:account_update", {}), 1),
            (Passed("presence.update"), 0),
            (Unread("field:flows", {}), 0),
            (Echo("id", "text"), 0),
        ],
    )
    async def test_what_a_webhook_says_of_the_account_itself_is_looked_into(
        self, store, account, clock, item, looked
    ):
        inner = Line()
        inner.contents = [item]
        lines = Lines({account: inner}, LineBook(store), clock)
        looks: list[int] = []
        assert list(lines.channels[account].parse(b"")) == [item]
        lines.when_in_doubt(lambda: looks.append(1))
        assert list(lines.channels[account].parse(b"")) == [item]
        assert len(looks) == looked

    async def test_over_rest(self, store, account, clock):
        key, stored = new_key("reader", frozenset({READ}))
        down = Line()
        lines = Lines({account: down, "with space": Line()}, LineBook(store), clock)
        await lines.channels[account].probe()
        app = create_app("gateway", "x", channel_router(lines), keys=KeyRing(stored), clock=clock)
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
            assert (await client.get("/v1/channels")).status_code == 401
            found = (await client.get("/v1/channels", headers=headers)).json()["channels"]
            assert {each["account"]: each["state"] for each in found} == {
                account: "up",
                "with space": "unknown",
            }
            one = (await client.get(f"/v1/channels/{account}", headers=headers)).json()
            assert (one["reason"], one["explanation"]) == (None, None)
            down.away, down.reason = True, "credentials_refused"
            with pytest.raises(ProviderUnavailable):
                await lines.channels[account].probe()
            refused = (await client.get(f"/v1/channels/{account}", headers=headers)).json()
            assert (refused["state"], refused["reason"]) == ("down", "credentials_refused")
            assert refused["explanation"] == advice("credentials_refused")
            assert (one["channel"], one["capabilities"]["group"]) == ("waha", ["text"])
            for hostile in ("nobody", "%7B%22$gt%22:%22%22%7D", "%00", "%E2%80%AE"):
                assert (await client.get(f"/v1/channels/{hostile}", headers=headers)).status_code == 404
            assert (await client.get("/v1/channels/" + "x" * 129, headers=headers)).status_code == 422
