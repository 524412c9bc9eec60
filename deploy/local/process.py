from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import psutil

from shared.errors import ChaupalError

LOOPBACK = "127.0.0.1"

# Below every system's ephemeral range: a client that keeps reconnecting to a stopped server's ephemeral port
# is sooner or later given that very port as its own, connects to itself, and the server cannot bind again.
_PORTS = range(20_000, 32_000)

# How mongod and log4j mark an error.
_COMPLAINT = re.compile(r'"s":"[EF]"| (?:ERROR|FATAL) ')


class LocalPartUnavailable(ChaupalError):
    """A program that the local installation is made of cannot run on this machine."""

    code: ClassVar[str] = "local_part_unavailable"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    for port in random.SystemRandom().sample(_PORTS, k=200):
        if is_free(port):
            return port
    raise LocalPartUnavailable(f"No port between {_PORTS.start} and {_PORTS.stop} is free.")


def settle_port(wanted: int, remembered: int | None) -> int:
    """Return the port to listen on: the one asked for, else the last one used, else any.

    Raises:
        LocalPartUnavailable: the port asked for is taken.
    """
    if wanted:
        if not is_free(wanted):
            raise LocalPartUnavailable(
                f"Port {wanted} is taken by another program: stop it, or choose another port."
            )
        return wanted
    if remembered is not None and is_free(remembered):
        return remembered
    return free_port()


class Memory:
    """What a local part must remember between runs, as one small JSON file in its directory."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, int]:
        """Return what was last written; nothing when there is no such file or it was cut short."""
        try:
            found = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(name): int(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def write(self, values: Mapping[str, int]) -> None:
        """Replace what is remembered, whole or not at all."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(dict(values)), encoding="utf-8")
        draft.replace(self._file)


@contextlib.contextmanager
def sole_use(lock_file: Path, *, wait: bool) -> Iterator[None]:
    """Hold a lock that the kernel lets go of even when its holder is killed.

    Raises:
        BlockingIOError: somebody else holds it and `wait` is false.
    """
    with lock_file.open("a", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


class LocalProcess:
    """One program over one data directory, in a session of its own.

    Its own session keeps Ctrl-C in the terminal from ending it before the services that use it have drained.
    The command line must name the directory: that is how a program left behind by a killed run is recognised.
    """

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.directory = directory
        self.log_file = directory / f"{name}.log"
        self._pid_file = directory / "local.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._held = contextlib.ExitStack()

    @property
    def alive(self) -> bool:
        """Whether the program runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The program's process id.

        Raises:
            RuntimeError: it was not started.
        """
        if self._process is None:
            raise RuntimeError(f"{self.name} is not started")
        return self._process.pid

    def claim(self) -> None:
        """Make the directory ours: nobody else's run uses it, and no program of a killed run still does.

        Raises:
            LocalPartUnavailable: another run is using the directory.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        try:
            self._held.enter_context(sole_use(self.directory / "local.lock", wait=False))
        except BlockingIOError:
            raise LocalPartUnavailable(
                f"Another run is using {self.directory}: stop it first, or give this one its own directory."
            ) from None
        self._stop_leftover()

    def release(self) -> None:
        """Let others have the directory."""
        self._held.close()

    def start(self, command: Sequence[str]) -> None:
        """Start the program; what it prints goes to the log file."""
        if self.log_file.exists():
            self.log_file.replace(self.log_file.with_suffix(".log.previous"))
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._pid_file.write_text(str(self._process.pid), encoding="ascii")

    def wait_until(self, ready: Callable[[], bool], *, timeout: float) -> None:
        """Ask until the program says that it is ready.

        Raises:
            LocalPartUnavailable: it ended, or the time ran out.
        """
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.alive:
                raise LocalPartUnavailable(f"{self.name} ended while it started:\n{self._complaints()}")
            if time.monotonic() > deadline:
                raise LocalPartUnavailable(
                    f"{self.name} is not ready after {timeout:.0f} s: see {self.log_file}."
                )
            time.sleep(0.02)

    def stop(self, *, grace: float) -> None:
        """Ask the program to end, make it end when `grace` seconds did not do, and release the directory."""
        process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                self._end_session(process)
        self._ended()

    def kill(self) -> None:
        """End the program with no warning, as a crash of the machine would, and release the directory."""
        if self._process is not None:
            self._end_session(self._process)
        self._ended()

    @staticmethod
    def _end_session(process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _ended(self) -> None:
        if self._process is not None:
            self._process = None
            self._pid_file.unlink(missing_ok=True)
        self.release()

    def _stop_leftover(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            leftover = psutil.Process(int(self._pid_file.read_text(encoding="ascii")))
            if not any(str(self.directory) in word for word in leftover.cmdline()):
                return
            leftover.terminate()
            if not _ends(leftover, within=30):
                leftover.kill()
                _ends(leftover, within=10)

    def _complaints(self) -> str:
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([line for line in lines if _COMPLAINT.search(line)][-3:] or lines[-3:])


def _ends(process: psutil.Process, *, within: float) -> bool:
    deadline = time.monotonic() + within
    with contextlib.suppress(psutil.NoSuchProcess):
        # Not our child: where nobody reaps orphans it stays a zombie, which has let go of everything.
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
    return True
