"""Messages as a sparse matrix, with exactly the features that are scored at run time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from services.moderation.domain.judging import learned
from services.moderation.domain.signals import NAMES, read
from services.moderation.domain.text import normalise


def featurise(texts: Sequence[str]) -> list[learned.Features]:
    """Return the features of each text."""
    return [learned.features(read(normalise(text))) for text in texts]


def document_frequencies(rows: Sequence[learned.Features], bits: int) -> npt.NDArray[np.float64]:
    """Return the inverse document frequency of every hash: log((1 + N) / (1 + df)) + 1."""
    shift = np.uint32(learned.BITS - bits)
    counts = np.zeros(1 << bits)
    for row in rows:
        counts[np.unique(row.ngrams >> shift)] += 1
    return np.asarray(np.log((1 + len(rows)) / (1 + counts)) + 1)


def matrix(rows: Sequence[learned.Features], bits: int, idf: npt.NDArray[np.float64]) -> sparse.csr_matrix:
    """Return a row for each message: n-grams, then signals."""
    shift = np.uint32(learned.BITS - bits)
    indices: list[npt.NDArray[np.int64]] = []
    values: list[npt.NDArray[np.float64]] = []
    ends = [0]
    for row in rows:
        places = (row.ngrams >> shift).astype(np.int64)
        marks = np.array(row.signals, dtype=np.int64) + (1 << bits)
        indices += places, marks
        values += idf[places] / row.norm, np.full(marks.size, learned.SIGNAL_WEIGHT)
        ends.append(ends[-1] + places.size + marks.size)
    made = sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(indices), np.array(ends)),
        shape=(len(rows), (1 << bits) + len(NAMES)),
    )
    made.sum_duplicates()
    return made
