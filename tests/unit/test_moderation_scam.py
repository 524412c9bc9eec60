"""The income scam, and what only looks like it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation.domain.detectors.scam import Scam, ScamSettings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Finding, Intent
from services.moderation.domain.signals import NAMES, read
from services.moderation.domain.text import normalise
from shared.contracts.gateway import MessageKind

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def found(text: str) -> Finding | None:
    message = Message("m", "c", "a", MessageKind.TEXT, normalise(text), NOW)
    return next(iter(Scam().find(message, Context(now=NOW), ScamSettings())), None)


@pytest.mark.parametrize(
    "text",
    [
        "घर बैठे रोज ₹3000 कमाओ, रजिस्ट्रेशन ₹499, Telegram पर आओ",
        "Ghar baithe roz 3000 kamao, registration sirf 499, telegram par aao",
        "Earn Rs 3000 daily from home, registration fee Rs 499, join Telegram now",
    ],
)
def test_b4_06_a_promise_with_a_fee_and_a_contact_is_removed_in_every_script(text: str) -> None:
    finding = found(text)
    assert finding is not None
    assert (finding.code, finding.intent) == ("fee_and_promise", Intent.REMOVE)
    assert finding.details == {"signals": "promise, fee, contact"}
    assert len(finding.spans) == 3
    assert all(0 <= span.start < span.end <= len(text) for span in finding.spans)


@pytest.mark.parametrize(
    "text",
    [
        "मैंने 3 महीने में ब्लॉग से ₹5,200 कमाए, तरीका पूछ सकते हैं",
        "Maine 3 mahine me blog se 5200 kamaye, tarika puch sakte hai",
        "I earned Rs 5200 in 3 months from my blog, ask me how",
        "50% chhoot",
        "🙏🙏🙏🙏🙏",
        "",
    ],
)
def test_b4_05_a_story_in_the_first_person_is_no_scam(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "सावधान! ऐसे मैसेज ठगी हैं: 'घर बैठे रोज 3000 कमाओ'",
        "Savdhan! aise msg thagi hai: 'ghar baithe roz 3000 kamao, registration 499, telegram par aao'",
        "Beware, messages like 'earn 3000 daily, registration 499, join telegram now' are scams",
    ],
)
def test_b5_07_a_warning_that_quotes_a_scam_is_at_most_reviewed(text: str) -> None:
    finding = found(text)
    assert finding is None or finding.intent is Intent.REVIEW


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_signals_that_are_known_and_lie_within_it(text: str) -> None:
    reading = read(normalise(text))
    assert set(reading.seen) <= set(NAMES)
    for place in reading.seen.values():
        assert place is None or 0 <= place.start < place.end <= len(reading.normal.text)
