"""What is spelled in two ways in Devanagari, made equal in a draft that knows where each letter came from."""

from __future__ import annotations

from services.moderation.domain.text.draft import Draft
from shared.spelling.devanagari import ANUSVARA, HALF_NASAL, REPEATED_MARK


def respell(draft: Draft) -> None:
    """Make equal what is spelled in two ways: half nasals and anusvara, and signs typed more than once."""
    draft.edit((hit.start(), hit.end(), ANUSVARA) for hit in HALF_NASAL.finditer(draft.text))
    draft.edit((hit.start(), hit.end(), hit[1]) for hit in REPEATED_MARK.finditer(draft.text))
