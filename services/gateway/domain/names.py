"""What people call themselves on WhatsApp, as it may stand in a text of ours."""

from __future__ import annotations

import re
from typing import Final

from shared.drawing.harmless import harmless
from shared.mentions import without_marks

LONGEST: Final = 32
"""Characters of a name in a text: a board has ten of them."""

_SIGNS: Final = re.compile(r"[@*_~`!/]+")
"""What would make a part of a text bold, a command or a mention."""
_NUMBER: Final = re.compile(r"\(?\+?\(?\d(?:[\s().-]{0,3}\d){6,}")
"""Seven digits or more, however they are grouped: as long as phone numbers are."""


def shown(name: str | None) -> str | None:
    """Return a name as others may read it, None for what is none: without letters, or with a phone number."""
    if not name or _NUMBER.search(name):
        return None
    clean = harmless(_SIGNS.sub(" ", without_marks(name)), LONGEST)
    return clean if any(each.isalpha() for each in clean) else None
