"""Which reports are worth comparing: shared runs of words, or several shared rare words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from pastwatch.stages.corroborate.copying_words import Weights, Words

GRAM = 5
_WINDOW = 4
"""Of so many runs of words in a row one is kept: a shared passage of GRAM + 3 words is never missed
(Schleimer, Wilkerson and Aiken 2003, winnowing)."""
_CROWD = 60
"""A run of words or a rare word in more reports than this tells nobody from anybody."""
_TELLING = 24
_SHARED = 4
_CROWD_OF_WORDS = 120

Pair = tuple[int, int]


def candidates(texts: Sequence[Words], weights: Weights) -> list[Pair]:
    """The pairs to compare, lower place first, each once, in order."""
    return sorted(set(by_passages(texts)) | set(by_rare_words(texts, weights)))


def by_passages(texts: Sequence[Words]) -> list[Pair]:
    """The pairs that share a run of GRAM words that few others have."""
    kept = [_winnowed(words.grams(GRAM)) for words in texts]
    if not kept:
        return []
    signs = np.concatenate(kept)
    owners = np.repeat(np.arange(len(kept)), [len(k) for k in kept])
    order = np.lexsort((owners, signs))
    signs, owners = signs[order], owners[order]
    edges = np.flatnonzero(np.diff(signs)) + 1
    found: set[Pair] = set()
    starts, ends = np.r_[0, edges], np.r_[edges, len(signs)]
    for at in np.flatnonzero(ends - starts > 1):
        group = owners[starts[at] : ends[at]].tolist()
        if len(group) <= _CROWD:
            found.update(combinations(group, 2))
    return [(a, b) for a, b in found if a != b]


def _winnowed(grams: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    if len(grams) <= _WINDOW:
        return np.unique(grams)
    windows = np.lib.stride_tricks.sliding_window_view(grams, _WINDOW)
    return np.unique(windows.min(axis=1))


def by_rare_words(texts: Sequence[Words], weights: Weights) -> list[Pair]:
    """The pairs that share several of the words that say most in each."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for at, words in enumerate(texts):
        counted = Counter(words.stems)
        del counted[""]
        told = sorted(counted, key=lambda s, c=counted: (-weights(s) * (1 + (c[s] > 1)), s))  # type: ignore[misc]
        for one in told[:_TELLING]:
            holders[one].append(at)
    shared: Counter[Pair] = Counter()
    for group in holders.values():
        if 1 < len(group) <= _CROWD_OF_WORDS:
            shared.update(combinations(group, 2))
    return [pair for pair, count in shared.items() if count >= _SHARED]
