"""The words of records about to be sealed, by record: found once, for watches and the token index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.columns import part_texts, text_column
from pastwatch.archive.tokens import Hashes, Int64s, distinct, row_hashes

Words = tuple[Hashes, Int64s]
"""The hash of each word of some records, beside the record it stands in."""


class _Run(NamedTuple):
    """Hashes in the order of their records, and where those of each record start."""

    hashes: Hashes
    starts: Int64s


class RowWords:
    """The words of batches, end to end, under one key; 4 bytes a word of memory."""

    def __init__(self, key16: bytes) -> None:
        self.key16 = key16
        self._firsts: list[int] = []
        self._runs: list[list[_Run]] = []
        self._count = 0

    def add(self, rows: pa.RecordBatch) -> Words:
        """Find the words of the next batch: of subjects, texts and attachments."""
        parts, owners, _ = part_texts(rows.column("parts"))
        found = [row_hashes(text_column(rows.column(n)), self.key16) for n in ("subject", "text")]
        hashes, at = row_hashes(parts, self.key16)
        found.append((hashes, owners[at]))
        count = rows.num_rows
        self._firsts.append(self._count)
        self._runs.append([run for words in found for run in _runs(*words, count)])
        self._count += count
        return np.concatenate([h for h, _ in found]), np.concatenate([r for _, r in found])

    def of(self, chosen: npt.NDArray[np.int64]) -> Hashes:
        """The distinct hashes of these records, sorted: as `tokens.block_hashes` of their columns."""
        batch = np.searchsorted(self._firsts, chosen, side="right") - 1
        found = [np.zeros(0, np.uint32)]
        for number in np.unique(batch).tolist():
            own = chosen[batch == number] - self._firsts[number]
            for hashes, starts in self._runs[number]:
                places = zip(starts[own].tolist(), starts[own + 1].tolist(), strict=True)
                found += [hashes[first:last] for first, last in places if first < last]
        return distinct(np.concatenate(found))


def _runs(hashes: Hashes, rows: Int64s, count: int) -> list[_Run]:
    """What `row_hashes` gives, cut where its rows begin anew: words of more than ASCII come last."""
    cut = np.flatnonzero(rows[1:] < rows[:-1]) + 1
    every = np.arange(count + 1)
    pieces = zip(np.split(hashes, cut), np.split(rows, cut), strict=True)
    return [_Run(own, np.searchsorted(at, every)) for own, at in pieces if len(own)]
