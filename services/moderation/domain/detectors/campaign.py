"""Campaigns: the same offer by several members, or in several chats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context, Trace, Trust
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent
from services.moderation.domain.text import EntityKind, fingerprint

FURTHEST = 20
"""In how many bits of 63 a policy may let two texts differ and be the same offer, at most."""

_OFFERING = frozenset({EntityKind.LINK, EntityKind.INVITE, EntityKind.PHONE, EntityKind.UPI, EntityKind.MAIL})


class CampaignSettings(Settings):
    """What a policy can set for the check on campaigns."""

    places: int = Field(
        3, ge=2, le=50, description="By so many members, or in so many chats, an offer is a campaign."
    )
    minutes: int = Field(60, ge=1, le=10080, description="Within so many minutes.")
    distance: int = Field(12, ge=0, le=FURTHEST, description="In how many of 63 bits two texts may differ.")
    intent: Intent = Field(Intent.HOLD, description="What happens to a message of a campaign.")


class Campaign:
    """Finds the offer again that others have posted: the same link, contact or text."""

    name: ClassVar[str] = "campaign"
    category: ClassVar[Category] = Category.SPAM
    settings: ClassVar[type[Settings]] = CampaignSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return at most one finding; nothing for a text that offers no way to go on, such as a greeting."""
        assert isinstance(settings, CampaignSettings)  # noqa: S101 - the judge has made them by our type
        if not context.offers or not is_offer(message):
            return ()
        since = context.now - dt.timedelta(minutes=settings.minutes)
        alike = [
            trace
            for trace in copies(message, context.offers, settings.distance)
            if trace.at >= since and trace.message_id != message.message_id
        ]
        members = {message.member_id, *(trace.member_id for trace in alike)}
        chats = {message.chat_id, *(trace.chat_id for trace in alike)}
        if max(len(members), len(chats)) < settings.places:
            return ()
        # A trusted member who tells several groups of the same thing is the usual case of good news.
        intent = settings.intent if context.trust.rank < Trust.TRUSTED.rank else Intent.REVIEW
        return (
            Finding(
                self.name,
                "campaign",
                Category.SPAM,
                0.9,
                intent,
                details={"members": len(members), "chats": len(chats), "copies": len(alike) + 1},
            ),
        )


def copies(message: Message, offers: Sequence[Trace], distance: int = FURTHEST) -> tuple[Trace, ...]:
    """Return those of `offers` that say the same as `message`; without a distance, under any policy."""
    exact, near = message.exact, message.near
    return tuple(
        [
            trace
            for trace in offers
            if trace.exact == exact
            or (near and trace.near and fingerprint.distance(near, trace.near) <= distance)
        ]
    )


def is_offer(message: Message) -> bool:
    """Whether a message leads somewhere: it holds a link, an invitation, a number or an address."""
    return any(entity.kind in _OFFERING for entity in message.normal.entities)
