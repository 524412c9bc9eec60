"""`!अपील M1043 …`: a member's word against a case, for a person to weigh."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from services.moderation.domain.cases.act import noted
from services.moderation.domain.cases.case import Appeal, Case, CaseState
from services.moderation.domain.policy.examples import with_example
from services.moderation.domain.replying import answer, reply
from services.moderation.domain.review.cited import is_about, named, with_case
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import community_of
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.moderation import CaseAppealed
from shared.decision import Decision, Emit, Phrase

MAX_WORDS = 2000
"""Characters of an appeal that are kept; a reviewer reads many."""

_NAME = re.compile(r"(?<!\w)(?:[mM]|एम|म)[\s\-#]?\d{1,9}(?!\d)")
_YES = frozenset({"हाँ", "हां", "haan", "han", "ha", "yes"})
_NO = frozenset({"नहीं", "नही", "nahi", "nahin", "no"})


def decide(
    scene: Scene, command: Command, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Take an appeal, or say why not; `हाँ` and `नहीं` answer whether the message may be an example.

    A case is appealed once, in words, while it has its effect and within the days the policy gives.
    """
    case = named(scene, command.args)
    if case is None:
        return answer(scene, envelope, Phrase("appeal.which"), "appeal_unknown")
    if not is_about(case, scene.person):
        return answer(scene, envelope, Phrase("case.private", {"case": case.name}), "appeal_refused")
    words = without_name(command.args)[:MAX_WORDS]
    asked_for = case.appeal is not None or case.state is CaseState.OVERTURNED
    if asked_for and (consent := _consent(words)) is not None:
        return _consented(scene, case, envelope, now, consent=consent)
    refused = refusal(scene, case, now)
    if refused is None and not words:
        refused = "appeal.needs_words"
    if refused is not None:
        phrase = Phrase(refused, {"case": case.name})
        return answer(scene, envelope, phrase, refused.replace(".", "_"), private=True, case=case)
    return _opened(scene, case, words, envelope, now)


def without_name(args: str) -> str:
    """Return what a command says beside the name of its case."""
    return " ".join(_NAME.sub(" ", args, count=1).split())


def refusal(scene: Scene, case: Case, now: dt.datetime) -> str | None:
    """Return the key of the text that says why a case cannot be appealed, None where it can."""
    if case.appeal is not None:
        return "appeal.once"
    if case.state is CaseState.REVIEW:
        return "appeal.not_yet"
    if case.state is not CaseState.DECIDED:
        return "appeal.nothing"
    return "appeal.too_late" if now > appealable_until(scene, case) else None


def appealable_until(scene: Scene, case: Case) -> dt.datetime:
    """Return until when a case can be appealed: days after it got its effect."""
    days = scene.policy_for(case).document.appeals.days
    return (case.decided_at or case.opened_at) + dt.timedelta(days=days)


def _opened(
    scene: Scene, case: Case, words: str, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    due = now + dt.timedelta(hours=scene.policy_for(case).document.appeals.answer_hours)
    appeal = Appeal(words, now, due=due)
    appealed = replace(case, state=CaseState.APPEALED, appeal=appeal)
    fact = CaseAppealed(
        case_id=case.case_id,
        chat_id=case.chat_id,
        member_id=case.member_id,
        community=community_of(case.scope),
        appealed_at=now,
    )
    received = Phrase("appeal.received", {"case": case.name, "date": due})
    return Decision(
        with_case(scene, noted(appealed, now, scene.person.member_id, "appealed")),
        emit=(Emit(fact, case.chat_id),),
        say=(reply(scene, envelope, received, private=True, case=case),),
        note="appeal_received",
    )


def _consent(words: str) -> bool | None:
    answered = words.strip(" .!।").casefold()
    if answered in _YES:
        return True
    return False if answered in _NO else None


def _consented(
    scene: Scene, case: Case, envelope: Envelope[MessageReceived], now: dt.datetime, *, consent: bool
) -> Decision[Scene]:
    what = "consented" if consent else "consent_withdrawn"
    answered = noted(replace(case, consent=consent), now, scene.person.member_id, what)
    changed = with_example(with_case(scene, answered), answered, now)
    # What is said of an appeal that waits is a promise; of a text that is gone by now it would be none.
    keeps = consent and (case.state is not CaseState.OVERTURNED or changed.regressions.get(case.case_id))
    key = "appeal.example_kept" if keeps else "appeal.example_not_kept"
    phrase = Phrase(key, {"case": case.name})
    return answer(changed, envelope, phrase, f"appeal_{what}", private=True, case=case)
