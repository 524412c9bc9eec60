"""A message that was flagged by mistake: a later policy that would flag it again is warned about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Regression:
    """An example of what is fine, kept with its author's consent and without their name."""

    case: str
    """The id of the case that was overturned."""
    scope: str
    """Whose policies it is held against."""
    text: str
    rule: str
    """The rule, the check and its code that must not hit it again."""
    check: str
    code: str
    at: dt.datetime
    """When it was kept."""
