from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.gateway.settings import GatewaySettings
from services.moderation.settings import ModerationSettings
from shared.errors import SettingsError
from shared.http.keys import new_key
from shared.i18n import Language
from shared.settings import SharedSettings, environment_names, load

SECRET = "EAAGm0PX4ZCpsBA"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def refusal(dotenv: Path, *settings: type[BaseSettings]) -> str:
    first, *others = settings or (SharedSettings,)
    with pytest.raises(SettingsError) as refused:
        load(first, *others, dotenv=dotenv)
    return refused.value.sentence


def test_without_any_variable_a_process_runs_on_this_machine(dotenv):
    settings = load(SharedSettings, dotenv=dotenv)
    assert settings.mongo_url.get_secret_value().startswith("mongodb://127.0.0.1")
    assert settings.kafka_bootstrap_servers is None
    assert settings.host == "127.0.0.1"
    assert settings.default_language is Language.HI


def test_the_environment_wins_over_the_file(dotenv, monkeypatch):
    dotenv.write_text("PUBLIC_PORT=1111\nINTERNAL_PORT=2222\n")
    monkeypatch.setenv("PUBLIC_PORT", "3333")
    settings = load(SharedSettings, dotenv=dotenv)
    assert (settings.public_port, settings.internal_port) == (3333, 2222)


def test_values_are_read_as_what_they_are(dotenv, monkeypatch):
    _, stored = new_key("ops", frozenset({"a:b"}))
    monkeypatch.setenv("API_KEYS", f"{stored} {new_key('web', frozenset({'c'}))[1]}")
    monkeypatch.setenv("DEFAULT_ZONE", "Asia/Kathmandu")
    monkeypatch.setenv("DEFAULT_LANGUAGE", "hi-Latn")
    settings = load(SharedSettings, dotenv=dotenv)
    assert [key.id for key in settings.api_keys] == ["ops", "web"]
    assert settings.default_zone == ZoneInfo("Asia/Kathmandu")
    assert settings.default_language is Language.HI_LATN


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("MONGO_URI", "MONGO_URL"),
        ("KAFKA_BOOTSTRAP_SERVER", "KAFKA_BOOTSTRAP_SERVERS"),
        ("PUBLIC_PROT", "PUBLIC_PORT"),
        ("public_prot", "PUBLIC_PORT"),
        ("SECRET_DIR", "SECRETS_DIR"),
    ],
)
@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_misspelt_variable_stops_the_start_with_its_name_and_what_was_meant(
    slip, meant, where, dotenv, monkeypatch
):
    if where == "file":
        dotenv.write_text(f"{slip}=x\n")
    else:
        monkeypatch.setenv(slip, "x")
    assert refusal(dotenv) == f"{slip} is not a setting of this process. Did you mean {meant}?"


def test_a_misspelt_variable_of_the_service_itself_stops_the_start(dotenv, monkeypatch):
    monkeypatch.setenv("GATEWAY_ACCOUNT", "{}")
    assert "Did you mean GATEWAY_ACCOUNTS?" in refusal(dotenv, GatewaySettings, SharedSettings)
    monkeypatch.delenv("GATEWAY_ACCOUNT")
    monkeypatch.setenv("GATEWAY_COLOUR", "red")
    assert refusal(dotenv, GatewaySettings, SharedSettings).startswith("GATEWAY_COLOUR is not a setting")


def test_a_service_without_settings_still_refuses_variables_under_its_name(dotenv, monkeypatch):
    monkeypatch.setenv("MODERATION_STRIKES", "3")
    assert refusal(dotenv, ModerationSettings, SharedSettings).startswith("MODERATION_STRIKES is not")


def test_variables_of_other_services_are_their_own_business(dotenv, monkeypatch):
    monkeypatch.setenv("GATEWAY_ACCOUNTS", "{}")
    monkeypatch.setenv("GATEWAY_COLOUR", "red")
    dotenv.write_text("GATEWAY_SEND_TIMEOUT_SECONDS=5\nCOMPOSE_PROJECT_NAME=chaupal\n")
    load(ModerationSettings, SharedSettings, dotenv=dotenv)


