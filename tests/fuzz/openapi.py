"""Asks every service whatever its OpenAPI document allows, and what it does not, through a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from shared.http.keys import new_key
from tests.support.platform import Platform, running

SERVICES = ("gateway", "moderation", "simulator")
ROOT = Path(__file__).parents[2]

ENDLESS = "^/v1/(stream|chats/.*/wait)$"
"""What the simulator answers when there are news, and not before."""

CONFIGURATION = f"""
# An id of nobody, a chat that is gone, a file no longer there: right answers to what is only spelled well.
[checks.positive_data_acceptance]
expected-statuses = [200, 201, 202, 204, 401, 403, 404, 409, 410, 422, 503]

[[operations]]
include-path-regex = "{ENDLESS}"
enabled = false
"""

_SCOPE = re.compile(r'"([a-z]+:[a-z]+)"')


def scopes() -> frozenset[str]:
    """Return every scope that a route of any service asks for."""
    sources = [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/replay/*.py")]
    return frozenset(scope for each in sources for scope in _SCOPE.findall(each.read_text("utf-8")))


@contextlib.asynccontextmanager
async def platform(mongo_url: str, patch: Any) -> AsyncIterator[tuple[Platform, str]]:
    """Yield a whole platform in which something has happened, and a key that may do everything."""
    key, stored = new_key("fuzz", scopes())
    async with running(mongo_url, patch, API_KEYS=str(stored)) as started:
        group, phones = await started.group("जाँच", "आशा", "Ravi")
        await started.reply(group, await started.say(group, phones[0], "!नियम"))
        yield started, key


async def attack(
    started: Platform, key: str, service: str, *options: str, phases: Sequence[str] = ()
) -> tuple[int, str]:
    """Return the exit status of a run against `service` and what it says, commands to reproduce included."""
    with tempfile.TemporaryDirectory(prefix="chaupal-fuzz-") as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(CONFIGURATION, "utf-8")
        document = f"{started.process.internal_url}/{service}/openapi.json"
        arguments = [
            "--config-file",
            str(config),
            "run",
            document,
            "--header",
            f"Authorization: Bearer {key}",
        ]
        # Every check is on unless the configuration says otherwise; `--checks all` would overrule it.
        arguments += ["--warnings", "off", "--continue-on-failure"]
        arguments += ["--phases", ",".join(phases)] if phases else []
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "schemathesis.cli", *arguments, *options),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await child.communicate()
    return child.returncode or 0, said.decode("utf-8", "replace")


def summary(said: str) -> str:
    """Return how many requests a run made, in the words of who made them."""
    return next((line.strip() for line in said.splitlines() if " generated" in line), "did not run")
