"""What a survey comes to, as far as it may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from services.feedback.domain.scores import Choices, Score, Standing, choices, csat, nps, standing_of
from services.feedback.domain.surveys.survey import Kind, Responses, Survey


@dataclass(frozen=True, slots=True)
class Results:
    """The answers to a survey, together."""

    n: int
    standing: Standing
    needed: int
    """How many answers it takes: for anything while hidden, for a score after that."""
    score: Score | None = None
    choices: Choices | None = None
    texts: tuple[str, ...] = ()


def results_of(survey: Survey, responses: Responses) -> Results:
    """Return what the answers come to; of too few anonymous ones, only how many there are."""
    n, counts, texts = responses.total
    standing, needed = standing_of(n, anonymous=survey.anonymous)
    if survey.kind is Kind.TEXT:
        return Results(n, standing, needed, texts=() if standing is Standing.HIDDEN else texts)
    if survey.kind in {Kind.NPS, Kind.CSAT}:
        score = (nps if survey.kind is Kind.NPS else csat)(counts, anonymous=survey.anonymous)
        return Results(n, standing, needed, score=score)
    named = {option: counts.get(at, 0) for at, option in enumerate(survey.options, 1)}
    chosen = choices(named, respondents=n, anonymous=survey.anonymous)
    return Results(n, standing, needed, choices=chosen)
