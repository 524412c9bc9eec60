"""Learns the weights: `make train DATA=folder`. The README beside this file says what the folder holds."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from services.moderation.domain.detectors.abuse import Abuse, AbuseSettings
from services.moderation.domain.judging.learned import Features, Head, Thresholds
from services.moderation.domain.lexicon.matching import Lexicon, shipped
from services.moderation.domain.signals import NAMES
from services.moderation.domain.text import normalise
from services.moderation.training.corpora import Row, attacked, head_of, lines, own, read_jsonl
from services.moderation.training.matrix import document_frequencies, featurise, matrix
from services.moderation.training.messages import CONTEXT, message_of
from services.moderation.weights import FILE, save

BITS = {"spam": 18, "abuse": 18}
SEED = 20261123
EACH = {"scam": 20, "talk": 30, "abuse": 30, "fair": 40}
"""How often a template is expanded."""
MASS_OF_CORPORA: Mapping[str, tuple[float, float]] = {"spam": (1.5, 0.3), "abuse": (0.6, 0.05)}
"""What all harmless and all harmful rows of the corpora weigh, where each half of the templates weighs 1.

They are foreign to our groups. For spam, harmless talk of other people has to weigh enough that ordinary Hinglish and
our own harmless lines allow the same threshold: with .2 the first, with 5 the second would cost a quarter of what is
found. What tweets call abuse is mostly slurs, which the word list sees; more of their harmless half costs recall on our
own lines faster than it lowers what is flagged of ordinary Hinglish.
"""
MASS_OF_LINES: Mapping[str, float] = {"spam": 20.0, "abuse": 3.0}
"""What each half of the lines weighs, where that of the templates weighs 1: templates repeat themselves.

With kinds of fraud and authors left out, from 3 to 20 hardly differ for abuse; for spam 20 is the best of three."""
STRENGTH: Mapping[str, float] = {"spam": 1.0, "abuse": 1.0}
"""Inverse of the regularisation, `C`; from 1 to 5 left-out kinds and authors hardly differ."""
NEAR = {"spam": "ham", "abuse": "fair"}
"""The kind of lines that is closest to what a head looks for and harmless: thresholds are chosen on it."""
FOLDS = 5
KEPT_OF_OTHER = 0.3
"""Share of the other head's rows that are shown as harmless."""

_CUES = frozenset(
    NAMES.index(name)
    for name in ("insult", "threat", "group_contempt", "group_expel", "group_insult", "women_demean", "rude_insult",
                 "rude_contempt", "you_insult")
)  # fmt: skip

Scores = npt.NDArray[np.float64]


def gather(data: Path, head: str) -> list[Row]:
    """Return the rows to learn `head` from: its corpora, part of the other head's as harmless, and our own."""
    rng = random.Random(SEED)
    rows: list[Row] = []
    for path in sorted((data / "train").glob("*.jsonl")):
        about = head_of(path)
        for row in read_jsonl(path):
            if about == head:
                rows.append(row)
            # Political talk is no spam, and spam no abuse; of tweets those with slurs could be either.
            elif (about == "abuse" and (row.y == 0 or row.source.startswith("trac"))) or (
                about == "spam" and row.y == 0 and rng.random() < KEPT_OF_OTHER
            ):
                rows.append(replace(row, y=0))
    return rows + own(SEED, EACH)[head] + lines()[head]


def doubtful(row: Row, features: Features) -> bool:
    """Whether a row is labelled aggressive though nothing in it is abuse: political talk, mostly, of TRAC."""
    if row.y == 0 or not row.source.startswith("trac"):
        return False
    return not _CUES & set(features.signals) and not _has_slur(row.text)


def weigh(rows: Sequence[Row], name: str) -> Scores:
    """Return a weight for each row: sources by the root of their size, classes alike, corpora as one."""
    sizes = Counter((_group(row), row.y) for row in rows)
    weights = np.array([sizes[_group(row), row.y] ** -0.5 for row in rows])
    is_line = np.array([_is_line(row) for row in rows])
    is_template = np.array([_is_own(row) for row in rows]) & ~is_line
    harmful = np.array([row.y == 1 for row in rows])
    harmless_mass, harmful_mass = MASS_OF_CORPORA[name]
    for part, masses in (
        (is_template, (1.0, 1.0)),
        (is_line, (MASS_OF_LINES[name],) * 2),
        (~is_template & ~is_line, (harmful_mass, harmless_mass)),
    ):
        for half, mass in zip((part & harmful, part & ~harmful), masses, strict=True):
            if half.any():
                weights[half] *= mass / weights[half].sum()
    return np.asarray(weights * len(rows) / weights.sum())


