"""Turns phrases into the text a member reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.decision import Moment, Parameter, Phrase
from shared.i18n import Catalogue, Language
from shared.i18n.dates import format_date
from shared.i18n.moments import format_clock, format_moment
from shared.mentions import without_marks


@dataclass(frozen=True, slots=True)
class Speaker:
    """A service's voice: its catalogue, and the language and zone of a chat that has not chosen any."""

    catalogue: Catalogue
    language: Language
    zone: ZoneInfo

    def text(self, phrase: Phrase, language: str | None = None, *, mentioned: int = 0) -> str:
        """Return `phrase` in `language`, or in the default one.

        Args:
            phrase: what to say.
            language: in which language.
            mentioned: how many members it mentions; see `shared.mentions`.

        Raises:
            MissingText: the catalogue has no such key.
        """
        chosen = self.language if language is None else Language(language)
        filled = {name: self._fill(value, chosen, mentioned) for name, value in phrase.params.items()}
        return self.catalogue.render(phrase.key, chosen, mentioned, **filled)

    def _fill(self, value: Parameter, language: Language, mentioned: int) -> str | int:
        match value:
            case str():
                return without_marks(value) if mentioned else value
            case int():
                return value
            case dt.datetime():
                return format_date(value, self.zone, language)
            case Moment():
                write = format_clock if value.brief else format_moment
                return write(value.at, ZoneInfo(value.zone), language)
            case Phrase():
                return self.text(value, language, mentioned=mentioned)
            case tuple():
                return "\n".join(str(self._fill(each, language, mentioned)) for each in value)
