"""Flood: too many messages, or the same one again and again, by one member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context, Trace
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent
from services.moderation.domain.text import fingerprint


class FloodSettings(Settings):
    """What a policy can set for the check on floods."""

    messages: int = Field(8, ge=2, le=100, description="So many messages of one member …")
    seconds: int = Field(30, ge=1, le=3600, description="… within so many seconds are a flood.")
    copies: int = Field(3, ge=2, le=50, description="The same text or file so many times …")
    minutes: int = Field(60, ge=1, le=1440, description="… within so many minutes is repetition.")
    distance: int = Field(
        12,
        ge=0,
        le=20,
        description="In how many of 63 bits two texts may differ and be copies of each other.",
    )
    short: int = Field(
        40,
        ge=0,
        le=500,
        description="Shorter texts are answers or greetings: repeating them takes twice as many.",
    )
    intent: Intent = Field(Intent.HOLD, description="What happens to a message that is too many.")


class Flood:
    """Counts what one member has written; what many members write alike is a festival, and no flood."""

    name: ClassVar[str] = "flood"
    category: ClassVar[Category] = Category.SPAM
    settings: ClassVar[type[Settings]] = FloodSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return a finding for a flood and one for repetition; neither for an edit."""
        assert isinstance(settings, FloodSettings)  # noqa: S101 - the judge has made them by our type
        if message.edited:
            return ()
        own = [
            trace
            for trace in context.recent
            if trace.member_id == message.member_id and trace.message_id != message.message_id
        ]
        length = len(message.normal.text)
        findings = []
        if not (context.prompt_open and length <= settings.short):
            since = context.now - dt.timedelta(seconds=settings.seconds)
            count = 1 + sum(trace.at >= since for trace in own)
            if count >= settings.messages:
                findings.append(self._finding("flood", 0.9, settings.intent, count))
            copies = 1 + self._copies(message, own, context.now, settings)
            is_short = length <= settings.short and message.attachment_sha256 is None
            if copies >= settings.copies * (2 if is_short else 1):
                findings.append(self._finding("copies", 0.85, settings.intent, copies))
        return findings

    def _copies(self, message: Message, own: list[Trace], now: dt.datetime, settings: FloodSettings) -> int:
        since = now - dt.timedelta(minutes=settings.minutes)
        recent = [trace for trace in own if trace.at >= since]
        exact = message.attachment_sha256 or (message.exact if recent else "")
        if not exact:
            return 0
        near = 0 if message.attachment_sha256 else message.near
        return sum(
            trace.exact == exact
            or bool(near and trace.near and fingerprint.distance(near, trace.near) <= settings.distance)
            for trace in recent
        )

    def _finding(self, code: str, score: float, intent: Intent, count: int) -> Finding:
        return Finding(self.name, code, Category.SPAM, score, intent, details={"count": count})
