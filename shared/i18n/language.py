from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Self

from babel import Locale

# CLDR's order, which is also the order in which a .po file numbers its plural forms.
_PLURAL_ORDER = ("zero", "one", "two", "few", "many", "other")


# Every reply asks for them, and working them out takes longer than writing it.
@cache
def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


@cache
def _plural_forms(tag: str) -> tuple[str, ...]:
    tags = _locale(tag).plural_form.tags | {"other"}
    return tuple(each for each in _PLURAL_ORDER if each in tags)


class Language(StrEnum):
    """A language the platform replies in; Hindi in Latin letters (Hinglish) is one of its own."""

    HI = "hi"
    EN = "en"
    HI_LATN = "hi-Latn"

    @classmethod
    def of(cls, tag: str | None) -> Self:
        """Return the language for a tag such as `en_IN` or `hi-Latn`; Hindi for all that we do not speak."""
        subtags = (tag or "").replace("_", "-").casefold().split("-")
        if subtags[:2] == ["hi", "latn"]:
            return cls.HI_LATN
        return cls.EN if subtags[0] == "en" else cls.HI

    @property
    def locale(self) -> Locale:
        """Its CLDR locale."""
        return _locale(self.value)

    @property
    def plural_forms(self) -> tuple[str, ...]:
        """The CLDR names of its plural forms, in the order of a `.po` file."""
        return _plural_forms(self.value)

    def plural_index(self, count: int) -> int:
        """Return which plural form goes with a count."""
        return self.plural_forms.index(self.locale.plural_form(count))
