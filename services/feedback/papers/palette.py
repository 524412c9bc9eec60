"""The colours of charts beside those of every paper; those of texts have a contrast of 4.5:1 or more."""

from __future__ import annotations

from typing import Final

from shared.drawing.palette import INK, MARIGOLD, MUTED, PAPER, TEAL, WHITE

__all__ = ["GRID", "INK", "MARIGOLD", "MIST", "MUTED", "PAPER", "RUST", "SLATE", "TEAL", "WHITE"]

GRID: Final = "#e4dccb"
MIST: Final = "#a9c7c0"
RUST: Final = "#9c3b1b"
SLATE: Final = "#55605d"
