"""What members are told of a survey: the question, one reminder, and what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from services.feedback.domain.scores import Choices, Score, Standing
from services.feedback.domain.surveys.results import Results
from services.feedback.domain.surveys.survey import Kind, Survey
from services.feedback.domain.surveys.tickets import Tickets
from shared.contracts.gateway import SendClass
from shared.decision import Parameter, Phrase, Say
from shared.ids import deterministic_id

ASKED_FOR: Final = dt.timedelta(hours=12)
"""An invitation that could not be sent by then is not sent later: it counts as skipped."""
HEARD_FOR: Final = dt.timedelta(days=2)
_SHOWN: Final = 3
"""Options that a group is told of."""


@dataclass(frozen=True, slots=True)
class Asking:
    """By what members are asked."""

    tickets: Tickets
    public_url: str
    """Where members reach the public listener."""

    def link(self, survey: Survey, member_id: str) -> str:
        """Return where a member answers an anonymous survey."""
        ticket = self.tickets.ticket(survey.survey_id, member_id)
        return f"{self.public_url.rstrip('/')}/answer/{quote(survey.survey_id, safe='')}/{ticket}"


def invitation(survey: Survey, member_id: str, asking: Asking, *, again: bool) -> Say:
    """Return the word by which one member is asked, or asked a second and last time."""
    key = "survey.invite_by_link" if survey.anonymous else f"survey.invite_{survey.kind}"
    params: dict[str, Parameter] = {
        "question": survey.question,
        "link": asking.link(survey, member_id) if survey.anonymous else "",
        "options": tuple(
            Phrase("survey.option", {"n": at, "option": each}) for at, each in enumerate(survey.options, 1)
        ),
    }
    phrase = Phrase(key, params)
    return Say(
        survey.chat_id,
        Phrase("survey.again", {"lines": (phrase,)}) if again else phrase,
        survey.language,
        send_class=SendClass.REMINDER,
        valid_for=ASKED_FOR,
        privately_to=member_id,
        event_id=deterministic_id("survey", survey.survey_id, member_id, "again" if again else "first"),
    )


def outcome(survey: Survey, results: Results) -> Say:
    """Return what the group hears when a survey is over."""
    return Say(
        survey.chat_id,
        Phrase("survey.told", {"question": survey.question, "lines": tuple(_lines(survey, results))}),
        survey.language,
        send_class=SendClass.DIGEST,
        valid_for=HEARD_FOR,
    )


def _lines(survey: Survey, results: Results) -> list[Phrase]:
    scored = results.score or results.choices
    if results.standing is not Standing.ENOUGH:
        return [Phrase("survey.too_few", {"n": results.n, "needed": results.needed})]
    if isinstance(scored, Score) and scored.value is not None and scored.interval is not None:
        key = "survey.nps" if survey.kind is Kind.NPS else "survey.csat"
        shown: dict[str, Parameter] = {
            "value": _whole(scored.value),
            "low": _whole(scored.interval.low),
            "n": results.n,
        }
        return [Phrase(key, {**shown, "high": _whole(scored.interval.high)})]
    if isinstance(scored, Choices):
        return [
            Phrase(
                "survey.share",
                {"option": each.name, "percent": _whole(100 * (each.share or 0)), "n": results.n},
            )
            for each in scored.options[:_SHOWN]
        ]
    return [Phrase("survey.texts", {"n": results.n})]


def _whole(value: float) -> str:
    return f"{round(value)}".replace("-", "−")
