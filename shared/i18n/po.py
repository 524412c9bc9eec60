from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import read_po

from shared.i18n.language import Language

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a catalogue.

    Attributes:
        key: The stable dotted name that code uses.
        forms: The text, or one text for each plural form.
        is_plural: Whether the text depends on a count.
        is_fuzzy: Whether a translator marked it as not yet good.
        markers: The notes to tools in its `#.` comments.
    """

    key: str
    forms: tuple[str, ...]
    is_plural: bool
    is_fuzzy: bool
    markers: frozenset[str]

    @property
    def is_usable(self) -> bool:
        """Whether a person may see it."""
        return not self.is_fuzzy and all(form.strip() for form in self.forms)


def po_file(directory: Path, language: Language) -> Path:
    """Return where a language's texts are."""
    return directory / f"{language.locale}.po"


def read_entries(directory: Path, language: Language) -> Iterator[Entry]:
    """Read the texts of one language."""
    with po_file(directory, language).open("rb") as file:
        catalog = read_po(file, locale=language.locale, abort_invalid=True)
    for message in catalog:
        # The header of the file is the entry without a key.
        if not message.id:
            continue
        yield Entry(
            key=message.id if isinstance(message.id, str) else message.id[0],
            forms=(message.string,) if isinstance(message.string, str) else tuple(message.string or ()),
            is_plural=not isinstance(message.id, str),
            is_fuzzy=message.fuzzy,
            markers=frozenset(message.auto_comments),
        )
