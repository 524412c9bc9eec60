"""The learned weights as a file: the only place where they are read or written."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.moderation.domain.judging.learned import BITS, KINDS, Head, Thresholds, Weights
from services.moderation.domain.signals import NAMES

FILE = Path(__file__).parent / "weights" / "moderation.npz"
"""The weights that are shipped."""
HEADS = ("spam", "abuse")
_NUMBERS = ("step", "bias", "slope", "offset", "log", "review", "act")
_MADE_FOR = (*KINDS, *NAMES)
"""The features that weights are about: others than these mean nothing by the same numbers."""
_LARGEST = 8_000_000
"""Bytes of an array: a damaged or foreign file must not take all memory."""


@dataclass(frozen=True, slots=True)
class NoWeights:
    """Why there are no weights; every other check works without them."""

    reason: str
    """`absent`, `damaged`, or `foreign`: made for other features than these."""


def load(path: Path = FILE) -> Weights | NoWeights:
    """Return the weights in a file, or why there are none. Never raises for what the file is like."""
    if not path.is_file():
        return NoWeights("absent")
    try:
        with zipfile.ZipFile(path) as archive:
            if any(part.file_size > _LARGEST for part in archive.infolist()):
                return NoWeights("damaged")
        with np.load(path, allow_pickle=False) as arrays:
            if tuple(str(name) for name in arrays["names"]) != _MADE_FOR:
                return NoWeights("foreign")
            heads = {name: _head(arrays, name) for name in HEADS}
            if str(arrays["version"]) != version_of(heads):
                return NoWeights("damaged")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return NoWeights("damaged")
    return Weights(version_of(heads), heads)


def save(heads: dict[str, Head], path: Path = FILE) -> str:
    """Write the weights and return their version."""
    version = version_of(heads)
    arrays: dict[str, np.ndarray] = {"names": np.array(_MADE_FOR), "version": np.array(version)}
    for name, head in heads.items():
        arrays[f"{name}_ngrams"] = head.ngrams
        arrays[f"{name}_signals"] = head.signals
        arrays[f"{name}_numbers"] = _numbers(head)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return version


def version_of(heads: dict[str, Head]) -> str:
    """Return a digest of everything that has an effect on scores."""
    digest = hashlib.sha256("\n".join(_MADE_FOR).encode())
    for name in sorted(heads):
        head = heads[name]
        for part in (head.ngrams, head.signals, _numbers(head)):
            digest.update(part.tobytes())
    return digest.hexdigest()[:12]


def _numbers(head: Head) -> np.ndarray:
    bands = head.thresholds
    values = (head.step, head.bias, head.slope, head.offset, bands.log, bands.review, bands.act)
    return np.array(values, dtype=np.float64)


def _head(arrays: np.lib.npyio.NpzFile, name: str) -> Head:
    ngrams, signals, numbers = (arrays[f"{name}_{part}"] for part in ("ngrams", "signals", "numbers"))
    size = int(ngrams.size)
    fits = ngrams.dtype == np.int8 and ngrams.ndim == 1 and 0 < size <= 1 << BITS and size & (size - 1) == 0
    if not fits or signals.shape != (len(NAMES),) or numbers.shape != (len(_NUMBERS),):
        raise ValueError(f"The head {name} has another shape.")
    if not (np.isfinite(signals).all() and np.isfinite(numbers).all()):
        raise ValueError(f"The head {name} has numbers that are none.")
    step, bias, slope, offset, log, review, act = (float(each) for each in numbers)
    return Head(ngrams, step, signals.astype(np.float32), bias, slope, offset, Thresholds(log, review, act))
