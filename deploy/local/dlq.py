"""`make dlq`: `python -m services dlq` on what `make run` has started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.mongod import REPLICA_SET
from deploy.local.process import LOOPBACK, Memory
from deploy.local.run import PHONE_NUMBER_ID
from deploy.local.secrets import DevelopmentSecrets

USAGE = 2


def main(arguments: Sequence[str], data: Path = Path(".data")) -> int:
    """Run the command with the settings of the local installation in `data`, and return its exit status.

    The first argument may be `--kafka`, for an installation that was started so.
    """
    kafka = list(arguments[:1]) == ["--kafka"]
    try:
        environment = {**os.environ, **_settings(data, kafka=kafka)}
    except LookupError:
        sys.stderr.write(f"There is no installation in {data}: start it with `make run`.\n")
        return USAGE
    command = [sys.executable, "-m", "services", "dlq", *arguments[kafka:]]
    return subprocess.run(command, env=environment, check=False).returncode


def _settings(data: Path, *, kafka: bool) -> dict[str, str]:
    """Return what the services of the installation were started with, as far as letters need it.

    Raises:
        LookupError: nothing was ever started there.
    """
    secrets = DevelopmentSecrets.kept_in(data) if (data / "secrets.json").exists() else None
    if secrets is None:
        raise LookupError
    account = {
        "phone_number_id": PHONE_NUMBER_ID,
        "app_secrets": [secrets.app_secret],
        "verify_token": secrets.verify_token,
        "access_token": secrets.access_token,
    }
    settings = {
        "GATEWAY_ACCOUNTS": json.dumps({"demo": account}),
        "GATEWAY_ADDRESS_KEYS": secrets.address_key,
    }
    if "MONGO_URL" not in os.environ:
        port = Memory(data / "mongod" / "local.json").read()["port"]
        settings["MONGO_URL"] = f"mongodb://{LOOPBACK}:{port}/?replicaSet={REPLICA_SET}"
    if kafka and "KAFKA_BOOTSTRAP_SERVERS" not in os.environ:
        port = Memory(data / "kafka-log" / "local.json").read()["port"]
        settings["KAFKA_BOOTSTRAP_SERVERS"] = f"{LOOPBACK}:{port}"
    return settings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
