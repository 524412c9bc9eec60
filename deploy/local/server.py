"""What MongoDB and Kafka have in common when they are programs of this installation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.process import LocalProcess, Memory


class LocalServer(ABC):
    """A server on a loopback port, over a data directory that outlives it."""

    def __init__(self, name: str, data_dir: Path, port: int) -> None:
        self._process = LocalProcess(name, data_dir.resolve())
        self._memory = Memory(self._process.directory / "local.json")
        self._wanted_port = port
        self.port = port

    @property
    def log_file(self) -> Path:
        """Where the server writes what it does."""
        return self._process.log_file

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._process.alive

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def start(self) -> Self:
        """Start the server and return when it does its work.

        Raises:
            LocalPartUnavailable: it cannot run here, and why.
        """
        self._prepare()
        self._process.claim()
        try:
            self._launch()
        except BaseException:
            self._process.kill()
            raise
        return self

    def stop(self, *, grace: float = 20.0) -> None:
        """Shut the server down cleanly; its data stays."""
        self._process.stop(grace=grace)

    def kill(self) -> None:
        """End the server as a crash would; its data stays."""
        self._process.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self) -> None:
        """Find or fetch the program, before the data directory is claimed."""

    @abstractmethod
    def _launch(self) -> None:
        """Start the program and wait until it answers."""
