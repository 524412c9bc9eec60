"""Cases as REST clients see them; only admins and reviewers hold keys for them."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, Field

from services.moderation.domain.cases.case import Achieved, Case, CaseState
from services.moderation.domain.cases.tasks import left
from services.moderation.domain.judging.verdict import Intent, Script
from services.moderation.domain.policy.document import StepKind


class GroundView(BaseModel):
    """One reason."""

    rule: str
    number: int = Field(description="Of the rule, as members know it; 0 where nobody has named one yet.")
    check: str
    code: str
    score: float
    spans: list[tuple[int, int]] = Field(description="In code points of the evidence: from, until before.")


class StepView(BaseModel):
    """Something that was wanted of the channel."""

    action: str
    achieved: Achieved
    code: str | None = Field(description="Why it was not done.")


class AppealView(BaseModel):
    """A member's word, and the answer."""

    text: str
    at: AwareDatetime
    due: AwareDatetime | None = Field(description="Until when the member was told to expect an answer.")
    answer: str | None
    answered_by: str | None
    answered_at: AwareDatetime | None


class EntryView(BaseModel):
    """One line of the audit."""

    at: AwareDatetime
    by: str = Field(description="rule, reports, clock, a member, or the id of an API key.")
    what: str
    reason: str | None
    words: str | None


class CaseSummary(BaseModel):
    """A case in a list."""

    case_id: str
    name: str = Field(description="How members call it.", examples=["M1043"])
    chat_id: str
    member_id: str
    message_id: str | None
    state: CaseState
    intent: Intent
    rule: str | None
    opened_at: AwareDatetime
    opened_by: str
    waits_since: AwareDatetime | None = Field(
        description="Since when somebody waits for a decision: its appeal, or its opening; null: nobody does."
    )
    points: int
    step: StepKind | None
    tasks: list[str] = Field(description="What is left to be done by hand.")
    claimed_by: str | None
    claimed_until: AwareDatetime | None


class CaseView(CaseSummary):
    """A case with all there is to it."""

    policy_scope: str
    policy_version: int
    grounds: list[GroundView]
    script: Script
    evidence: str | None = Field(description="The text as it was; null once its time is over.")
    expires: AwareDatetime | None = Field(description="When its strike is forgotten.")
    restriction_until: AwareDatetime | None
    cites: list[str] = Field(description="The earlier cases whose strikes counted.")
    steps: list[StepView]
    newcomer: bool
    reporters: dict[str, float] = Field(description="Who reported it, and what their word weighed.")
    appeal: AppealView | None
    consent: bool | None = Field(description="Whether the message may be kept as an example.")
    decided_at: AwareDatetime | None
    audit: list[EntryView]


class CasePage(BaseModel):
    """Some cases, and where to go on."""

    cases: list[CaseSummary]
    next: str | None = Field(description="Pass it as `after` to get the next page; null on the last one.")


def summary(case: Case) -> CaseSummary:
    """Return what a list shows of a case."""
    return CaseSummary(**_summary(case))


def view(case: Case) -> CaseView:
    """Return a case whole."""
    return CaseView(
        **_summary(case),
        policy_scope=case.policy_scope,
        policy_version=case.policy_version,
        grounds=[
            GroundView(
                rule=each.rule,
                number=each.number,
                check=each.check,
                code=each.code,
                score=each.score,
                spans=[(span.start, span.end) for span in each.spans],
            )
            for each in case.grounds
        ],
        script=case.script,
        evidence=case.evidence,
        expires=case.expires,
        restriction_until=case.restriction_until,
        cites=[f"M{number}" for number in case.cites],
        steps=[StepView(action=each.action, achieved=each.achieved, code=each.code) for each in case.steps],
        newcomer=case.newcomer,
        reporters={each: case.weights.get(each, 0.0) for each in case.reporters},
        appeal=_appeal(case),
        consent=case.consent,
        decided_at=case.decided_at,
        audit=[
            EntryView(at=each.at, by=each.by, what=each.what, reason=each.reason, words=each.words)
            for each in case.audit
        ],
    )


def _appeal(case: Case) -> AppealView | None:
    appeal = case.appeal
    if appeal is None:
        return None
    return AppealView(
        text=appeal.text,
        at=appeal.at,
        due=appeal.due,
        answer=appeal.answer,
        answered_by=appeal.answered_by,
        answered_at=appeal.answered_at,
    )


def _summary(case: Case) -> dict[str, object]:
    return {
        "case_id": case.case_id,
        "name": case.name,
        "chat_id": case.chat_id,
        "member_id": case.member_id,
        "message_id": case.message_id,
        "state": case.state,
        "intent": case.intent,
        "rule": case.grounds[0].rule if case.grounds else None,
        "opened_at": case.opened_at,
        "opened_by": case.opened_by,
        "waits_since": case.waits_since if case.open else None,
        "points": case.points,
        "step": case.step,
        "tasks": [each.action for each in left(case)],
        "claimed_by": case.claim.by if case.claim else None,
        "claimed_until": case.claim.until if case.claim else None,
    }
