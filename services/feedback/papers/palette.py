"""The colours of charts, as `#rrggbb`; those of texts have a contrast of 4.5:1 or more to what is behind."""

from __future__ import annotations

from typing import Final

PAPER: Final = "#fffdf7"
INK: Final = "#17302d"
MUTED: Final = "#5d6b66"
GRID: Final = "#e4dccb"
TEAL: Final = "#0f4c46"
MIST: Final = "#a9c7c0"
MARIGOLD: Final = "#e08e1b"
RUST: Final = "#9c3b1b"
SLATE: Final = "#55605d"
WHITE: Final = "#ffffff"
