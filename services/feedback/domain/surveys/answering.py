"""Takes answers: by a link of which only a receipt is kept, or by a word to us alone."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Final

from services.feedback.domain.replying import answer
from services.feedback.domain.scene import Scene
from services.feedback.domain.surveys.survey import LONGEST_TEXT, SCALES, Answer, Kind, Named, Survey
from services.feedback.domain.surveys.tickets import Tickets
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase
from shared.errors import Conflict, Invalid, NotFound

_SEPARATORS: Final = re.compile(r"[\s,;+&]+")


def read_answer(survey: Survey, text: str) -> Answer:
    """Return what `text` answers.

    Raises:
        Invalid: it is no answer to this question.
    """
    text = text.strip()
    if survey.kind is Kind.TEXT:
        if not 1 <= len(text) <= LONGEST_TEXT:
            raise Invalid(f"An answer has 1 to {LONGEST_TEXT} characters.")
        return Answer(text=text)
    least, most = SCALES.get(survey.kind, (1, len(survey.options)))
    parts = [each for each in _SEPARATORS.split(text) if each]
    several = survey.kind is Kind.CHOICES
    if not parts or (len(parts) > 1 and not several) or not all(each.isdecimal() for each in parts):
        raise Invalid("This is no answer to the question.")
    # A number of a thousand digits is none that anybody means.
    values = sorted({int(each[:6]) for each in parts})
    if not all(least <= each <= most for each in values):
        raise Invalid(f"An answer is from {least} to {most}.")
    return Answer(tuple(values))


def answer_by_ticket(
    scene: Scene, survey: Survey, ticket: str, text: str, tickets: Tickets
) -> Decision[Scene]:
    """Count an answer, and keep that the link was used; nothing leads from one to the other.

    Raises:
        NotFound: the link is none of this survey.
        Conflict: the survey is closed, or the link was used.
        Invalid: it is no answer to the question.
    """
    if not survey.anonymous or not tickets.holds(survey.survey_id, survey.invited, ticket):
        raise NotFound("There is no such survey.")
    receipts, receipt = scene.receipts_of(survey.survey_id), tickets.receipt(ticket)
    if receipt in receipts.used:
        raise Conflict("This link was used already.")
    if not survey.open:
        raise Conflict("This survey is closed.")
    said = scene.responses_to(survey.survey_id).anonymously(read_answer(survey, text))
    scene = scene.with_receipts(replace(receipts, used=receipts.used | {receipt})).with_responses(said)
    return Decision(scene, note="survey_answered")


def decide_reply(scene: Scene, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene] | None:
    """Return what follows from a word to us alone that answers a survey; None for any other message.

    What is no answer is left to others, once said how to answer: people write to us about other things too.
    """
    del now
    survey = scene.surveys.get(scene.member.survey or "")
    if survey is None or not scene.chat.direct or not survey.open or survey.anonymous:
        return None
    try:
        said = read_answer(survey, event.data.text or "")
    except Invalid:
        return None
    named = Named(scene.member.now, event.data.sent_at, event.data.message_id, said)
    responses = scene.responses_to(survey.survey_id).by(scene.member.member_id, named)
    # What is written after an answer in words is about something else.
    waits = None if survey.kind is Kind.TEXT else scene.member.survey
    asked_at = _later(scene.member.asked_at, event.data.sent_at)
    member = replace(scene.member, asked_at=asked_at, survey=waits)
    scene = replace(scene.with_responses(responses), member=member)
    return answer(scene, event, Phrase("survey.taken"), "survey_answered")


def _later(one: dt.datetime | None, other: dt.datetime) -> dt.datetime:
    return other if one is None else max(one, other)
