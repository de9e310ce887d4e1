"""The records nearest to a vector, and where there are none, those that share a record's rare words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.tokens import row_hashes
from pastwatch.stages.lookback.rank import K1, KEY16, B, words_in

WORDS: Final = 40
"""So many of a record's words, the most telling of them, are looked for in others."""

Vectors = npt.NDArray[np.float32]
Hashes = npt.NDArray[np.uint32]


class Near(NamedTuple):
    """A record and how alike it is: a cosine by vectors, a BM25 score by words."""

    record_id: bytes
    likeness: float


def nearest(
    runs: Iterable[tuple[list[bytes], Vectors]],
    asked: Vectors,
    *,
    count: int,
    within: Callable[[bytes], bool],
) -> list[Near]:
    """So many records with the vectors nearest to `asked`, best first; all are unit vectors.

    `within` says of a record whether it may be among them. A run at a time is in memory.
    """
    best: list[Near] = []
    for ids, table in runs:
        likeness = table @ asked
        floor = best[-1].likeness if len(best) == count else -np.inf
        taken = 0
        for at in np.argsort(-likeness, kind="stable").tolist():
            if likeness[at] <= floor or taken == count:
                break
            if within(ids[at]):
                best.append(Near(ids[at], float(likeness[at])))
                taken += 1
        once = {near.record_id: near for near in reversed(best)}
        best = sorted(once.values(), key=lambda near: (-near.likeness, near.record_id))[:count]
    return best


def words_of_text(text: str) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """The hashes of a text's words, each once, and how often each stands in it."""
    octets = text.encode("utf-8", "surrogatepass")
    hashes, _ = row_hashes((octets, np.array([0, len(octets)], np.int64)), KEY16)
    return np.unique(hashes, return_counts=True)


def by_words(
    blocks: Callable[[], Iterator[OpenBlock]], text: str, *, count: int, leave_out: bytes
) -> list[Near]:
    """So many records that share the most telling words of a text, by BM25, best first.

    The slice is read twice: once for how rare each word is, once for who has the rarest.
    """
    hashes, times = words_of_text(text)
    if not len(hashes):
        return []
    holding, records = np.zeros(len(hashes), np.int64), 0
    length = 0
    for block in blocks():
        found, owners = words_in(block)
        keys, _ = _met(hashes, found, owners, len(block.rows))
        holding += np.bincount(keys // len(block.rows), minlength=len(hashes))
        records += len(block.rows)
        length += len(found)
    rarity = np.log1p((records - holding + 0.5) / (holding + 0.5))
    telling = np.where(holding > 1, rarity * np.minimum(times, 3), 0.0)
    chosen = np.sort(np.argsort(-telling, kind="stable")[:WORDS])
    chosen = chosen[telling[chosen] > 0]
    return _scored(
        blocks(),
        hashes[chosen],
        rarity[chosen],
        mean=max(length / max(records, 1), 1.0),
        count=count,
        leave_out=leave_out,
    )


def _scored(
    blocks: Iterable[OpenBlock],
    hashes: Hashes,
    rarity: npt.NDArray[np.float64],
    *,
    mean: float,
    count: int,
    leave_out: bytes,
) -> list[Near]:
    best: list[Near] = []
    if not len(hashes):
        return best
    for block in blocks:
        size = len(block.rows)
        found, owners = words_in(block)
        keys, times = _met(hashes, found, owners, size)
        lengths = np.bincount(owners, minlength=size)
        rows = keys % size
        damp = K1 * (1 - B + B * lengths[rows] / mean)
        score = np.bincount(
            rows, rarity[keys // size] * times * (K1 + 1) / (times + damp), minlength=size
        )
        ids = block.ids()
        best += [
            Near(ids[row], float(score[row]))
            for row in np.argsort(-score, kind="stable")[: count + 1].tolist()
            if score[row] > 0 and ids[row] != leave_out
        ]
        best = sorted(best, key=lambda near: (-near.likeness, near.record_id))[:count]
    return best


def _met(
    hashes: Hashes, found: Hashes, owners: npt.NDArray[np.int64], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(number of a hash × size + row, times) of every hash that a row has."""
    at = np.minimum(np.searchsorted(hashes, found), len(hashes) - 1)
    held = np.flatnonzero(hashes[at] == found)
    keys, times = np.unique(at[held] * size + owners[held], return_counts=True)
    return keys, times.astype(np.int64)
