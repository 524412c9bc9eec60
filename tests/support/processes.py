"""Processes that once were."""

from __future__ import annotations

import subprocess
import sys


def a_pid_of_the_past() -> int:
    """Return the id of a process of this machine that has ended."""
    ask = [sys.executable, "-c", "import os; print(os.getpid())"]
    return int(subprocess.run(ask, capture_output=True, check=True, timeout=30).stdout)  # noqa: S603 - our own code
