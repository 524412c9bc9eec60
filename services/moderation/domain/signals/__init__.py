"""Signals: what a message offers, pushes to, or cares for, seen by words in three scripts."""

from services.moderation.domain.signals.matcher import Sighting
from services.moderation.domain.signals.reading import NAMES, Reading, read

__all__ = ["NAMES", "Reading", "Sighting", "read"]
