"""What restricted members, and newcomers during a raid, send beyond words is held, whatever checks say."""

from __future__ import annotations

from dataclasses import replace

from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.judge import EXEMPT
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent, Reason, Verdict
from services.moderation.domain.policy.document import Policy, RuleState
from services.moderation.domain.text import EntityKind
from shared.contracts.gateway import MessageKind

_MEDIA = frozenset(
    {
        *(MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.AUDIO, MessageKind.DOCUMENT),
        *(MessageKind.STICKER, MessageKind.CONTACTS, MessageKind.LOCATION),
    }
)
_LINKS = frozenset({EntityKind.LINK, EntityKind.INVITE})


def held_back(verdict: Verdict, message: Message, context: Context, policy: Policy) -> Verdict:
    """Return the verdict, at least a hold for links and media of whom the group is protected from just now.

    It stands under the rule about links, or under the first one where no rule watches over them.
    """
    code = _why(context)
    if code is None or verdict.exempt or verdict.intent.rank >= Intent.HOLD.rank or not _carries(message):
        return verdict
    number, rule = next(
        (
            (number, rule)
            for number, rule in enumerate(policy.document.rules, 1)
            if "links" in rule.checks and rule.state is RuleState.ON
        ),
        (1, policy.document.rules[0]),
    )
    spans = tuple(each.span for each in message.normal.entities if each.kind in _LINKS)
    finding = Finding("restriction", code, Category.SPAM, 1.0, Intent.HOLD, spans)
    return replace(verdict, intent=Intent.HOLD, reasons=(Reason(rule.id, number, finding), *verdict.reasons))


def _why(context: Context) -> str | None:
    if context.trust in EXEMPT:
        return None
    if context.restricted:
        return "restricted"
    return "raid" if context.raid and context.trust is Trust.NEW else None


def _carries(message: Message) -> bool:
    return message.kind in _MEDIA or any(each.kind in _LINKS for each in message.normal.entities)
