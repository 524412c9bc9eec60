"""`!क्यों M1043`: a decision explained to whom it is about, and to nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from services.moderation.domain.cases.case import Case, CaseState, Ground
from services.moderation.domain.cases.quoting import matched, quotable
from services.moderation.domain.policy.document import StepKind
from services.moderation.domain.replying import answer, language_to, rule_name
from services.moderation.domain.review.appeals import appealable_until
from services.moderation.domain.review.cited import is_about, named
from services.moderation.domain.scene import Scene
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision, Phrase

EXPLAINED = frozenset(
    {
        *("topic", "abuse", "learned_abuse", "links", "forwards", "flood", "media", "campaign"),
        *("learned_spam", "scam", "personal", "reports", "order"),
    }
)
"""Checks of which the catalogue says in words what they look for and what would have been fine."""


def decide(
    scene: Scene, command: Command, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Return the explanation of the case that the command names.

    In a group it goes to the member privately where there is a way, and else into the group, so that it never
    says there what should not be read by all. Anybody else learns only that the case is private.
    """
    case = named(scene, command.args)
    if case is None:
        return answer(scene, envelope, Phrase("why.which"), "why_unknown")
    if not is_about(case, scene.person):
        return answer(scene, envelope, Phrase("case.private", {"case": case.name}), "why_refused")
    alone = scene.room.kind is ChatKind.DIRECT
    phrase = explanation(scene, case, now, alone=alone)
    return answer(scene, envelope, phrase, "why_answered", private=True, case=case)


def explanation(scene: Scene, case: Case, now: dt.datetime, *, alone: bool) -> Phrase:
    """Return everything there is to say about a case to whom it is about."""
    ground = case.grounds[0] if case.grounds else None
    lines = (*_reason(scene, case, ground, alone=alone), *_effect(case, now), *_ways(scene, case, now))
    return Phrase("why.reply", {"case": case.name, "lines": lines})


def _reason(scene: Scene, case: Case, ground: Ground | None, *, alone: bool) -> Iterator[Phrase]:
    rules = scene.rules_of(case)
    if ground is not None and rules.document.rule(ground.rule) is not None:
        name = rule_name(rules, ground.rule, language_to(scene, case))
        yield Phrase("why.rule", {"number": ground.number, "rule": name, "version": case.policy_version})
    check = ground.check if ground and ground.check in EXPLAINED else "other"
    kind = Phrase(f"why.kind.{check}")
    part = matched(case, ground) if ground and quotable(ground, alone=alone) else None
    if part is None:
        yield Phrase("why.seen", {"kind": kind})
    else:
        yield Phrase("why.seen_part", {"kind": kind, "part": part})
    yield Phrase("why.fine", {"fine": Phrase(f"why.fine.{check}")})


def _effect(case: Case, now: dt.datetime) -> Iterator[Phrase]:
    if not case.effective:
        yield Phrase(f"why.state.{case.state.value}")
        return
    if case.points and case.expires is not None:
        key = "why.strike" if case.expires > now else "why.strike_over"
        yield Phrase(key, {"points": case.points, "date": case.expires})
    if case.cites:
        yield Phrase("why.cites", {"cases": ", ".join(f"M{number}" for number in case.cites)})
    if case.restriction_until is not None and case.restriction_until > now:
        yield Phrase("why.restricted", {"date": case.restriction_until})
    if case.step is StepKind.REMOVE:
        yield Phrase("why.removed")


def _ways(scene: Scene, case: Case, now: dt.datetime) -> Iterator[Phrase]:
    appeal = case.appeal
    if appeal is not None and appeal.answer is not None:
        yield Phrase("why.appeal_answer", {"answer": appeal.answer})
    elif appeal is not None:
        yield Phrase("why.appeal_open", {"date": appeal.due or appeal.at})
    elif case.state is CaseState.DECIDED:
        until = appealable_until(scene, case)
        key = "why.appeal" if now <= until else "why.appeal_over"
        yield Phrase(key, {"case": case.name, "date": until})
