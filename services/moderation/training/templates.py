"""Our own messages: templates with alternatives and slots, expanded by seed.

A file of `grammar/` is named `<kind>_<language>.txt`. A line `## name` opens a family, `= name: a | b` names
phrases for the rest of the file; every other line is a template, where `(a|b|)` is one of its alternatives and
`{slot}` is one of the phrases so named or is filled by `slots.py`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.moderation.training.slots import fill

GRAMMAR = Path(__file__).parent / "grammar"
_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")

HARMFUL = {"scam": "spam", "abuse": "abuse"}
"""Which head a kind of templates is a positive example for; other kinds are harmless to both."""


@dataclass(frozen=True, slots=True)
class Template:
    """One line of a grammar."""

    kind: str
    language: str
    family: str
    text: str
    phrases: Mapping[str, tuple[str, ...]]

    @property
    def is_composed(self) -> bool:
        """Whether it is put together from named phrases."""
        return any(name in self.phrases for name in _SLOT.findall(self.text))


def templates() -> Iterator[Template]:
    """Yield all templates, file by file."""
    for path in sorted(GRAMMAR.glob("*.txt")):
        kind, language = path.stem.split("_", 1)
        family = ""
        phrases: dict[str, tuple[str, ...]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                family = line[3:].strip()
            elif line.startswith("= "):
                name, listed = line[2:].split(":", 1)
                phrases[name.strip()] = tuple(each.strip() for each in listed.split(" | "))
            elif line.strip():
                yield Template(kind, language, family, line.strip(), phrases)


def expand(template: Template, rng: random.Random) -> str:
    """Return one message that the template stands for."""
    text = template.text
    while match := next((hit for hit in _SLOT.finditer(text) if hit[1] in template.phrases), None):
        text = text[: match.start()] + rng.choice(template.phrases[match[1]]) + text[match.end() :]
    while match := _CHOICE.search(text):
        text = text[: match.start()] + rng.choice(match[1].split("|")) + text[match.end() :]
    while match := _SLOT.search(text):
        text = text[: match.start()] + fill(match[1], rng) + text[match.end() :]
    return re.sub(r"\s+([,.!?।])", r"\1", re.sub(r"\s{2,}", " ", text)).strip(" ,")


_OPENING = ("🔥", "💰", "📢", "🙏", "👉", "✅", "😊", "Hello", "Hi", "Dear", "दोस्तों", "भाइयों", "नमस्ते", "Guys", "Bhai log",
            "Friends", "सुनो", "Suno")  # fmt: skip
_CLOSING = ("🙏", "👍", "🔥🔥", "💯", "😊", "!!!", "...", "धन्यवाद", "thanks", "👇", "✅", "please")


def decorate(text: str, rng: random.Random) -> str:
    """Return the text as people send it: with an opening, a closing, other case, line breaks, or as it is.

    Harmful and harmless messages are decorated alike, so that decoration says nothing.
    """
    if rng.random() < 0.25:
        text = f"{rng.choice(_OPENING)} {text}"
    if rng.random() < 0.25:
        text = f"{text} {rng.choice(_CLOSING)}"
    roll = rng.random()
    if roll < 0.12:
        text = text.lower()
    elif roll < 0.17:
        text = text.upper()
    elif roll < 0.25:
        text = re.sub(r"[,.!।] ", "\n", text)
    elif roll < 0.33:
        text = re.sub(r"[,.!।?](?=\s|$)", "", text)
    return text
