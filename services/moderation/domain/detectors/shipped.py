"""The detectors that every installation has, in the order in which they are asked: the cheap ones first."""

from __future__ import annotations

from services.moderation.domain.detectors.abuse import Abuse
from services.moderation.domain.detectors.campaign import Campaign
from services.moderation.domain.detectors.contract import Detector
from services.moderation.domain.detectors.flood import Flood
from services.moderation.domain.detectors.forwards import Forwards
from services.moderation.domain.detectors.learned import LearnedAbuse, LearnedSpam
from services.moderation.domain.detectors.links import Links
from services.moderation.domain.detectors.media import Media
from services.moderation.domain.detectors.patterns import Patterns
from services.moderation.domain.detectors.personal import Personal
from services.moderation.domain.detectors.scam import Scam
from services.moderation.domain.detectors.topic import Topic
from services.moderation.domain.judging.learned import Weights


def shipped(weights: Weights | None) -> dict[str, Detector]:
    """Return the detectors by name; without weights what is learned finds nothing and all others work."""
    detectors: tuple[Detector, ...] = (
        Media(),
        Forwards(),
        Flood(),
        Campaign(),
        Links(),
        Personal(),
        Patterns(),
        Topic(),
        Abuse(),
        Scam(),
        LearnedSpam(weights),
        LearnedAbuse(weights),
    )
    return {each.name: each for each in detectors}
