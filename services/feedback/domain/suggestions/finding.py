"""Which suggestion a member means."""

from __future__ import annotations

import re
from typing import Final

from services.feedback.domain.scene import Scene
from services.feedback.domain.suggestions.suggestion import Suggestion, suggestion_id
from shared.decision import Phrase

_NUMBER: Final = re.compile(r"(?:s|एस|स)?[#-]?(\d{1,6})[.,:।]?", re.IGNORECASE)


def number_in(word: str) -> int | None:
    """Return the number that a word is, as 34, #34 or S34; None where it is none."""
    found = _NUMBER.fullmatch(word)
    return int(found[1]) if found else None


def known(scene: Scene) -> tuple[Suggestion, ...]:
    """Return the suggestions to be read here: in a direct chat, of all communities of who writes."""
    homes = scene.homes if scene.chat.direct else {scene.scope: scene.community}
    found = (
        each
        for each in scene.suggestions.values()
        if each is not None and each.visible and each.scope in homes
    )
    return tuple(sorted(found, key=lambda each: (each.number, each.scope)))


def open_ones(scene: Scene) -> tuple[Suggestion, ...]:
    """Return the suggestions that may be supported, those with the most votes first."""
    found = (each for each in known(scene) if each.open)
    return tuple(sorted(found, key=lambda each: (-each.votes, each.number, each.scope)))


def numbered(scene: Scene, number: int) -> Suggestion | Phrase:
    """Return the suggestion of that number, or the one it is part of; what to say where there is none.

    Of several communities' ones it is that which may be supported.
    """
    communities = scene.homes.values() if scene.chat.direct else (scene.community,)
    names = {suggestion_id(each.scope, each.standing_for(number)) for each in communities}
    fits = [each for each in known(scene) if each.suggestion_id in names]
    if len(fits) > 1:
        fits = [each for each in fits if each.open]
        return fits[0] if len(fits) == 1 else Phrase("suggestion.which", {"number": number})
    return fits[0] if fits else Phrase("suggestion.unknown", {"number": number})
