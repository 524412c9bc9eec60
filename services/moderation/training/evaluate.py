"""Measures what is shipped: `make evaluate DATA=folder`, on its JSONL files and on our held-out ones.

Flagged is what would come before a person or further: an intent of `review` or more.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sklearn.metrics import roc_auc_score

from services.moderation.domain.detectors.abuse import Abuse
from services.moderation.domain.detectors.contract import Detector
from services.moderation.domain.detectors.learned import LearnedAbuse, LearnedSpam
from services.moderation.domain.detectors.scam import Scam
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.learned import Weights, features
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Intent, Script
from services.moderation.domain.signals import read
from services.moderation.domain.text import normalise
from services.moderation.training.corpora import HELD_OUT, Row, head_of, read_jsonl
from services.moderation.training.evasion import ATTACKS, disguised
from services.moderation.weights import FILE, NoWeights, load
from shared.contracts.gateway import MessageKind

_AT_MOST = 6_000
"""Rows of one file that are measured."""
_NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_CONTEXT = Context(now=_NOW)

Judge = Callable[[str], float]
"""A score for a text, 1 or more where it is flagged."""


def message_of(text: str) -> Message:
    """Return a text as a message to be judged."""
    return Message("m", "c", "a", MessageKind.TEXT, normalise(text), _NOW)


def flagged_by(*detectors: Detector) -> Judge:
    """Return a judge that puts findings together as a policy with these checks does: the furthest counts."""

    def judge(text: str) -> float:
        message = message_of(text)
        findings = [
            each for detector in detectors for each in detector.find(message, _CONTEXT, detector.settings())
        ]
        stopped = any(each.intent.rank >= Intent.REVIEW.rank for each in findings)
        return stopped + max((each.score for each in findings), default=0.0)

    return judge


def table(title: str, rows: Sequence[Row], judges: dict[str, Judge], weights: Weights, head: str) -> None:
    """Print precision, recall, false-positive rate and AUC for each script and judge."""
    print(f"\n### {title} ({head})\n")
    print("| script | n | harmful | judge | precision | recall | FPR | AUC of the model |")
    print("|---|---|---|---|---|---|---|---|")
    by_script: dict[str, list[Row]] = {"all": list(rows)}
    for row in rows:
        known = {"hi": Script.DEVANAGARI, "hing": Script.HINGLISH, "en": Script.ENGLISH}.get(row.lang)
        by_script.setdefault(str(known or normalise(row.text).script), []).append(row)
    for script, some in sorted(by_script.items()):
        truth = [row.y for row in some]
        chances = [weights.heads[head].probability(features(read(normalise(row.text)))) for row in some]
        area = f"{roc_auc_score(truth, chances):.3f}" if len(set(truth)) > 1 else "–"
        for name, judge in judges.items():
            hits = [judge(row.text) >= 1 for row in some]
            both = sum(hit and y for hit, y in zip(hits, truth, strict=True))
            harmful, flags = sum(truth), sum(hits)
            print(
                f"| {script} | {len(some)} | {harmful} | {name} | {_rate(both, flags)} | {_rate(both, harmful)} "
                f"| {_rate(flags - both, len(some) - harmful)} | {area if name == 'learned' else ''} |"
            )


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def losses(rows: Sequence[Row], judge: Judge) -> None:
    """Print the recall that each attack costs."""
    harmful = [row.text for row in rows if row.y]
    if not harmful:
        return
    plain = sum(judge(text) >= 1 for text in harmful) / len(harmful)
    lost = []
    for attack in (*ATTACKS, "mix"):
        rng = random.Random(1)
        left = sum(judge(disguised(text, attack, rng)) >= 1 for text in harmful) / len(harmful)
        lost.append(f"{attack} {100 * (plain - left):.1f}")
    print("\nRecall lost under attack, points: " + ", ".join(lost))


def speed(texts: Sequence[str], judges: dict[str, Judge], weights: Weights) -> None:
    """Print the median time per message and what the weights cost."""

    def model(text: str) -> float:
        seen = features(read(normalise(text)))
        return sum(head.probability(seen) for head in weights.heads.values())

    print("\n| stage | p50 µs |\n|---|---|")
    for name, work in {
        "normalise": lambda text: float(len(normalise(text).text)),
        "model": model,
        **judges,
    }.items():
        times = []
        for text in texts:
            start = time.perf_counter()
            work(text)
            times.append(time.perf_counter() - start)
        print(f"| {name} | {statistics.median(times) * 1e6:.0f} |")
    start = time.perf_counter()
    load()
    took = time.perf_counter() - start
    print(f"\nWeights {weights.version}: {FILE.stat().st_size / 1e6:.2f} MB, loaded in {took * 1e3:.0f} ms")


def main() -> int:
    """Print all tables; 0 also where there is nothing to measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="folder with JSONL files")
    arguments = parser.parse_args()
    weights = load()
    if isinstance(weights, NoWeights):
        print(f"No weights: {weights.reason}. Run make train first.")
        return 0
    rules: dict[str, Detector] = {"spam": Scam(), "abuse": Abuse()}
    learned: dict[str, Detector] = {"spam": LearnedSpam(weights), "abuse": LearnedAbuse(weights)}
    whole = flagged_by(*rules.values(), *learned.values())
    files = sorted(HELD_OUT.glob("*.jsonl"))
    if arguments.data:
        files += sorted(arguments.data.rglob("*.jsonl"))
    everything: list[str] = []
    for path in files:
        rows = list(read_jsonl(path))
        if len(rows) > _AT_MOST:
            rows = random.Random(1).sample(rows, _AT_MOST)
        everything += [row.text for row in rows[:300]]
        for head in [about] if (about := head_of(path)) else list(rules):
            judges = {
                "learned": flagged_by(learned[head]),
                "rules": flagged_by(rules[head]),
                "both": flagged_by(rules[head], learned[head]),
            }
            for source in sorted({row.source for row in rows}):
                some = [row for row in rows if row.source == source]
                title = f"{path.parent.name}/{path.stem}: {source}"
                table(title, some, judges, weights, head)
            if path.parent == HELD_OUT:
                losses(rows, judges["both"])
    speed(everything[:1000], {"everything": whole}, weights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
