"""The rules of a chat: a numbered version of texts in up to three languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.contracts.moderation import PolicyChanged
from shared.decision import Decision, Emit
from shared.errors import Conflict, Invalid

MAX_RULES = 30
MAX_TEXT = 3000
"""Characters of all rules in one language: with its frame, the reply must fit into one message of 4096."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, by language."""

    texts: Mapping[str, str]

    def text(self, language: str, fallback: str) -> str:
        """Return the rule in `language`, or in `fallback` where it has no such text."""
        return self.texts.get(language, self.texts[fallback])


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rules of a chat; a version never changes once it is published."""

    version: int
    language: str
    """The language of the chat; every rule has a text in it."""
    rules: tuple[Rule, ...]
    changed_by: str
    changed_at: dt.datetime

    def same_content(self, language: str, rules: tuple[Rule, ...]) -> bool:
        """Whether publishing this would change nothing."""
        return self.language == language and self.rules == rules


@dataclass(frozen=True, slots=True)
class Conduct:
    """What moderation knows of a chat."""

    chat_id: str
    policy: Policy | None = None
    hinted_at: dt.datetime | None = None
    """When the chat was last told that a command does not exist."""


def decide_publish(
    conduct: Conduct,
    *,
    language: str,
    rules: tuple[Rule, ...],
    actor: str,
    expected_version: int | None,
    now: dt.datetime,
) -> Decision[Conduct]:
    """Return the chat's conduct with these rules in force.

    Publishing the same content again changes nothing, so that a request may be repeated safely.

    Raises:
        Invalid: the rules are empty, too many, too long, or one lacks a text in `language`.
        Conflict: the current version is not `expected_version`.
    """
    current = conduct.policy.version if conduct.policy else 0
    if expected_version is not None and expected_version != current:
        raise Conflict(f"The rules are at version {current}, not {expected_version}.")
    _check(language, rules)
    if conduct.policy and conduct.policy.same_content(language, rules):
        return Decision(conduct)
    # As precise as the store keeps it, so that an answer, the event and a later look say the same.
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    policy = Policy(current + 1, language, rules, actor, now)
    languages = tuple(sorted({each for rule in rules for each in rule.texts}))
    changed = PolicyChanged(
        chat_id=conduct.chat_id,
        version=policy.version,
        languages=languages,
        changed_by=actor,
        changed_at=now,
    )
    return Decision(
        replace(conduct, policy=policy), emit=(Emit(changed, conduct.chat_id),), note="policy_published"
    )


def _check(language: str, rules: tuple[Rule, ...]) -> None:
    if not 0 < len(rules) <= MAX_RULES:
        raise Invalid(f"A policy has between 1 and {MAX_RULES} rules.")
    for number, rule in enumerate(rules, 1):
        if not rule.texts.get(language, "").strip():
            raise Invalid(f"Rule {number} has no text in the chat's language, {language}.")
    for each in {language for rule in rules for language in rule.texts}:
        if sum(len(rule.text(each, language)) for rule in rules) > MAX_TEXT:
            raise Invalid(f"The rules in {each} are longer than {MAX_TEXT} characters together.")
