"""How long the text of a case is kept, for people to look at, and how long the case itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.cases.case import Case


def kept_until(case: Case, retention: dt.timedelta) -> dt.datetime | None:
    """Return when the text goes; None while somebody has yet to decide with it before their eyes.

    An appeal that came on the last day, and a case that waited long, leave time for a second look: the time
    begins again with the last decision.
    """
    if case.evidence is None or case.open:
        return None
    return (case.decided_at or case.opened_at) + retention


def done_with(case: Case, decisions: dt.timedelta, now: dt.datetime) -> bool:
    """Whether a case may go altogether: `decisions` after the last one, where nothing depends on it any more.

    A strike and a restriction cite their case for as long as they count, and by the case of a kept example
    its author takes their consent back.
    """
    counts = [each for each in (case.expires, case.restriction_until) if each is not None and each > now]
    if case.open or case.consent or counts:
        return False
    return (case.decided_at or case.opened_at) + decisions < now


def forgotten(case: Case, retention: dt.timedelta, now: dt.datetime) -> Case:
    """Return the case without its text where the time of that is over, else the same case."""
    until = kept_until(case, retention)
    return case if until is None or now < until else replace(case, evidence=None)
