"""What is different between two policies, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError

from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.policy.document import Document, Ladder, Rule, RuleState, Step, StepKind
from services.moderation.domain.policy.wording import rule_text
from services.moderation.domain.replying import rule_label
from shared.decision import Parameter, Phrase

SECTIONS = ("ladder", "trust", "raid", "reports", "appeals", "topic")
"""Parts of a document whose fields are compared one by one; each has a name in the catalogue."""

LABELLED = frozenset({"flood.messages", "flood.seconds", "flood.copies"})
"""Settings of checks that have a name in the catalogue; the others are called as the document calls them."""

MAX_LISTED = 200
"""Characters of a list of words that are repeated."""

NOTHING = "–"


def differences(
    old: Document,
    new: Document,
    language: str | None = None,
    *,
    detectors: Detectors | None = None,
    for_members: bool = False,
) -> tuple[Phrase, ...]:
    """Return a line for each thing that is different; none where both say the same.

    Args:
        old: what held before.
        new: what holds now.
        language: in which rules' own texts are given.
        detectors: what fills in settings that a document leaves out.
        for_members: only what members can notice; a rule that is being tried out is none for them.
    """
    if for_members:
        old, new = _noticeable(old), _noticeable(new)
    return tuple(
        each
        for lines in (
            _rules(old, new, language, detectors or {}, for_members=for_members),
            _value("language", old.language, new.language),
            _value("strictness", old.strictness, new.strictness),
            *(
                _field(f"{section}.{name}", getattr(getattr(old, section), name), value)
                for section in SECTIONS
                for name, value in _fields(getattr(new, section))
            ),
            _count("experts", old.experts, new.experts),
            _count("admins", old.admins, new.admins),
        )
        for each in lines
    )


def _noticeable(document: Document) -> Document:
    """Return the document with every rule off that is only tried out."""
    rules = tuple(
        rule if rule.state is RuleState.ON else rule.model_copy(update={"state": RuleState.OFF})
        for rule in document.rules
    )
    return document.model_copy(update={"rules": rules})


@dataclass(frozen=True, slots=True)
class _Place:
    """A rule as it stands in a document."""

    document: Document
    rule: Rule
    language: str | None
    for_members: bool

    @property
    def hidden(self) -> bool:
        """Whether nothing of it is to be seen by whom it is for."""
        return self.for_members and self.rule.state is not RuleState.ON

    @property
    def text(self) -> str | Phrase:
        return rule_text(self.document, self.rule, self.language)

    @property
    def label(self) -> str | Phrase:
        return rule_label(self.document, self.rule, self.language)


def _rules(
    old: Document, new: Document, language: str | None, detectors: Detectors, *, for_members: bool
) -> Iterator[Phrase]:
    before = {rule.id: _Place(old, rule, language, for_members) for rule in old.rules}
    after = {rule.id for rule in new.rules}
    for number, place in enumerate(before.values(), 1):
        if place.rule.id not in after and not place.hidden:
            yield Phrase("diff.rule_removed", {"number": number, "rule": place.label})
    for number, rule in enumerate(new.rules, 1):
        place = _Place(new, rule, language, for_members)
        if rule.id in before:
            yield from _rule(number, before[rule.id], place, detectors)
        elif not place.hidden:
            yield Phrase("diff.rule_added", {"number": number, "text": place.text})
            if rule.state is not RuleState.ON:
                yield Phrase("diff.rule_is", {"number": number, "state": _shown(rule.state)})
    common = [rule.id for rule in old.rules if rule.id in after]
    if common != [rule.id for rule in new.rules if rule.id in before]:
        yield Phrase("diff.order")


def _rule(number: int, was: _Place, now: _Place, detectors: Detectors) -> Iterator[Phrase]:
    old, new = was.rule, now.rule
    if old.state is not new.state:
        states: dict[str, Parameter] = {"old": _shown(old.state), "new": _shown(new.state)}
        yield Phrase("diff.rule_state", {"number": number, **states})
    if was.hidden or now.hidden:
        # For whom it was hidden, all of it is new; for whom it will be, its going is all there is to say.
        if was.hidden and not now.hidden:
            yield Phrase("diff.rule_text", {"number": number, "text": now.text})
        return
    if was.text != now.text:
        yield Phrase("diff.rule_text", {"number": number, "text": now.text})
    elif old.texts != new.texts:
        yield Phrase("diff.rule_translation", {"number": number})
    if old.names != new.names:
        yield Phrase("diff.rule_name", {"number": number, "name": now.label})
    if old.weight != new.weight:
        weights: dict[str, Parameter] = {"old": _shown(old.weight), "new": _shown(new.weight)}
        yield Phrase("diff.rule_weight", {"number": number, **weights})
    for check in sorted({*old.checks, *new.checks}):
        yield from _check(number, check, old.checks.get(check), new.checks.get(check), detectors)


def _check(
    number: int,
    check: str,
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
    detectors: Detectors,
) -> Iterator[Phrase]:
    if was is None or now is None:
        key = "diff.check_added" if was is None else "diff.check_removed"
        yield Phrase(key, {"number": number, "check": check})
        return
    full_was, full_now = _full(check, was, detectors), _full(check, now, detectors)
    for name in sorted({*full_was, *full_now}):
        old, new = full_was.get(name), full_now.get(name)
        if old == new:
            continue
        setting = f"{check}.{name}"
        label = Phrase(f"setting.{setting}") if setting in LABELLED else setting
        yield from _compared(label, old, new)


def _full(check: str, settings: Mapping[str, Any], detectors: Detectors) -> Mapping[str, Any]:
    """Return the settings with those that are left out, as far as they can be known."""
    detector = detectors.get(check)
    if detector is None:
        return settings
    try:
        return detector.settings.model_validate(settings).model_dump(mode="json")
    except ValidationError:
        # What was published under an earlier form of the check is still shown as it was.
        return settings


def _fields(section: BaseModel) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(section, name)) for name in type(section).model_fields)


def _field(name: str, old: Any, new: Any) -> Iterator[Phrase]:
    match name:
        case "ladder.steps":
            if old != new:
                yield Phrase("diff.steps", {"steps": tuple(_step(step) for step in new)})
        case "ladder.weights":
            defaults = Ladder().weights
            for category in sorted({*old, *new}):
                was, now = (each.get(category, defaults.get(category, 1)) for each in (old, new))
                yield from _value(f"weight.{category.value}", was, now)
        case _:
            yield from _value(name, old, new)


def _step(step: Step) -> Phrase:
    if step.hours is not None and step.kind is StepKind.RESTRICT:
        return Phrase("policy.step.restrict_hours", {"at": step.at, "hours": step.hours})
    return Phrase(f"policy.step.{step.kind.value}", {"at": step.at})


def _value(name: str, old: Any, new: Any) -> Iterator[Phrase]:
    if old != new:
        yield from _compared(Phrase(f"policy.{name}"), old, new)


def _count(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Phrase]:
    """Compare lists of members, who are not named."""
    if set(old) != set(new):
        yield from _compared(Phrase(f"policy.{name}"), len(old), len(new))


def _compared(what: str | Phrase, old: Any, new: Any) -> Iterator[Phrase]:
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        added = _listed(each for each in new if each not in old)
        removed = _listed(each for each in old if each not in new)
        yield Phrase("diff.list", {"what": what, "added": added, "removed": removed})
    else:
        yield Phrase("diff.value", {"what": what, "old": _shown(old), "new": _shown(new)})


def _listed(words: Iterator[Any]) -> str:
    text = ", ".join(map(str, words)) or NOTHING
    return text if len(text) <= MAX_LISTED else f"{text[: MAX_LISTED - 1]}…"


def _shown(value: Any) -> str | int | Phrase:
    match value:
        case None:
            return NOTHING
        case bool():
            return Phrase("policy.yes" if value else "policy.no")
        case int():
            return value
        case StrEnum():
            kind = "state" if isinstance(value, RuleState) else "strictness"
            return Phrase(f"policy.{kind}.{value.value}")
        case dict():
            return _listed(iter(value.values()))
        case _:
            return _listed(iter((value,)))
