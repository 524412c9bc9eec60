"""Opens a survey: asks some members, each alone, and remembers when, so that they are left alone then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from services.feedback.domain.community import Made
from services.feedback.domain.scene import Scene
from services.feedback.domain.surveys.survey import SCALES, Kind, Sent, Survey, survey_id
from services.feedback.domain.surveys.telling import Asking, invitation
from shared.asked import Asked
from shared.clock import as_stored
from shared.contracts.feedback import SurveyDue, SurveyOpened, SurveyStep
from shared.decision import Decision, Emit, Wake
from shared.errors import Conflict, Invalid, NotFound

SHORTEST: Final = dt.timedelta(hours=1)
LONGEST: Final = dt.timedelta(days=30)
"""As long as nobody is asked again."""
KEPT_REQUESTS: Final = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be asked."""

    kind: Kind
    question: str
    options: tuple[str, ...]
    anonymous: bool
    closes_at: dt.datetime
    by: str
    """Who asks."""


def open_once(scene: Scene, wanted: Asked, wish: Wish, asking: Asking, now: dt.datetime) -> Decision[Scene]:
    """Open a survey, or do nothing where the same request has opened one before.

    Whom to ask was chosen when the scene was put together: they are its `people`.

    Raises:
        NotFound: nothing was ever heard of the group.
        Conflict: another request had the same key.
        Invalid: it would be open for too short or too long, or the question has not the answers it needs.
    """
    if not scene.chat.known or scene.chat.direct:
        raise NotFound("There is no such group.")
    before = scene.community.surveyed.get(wanted.id)
    if before is not None:
        if before.digest != wanted.digest:
            raise Conflict("Another request had this Idempotency-Key.")
        return Decision(scene, note="survey_repeated")
    survey = _checked(scene, wish, now)
    return _opened(scene, survey, wanted, asking, now)


def _opened(scene: Scene, survey: Survey, wanted: Asked, asking: Asking, now: dt.datetime) -> Decision[Scene]:
    made = Made(survey.survey_id, wanted.digest)
    surveyed = {**scene.community.surveyed, wanted.id: made}
    community = replace(
        scene.community,
        next_survey=survey.number + 1,
        surveyed=dict(list(surveyed.items())[-KEPT_REQUESTS:]),
    )
    people = {
        name: replace(each, asked_at=as_stored(now), survey=survey.survey_id)
        for name, each in scene.people.items()
    }
    said = tuple(invitation(survey, each, asking, again=False) for each in sorted(people))
    sends = {each.event_id or "": Sent(survey.survey_id) for each in said}
    told = SurveyOpened(
        scope=survey.scope,
        survey_id=survey.survey_id,
        kind=str(survey.kind),
        number=survey.number,
        anonymous=survey.anonymous,
        asked=len(people),
        opened_at=now,
        closes_at=survey.closes_at,
    )
    scene = replace(scene, community=community, people=people, sends=sends).with_survey(survey)
    middle = now + (survey.closes_at - now) / 2
    return Decision(
        scene,
        emit=(Emit(told, survey.scope),),
        say=said,
        wake=(_wake(survey, SurveyStep.REMIND, middle), _wake(survey, SurveyStep.CLOSE, survey.closes_at)),
        note="survey_opened",
    )


def _wake(survey: Survey, step: SurveyStep, at: dt.datetime) -> Wake:
    data = SurveyDue(scope=survey.scope, survey_id=survey.survey_id, step=step)
    # A reminder that comes late may meet a closed survey; a close is never too late.
    late = dt.timedelta(hours=6) if step is SurveyStep.REMIND else LONGEST
    return Wake(f"survey/{survey.survey_id}/{step}", at, data, survey.scope, late)


def _checked(scene: Scene, wish: Wish, now: dt.datetime) -> Survey:
    if not SHORTEST <= wish.closes_at - now <= LONGEST:
        raise Invalid("A survey is open for an hour to thirty days.")
    choosing = wish.kind not in {*SCALES, Kind.TEXT}
    if choosing is not (len(wish.options) > 1) or len(set(wish.options)) < len(wish.options):
        raise Invalid("Of a choice there are two answers or more, all different; other questions have none.")
    number = scene.community.next_survey
    return Survey(
        survey_id=survey_id(scene.scope, number),
        scope=scene.scope,
        number=number,
        chat_id=scene.chat.chat_id,
        kind=wish.kind,
        question=wish.question,
        anonymous=wish.anonymous,
        opened_by=wish.by,
        opened_at=as_stored(now),
        closes_at=as_stored(wish.closes_at),
        options=wish.options,
        language=scene.chat.spoken,
        invited=frozenset(scene.people),
    )
