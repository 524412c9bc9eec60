"""A line of the ledger: written once, and never changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.ids import deterministic_id


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger."""

    entry_id: str
    scope: str
    member_id: str
    claim_id: str
    number: int
    """Which entry of the claim it is."""
    action: str
    points: int
    """More, or fewer where it is below nothing."""
    reason: str
    rule_version: int
    source: str
    """The event that told of what is rewarded."""
    cause: str
    """The event by which the line came to be written."""
    day: str
    week: str
    earned_at: dt.datetime
    booked_at: dt.datetime
    chat_id: str | None = None
    giver: str | None = None
    about: str | None = None
    topic: str | None = None
    by: str | None = None
    """Who had it written by hand, where somebody had."""
    why: str | None = None
    """What they say of it."""


def entry_id(week: str, claim_id: str, number: int) -> str:
    """Return the id of a claim's entry of that number in a member's week."""
    return deterministic_id("ledger", week, claim_id, str(number))
