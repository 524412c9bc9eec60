"""Messages without words: cards of contacts, and pictures, videos or recordings alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent
from shared.contracts.gateway import MessageKind

_MEDIA = frozenset({MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.AUDIO, MessageKind.DOCUMENT})


class MediaSettings(Settings):
    """What a policy can set for messages without words."""

    contacts: Intent = Field(Intent.REVIEW, description="What happens to the card of a contact.")
    newcomer_contacts: Intent = Field(Intent.HOLD, description="What happens to such a card from a newcomer.")
    alone: Intent = Field(
        Intent.ALLOW, description="What happens to a picture, video, recording or file without a caption."
    )
    newcomer_alone: Intent = Field(Intent.REVIEW, description="What happens to one from a newcomer.")


class Media:
    """Looks at the kind of a message alone; a caption is judged like any text, by the other checks."""

    name: ClassVar[str] = "media"
    category: ClassVar[Category] = Category.SPAM
    settings: ClassVar[type[Settings]] = MediaSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return at most one finding."""
        assert isinstance(settings, MediaSettings)  # noqa: S101 - the judge has made them by our type
        new = context.trust is Trust.NEW
        if context.restricted and (message.kind in _MEDIA or message.kind is MessageKind.CONTACTS):
            return (self._finding("restricted_media", 0.9, Intent.HOLD),)
        if message.kind is MessageKind.CONTACTS:
            code, intent = "contact", settings.newcomer_contacts if new else settings.contacts
        elif message.kind in _MEDIA and not message.normal.tokens:
            code, intent = "media_only", settings.newcomer_alone if new else settings.alone
        else:
            return ()
        return () if intent is Intent.ALLOW else (self._finding(code, 0.6, intent),)

    def _finding(self, code: str, score: float, intent: Intent) -> Finding:
        return Finding(self.name, code, Category.SPAM, score, intent)
