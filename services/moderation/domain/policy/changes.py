"""What an admin can change about the rules in a chat, as they write it and as it is kept until they confirm.

!सख्त · !नरम                                      strictness, one step
!नियम बदलें 3 बंद | शैडो | चालू                    the state of a rule
!नियम बदलें संदेश सीमा 5                            how many messages in a row are a flood
!नियम बदलें flood.messages 5                      any number that a check of a rule can be set to
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import ValidationError

from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.policy.document import Document, Rule, RuleState, Strictness
from shared.commands import Command, says_only

CHANGE_WORDS = ("बदलें", "बदलो", "badlein", "badlen", "change")

_STATES: Mapping[RuleState, tuple[str, ...]] = {
    RuleState.OFF: ("बंद", "band", "off"),
    RuleState.SHADOW: ("शैडो", "shadow", "परख", "parakh"),
    RuleState.ON: ("चालू", "chalu", "chaalu", "on"),
}
_MESSAGES = ("संदेश", "sandesh", "message", "messages")
_LIMIT = ("सीमा", "seema", "sima", "limit")
_SETTING = re.compile(r"([a-z][a-z_]{0,31})\.([a-z][a-z_]{0,31})")
_NUMBER = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class Stricter:
    """The whole policy one step stricter, or milder."""

    step: int
    """1 or -1."""


@dataclass(frozen=True, slots=True)
class State:
    """One rule off, tried out, or on."""

    number: int
    state: RuleState


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of a check, wherever a rule uses it."""

    check: str
    name: str
    value: int


Change: TypeAlias = Stricter | State | Setting


class NoSuchRule(ValueError):
    """The policy has no rule that a change is about."""


class NoSuchValue(ValueError):
    """A setting does not exist, or cannot be what a change says."""


def asks_for_change(command: Command) -> bool:
    """Whether a command wants the rules changed rather than shown."""
    if command.name in {"strict", "lenient"}:
        return True
    return command.name == "rules" and bool(command.words) and says_only(command.words[0], CHANGE_WORDS)


def change_of(command: Command) -> Change | None:
    """Return what a command wants changed, None where it does not say so in a way that is known."""
    match command.name, command.words:
        case "strict", _:
            return Stricter(1)
        case "lenient", _:
            return Stricter(-1)
        case "rules", (_, number, state) if _NUMBER.fullmatch(number):
            found = next((each for each, words in _STATES.items() if says_only(state, words)), None)
            return State(int(number), found) if found else None
        case "rules", (_, what, limit, value) if says_only(what, _MESSAGES) and says_only(limit, _LIMIT):
            return Setting("flood", "messages", int(value)) if _NUMBER.fullmatch(value) else None
        case "rules", (_, setting, value) if named := _SETTING.fullmatch(setting.lower()):
            return Setting(named[1], named[2], int(value)) if _NUMBER.fullmatch(value) else None
        case _:
            return None


def token_of(change: Change) -> str:
    """Return a change in the form in which it waits for its confirmation."""
    match change:
        case Stricter(step):
            return f"strictness {step}"
        case State(number, state):
            return f"state {number} {state.value}"
        case Setting(check, name, value):
            return f"setting {check} {name} {value}"


def change_in(token: str) -> Change:
    """Return the change that `token_of` has written."""
    match token.split():
        case "strictness", step:
            return Stricter(int(step))
        case "state", number, state:
            return State(int(number), RuleState(state))
        case "setting", check, name, value:
            return Setting(check, name, int(value))
        case _:
            raise ValueError("This is no change that was waiting.")


def changed(document: Document, change: Change, detectors: Detectors) -> Document:
    """Return the document with `change` made; as it is where that is how it is already.

    Raises:
        NoSuchRule: there is no rule of that number, or none that uses the check.
        NoSuchValue: the check cannot be set to that.
    """
    match change:
        case Stricter(step):
            order = tuple(Strictness)
            place = min(max(order.index(document.strictness) + step, 0), len(order) - 1)
            return document.model_copy(update={"strictness": order[place]})
        case State(number, state):
            if not 1 <= number <= len(document.rules):
                raise NoSuchRule
            rules = list(document.rules)
            rules[number - 1] = rules[number - 1].model_copy(update={"state": state})
            return document.model_copy(update={"rules": tuple(rules)})
        case Setting():
            return _set(document, change, detectors)


def _set(document: Document, change: Setting, detectors: Detectors) -> Document:
    using = [rule for rule in document.rules if change.check in rule.checks]
    if not using:
        raise NoSuchRule
    detector = detectors.get(change.check)
    field = detector.settings.model_fields.get(change.name) if detector else None
    if detector is None or field is None or not isinstance(field.default, int):
        raise NoSuchValue
    rules = []
    for rule in document.rules:
        settings = _with(rule, change) if rule in using else None
        try:
            detector.settings.model_validate(settings or {})
        except ValidationError as error:
            raise NoSuchValue from error
        checks = {**rule.checks, change.check: settings} if settings is not None else rule.checks
        rules.append(rule.model_copy(update={"checks": checks}))
    return document.model_copy(update={"rules": tuple(rules)})


def _with(rule: Rule, change: Setting) -> dict[str, Any]:
    return {**rule.checks[change.check], change.name: change.value}
