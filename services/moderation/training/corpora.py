"""What is learned from and measured on: corpora in a folder given by hand, and our own messages."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.moderation.training.evasion import ATTACKS, disguised
from services.moderation.training.templates import HARMFUL, decorate, expand, templates

_HARMFUL_LINES = {"spam": "spam", "abuse": "abuse"}
"""Which head a kind of lines is a positive example for; `ham` and `fair` are harmless to both."""

HELD_OUT = Path(__file__).parent / "held_out"
LINES = Path(__file__).parent / "lines"
HEADS = ("spam", "abuse")
_COMPOSED = 5
"""How much more often a template that is put together from phrases is expanded."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message."""

    text: str
    y: int
    source: str
    """Where it is from; for our own, with kind, language, family and number of the template."""
    lang: str = ""
    kind: str = ""


def read_jsonl(path: Path) -> Iterator[Row]:
    """Yield the rows of one file; lines that are no labelled message are left out."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            raw = json.loads(line)
            yield Row(
                str(raw["text"]),
                int(raw["y"]),
                str(raw.get("source", path.stem)),
                str(raw.get("lang", "")),
                str(raw.get("kind", "")),
            )
        except (ValueError, KeyError, TypeError):
            continue


def head_of(path: Path) -> str | None:
    """Return which head a file is about: `spam`, `abuse`, or None for plain harmless text."""
    return next((head for head in HEADS if head in path.stem), None)


def own(seed: int, each: Mapping[str, int]) -> dict[str, list[Row]]:
    """Return our own messages for each head: `each` says how often a template of a kind is expanded."""
    rng = random.Random(seed)
    rows: dict[str, list[Row]] = {head: [] for head in HEADS}
    for number, template in enumerate(templates()):
        seen: set[str] = set()
        for _ in range(each[template.kind] * (_COMPOSED if template.is_composed else 1)):
            text = expand(template, rng)
            if text in seen:
                continue
            seen.add(text)
            text = decorate(text, rng)
            source = f"own_{template.kind}_{template.language}/{template.family}/{number}"
            for head in HEADS:
                y = int(HARMFUL.get(template.kind) == head)
                rows[head].append(Row(text, y, source, template.language, template.kind))
    return rows


def lines() -> dict[str, list[Row]]:
    """Return the lines of `lines/` for each head; the source of one is `line_<kind>_<lang>/<author>/<family>`."""
    rows: dict[str, list[Row]] = {head: [] for head in HEADS}
    for path in sorted(LINES.glob("*.jsonl")):
        kind, language = path.stem.split("_", 1)
        for raw in path.read_text(encoding="utf-8").splitlines():
            line = json.loads(raw)
            source = f"line_{kind}_{language}/{line['author']}/{line['family']}"
            for head in HEADS:
                y = int(_HARMFUL_LINES.get(kind) == head)
                rows[head].append(Row(line["text"], y, source, language, kind))
    return rows


def attacked(rows: list[Row], share_harmful: float, share_harmless: float, seed: int) -> list[Row]:
    """Return attacked copies of a share of the rows: mostly of harmful ones, which have a reason to hide."""
    rng = random.Random(seed)
    names = (*ATTACKS, "mix", "masked", "vowelless", "respelled")
    return [
        Row(disguised(row.text, rng.choice(names), rng), row.y, row.source, row.lang, row.kind)
        for row in rows
        if rng.random() < (share_harmful if row.y else share_harmless)
    ]
