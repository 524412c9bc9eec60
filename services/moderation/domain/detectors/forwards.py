"""Forwards: what has gone through many hands, and what asks to be sent on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent, Span
from services.moderation.domain.lexicon.phrases import Phrases


class ForwardsSettings(Settings):
    """What a policy can set for the check on forwards."""

    often_forwarded: Intent = Field(
        Intent.REVIEW, description="What happens to a message that WhatsApp marks as forwarded many times."
    )
    chain: Intent = Field(Intent.REVIEW, description="What happens to a message that asks to be sent on.")
    both: Intent = Field(Intent.HOLD, description="What happens to one that is both.")


class Forwards:
    """Reads the mark of the channel, and the wording of chain letters."""

    name: ClassVar[str] = "forwards"
    category: ClassVar[Category] = Category.SPAM
    settings: ClassVar[type[Settings]] = ForwardsSettings

    def __init__(self) -> None:
        self._phrases = Phrases("chain_letters")

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return at most one finding."""
        del context
        assert isinstance(settings, ForwardsSettings)  # noqa: S101 - the judge has made them by our type
        normal = message.normal
        spans = tuple(
            normal.span(normal.tokens[phrase.first].start, normal.tokens[phrase.last].end)
            for phrase in self._phrases.find(normal)
        )
        if spans and message.often_forwarded:
            return (self._finding("chain_forward", 0.9, settings.both, spans),)
        if spans:
            return (self._finding("chain_wording", 0.7, settings.chain, spans),)
        if message.often_forwarded:
            return (self._finding("often_forwarded", 0.5, settings.often_forwarded, ()),)
        return ()

    def _finding(self, code: str, score: float, intent: Intent, spans: tuple[Span, ...]) -> Finding:
        return Finding(self.name, code, Category.SPAM, score, intent, spans)
