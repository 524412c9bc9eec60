from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shared.errors import PermanentError
from shared.i18n.language import Language
from shared.i18n.po import PLACEHOLDER, Entry, read_entries
from shared.mentions import mark

_PLACES = re.compile(rf"{PLACEHOLDER.pattern}|@([1-9][0-9]?)(?![0-9])")
"""What is filled in: values by name, and mentioned members by number."""


class MissingText(PermanentError):
    """A reply cannot be written: its text, or a value that the text needs, is not there."""

    code = "missing_text"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The replies of one service in every language."""

    _entries: Mapping[tuple[Language, str], Entry]

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read `hi.po`, `en.po` and `hi_Latn.po`; a missing or broken file raises, for use at start."""
        return cls(
            {
                (language, entry.key): entry
                for language in Language
                for entry in read_entries(directory, language)
                if entry.is_usable
            }
        )

    def render(self, key: str, language: Language, mentioned: int = 0, /, **params: str | int) -> str:
        """Write a reply; a text with plural forms follows the parameter `count`.

        Args:
            key: of the text.
            language: to write in.
            mentioned: how many members it mentions: so many of `@1`, `@2` … become marks.
            params: what the placeholders stand for.

        Raises:
            MissingText: There is no such text, or a value for one of its placeholders is missing.
        """
        entry = self._entries.get((language, key))
        if entry is None:
            raise MissingText(f"There is no text {key!r} in {language}.")

        def value(name: str) -> str | int:
            if name not in params:
                raise MissingText(f"The text {key!r} in {language} needs a value for {name!r}.")
            return params[name]

        def place(match: re.Match[str]) -> str:
            if match[1] is not None:
                return str(value(match[1]))
            return mark(int(match[2])) if int(match[2]) <= mentioned else match[0]

        text = entry.forms[language.plural_index(int(value("count"))) if entry.is_plural else 0]
        # One pass and plain names only: braces, and an @1, inside a value stay what they are.
        return _PLACES.sub(place, text)
