from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.pofile import PoFileError

from shared.i18n.language import Language
from shared.i18n.po import PLACEHOLDER, Entry, po_file, read_entries
from shared.i18n.wording import WARNS_ABOUT_INCOME, is_familiar, promises_income

_MSGID = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


def check(directory: Path) -> list[str]:
    """Return all that is wrong with a service's texts, one sentence each; empty when they are good."""
    texts: dict[Language, dict[str, Entry]] = {}
    problems: list[str] = []
    for language in Language:
        path = po_file(directory, language)
        try:
            texts[language] = {entry.key: entry for entry in read_entries(directory, language)}
        except (OSError, ValueError, PoFileError) as error:
            problems.append(f"{path}: cannot be read: {error}")
            continue
        problems += [f"{path}: {problem}" for problem in _repeated(path)]
        for entry in texts[language].values():
            problems += [f"{path}: {entry.key} {problem}" for problem in _alone(entry, language)]
    return problems + [f"{directory}: {problem}" for problem in _together(texts)]


def _repeated(path: Path) -> Iterator[str]:
    """Find keys that are there twice, of which gettext would silently drop one."""
    for key, times in Counter(_MSGID.findall(path.read_text("utf-8"))).items():
        if times > 1:
            yield f"{key} is there {times} times"


def _alone(entry: Entry, language: Language) -> Iterator[str]:
    """Find what is wrong with one text by itself."""
    if entry.is_fuzzy:
        yield "is fuzzy"
    if not all(form.strip() for form in entry.forms):
        yield "has an empty text"
    if entry.is_plural and len(entry.forms) != len(language.plural_forms):
        yield f"needs the plural forms {', '.join(language.plural_forms)}"
    for form in entry.forms:
        if not {"{", "}"}.isdisjoint(PLACEHOLDER.sub("", form)):
            yield "has a brace that is no placeholder"
        if promises_income(form) and WARNS_ABOUT_INCOME not in entry.markers:
            yield "promises income"
        if is_familiar(form, language):
            yield "says तू or तुम where आप belongs"


def _together(texts: Mapping[Language, Mapping[str, Entry]]) -> Iterator[str]:
    """Find where the languages disagree."""
    for key in sorted(set().union(*texts.values())):
        there = {language: entries[key] for language, entries in texts.items() if key in entries}
        yield from (f"{key} is missing in {language}" for language in texts if language not in there)
        if len({entry.is_plural for entry in there.values()}) > 1:
            yield f"{key} has plural forms in one language and none in another"
        if len({names for entry in there.values() for names in _placeholders(entry)}) > 1:
            yield f"{key} has different placeholders"


def _placeholders(entry: Entry) -> set[frozenset[str]]:
    # A plural form may leave the number out: "one rule" reads better than "1 rule".
    implied = {"count"} if entry.is_plural else set()
    return {frozenset(PLACEHOLDER.findall(form)) | implied for form in entry.forms if form.strip()}
