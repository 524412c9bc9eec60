"""Writes `domain/lexicon/common.txt`: the words by which disguised ones are put together again.

`python -m services.moderation.training.vocabulary` collects them from our own templates and word lists.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from services.moderation.domain import lexicon
from services.moderation.domain.signals.words import NOTIONS
from services.moderation.domain.text import normalise
from services.moderation.training.templates import GRAMMAR

_FILE = Path(lexicon.__file__).parent / "common.txt"
_WORD = re.compile("[a-z]{3,16}|[\u0900-\u0963]{3,24}")
_SLOT = re.compile(r"\{\w+\}|^##.*$|^= \w+:", re.MULTILINE)
_LISTS = (
    "hindi_romanised",
    "stop_words",
    "small_talk",
    "greetings",
    "topics",
    "first_person",
    "second_person",
)
_SUMS = "lakh lakhs crore thousand hazar hajar rupees rupaye rupay rupaiye लाख करोड हजार रुपये रुपए"
_A_LINE = 110
_HEAD = "# Words of group chats, made by services/moderation/training/vocabulary.py: for words taken apart or masked.\n"


def vocabulary() -> list[str]:
    """Return the words of our templates, signals and lists of everyday words, each once, the most frequent first."""
    texts = [_SLOT.sub(" ", path.read_text(encoding="utf-8")) for path in GRAMMAR.glob("*.txt")]
    texts += [listed.replace("_", " ").replace("*", " ") for listed in NOTIONS.values()]
    texts += [" ".join(lexicon.words(name)) for name in _LISTS]
    texts.append(_SUMS)
    found = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    counts: Counter[str] = Counter()
    for word, count in found.items():
        counts[normalise(word).text] += count
    return sorted((word for word in counts if _WORD.fullmatch(word)), key=lambda word: (-counts[word], word))


def main() -> int:
    """Write the file."""
    lines = [_HEAD]
    line = ""
    for word in vocabulary():
        if len(line) + len(word) > _A_LINE:
            lines.append(f"{line.strip()}\n")
            line = ""
        line += f" {word}"
    lines.append(f"{line.strip()}\n")
    _FILE.write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
