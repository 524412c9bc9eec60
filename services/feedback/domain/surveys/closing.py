"""Reminds once, closes a survey when its time is over, and notes whom it did not reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.feedback.domain.scene import Scene
from services.feedback.domain.scores import Standing
from services.feedback.domain.surveys.results import results_of
from services.feedback.domain.surveys.survey import Responses, Survey
from services.feedback.domain.surveys.telling import Asking, invitation, outcome
from shared.clock import as_stored
from shared.contracts.envelope import Envelope
from shared.contracts.feedback import ResponseRecorded, SurveyClosed, SurveyDue, SurveyStep
from shared.contracts.gateway import MessageFailed
from shared.decision import Decision, Emit


def decide_due(
    scene: Scene, event: Envelope[SurveyDue], now: dt.datetime, *, asking: Asking
) -> Decision[Scene]:
    """Do for a survey what it is time for."""
    survey = scene.surveys.get(event.data.survey_id)
    if survey is None or not survey.open:
        return Decision(scene)
    if event.data.step is SurveyStep.REMIND:
        return _reminded(scene, survey, asking)
    return close(scene, survey, now)


def close(scene: Scene, survey: Survey, now: dt.datetime) -> Decision[Scene]:
    """Take no more answers, and tell the group what came of those there are."""
    responses = scene.responses_to(survey.survey_id)
    results = results_of(survey, responses)
    told = SurveyClosed(
        scope=survey.scope,
        survey_id=survey.survey_id,
        kind=str(survey.kind),
        asked=len(survey.invited),
        answers=results.n,
        closed_at=now,
    )
    said = _recorded(survey, responses, now) if results.standing is not Standing.HIDDEN else ()
    return Decision(
        scene.with_survey(replace(survey, closed_at=as_stored(now))),
        emit=(Emit(told, survey.scope), *said),
        say=(outcome(survey, results),),
        note="survey_closed",
    )


def _recorded(survey: Survey, responses: Responses, now: dt.datetime) -> tuple[Emit, ...]:
    """Return a fact for each value that was given, in their order: all of one moment, of nobody."""
    _, counts, _ = responses.total
    return tuple(
        Emit(
            ResponseRecorded(
                scope=survey.scope,
                survey_id=survey.survey_id,
                kind=str(survey.kind),
                value=value,
                count=count,
                recorded_at=now,
            ),
            survey.scope,
        )
        for value, count in sorted(counts.items())
    )


def _reminded(scene: Scene, survey: Survey, asking: Asking) -> Decision[Scene]:
    """Ask those once more who have not answered; of an anonymous survey receipts say who."""
    if survey.reminded:
        return Decision(scene)
    used = scene.receipts_of(survey.survey_id).used
    heard = scene.responses_to(survey.survey_id).named
    people = {*heard, *(each.person for each in heard.values())}

    def waits(member_id: str) -> bool:
        if not survey.anonymous:
            return member_id not in people
        return asking.tickets.receipt(asking.tickets.ticket(survey.survey_id, member_id)) not in used

    said = tuple(
        invitation(survey, each, asking, again=True) for each in sorted(survey.invited) if waits(each)
    )
    return Decision(scene.with_survey(replace(survey, reminded=True)), say=said, note="survey_reminded")


def decide_failed(scene: Scene, event: Envelope[MessageFailed], now: dt.datetime) -> Decision[Scene]:
    """Note that an invitation did not reach a member, and why; it is not sent again."""
    del now
    sent = scene.sends.get(event.data.send_id)
    survey = scene.surveys.get(sent.survey_id) if sent is not None else None
    if survey is None:
        return Decision(scene)
    scene = replace(scene, sends={**scene.sends, event.data.send_id: None})
    return Decision(scene.with_survey(survey.without(event.data.code)), note="survey_skipped")