def fit(
    rows: Sequence[Row], features: Sequence[Features], name: str
) -> tuple[Scores, npt.NDArray[np.float64], float]:
    """Return the inverse document frequencies, the coefficients and the bias."""
    bits = BITS[name]
    idf = document_frequencies(features, bits)
    model = LogisticRegression(C=STRENGTH[name], solver="liblinear", tol=1e-2, max_iter=60, random_state=SEED)
    model.fit(matrix(features, bits, idf), [row.y for row in rows], sample_weight=weigh(rows, name))
    return idf, np.asarray(model.coef_[0]), float(model.intercept_[0])


def left_out(
    rows: Sequence[Row], features: Sequence[Features], name: str, fold_of: Callable[[Row], str]
) -> Scores:
    """Return for each row the score of a model that has not seen its fold; rows of the fold `""` stay in."""
    folds = np.array([fold_of(row) for row in rows])
    scores = np.zeros(len(rows))
    for fold in sorted(set(folds) - {""}):
        out = folds == fold
        kept = np.flatnonzero(~out).tolist()
        idf, coefficients, bias = fit([rows[at] for at in kept], [features[at] for at in kept], name)
        away = np.flatnonzero(out).tolist()
        scores[away] = matrix([features[at] for at in away], BITS[name], idf) @ coefficients + bias
        truth = [rows[at].y for at in away]
        if len(set(truth)) > 1:
            print(f"  left out {fold:<16} n={len(truth):<6} AUC {roc_auc_score(truth, scores[away]):.3f}")
    return scores


def quantised(idf: Scores, coefficients: Scores, bias: float, bits: int) -> Head:
    """Return a head of small integers, not yet calibrated; the largest weights in ten thousand are cut."""
    size = 1 << bits
    ngrams = coefficients[:size] * idf
    step = float(np.quantile(np.abs(ngrams[ngrams != 0]), 0.9999)) / 127
    small = np.clip(np.round(ngrams / step), -127, 127).astype(np.int8)
    signals = coefficients[size:].astype(np.float32)
    return Head(small, step, signals, bias, 1.0, 0.0, Thresholds(1.0, 1.0, 1.0))


def calibrated(head: Head, rows: Sequence[Row], scores: Scores) -> Head:
    """Return the head with Platt's line through the left-out scores of our own lines."""
    ours = np.array([_is_line(row) for row in rows])
    line: Any = LogisticRegression(C=1e3)
    line.fit(scores[ours].reshape(-1, 1), np.array([row.y for row in rows])[ours])
    return replace(head, slope=float(line.coef_[0][0]), offset=float(line.intercept_[0]))


_LARGEST_RATES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "spam": {"log": (0.08, 0.02), "review": (0.03, 0.005), "act": (0.005, 0.001)},
    "abuse": {"log": (0.08, 0.08), "review": (0.02, 0.04), "act": (0.005, 0.005)},
}
"""How much harmless talk may be in each band: of our own lines, left out, and of ordinary Hinglish.

The lines are those closest to what is harmful, each scored by a model that saw neither its author on the subject nor
the subject itself: a group sees less. Ordinary Hinglish has abuse in it that nobody labelled, so more is allowed to the
head that looks for it."""


def with_thresholds(head: Head, name: str, talk: Scores, ordinary: Scores) -> Head:
    """Return the head with the lowest thresholds that both kinds of harmless text bear; takes raw scores."""
    bands = {}
    for band, (of_talk, of_ordinary) in _LARGEST_RATES[name].items():
        raw = max(float(np.quantile(talk, 1 - of_talk)), float(np.quantile(ordinary, 1 - of_ordinary)))
        bands[band] = float(1 / (1 + np.exp(-(head.slope * raw + head.offset))))
    return replace(head, thresholds=Thresholds(**bands))


def learn(data: Path, name: str, *, by_source: bool, by_author: bool) -> Head:
    """Return the head `name`, learned, calibrated and with its thresholds; first show what is left out."""
    print(f"{name}:")
    rows = gather(data, name)
    features = featurise([row.text for row in rows])
    kept = [at for at, row in enumerate(rows) if not doubtful(row, features[at])]
    rows, features = [rows[at] for at in kept], [features[at] for at in kept]
    copies = attacked([row for row in rows if _is_own(row)], 0.5, 0.1, SEED)
    rows, features = rows + copies, features + featurise([row.text for row in copies])
    if by_source:
        left_out(rows, features, name, _source)
    if by_author:
        _show_authors(rows, left_out(rows, features, name, _author))
    scores = left_out(rows, features, name, _template)
    head = calibrated(quantised(*fit(rows, features, name), BITS[name]), rows, scores)
    _show(head, rows, scores)
    talk = np.array([score for row, score in zip(rows, scores, strict=True) if row.kind == NEAR[name]])
    return with_thresholds(head, name, talk, _ordinary(data, name, head))


