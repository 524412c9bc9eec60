"""How members write the names of cases."""

from __future__ import annotations

import re

_ASCII_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")
_NAME = re.compile(r"(?<!\w)(?:[mM]|एम|म)[\s\-#]?(\d{1,9})(?!\d)")
MAX_NAMED = 50
"""Beyond, a message is no list of cases; a bulk decision takes the rest by REST."""


def case_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of the cases that `text` names, such as M1043, m-1043 or M१०४३, each once."""
    found = (int(each) for each in _NAME.findall(text.translate(_ASCII_DIGITS)))
    return tuple(dict.fromkeys(found))[:MAX_NAMED]
