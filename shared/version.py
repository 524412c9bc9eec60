"""The version of the platform, as it stands on every dead letter."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
