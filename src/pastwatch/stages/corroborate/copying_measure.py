"""How much of two reports is the same, word for word and sentence by sentence, with the bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pastwatch.stages.corroborate.copying_words import Weights, Words

_SEED = 4
_PASSAGE_WORDS = 6
"""A run of fewer same words is a turn of phrase."""
_LEAST_SENTENCE = 0.34
"""A sentence answers another when so much of the weight of the shorter one is in both."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of the same words in two reports: places of words, end excluded."""

    a: int
    b: int
    length: int


@dataclass(frozen=True)
class Measured:
    """Two reports compared; `a` and `b` as they were given, shares of all their words."""

    a: Words
    b: Words
    passages: tuple[Passage, ...]
    """Longest first; no word of either report is in two of them."""
    told_a: float
    """The share of a's weight that b tells too, in the same order."""
    told_b: float
    aligned: tuple[tuple[int, int], ...]
    """The sentences that answer each other, in order."""

    @cached_property
    def same_a(self) -> float:
        """The share of a's own words, outside quotation marks, that stand in b word for word."""
        return self._same(self.a, [(p.a, p.length) for p in self.passages])

    @cached_property
    def same_b(self) -> float:
        """The share of b's own words, outside quotation marks, that stand in a word for word."""
        return self._same(self.b, [(p.b, p.length) for p in self.passages])

    @cached_property
    def longest_own(self) -> int:
        """How many words the longest same run has outside quotation marks."""
        runs = (self._own_run(p) for p in self.passages)
        return max(runs, default=0)

    @cached_property
    def own_words(self) -> int:
        """How many of the same words stand outside quotation marks."""
        return sum(int((~self.a.quoted[p.a : p.a + p.length]).sum()) for p in self.passages)

    def _own_run(self, passage: Passage) -> int:
        longest = run = 0
        for inside in self.a.quoted[passage.a : passage.a + passage.length]:
            run = 0 if inside else run + 1
            longest = max(longest, run)
        return longest

    @staticmethod
    def _same(words: Words, runs: Sequence[tuple[int, int]]) -> float:
        own = ~words.quoted
        total = int(own.sum())
        if not total:
            return 0.0
        return sum(int(own[at : at + length].sum()) for at, length in runs) / total


def measure(a: Words, b: Words, weights: Weights) -> Measured:
    """Compare two reports."""
    told_a, told_b, aligned = _told(a, b, weights)
    return Measured(a, b, _passages(a, b), told_a, told_b, aligned)


def _passages(a: Words, b: Words) -> tuple[Passage, ...]:
    """The longest same runs first, each word in one of them (greedy string tiling, Wise 1993)."""
    where: defaultdict[int, list[int]] = defaultdict(list)
    for at, gram in enumerate(b.grams(_SEED).tolist()):
        where[gram].append(at)
    runs: dict[tuple[int, int], int] = {}
    before: dict[int, int] = {}
    for at, gram in enumerate(a.grams(_SEED).tolist()):
        now: dict[int, int] = {}
        for place in where.get(gram, ()):
            length = before.get(place - 1, 0) + 1
            now[place] = length
            start = (at - length + 1, place - length + 1)
            runs[start] = length + _SEED - 1
        before = now
    taken_a, taken_b = np.zeros(len(a), bool), np.zeros(len(b), bool)
    kept: list[Passage] = []
    waiting = sorted(((n, i, j) for (i, j), n in runs.items()), reverse=True)
    for length, i, j in waiting:
        free = ~(taken_a[i : i + length] | taken_b[j : j + length])
        for first, last in _stretches(free.tolist()):
            if last - first >= _PASSAGE_WORDS:
                kept.append(Passage(i + first, j + first, last - first))
                taken_a[i + first : i + last] = True
                taken_b[j + first : j + last] = True
    kept.sort(key=lambda p: (-p.length, p.a))
    return tuple(kept)


def _stretches(free: Sequence[bool]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = None
    for at, is_free in enumerate([*free, False]):
        if is_free and start is None:
            start = at
        elif not is_free and start is not None:
            found.append((start, at))
            start = None
    return found


def _told(a: Words, b: Words, weights: Weights) -> tuple[float, float, tuple[tuple[int, int], ...]]:
    """The share of each report's weight that stands in sentences answered in order by the other."""
    (held_a, sums_a, _), (held_b, sums_b, _) = weights.sentences(a), weights.sentences(b)
    whole_a, whole_b = sum(sums_a), sum(sums_b)
    if not whole_a or not whole_b:
        return 0.0, 0.0, ()
    gain = np.zeros((len(held_a), len(held_b)))
    for i, one in enumerate(held_a):
        for j, other in enumerate(held_b):
            both = one.keys() & other.keys()
            if len(both) < 2:  # noqa: PLR2004 - one shared word is chance
                continue
            shared = sum([one[s] for s in both])
            if shared >= _LEAST_SENTENCE * min(sums_a[i], sums_b[j]):
                gain[i, j] = shared
    best, pairs = _in_order(gain)
    return best / whole_a, best / whole_b, pairs


def _in_order(gain: npt.NDArray[np.float64]) -> tuple[float, tuple[tuple[int, int], ...]]:
    """The heaviest pairing of sentences that keeps the order of both; each is used once."""
    rows, columns = gain.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows):
        for j in range(columns):
            best[i + 1, j + 1] = max(best[i, j + 1], best[i + 1, j], best[i, j] + gain[i, j])
    pairs: list[tuple[int, int]] = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
    return float(best[rows, columns]), tuple(reversed(pairs))
