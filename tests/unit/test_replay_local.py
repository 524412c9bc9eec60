"""`make dlq`: which installation it asks, and with what."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.local import dlq
from deploy.local.process import Memory
from deploy.local.secrets import DevelopmentSecrets


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """What is started, and with which environment."""
    found: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        found.append((command, env))
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    for name in ("MONGO_URL", "KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)
    return found


def installation(data: Path) -> DevelopmentSecrets:
    for name, port in (("mongod", 20001), ("kafka-log", 20002)):
        (data / name).mkdir()
        Memory(data / name / "local.json").write({"port": port})
    return DevelopmentSecrets.kept_in(data)


def test_it_asks_the_installation_that_runs_here(started: list[Any], tmp_path: Path) -> None:
    secrets = installation(tmp_path)
    assert dlq.main(["list", "moderation"], tmp_path) == 1
    ((command, environment),) = started
    assert command[1:] == ["-m", "services", "dlq", "list", "moderation"]
    assert environment["MONGO_URL"] == "mongodb://127.0.0.1:20001/?replicaSet=rs0"
    assert "KAFKA_BOOTSTRAP_SERVERS" not in environment
    assert json.loads(environment["GATEWAY_ACCOUNTS"])["demo"]["app_secrets"] == [secrets.app_secret]


def test_on_kafka_where_it_is_told_so(started: list[Any], tmp_path: Path) -> None:
    installation(tmp_path)
    dlq.main(["--kafka", "plan", "gateway"], tmp_path)
    ((command, environment),) = started
    assert command[1:] == ["-m", "services", "dlq", "plan", "gateway"]
    assert environment["KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:20002"


def test_a_database_of_ones_own_is_asked_instead(
    started: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation(tmp_path)
    monkeypatch.setenv("MONGO_URL", "mongodb://mine/?replicaSet=rs0")
    dlq.main(["list", "gateway"], tmp_path)
    assert started[0][1]["MONGO_URL"] == "mongodb://mine/?replicaSet=rs0"


def test_where_nothing_was_started_it_says_so(
    started: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dlq.main(["list", "gateway"], tmp_path) == 2
    assert capsys.readouterr().err.endswith("start it with `make run`.\n")
    assert not started
    assert not list(tmp_path.iterdir())
