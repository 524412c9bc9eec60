"""The public page by which a member answers a survey: one document, with nothing fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.feedback.domain.surveys.survey import LONGEST_TEXT, SCALES, Kind, Survey
from services.feedback.papers.wording import TEXTS
from shared.drawing.harmless import harmless
from shared.i18n.language import Language

_TEMPLATES: Final = Path(__file__).parent / "templates"
_STYLE: Final = (_TEMPLATES / "style.css").read_text("utf-8")
_LANGUAGES: Final = {Language.HI: "हिन्दी", Language.EN: "English", Language.HI_LATN: "Hinglish"}

_PAGES: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_hash(_STYLE)}'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""What to serve the page with: its own style, and nothing that found its way into it."""


class Turn(StrEnum):
    """What the page is for."""

    ASKING = "asking"
    INVALID = "invalid"
    """What was sent is no answer; it is asked again."""
    TAKEN = "taken"
    USED = "used"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """A survey as one member sees it."""

    survey: Survey
    turn: Turn
    language: Language


def answer_page(page: AnswerPage) -> str:
    """Return the page as HTML."""
    survey, language = page.survey, page.language

    def text(key: str, **params: str | int) -> str:
        return TEXTS.render(key, language, **params)

    return _PAGES.get_template("answer.html").render(
        t=text,
        lang=language.value,
        style=_STYLE,
        question=harmless(survey.question),
        community=harmless(survey.scope.partition(":")[2]) if survey.scope.startswith("community:") else "",
        open=page.turn in {Turn.ASKING, Turn.INVALID},
        notice=text(f"answer.{page.turn}") if page.turn is not Turn.ASKING else "",
        wrong=page.turn is Turn.INVALID,
        several=survey.kind is Kind.CHOICES,
        written=survey.kind is Kind.TEXT,
        longest=LONGEST_TEXT,
        options=_options(survey),
        ends=(text(f"answer.{survey.kind}_least"), text(f"answer.{survey.kind}_most"))
        if survey.kind in SCALES
        else (),
        languages=[
            (each.value, name, f"?lang={each.value}", each is language) for each, name in _LANGUAGES.items()
        ],
    )


def _options(survey: Survey) -> list[tuple[int, str]]:
    if survey.kind in SCALES:
        least, most = SCALES[survey.kind]
        return [(value, str(value)) for value in range(least, most + 1)]
    return [(at, harmless(option)) for at, option in enumerate(survey.options, 1)]
