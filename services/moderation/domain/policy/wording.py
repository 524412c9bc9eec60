"""What members read of a rule: the policy's own words, else the catalogue's."""

from __future__ import annotations

from services.moderation.domain.policy.document import Document, Rule
from services.moderation.domain.replying import NAMED, SPOKEN
from shared.decision import Phrase


def rule_text(document: Document, rule: Rule, language: str | None) -> str | Phrase:
    """Return a rule's text in `language`, else in the policy's; for one without, the catalogue's."""
    own = rule.texts.get(language or document.language) or rule.texts.get(document.language)
    if own:
        return own
    return Phrase(f"rules.default.{rule.id}") if rule.id in NAMED else rule.id


def has_text(document: Document, rule: Rule) -> bool:
    """Whether there is something to show for a rule in the policy's language."""
    if rule.texts:
        return bool(rule.texts.get(document.language, "").strip())
    return rule.id in NAMED and document.language in SPOKEN
