"""Processes of the platform as children that a scenario may kill, freeze and ask."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx2
import psutil

REPOSITORY = Path(__file__).parents[2]
READY_SECONDS = 45.0
LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="([^"]*)"')


class Worker:
    """One process; its output is in a file, which says where it listens."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path) -> None:
        self.process = process
        self.output = output
        self.started_at = time.monotonic()
        self.internal_url = ""
        self.public_url = ""
        self.known = 0
        """Records that it said it knew already, when it was last asked."""

    @classmethod
    async def start(cls, module: str, environment: Mapping[str, str], output: Path) -> Self:
        """Start `python -m module`; it is not ready yet."""
        with output.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module),
                cwd=REPOSITORY,
                env={"PATH": os.environ["PATH"], "PUBLIC_PORT": "0", "INTERNAL_PORT": "0", **environment},
                stdout=file,
                stderr=file,
            )
        return cls(process, output)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    @property
    def exit_code(self) -> int | None:
        return self.process.returncode

    @property
    def rss(self) -> int:
        """Its resident memory in bytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def log(self) -> str:
        """Return all it has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def said(self, event: str) -> bool:
        """Tell whether it has logged `event`."""
        return f'"{event}"' in self.log()

    async def ready(self, seconds: float = READY_SECONDS) -> Self:
        """Return once it has started and both its listeners answer.

        Raises:
            RuntimeError: it ended, or did not start in time.
        """
        deadline = time.monotonic() + seconds
        while not self.internal_url:
            for line in self.log().splitlines():
                if '"process.started"' in line:
                    said = json.loads(line)
                    self.public_url, self.internal_url = said["public"], said["internal"]
            if not self.alive or time.monotonic() > deadline:
                raise RuntimeError(f"a worker did not start: {self.log()[-300:]}")
            await asyncio.sleep(0.02)
        return self

    def signal(self, number: int) -> None:
        """Send it a signal, if it is there."""
        if self.alive:
            self.process.send_signal(number)

    async def kill(self) -> None:
        """End it as a crash would."""
        self.signal(signal.SIGKILL)
        await self.process.wait()

    async def terminate(self) -> tuple[int, float]:
        """Ask it to end; return its exit code and how long it took."""
        await self.duplicates()
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        return await self.ended(), time.monotonic() - began

    async def ended(self, seconds: float = 60.0) -> int:
        """Return its exit code once it has ended.

        Raises:
            TimeoutError: it did not.
        """
        return await asyncio.wait_for(self.process.wait(), seconds)

    async def post(self, path: str, body: object = None, *, seconds: float = 10.0) -> int:
        """Post to its internal listener; return the status, 0 where it does not answer."""
        try:
            async with httpx2.AsyncClient(base_url=self.internal_url, timeout=seconds) as client:
                return (await client.post(path, json=body)).status_code
        except (httpx2.HTTPError, OSError):
            return 0

    async def status(self, path: str, *, seconds: float = 5.0) -> int:
        """Return the status of a GET on its internal listener, such as `/readyz`; 0 without an answer."""
        try:
            async with httpx2.AsyncClient(base_url=self.internal_url, timeout=seconds) as client:
                return (await client.get(path)).status_code
        except (httpx2.HTTPError, OSError):
            return 0

    async def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric over all series with these labels."""
        async with httpx2.AsyncClient(base_url=self.internal_url, timeout=10) as client:
            text = (await client.get("/metrics")).text
        total = 0.0
        for line in text.splitlines():
            found = LINE.match(line)
            if found and found[1] == name and labels.items() <= dict(LABEL.findall(found[2] or "")).items():
                total += float(found[3])
        return total

    async def duplicates(self) -> int:
        """Return how many records it knew already: what it says, or last said where it does not answer."""
        with contextlib.suppress(httpx2.HTTPError, OSError):
            if self.alive and self.internal_url:
                self.known = int(await self.metric("chaupal_records_handled_total", outcome="duplicate"))
        return self.known
