"""What has been learned from examples, as one vote: alone it brings a message before a person at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.learned import Band, Thresholds, Weights, strongest_words
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent
from services.moderation.domain.signals import Reading

_INTENTS = {Band.LOG: Intent.ALLOW, Band.REVIEW: Intent.REVIEW, Band.ACT: Intent.HOLD}
"""A message in the highest band is held only where another check agrees; the judge sees to that."""
_RANK = {band: rank for rank, band in enumerate(Band)}
_OF_SCAMS = frozenset(
    (
        *("earn", "guarantee", "double", "fee", "loan", "kyc", "lottery", "crypto", "trading", "gamble"),
        *("astro", "task_pay", "task_earn", "refer_earn", "refer_sum", "account_rent", "sum_per_period"),
    )
)


class LearnedSettings(Settings):
    """What a policy can set for a learned check."""

    review: float | None = Field(
        None, ge=0, le=1, description="Probability from which a person looks; the weights' own if not set."
    )
    act: float | None = Field(
        None, ge=0, le=1, description="Probability from which it is held if another check agrees."
    )
    only: Category | None = Field(
        None, description="The one category that counts, so that spam and scams break different rules."
    )
    report: Band = Field(Band.REVIEW, description="The lowest band that is reported at all.")


class _Learned:
    """One head of the learned weights."""

    name: ClassVar[str]
    category: ClassVar[Category]
    settings: ClassVar[type[Settings]] = LearnedSettings
    head: ClassVar[str]

    def __init__(self, weights: Weights | None) -> None:
        self._weights = weights

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return one finding where the probability is high enough; none while there are no weights."""
        del context
        assert isinstance(settings, LearnedSettings)  # noqa: S101 - the judge has made them by our type
        if self._weights is None or not message.normal.tokens:
            return ()
        category = self.classify(message.reading)
        if settings.only not in {None, category}:
            return ()
        head = self._weights.heads[self.head]
        probability = head.probability(message.features)
        band = _thresholds(head.thresholds, settings).band(probability)
        if band is Band.NONE or _RANK[band] < _RANK[settings.report]:
            return ()
        words = strongest_words(head, message.normal)
        details = {
            "band": str(band),
            "words": ", ".join(word for word, _ in words),
            "version": self._weights.version,
        }
        return (Finding(self.name, str(band), category, probability, _INTENTS[band], (), details),)

    def classify(self, reading: Reading) -> Category:
        """Return what the finding is about."""
        del reading
        return self.category


class LearnedSpam(_Learned):
    """How likely a message is spam or a scam."""

    name: ClassVar[str] = "learned_spam"
    category: ClassVar[Category] = Category.SPAM
    head: ClassVar[str] = "spam"

    def classify(self, reading: Reading) -> Category:
        """Return `scam` where it is about money, else `spam`: so it counts with the rules that agree."""
        return Category.SPAM if _OF_SCAMS.isdisjoint(reading.seen) else Category.SCAM


class LearnedAbuse(_Learned):
    """How likely a message is abuse."""

    name: ClassVar[str] = "learned_abuse"
    category: ClassVar[Category] = Category.ABUSE
    head: ClassVar[str] = "abuse"


def _thresholds(own: Thresholds, settings: LearnedSettings) -> Thresholds:
    return Thresholds(
        own.log,
        own.review if settings.review is None else settings.review,
        own.act if settings.act is None else settings.act,
    )
