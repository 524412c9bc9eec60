"""The platform's replies in its three languages."""

from shared.i18n.catalogue import Catalogue, MissingText
from shared.i18n.language import Language

__all__ = ["Catalogue", "Language", "MissingText"]
