"""Measures what is shipped: `make evaluate DATA=folder`, on its JSONL files and on our held-out ones.

Flagged is what would come before a person or further: an intent of `review` or more.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sklearn.metrics import roc_auc_score

from services.moderation.domain.detectors.contract import Detector
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.detectors.topic import on_topic, profile
from services.moderation.domain.judging.judge import judge
from services.moderation.domain.judging.learned import Weights, features
from services.moderation.domain.judging.verdict import Category, Intent, Script
from services.moderation.domain.policy.document import DEFAULT, Rule
from services.moderation.domain.signals import read
from services.moderation.domain.text import normalise
from services.moderation.training.corpora import HEADS, HELD_OUT, Row, head_of, read_jsonl
from services.moderation.training.evasion import ATTACKS, disguised
from services.moderation.training.messages import CONTEXT, message_of
from services.moderation.weights import FILE, NoWeights, load

_AT_MOST = 6_000
"""Rows of one file that are measured."""

Judge = Callable[[str], bool]
"""Whether a text is flagged."""
_RULES = {"spam": "scam", "abuse": "abuse"}
_LEARNED = {"spam": "learned_spam", "abuse": "learned_abuse"}
_CATEGORIES = {"spam": {Category.SPAM, Category.SCAM}, "abuse": {Category.ABUSE}}
_TOPIC = ("blogging", "SEO"), ("ब्लॉगिंग", "एसईओ")
"""What the groups of the held-out messages about a topic have declared, in two scripts."""


def judged(checks: Mapping[str, Detector], head: str, rules: Sequence[Rule]) -> Judge:
    """Return what a policy of `rules` does: the real judge, as far as it is about `head`."""
    policy = replace(DEFAULT, document=DEFAULT.document.model_copy(update={"rules": tuple(rules)}))

    def decide(text: str) -> bool:
        verdict = judge(message_of(text), CONTEXT, policy, checks)
        return any(
            reason.finding.category in _CATEGORIES[head] and reason.finding.intent.rank >= Intent.REVIEW.rank
            for reason in verdict.reasons
        )

    return decide


def judges_of(checks: Mapping[str, Detector], head: str) -> dict[str, Judge]:
    """Return the judges that are compared: the learned check, our rules, both, and the policy built in."""
    alone = {
        "learned": (_LEARNED[head],),
        "rules": (_RULES[head],),
        "both": (_RULES[head], _LEARNED[head]),
    }
    compared = {
        name: judged(checks, head, [Rule(id="measured", checks={check: {} for check in some})])
        for name, some in alone.items()
    }
    return compared | {"policy": judged(checks, head, DEFAULT.document.rules)}


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
        for name, decide in judges.items():
            hits = [decide(row.text) for row in some]
            both = sum(hit and y for hit, y in zip(hits, truth, strict=True))
            harmful, flags = sum(truth), sum(hits)
            print(
                f"| {script} | {len(some)} | {harmful} | {name} | {_rate(both, flags)} | {_rate(both, harmful)} "
                f"| {_rate(flags - both, len(some) - harmful)} | {area if name == 'learned' else ''} |"
            )


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def losses(rows: Sequence[Row], decide: Judge) -> None:
    """Print the recall that each attack costs."""
    harmful = [row.text for row in rows if row.y]
    if not harmful:
        return
    plain = sum(map(decide, harmful)) / len(harmful)
    lost = []
    for attack in (*ATTACKS, "mix"):
        rng = random.Random(1)
        left = sum(decide(disguised(text, attack, rng)) for text in harmful) / len(harmful)
        lost.append(f"{attack} {100 * (plain - left):.1f}")
    print("\nRecall lost under attack, points: " + ", ".join(lost))


def topics(rows: Sequence[Row]) -> None:
    """Print how well the declared topic alone parts what is on topic from what is not."""
    print(
        "\n### On and off topic\n\n| declared | language | n | too short to say | AUC |\n|---|---|---|---|---|"
    )
    for declared in _TOPIC:
        topic = profile(declared)
        for language in ("all", *sorted({row.lang for row in rows})):
            some = [row for row in rows if language in {"all", row.lang}]
            scores = [on_topic(normalise(row.text), topic) for row in some]
            told = [(row.y, score) for row, score in zip(some, scores, strict=True) if score is not None]
            area = roc_auc_score([y for y, _ in told], [score for _, score in told])
            print(f"| {declared[0]} | {language} | {len(some)} | {len(some) - len(told)} | {area:.3f} |")


def speed(texts: Sequence[str], judges: dict[str, Judge], weights: Weights, path: Path) -> None:
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
    load(path)
    took = time.perf_counter() - start
    print(f"\nWeights {weights.version}: {path.stat().st_size / 1e6:.2f} MB, loaded in {took * 1e3:.0f} ms")


def main() -> int:
    """Print all tables; 0 also where there is nothing to measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="folder with JSONL files")
    parser.add_argument("--weights", type=Path, default=FILE, help="measure others than those shipped")
    arguments = parser.parse_args()
    weights = load(arguments.weights)
    if isinstance(weights, NoWeights):
        print(f"No weights: {weights.reason}. Run make train first.")
        return 0
    checks = shipped(weights)
    judges = {head: judges_of(checks, head) for head in HEADS}
    files = sorted(HELD_OUT.glob("*.jsonl"))
    if arguments.data:
        files += sorted(arguments.data.rglob("*.jsonl"))
    everything: list[str] = []
    for path in files:
        rows = list(read_jsonl(path))
        if len(rows) > _AT_MOST:
            rows = random.Random(1).sample(rows, _AT_MOST)
        everything += [row.text for row in rows[:300]]
        if path.stem.startswith("topic"):
            topics(rows)
            continue
        for head in [about] if (about := head_of(path)) else HEADS:
            for source in sorted({row.source for row in rows}):
                some = [row for row in rows if row.source == source]
                title = f"{path.parent.name}/{path.stem}: {source}"
                table(title, some, judges[head], weights, head)
            if path.parent == HELD_OUT:
                losses(rows, judges[head]["policy"])
    speed(everything[:1000], {"everything": judges["spam"]["policy"]}, weights, arguments.weights)
    return 0


if __name__ == "__main__":
    sys.exit(main())
