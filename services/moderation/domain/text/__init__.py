"""Text as checks see it: one normalisation, shared by all of them, with a way back to the original."""

from services.moderation.domain.text.entities import Entity, EntityKind
from services.moderation.domain.text.normal import Normal, Token, normalise
from services.moderation.domain.text.script import script_of
from shared.spelling.folding import fold, skeleton

__all__ = ["Entity", "EntityKind", "Normal", "Token", "fold", "normalise", "script_of", "skeleton"]
