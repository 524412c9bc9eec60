from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.gateway.settings import GatewaySettings
from shared.errors import SettingsError
from shared.settings import load

ACCOUNT = {
    "phone_number_id": "370000000000001",
    "app_secrets": ["an-app-secret"],
    "verify_token": "a-verify-token",
    "access_token": "an-access-token",
}


def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **changed: Any) -> GatewaySettings:
    monkeypatch.setenv("GATEWAY_ACCOUNTS", json.dumps({"main": ACCOUNT | changed}))
    return load(GatewaySettings, dotenv=tmp_path / ".env")


def test_an_account_is_read_from_the_environment(monkeypatch, tmp_path):
    account = loaded(monkeypatch, tmp_path, app_secrets=["one", "two"]).accounts["main"]
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
