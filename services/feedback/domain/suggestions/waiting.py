"""How suggestions wait for an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.contracts.feedback import SuggestionStatus

ANSWERED_WITHIN: Final = dt.timedelta(days=14)
"""Who suggests something should hear within that time what becomes of it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The suggestions of all communities."""

    by_status: Mapping[SuggestionStatus, int]
    unanswered: int
    """New ones that were made before a given time."""
