"""The normal form of a text, with offsets back to what its author wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from services.moderation.domain.judging.verdict import Script, Span
from services.moderation.domain.text import apart, devanagari, entities, together
from services.moderation.domain.text.draft import Draft
from services.moderation.domain.text.entities import Entity
from services.moderation.domain.text.letters import LETTERS
from services.moderation.domain.text.script import script_of
from shared.spelling.devanagari import HAS
from shared.spelling.folding import fold, skeleton

_PARTICLE = "(?:का|के|की|को|में|से|पर|ने|भी|है|वाला|वाले|वाली)(?![\\w\u0900-\u0dff])"
_TOKEN = re.compile(
    rf"<[a-z]+>|[a-z0-9]{{2,}}+(?={_PARTICLE})"
    r"|[\w\u0900-\u0dff]+(?:\*+[\w\u0900-\u0dff]+)*(?:\*{2,})?|₹"
)
_PERCENT = re.compile("(?:%[0-9A-Fa-f]{2}){3,}")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]+")
_PAIR = 2
_SPACES = re.compile(" *\n[ \n]+| +\n| {2,}")


class Token(NamedTuple):
    """A word of the normal form, or the mask of an entity such as `<link>`."""

    text: str
    start: int
    """Where it begins in the normal form."""
    end: int


@dataclass(frozen=True)
class Normal:
    """A text in the form that checks match on; what few checks need is worked out on demand."""

    original: str
    text: str
    """Normalised: what only looks different is equal here."""
    offsets: tuple[int, ...]
    """For each character of `text`, where it began in `original`; one more entry, for the end."""
    tokens: tuple[Token, ...]
    entities: tuple[Entity, ...] = ()
    """Links, addresses and numbers in the order of the text, each masked in it."""

    @cached_property
    def script(self) -> Script:
        """How it is written."""
        return script_of(self.text)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The tokens, romanised and with the spelling folded away: for word lists only."""
        return tuple([fold(token.text) for token in self.tokens])

    @cached_property
    def skeletons(self) -> tuple[str, ...]:
        """The consonants of the folded tokens."""
        return tuple([skeleton(token.text) for token in self.tokens])

    def span(self, start: int, end: int) -> Span:
        """Return the part of the original behind `text[start:end]`."""
        # One letter of the original may have become several; a part of them is still that letter.
        first = self.offsets[start]
        return Span(first, max(self.offsets[end], first + 1))


def normalise(text: str) -> Normal:
    """Return the normal form of `text`, in time linear in its length.

    In order: letters that only look different; links, addresses and numbers behind masks; spellings of
    Devanagari; letters kept apart by spaces, points or emoji; digits and signs in place of letters;
    repetitions; masked letters and vowels left out of common words.
    """
    draft = Draft(text)
    if "%" in text:
        draft.edit((hit.start(), hit.end(), unquote(hit[0])) for hit in _PERCENT.finditer(text))
    if not draft.text.isascii():
        draft.edit((hit.start(), hit.end(), " ") for hit in _FLAG.finditer(draft.text) if _is_flag(hit[0]))
    draft.translate(LETTERS)
    found = entities.take(draft)
    if HAS.search(draft.text):
        devanagari.respell(draft)
    apart.join(draft)
    together.release(draft)
    together.complete(draft)
    apart.unleet(draft)
    apart.shorten(draft)
    if "  " in draft.text or "\n" in draft.text:
        draft.edit((*hit.span(), "\n" if "\n" in hit[0] else " ") for hit in _SPACES.finditer(draft.text))
    tokens = tuple([Token(hit[0], hit.start(), hit.end()) for hit in _TOKEN.finditer(draft.text)])
    return Normal(text, draft.text, tuple(draft.at), tokens, found)


def _is_flag(letters: str) -> bool:
    """Whether regional indicators are flags; more than one pair of different ones spells something."""
    return len(letters) <= _PAIR or letters == letters[:_PAIR] * (len(letters) // _PAIR)
