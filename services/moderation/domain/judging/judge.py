"""The judge: a pure function from a message, what is known around it and a policy to a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from services.moderation.domain.detectors.contract import Detector, Settings
from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Finding, Intent, Reason, Verdict
from services.moderation.domain.policy.document import Policy, Rule, RuleState, Strictness

EXEMPT = frozenset({Trust.EXPERT, Trust.ADMIN})
"""Whom rules never punish: what they would have done is noted."""

LEARNED = frozenset({"learned_spam", "learned_abuse"})
"""Checks that vote and never decide: alone they bring a message before a person, and no further."""

_SURE_ENOUGH = {Strictness.LENIENT: 0.9, Strictness.NORMAL: 0.5, Strictness.STRICT: 0.3}
"""From what score on a finding has the effect it asks for; below, a person looks at it."""

_POLICIES = 256
"""How many policies are kept ready."""

Detectors = Mapping[str, Detector]


def judge(message: Message, context: Context, policy: Policy, detectors: Detectors) -> Verdict:
    """Return the verdict on `message` under `policy`.

    Checks run in the order of `detectors`, the cheap ones first, each at most once for each rule that names
    it. The verdict goes as far as its furthest reason, of equals the gravest, with two bounds: what a learned
    check alone has found, and what is less sure than the policy's strictness asks for, goes to a person.
    """
    reasons: list[Reason] = []
    scores: dict[str, float] = {}
    for detector, settings, number, rule in _checks(policy, tuple(detectors.values())):
        for finding in detector.find(message, context, settings):
            scores[detector.name] = max(scores.get(detector.name, 0.0), finding.score)
            shadow = rule.state is RuleState.SHADOW
            reasons.append(Reason(rule.id, number, finding, shadow=shadow))
    live = [each for each in reasons if not each.shadow]
    bounded = sorted(
        (_bounded(each, live, policy.document.strictness) for each in reasons),
        key=lambda each: (
            each.shadow,
            -each.finding.intent.rank,
            -_points(policy, each),
            -each.finding.score,
        ),
    )
    decisive = next((each for each in bounded if not each.shadow), None)
    verdict = Verdict(
        intent=decisive.finding.intent if decisive else Intent.ALLOW,
        reasons=tuple(bounded),
        scores=scores,
        script=message.normal.script,
    )
    if decisive is not None and context.trust in EXEMPT:
        return replace(verdict, intent=Intent.ALLOW, exempt=str(context.trust))
    return verdict


def settings_of(detector: Detector, rule: Rule) -> Settings:
    """Return what `rule` sets for `detector`; a published document has been checked for it.

    Raises:
        pydantic.ValidationError: the document was never checked.
    """
    return detector.settings.model_validate(rule.checks[detector.name])


class _Check(NamedTuple):
    detector: Detector
    settings: Settings
    number: int
    rule: Rule


@lru_cache(maxsize=_POLICIES)
def _checks(policy: Policy, detectors: tuple[Detector, ...]) -> tuple[_Check, ...]:
    """Return what a policy asks of the detectors, in their order: worked out once, not for each message."""
    return tuple(
        _Check(detector, settings_of(detector, rule), number, rule)
        for detector in detectors
        for number, rule in enumerate(policy.document.rules, 1)
        if rule.state is not RuleState.OFF and detector.name in rule.checks
    )


def _points(policy: Policy, reason: Reason) -> int:
    found = policy.document.rule(reason.rule)
    return policy.weight(found[1], reason.finding.category) if found else 0


def _bounded(reason: Reason, live: Sequence[Reason], strictness: Strictness) -> Reason:
    finding = reason.finding
    if finding.intent.rank <= Intent.REVIEW.rank:
        return reason
    alone = finding.check in LEARNED and not any(
        each.finding.check not in LEARNED and each.finding.category is finding.category for each in live
    )
    if alone or finding.score < _SURE_ENOUGH[strictness]:
        return replace(reason, finding=_to_review(finding))
    return reason


def _to_review(finding: Finding) -> Finding:
    return replace(finding, intent=Intent.REVIEW)
