"""Contests and prizes of a community are numbered together: a number names one thing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final, TypeAlias

from services.rewards.domain.community import Community
from shared.contracts.envelope import Envelope
from shared.contracts.rewards import ContestOpened, PrizePromised
from shared.decision import Decision

Numbered: TypeAlias = ContestOpened | PrizePromised

_NUMBER: Final = re.compile(r"#?(\d{1,9})")


def item_id(scope: str, number: int) -> str:
    """Return the id of the contest or prize that members of a scope call by `number`."""
    return f"{scope}#{number}"


def scope_in(id_: str) -> str:
    """Return the scope of a contest or prize."""
    return id_.rpartition("#")[0]


def number_in(word: str) -> int | None:
    """Return the number that a word is, None where it is none; a longer one is a phone number."""
    found = _NUMBER.fullmatch(word)
    return int(found[1]) if found else None


def decide_numbered(community: Community, event: Envelope[Numbered], now: dt.datetime) -> Decision[Community]:
    """Return the community that gives no number twice, as it is told which ones it has given."""
    del now
    told = event.data
    given = told.contest_id if isinstance(told, ContestOpened) else told.prize_id
    number = number_in(given.rpartition("#")[2]) or 0
    if number < community.next_number:
        return Decision(community)
    return Decision(replace(community, next_number=number + 1), note="numbering_rebuilt")
