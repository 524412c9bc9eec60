"""What a person does about a case, with their name to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

from services.moderation.domain.cases.case import Case, Entry
from shared.asked import Asked


class Grounds(StrEnum):
    """Why somebody decides as they do: a code for numbers, beside which words are free."""

    RULE_BROKEN = "rule_broken"
    HARMFUL = "harmful"
    """No rule names it, and it does harm."""
    CONTEXT = "context"
    """A warning, a quotation, a joke: read as a whole it is fine."""
    WRONG_MATCH = "wrong_match"
    """The check saw what is not there."""
    PERMITTED = "permitted"
    """Somebody had allowed it."""
    OWN_CONTENT = "own_content"
    NOT_PROVEN = "not_proven"
    PARDON = "pardon"
    """It was wrong, and is forgiven."""
    OTHER = "other"
    """What none of these says; it takes words."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who decides, why, and in which words."""

    by: str
    """A member_id, or the id of an API key."""
    reason: Grounds
    words: str | None = None
    """What the member is told, beside what the catalogue says."""
    asked: Asked | None = None
    """The request, where it is a REST client's."""


def noted(
    case: Case, now: dt.datetime, by: str, what: str, reason: str | None = None, *, act: Act | None = None
) -> Case:
    """Return the case with one more line in its audit; an act's reason, words and request go into it."""
    entry = Entry(now, by, what, reason)
    if act is not None:
        entry = replace(entry, reason=act.reason.value, words=act.words, asked=act.asked)
    return replace(case, audit=(*case.audit, entry))


def people_who_decided(case: Case) -> frozenset[str]:
    """Return who has decided about the case so far, rules and clocks aside."""
    deciding = {"ordered", "decided", "upheld", "dismissed"}
    return frozenset(each.by for each in case.audit if each.what in deciding and each.by not in MACHINES)


MACHINES = frozenset({"rule", "reports", "clock"})
"""Who acts without being a person."""
