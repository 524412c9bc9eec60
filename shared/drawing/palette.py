"""The colours of papers and pictures; ink on paper has a contrast of 13:1, muted on paper one of 5:1."""

from __future__ import annotations

from typing import Final

PAPER: Final = "#fffdf7"
INK: Final = "#17302d"
MUTED: Final = "#5d6b66"
TEAL: Final = "#0f4c46"
MARIGOLD: Final = "#e08e1b"
SAND: Final = "#efe6d2"
WHITE: Final = "#ffffff"
MIST: Final = "#bcd6cf"
