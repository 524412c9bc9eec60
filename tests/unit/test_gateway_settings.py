from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.gateway.settings import CloudApiAccount, GatewaySettings, WahaAccount
from shared.errors import SettingsError
from shared.settings import load
from tests.support.keys import ADDRESS_KEY, OTHER_ADDRESS_KEY

ACCOUNT = {
    "phone_number_id": "370000000000001",
    "app_secrets": ["an-app-secret"],
    "verify_token": "a-verify-token",
    "access_token": "an-access-token",
}


def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **changed: Any) -> GatewaySettings:
    monkeypatch.setenv("GATEWAY_ACCOUNTS", json.dumps({"main": ACCOUNT | changed}))
    monkeypatch.setenv("GATEWAY_ADDRESS_KEYS", f"{ADDRESS_KEY} {OTHER_ADDRESS_KEY}")
    return load(GatewaySettings, dotenv=tmp_path / ".env")


def test_an_account_is_read_from_the_environment(monkeypatch, tmp_path):
    account = loaded(monkeypatch, tmp_path, app_secrets=["one", "two"]).accounts["main"]
    assert isinstance(account, CloudApiAccount)
    assert [each.get_secret_value() for each in account.app_secrets] == ["one", "two"]
    assert "an-access-token" not in repr(account)


@pytest.mark.parametrize(
    "changed",
    [
        {"app_secrets": []},
        {"app_secrets": [""]},
        {"app_secrets": ["an-app-secret", ""]},
        {"verify_token": ""},
        {"access_token": ""},
        {"phone_number_id": ""},
        {"api_base": "graph.facebook.com"},
        {"channel": "carrier-pigeon"},
        {"acces_token": "a slip"},
    ],
)
def test_an_account_that_would_let_anybody_in_or_nothing_out_does_not_start(monkeypatch, tmp_path, changed):
    with pytest.raises(SettingsError) as refused:
        loaded(monkeypatch, tmp_path, **changed)
    assert "secret" not in refused.value.sentence.replace("app_secrets", "")


@pytest.mark.parametrize("days", ["-1", "366", "a week", ""])
def test_hops_are_kept_for_no_days_that_are_none(monkeypatch, tmp_path, days):
    monkeypatch.setenv("GATEWAY_TRACE_DAYS", days)
    with pytest.raises(SettingsError, match="GATEWAY_TRACE_DAYS"):
        loaded(monkeypatch, tmp_path)


WAHA = {
    "channel": "waha",
    "api_base": "http://127.0.0.1:3000",
    "api_key": "an-api-key",
    "hmac_keys": ["an-hmac-key"],
}


def test_a_session_on_a_linked_device_is_read_too(monkeypatch, tmp_path):
    monkeypatch.setenv("GATEWAY_ACCOUNTS", json.dumps({"main": ACCOUNT, "big": WAHA}))
    monkeypatch.setenv("GATEWAY_ADDRESS_KEYS", ADDRESS_KEY)
    settings = load(GatewaySettings, dotenv=tmp_path / ".env")
    account = settings.accounts["big"]
    assert isinstance(account, WahaAccount)
    assert (account.session, account.api_key.get_secret_value()) == ("default", "an-api-key")
    assert "an-api-key" not in repr(settings)
    assert ADDRESS_KEY not in repr(settings)


@pytest.mark.parametrize(
    "changed",
    [{"hmac_keys": []}, {"hmac_keys": [""]}, {"api_key": ""}, {"session": "../x"}, {"app_secrets": ["x"]}],
)
def test_a_session_that_would_let_anybody_in_does_not_start(monkeypatch, tmp_path, changed):
    monkeypatch.setenv("GATEWAY_ACCOUNTS", json.dumps({"big": WAHA | changed}))
    monkeypatch.setenv("GATEWAY_ADDRESS_KEYS", ADDRESS_KEY)
    with pytest.raises(SettingsError, match="GATEWAY_ACCOUNTS"):
        load(GatewaySettings, dotenv=tmp_path / ".env")


def test_the_first_key_seals_and_all_are_bytes(monkeypatch, tmp_path):
    keys = loaded(monkeypatch, tmp_path).seal_keys()
    assert [len(each) for each in keys] == [32, 32]
    assert keys[0] == b"only for tests, and 32 bytes too"


@pytest.mark.parametrize("keys", [None, "", "short", "x" * 42, "x" * 44, f"{ADDRESS_KEY} short", "ä" * 44])
def test_accounts_without_a_usable_key_do_not_start(monkeypatch, tmp_path, keys):
    monkeypatch.setenv("GATEWAY_ACCOUNTS", json.dumps({"main": ACCOUNT}))
    if keys is None:
        monkeypatch.delenv("GATEWAY_ADDRESS_KEYS", raising=False)
    else:
        monkeypatch.setenv("GATEWAY_ADDRESS_KEYS", keys)
    with pytest.raises(SettingsError, match="GATEWAY_ADDRESS_KEYS") as refused:
        load(GatewaySettings, dotenv=tmp_path / ".env")
    assert not keys or keys not in refused.value.sentence


def test_without_accounts_no_key_is_needed(monkeypatch, tmp_path):
    for name in ("GATEWAY_ACCOUNTS", "GATEWAY_ADDRESS_KEYS"):
        monkeypatch.delenv(name, raising=False)
    assert load(GatewaySettings, dotenv=tmp_path / ".env").seal_keys() == []
