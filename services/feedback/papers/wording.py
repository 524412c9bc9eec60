"""The words and numbers on charts."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Final

from babel import dates, numbers

from shared.i18n.catalogue import Catalogue
from shared.i18n.language import Language

TEXTS: Final = Catalogue.load(Path(__file__).parent / "locale")
_SAID: Final = Catalogue.load(Path(__file__).parent.parent / "locale")
"""What is said in chats, where metrics have their names."""

_ARROWS: Final = str.maketrans(dict.fromkeys("→⟶➔➜➝➞➡⇒", "›"))
"""Our typefaces have no arrow, and "7:30 8:30" without one says something else."""

_LARGE: Final = 100
_SMALL: Final = 1


class Unit(StrEnum):
    """How a value is written."""

    PERCENT = "percent"
    """As a part of a hundred; the value itself is a part of one."""
    NUMBER = "number"


def metric_text(name: str, language: Language) -> str:
    """Write what a metric is called."""
    return _SAID.render(f"metric.{name}", language)


def told(text: str) -> str:
    """Return what somebody wrote in letters that can be drawn."""
    return text.translate(_ARROWS)


def value_text(value: float, unit: Unit, language: Language) -> str:
    """Write a value as precisely as it can be read at a glance."""
    if unit is Unit.PERCENT:
        return str(numbers.format_percent(value, "#,##,##0%", locale=language.locale))
    return number_text(value, language)


def points_text(value: float, unit: Unit, language: Language) -> str:
    """Write a difference with its sign; of per cent, in points."""
    written = number_text(abs(100 * value if unit is Unit.PERCENT else value), language)
    sign = "" if not any(digit in written for digit in "123456789") else "−" if value < 0 else "+"
    return f"{sign}{written}"


def number_text(value: float, language: Language) -> str:
    """Write a number: large ones whole, smaller ones with one place, those under one with two."""
    size = abs(value)
    # India groups by lakh and crore, in English too.
    pattern = "#,##,##0" if size >= _LARGE else "0.#" if size >= _SMALL else "0.##"
    return str(numbers.format_decimal(value, pattern, locale=language.locale))


def day_text(day: dt.date, language: Language) -> str:
    """Write a day and its month."""
    return dates.format_date(day, "d MMM", locale=language.locale)
