"""What may be repeated of a message that broke a rule, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.moderation.domain.cases.case import Case, Ground
from services.moderation.domain.judging.verdict import Category
from services.moderation.domain.policy.document import Rule

MAX_PARTS = 3
MAX_PART = 60
"""Characters of one matched part: enough to recognise it, too little to spread it."""

_CATEGORIES: Mapping[str, Category] = {
    "abuse": Category.ABUSE,
    "learned_abuse": Category.ABUSE,
    "scam": Category.SCAM,
    "personal": Category.PRIVACY,
    "topic": Category.TOPIC,
    "reports": Category.ABUSE,
    "order": Category.ABUSE,
}
"""Of checks whose grounds do not say; what a person objects to is taken for the worst."""

_UNREAD = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_MARKUP = re.compile(r"[*_~`]")
_DOT = re.compile(r"(?<=[\w-])\.(?=[^\W\d]{2})")


def category_of(ground: Ground) -> Category:
    """Return what kind of offence a ground is."""
    return ground.category or _CATEGORIES.get(ground.check, Category.SPAM)


def category_watched(rule: Rule) -> Category:
    """Return what kind of offence breaking a rule is, by the first check that watches over it; else spam."""
    return next((_CATEGORIES.get(check, Category.SPAM) for check in rule.checks), Category.SPAM)


def quotable(ground: Ground, *, alone: bool) -> bool:
    """Whether the matched part of a message may be shown to its author, `alone` or before a group.

    An insult is not said twice before the group it was meant for. What gave a scam away is never shown: it
    would teach how to write the next one. Personal data is never shown: it need not lie in one more place.
    """
    match category_of(ground):
        case Category.SCAM | Category.PRIVACY:
            return False
        case Category.ABUSE:
            return alone
        case _:
            return True


def matched(case: Case, ground: Ground) -> str | None:
    """Return the matched parts of the message, short and without effect: no link in them can be opened.

    None where there are none, or where the text is no longer kept.
    """
    if case.evidence is None:
        return None
    parts = [case.evidence[span.start : span.end] for span in ground.spans[:MAX_PARTS]]
    shown = [_harmless(part) for part in parts]
    return " … ".join(part for part in shown if part) or None


def _harmless(part: str) -> str:
    plain = _MARKUP.sub("", " ".join(_UNREAD.sub(" ", part).split())).replace("://", " ")
    short = plain if len(plain) <= MAX_PART else f"{plain[: MAX_PART - 1]}…"
    return _DOT.sub("[.]", short)