def test_what_the_machine_sets_for_other_programs_is_left_alone(dotenv, monkeypatch):
    for name in ("PATH", "HOME", "HOSTNAME", "LANG", "PORT", "LOG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.setenv(name, "/somewhere")
    load(SharedSettings, dotenv=dotenv)


def test_in_the_file_every_name_must_be_known(dotenv):
    dotenv.write_text("COLOUR=red\n")
    assert refusal(dotenv) == "COLOUR is not a setting of this process."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_PORT", SECRET),
        ("PUBLIC_PORT", "65536"),
        ("MONGO_DATABASE_PREFIX", SECRET),
        ("LOG_LEVEL", SECRET),
        ("API_KEYS", SECRET),
        ("API_KEYS", f"ops:{SECRET}:a"),
        ("DEFAULT_LANGUAGE", SECRET),
        ("MAX_BODY_BYTES", "-1"),
        ("SHUTDOWN_SECONDS", "nan-ish"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_not_repeated(name, value, dotenv, monkeypatch):
    monkeypatch.setenv(name, value)
    sentence = refusal(dotenv)
    assert sentence.startswith(f"These settings cannot be used: {name}: ")
    assert SECRET not in sentence


@pytest.mark.parametrize(
    "value",
    [
        f'{{"main": {{"access_token": "{SECRET}"}}}}',
        f'{{"main": "{SECRET}"}}',
        f'{{"main": {{"{SECRET}',
        SECRET,
        f'["{SECRET}"]',
        f'{{"main": {{"phone_number_id": "1", "app_secrets": ["{SECRET}"], "colour": "{SECRET}"}}}}',
    ],
)
def test_a_secret_inside_a_value_that_cannot_be_used_is_not_repeated(value, dotenv, monkeypatch):
    monkeypatch.setenv("GATEWAY_ACCOUNTS", value)
    sentence = refusal(dotenv, GatewaySettings, SharedSettings)
    assert "GATEWAY_ACCOUNTS" in sentence
    assert SECRET not in sentence


@pytest.mark.parametrize("where", ["environment", "file"])
def test_secrets_may_stand_in_files_of_their_own(where, dotenv, tmp_path, monkeypatch):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "mongo_url").write_text(f"mongodb://u:{SECRET}@db/?replicaSet=rs0\n")
    if where == "file":
        dotenv.write_text(f"SECRETS_DIR={secrets}\n")
    else:
        monkeypatch.setenv("SECRETS_DIR", str(secrets))
    settings = load(SharedSettings, dotenv=dotenv)
    assert SECRET in settings.mongo_url.get_secret_value()
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_directory_of_secrets_that_is_none_stops_the_start(kind, dotenv, tmp_path, monkeypatch):
    path = tmp_path / "secrets"
    if kind == "a file":
        path.write_text("")
    monkeypatch.setenv("SECRETS_DIR", str(path))
    assert refusal(dotenv) == "SECRETS_DIR names no directory."


def test_settings_cannot_be_changed(dotenv):
    settings = load(SharedSettings, dotenv=dotenv)
    with pytest.raises(Exception, match="frozen"):
        settings.host = "0.0.0.0"  # type: ignore[misc]  # noqa: S104


@pytest.mark.parametrize("settings", [SharedSettings, GatewaySettings])
def test_each_setting_tells_what_it_is_for(settings):
    for name, field in settings.model_fields.items():
        assert field.description, name


def test_a_variable_is_named_by_its_service_and_field():
    class EventSettings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="EVENTS_")
        seats: int = 3

    assert environment_names(EventSettings) == {"EVENTS_SEATS": "seats"}


@pytest.mark.parametrize("given", [None, "", "http://collector:4318", "https://otlp.example/a/b"])
def test_a_collector_is_an_address_or_nobody(dotenv, monkeypatch, given):
    if given is not None:
        monkeypatch.setenv("OTLP_ENDPOINT", given)
    assert (load(SharedSettings, dotenv=dotenv).otlp_endpoint or None) == (given or None)


@pytest.mark.parametrize("given", ["collector:4318", "grpc://secret@collector", "http://", "http://a b"])
def test_a_collector_that_is_no_address_stops_the_start(dotenv, monkeypatch, given):
    monkeypatch.setenv("OTLP_ENDPOINT", given)
    sentence = refusal(dotenv)
    assert "OTLP_ENDPOINT" in sentence
    assert given not in sentence
