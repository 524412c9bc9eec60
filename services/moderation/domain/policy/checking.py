"""What has to hold of a document before anybody is judged by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ValidationError

from services.moderation.domain.detectors.patterns import PatternRefused, compiled
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.hearing import LOOKED_BACK, OFFERS_FOR
from services.moderation.domain.judging.judge import Detectors, judge
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.policy.document import MAX_TEXT, Document, Policy, Rule
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.policy.wording import has_text
from services.moderation.domain.replying import SPOKEN
from services.moderation.domain.room import RECENT
from services.moderation.domain.text import normalise
from shared.contracts.gateway import MessageKind
from shared.errors import Invalid

CATALOGUE_TEXT = 120
"""Characters, at most, of a rule's text in the catalogue."""


def _in(span: dt.timedelta, unit: str) -> int:
    return span // dt.timedelta(**{unit: 1})


def _kept(what: str, span: dt.timedelta) -> str:
    return f"{what} are remembered for {_in(span, 'minutes')} minutes"


REMEMBERED: Final[Mapping[tuple[str, str], tuple[int, str]]] = {
    ("flood", "messages"): (RECENT, f"the last {RECENT} messages of a chat are remembered"),
    ("flood", "seconds"): (_in(LOOKED_BACK, "seconds"), _kept("messages of a chat", LOOKED_BACK)),
    ("flood", "minutes"): (_in(LOOKED_BACK, "minutes"), _kept("messages of a chat", LOOKED_BACK)),
    ("campaign", "minutes"): (_in(OFFERS_FOR, "minutes"), _kept("offers in a community", OFFERS_FOR)),
}
"""What a check can look back at, by its setting: the most that has an effect, and why."""


def check(document: Document, detectors: Detectors) -> None:
    """Pass a document that can be shown to members and judged by.

    Raises:
        Invalid: it cannot; the sentence names the rule, and the check and the pattern where it is about one.
    """
    if document.language not in SPOKEN:
        raise Invalid(f"The language is one of {', '.join(sorted(SPOKEN))}, not {document.language[:20]!r}.")
    seen: set[str] = set()
    for number, rule in enumerate(document.rules, 1):
        if rule.id in seen:
            raise Invalid(f"Rule {number} has the id {rule.id!r}, which an earlier rule has.")
        seen.add(rule.id)
        if not has_text(document, rule):
            raise Invalid(f"Rule {number} has no text in the chat's language, {document.language}.")
        for name, settings in rule.checks.items():
            _check_settings(number, rule, name, settings, detectors)
    for language in {document.language, *(each for rule in document.rules for each in rule.texts)}:
        if sum(_length(rule, language, document.language) for rule in document.rules) > MAX_TEXT:
            raise Invalid(f"The rules in {language[:20]} are longer than {MAX_TEXT} characters together.")


def hit_again(
    policy: Policy, regressions: Mapping[str, Regression | None], detectors: Detectors
) -> tuple[Regression, ...]:
    """Return the kept examples of what is fine that `policy` would find the same fault with as before."""
    kept = (each for each in regressions.values() if each is not None)
    return tuple(each for each in kept if _hits(policy, each, detectors))


def _hits(policy: Policy, example: Regression, detectors: Detectors) -> bool:
    normal = normalise(example.text)
    message = Message("", "", "", MessageKind.TEXT, normal, example.at)
    verdict = judge(message, Context(example.at), policy, detectors)
    return any(
        (each.finding.check, each.finding.code) == (example.check, example.code)
        for each in verdict.reasons
        if not each.shadow and each.finding.intent is not Intent.ALLOW
    )


def _check_settings(
    number: int, rule: Rule, name: str, settings: Mapping[str, object], detectors: Detectors
) -> None:
    detector = detectors.get(name)
    if detector is None:
        known = ", ".join(sorted(detectors))
        raise Invalid(f"Rule {number} ({rule.id}) names the check {name[:40]!r}; there are {known}.")
    try:
        made = detector.settings.model_validate(settings)
    except ValidationError as error:
        wrong = "; ".join(_wrong(settings, each["loc"], each["msg"]) for each in error.errors())
        raise Invalid(f"Rule {number} ({rule.id}), check {name}: {wrong}") from error
    for (check, field), (most, kept) in REMEMBERED.items():
        if check == name and getattr(made, field) > most:
            raise Invalid(
                f"Rule {number} ({rule.id}), check {name}: {field}: at most {most}, because {kept}; "
                "more would have no effect."
            )


def _wrong(settings: Mapping[str, object], place: tuple[int | str, ...], problem: str) -> str:
    """Return what is wrong in one place; refused patterns are repeated, because many stand in one list."""
    where = ".".join(map(str, place))
    if place[:1] != ("patterns",):
        return f"{where[:80]}: {problem}"
    patterns = ", ".join(_refused(settings.get("patterns")))
    return f"{where[:80]}: {problem} {patterns}".rstrip()


def _refused(patterns: object) -> Iterator[str]:
    for each in patterns if isinstance(patterns, (list, tuple)) else ():
        try:
            compiled(str(each))
        except PatternRefused:
            yield repr(str(each)[:260])


def _length(rule: Rule, language: str, fallback: str) -> int:
    text = rule.texts.get(language) or rule.texts.get(fallback)
    return len(text) if text else CATALOGUE_TEXT