def _show(head: Head, rows: Sequence[Row], scores: Scores) -> None:
    """Print what thresholds cost and bring on our own lines, each family of them left out."""
    ours = np.array([_is_line(row) for row in rows])
    harmful = np.array([row.y == 1 for row in rows])
    for rate in (0.005, 0.01, 0.02, 0.04, 0.06):
        raw = float(np.quantile(scores[ours & ~harmful], 1 - rate))
        least = 1 / (1 + np.exp(-(head.slope * raw + head.offset)))
        print(
            f"  from {least:.3f} on {rate:.1%} of the harmless, {(scores[ours & harmful] >= raw).mean():.1%} of the others"
        )


def _ordinary(data: Path, name: str, head: Head) -> Scores:
    """Return the scores of ordinary harmless messages, none of which is learned from."""
    texts = [
        row.text
        for path in sorted((data / "validate").glob("*.jsonl"))
        if head_of(path) is None
        for row in read_jsonl(path)
        if row.y == 0
    ]
    if name == "abuse":
        texts = [text for text in texts if not _is_abusive(text)]
    return np.array([head.score(each) for each in featurise(texts)] or [-np.inf])


def _has_slur(text: str) -> bool:
    return any(True for _ in _lexicon().hits(normalise(text)))


def _is_abusive(text: str) -> bool:
    """Whether our rules see abuse: in tweets that nobody labelled there is plenty."""
    return bool(_rules().find(message_of(text), CONTEXT, AbuseSettings()))


@cache
def _rules() -> Abuse:
    return Abuse()


@cache
def _lexicon() -> Lexicon:
    return shipped()


def _show_authors(rows: Sequence[Row], scores: Scores) -> None:
    """Print by author and language what is found of lines by a model that saw nothing of the author."""
    for author in sorted({_author(row) for row in rows} - {""}):
        some = [(row, score) for row, score in zip(rows, scores, strict=True) if _author(row) == author]
        least = float(np.quantile([score for row, score in some if row.y == 0], 0.97))
        for language in ("hi", "hing", "en"):
            hits = [score > least for row, score in some if row.y == 1 and row.lang == language]
            if hits:
                print(
                    f"  {author} unseen, {language}: {np.mean(hits):.1%} where 3 % of the harmless are flagged"
                )


def _is_own(row: Row) -> bool:
    return row.source.startswith("own") or _is_line(row)


def _is_line(row: Row) -> bool:
    return row.source.startswith("line")


def _author(row: Row) -> str:
    """Return who wrote a line: left out together to see how well others' words are understood."""
    return f"author {row.source.split('/')[1]}" if _is_line(row) else ""


def _group(row: Row) -> str:
    return row.source.split("/")[0] if _is_own(row) else f"{row.source}/{row.lang}"


def _source(row: Row) -> str:
    """Return what is left out together to choose a model: a corpus, or families of our own in all languages."""
    if not _is_own(row):
        # The machine-translated messages are the English ones again.
        return row.source.split("_")[0]
    return f"own {sum(row.source.split('/')[1].encode()) % FOLDS}"


def _template(row: Row) -> str:
    """Return what is left out together to calibrate: a template or a family of lines, with their attacked copies."""
    if _is_line(row):
        return f"own {crc32(row.source.split('/', 1)[1].encode()) % FOLDS}"
    return f"own {int(row.source.rsplit('/', 1)[1]) % FOLDS}" if _is_own(row) else ""


def main() -> int:
    """Learn both heads and write the file of weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with train/ and validate/")
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--by-source", action="store_true", help="first measure with each source left out")
    parser.add_argument("--by-author", action="store_true", help="first measure with each author left out")
    arguments = parser.parse_args()
    if not (arguments.data / "train").is_dir():
        print(f"{arguments.data} has no folder train/; see services/moderation/training/README.md.")
        return 2
    # The solver calls for vectors so short that threads of the linear algebra only wait for each other.
    with threadpool_limits(1):
        heads = {
            name: learn(arguments.data, name, by_source=arguments.by_source, by_author=arguments.by_author)
            for name in BITS
        }
    for name, head in heads.items():
        print(f"{name}: {head.thresholds}, Platt {head.slope:.3f} x + {head.offset:.3f}")
    print(f"version {save(heads, arguments.out)}, {arguments.out.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
