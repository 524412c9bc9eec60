"""The test box: what would be made of a text, with every reason, its place and its score. Nothing is kept."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.judge import Detectors, judge
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Span, Verdict
from services.moderation.domain.policy.document import Policy
from services.moderation.domain.text import Normal, normalise
from shared.contracts.gateway import MessageKind


@dataclass(frozen=True, slots=True)
class Tested:
    """A text, judged by itself."""

    normal: Normal
    verdict: Verdict


def probe(text: str, policy: Policy, detectors: Detectors, trust: Trust, now: dt.datetime) -> Tested:
    """Return the verdict on a text that nobody has written before it or around it."""
    normal = normalise(text)
    message = Message("", "", "", MessageKind.TEXT, normal, now)
    return Tested(normal, judge(message, Context(now, trust), policy, detectors))


def within_normal(normal: Normal, span: Span) -> Span:
    """Return the part of the normal form that came out of a part of the original."""
    start = bisect_right(normal.offsets, span.start) - 1
    while start > 0 and normal.offsets[start - 1] == span.start:
        start -= 1
    return Span(max(start, 0), max(bisect_left(normal.offsets, span.end), start))
