from __future__ import annotations

import datetime as dt

from services.gateway.domain.marks import client_id
from services.gateway.domain.pacing import DAY
from services.gateway.sending.paces import began, paces
from services.gateway.settings import CloudApiAccount, GatewaySettings, WahaAccount
from shared.asked import asked
from tests.support.keys import ADDRESS_KEY

SEND = "3f1c2d4e-0000-5000-8000-000000000001"


def test_each_account_has_the_pace_of_its_provider():
    cloud = CloudApiAccount(phone_number_id="37", app_secrets=("s",), verify_token="v", access_token="a")
    bridge = WahaAccount(channel="waha", api_base="http://127.0.0.1:3000", api_key="k", hmac_keys=("h",))
    settings = GatewaySettings(
        accounts={"official": cloud, "bridge": bridge},
        address_keys=ADDRESS_KEY,
        sends_per_second=40,
        bridge_per_hour=77,
    )
    found = paces(settings)
    assert (found["official"].per_second, found["official"].burst) == (40, 10)
    assert (found["official"].pair_seconds, found["official"].pair_burst) == (6, 45)
    assert (found["official"].jitter_seconds, found["official"].per_hour) == (0, None)
    assert (found["bridge"].per_second, found["bridge"].per_hour) == (1, 77)
    assert found["bridge"].jitter_seconds == 3
    assert [found["bridge"].hourly(days * DAY) for days in (0, 7, 14)] == [20, 39, 77]


def test_a_number_began_when_its_settings_say_so_or_when_it_was_first_seen_to_send():
    bridge = WahaAccount(
        channel="waha",
        api_base="http://127.0.0.1:3000",
        api_key="k",
        hmac_keys=("h",),
        in_use_since=dt.date(2025, 1, 31),
    )
    settings = GatewaySettings(
        accounts={"old": bridge, "new": bridge.model_copy(update={"in_use_since": None})},
        address_keys=ADDRESS_KEY,
    )
    first = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert began(settings, {"old": first, "new": first}) == {
        "old": dt.datetime(2025, 1, 31, tzinfo=dt.UTC),
        "new": first,
    }


def test_a_message_is_always_called_the_same():
    assert client_id(SEND) == client_id(SEND) != client_id(SEND.replace("1", "2"))
    assert client_id(SEND).startswith("3EB0")
    assert len(client_id(SEND)) == 22


def test_what_is_asked_for_is_known_by_who_asks_and_under_which_key():
    first = asked("one", "key", b"{}")
    assert first == asked("one", "key", b"{}")
    assert first.id not in {asked("two", "key", b"{}").id, asked("one", "other", b"{}").id}
    again = asked("one", "key", b"[]")
    assert (again.id, again.digest == first.digest) == (first.id, False)
