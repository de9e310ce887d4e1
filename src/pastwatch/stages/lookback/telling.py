"""Turns what a reference told into lines for a reader: one a word, pair, volume or silence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pastwatch.archive.aggregates import FEWER, Rhythm, Told
from pastwatch.model.unusual import Unusual, UnusualSort
from pastwatch.model.when import HOUR_US

PRIOR_RATIO: Final = 0.1
"""What the prior is worth, as a share of the window (Monroe, Colaresi & Quinn 2008 §3.3)."""
_Z95: Final = 1.96
TERM, BETWEEN = "term", "term between two"
_FLAGS: Final = {0: "", 1: "one speaker", 2: "two speakers"}
_SORTS: Final = {
    "terms": (UnusualSort.TERM, TERM),
    "terms-of-few": (UnusualSort.TERM, TERM),
    "terms-between": (UnusualSort.TERM, BETWEEN),
    "pairs": (UnusualSort.PAIR, "pair"),
    "accounts": (UnusualSort.VOLUME, "account"),
    "volumes": (UnusualSort.VOLUME, "source"),
    "quiet-pairs": (UnusualSort.SILENCE, "pair"),
    "quiet-accounts": (UnusualSort.SILENCE, "account"),
    "silences": (UnusualSort.SILENCE, "source"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the keys of one contrast stand for; an account outside the authority has no name."""

    words: dict[int, str]
    accounts: dict[int, str]
    pairs: dict[int, tuple[int, int]]
    sources: tuple[str, ...]
    meant: Callable[[Told], tuple[int, int]]  # keys of a pair and of a word, 0 for none
    records: Callable[[Told], tuple[bytes, ...]]

    def of(self, told: Told, about: str) -> tuple[str, ...]:
        """The names of one thing."""
        if about == "source":
            return (self.sources[told.key],)
        pair, term = self.meant(told)
        word = (self.words.get(term, ""),) if term else ()
        if about == TERM:
            return word
        keys = self.pairs.get(pair, (0, 0)) if pair else (told.key,)
        return word + tuple(sorted(self.accounts.get(k, "") or "(another account)" for k in keys))


def unusual_of(rhythm: Rhythm, names: Names) -> tuple[Unusual, ...]:
    """What was told, each thing once at its most unusual scale, the most unusual first."""
    best: dict[tuple[str | int, ...], Told] = {}
    for told in sorted(rhythm.told, key=lambda t: t.p):  # of one p, in the order they came
        sort, about = _SORTS[told.sort]
        what = names.meant(told) if about == BETWEEN else (told.key,)
        best.setdefault((sort, about, *what), told)
    found = [_line(told, rhythm.least, names) for told in best.values()]
    return tuple(one for one in found if one.names and one.names[0])


def _line(told: Told, least: int, names: Names) -> Unusual:
    sort, about = _SORTS[told.sort]
    small = told.before == FEWER
    before = float(least if small else told.before)
    expect = before if about == "source" else before * told.ratio
    if about in {"source", BETWEEN}:
        ratio, low, high = _of_counts(told.runs, expect)
    else:
        ratio, low, high = _of_shares(told, before)
    return Unusual(
        sort=sort,
        about=about,
        names=names.of(told, about),
        hours=told.scale_us // HOUR_US,
        runs=told.runs,
        accounts=told.voices if about == TERM else 0,
        before=None if small else told.before,
        expected=None if small else round(expect, 2),
        odds_ratio=ratio,
        odds_ratio_low=low,
        odds_ratio_high=high,
        p=told.p,
        score=told.score,
        flag=_FLAGS.get(told.voices, "") if about == TERM else "",
        record_ids=names.records(told),
    )


def _of_shares(told: Told, before: float) -> tuple[float, float, float]:
    """Log-odds against the weeks before, with an informative Dirichlet prior (Monroe et al. 2008).

    The prior is the thing's own share of window and weeks together: rare things are drawn to no
    difference.
    """
    now = max(told.window_runs, told.runs, 1)
    then = max(now / told.ratio, before)
    weight = PRIOR_RATIO * now
    prior = weight * (told.runs + before + 0.5) / (now + then + 1)
    log_odds = _log_odds(told.runs, now, prior, weight) - _log_odds(before, then, prior, weight)
    return _interval(log_odds, math.sqrt(1 / (told.runs + prior) + 1 / (before + prior)))


def _log_odds(count: float, total: float, prior: float, weight: float) -> float:
    return math.log((count + prior) / max(total + weight - count - prior, 0.5))


def _of_counts(runs: int, expect: float) -> tuple[float, float, float]:
    """A count against what was to be expected, as a ratio."""
    log_ratio = math.log((runs + 0.5) / (expect + 0.5))
    return _interval(log_ratio, math.sqrt(1 / (runs + 0.5) + 1 / (expect + 0.5)))


def _interval(middle: float, spread: float) -> tuple[float, float, float]:
    low, high = middle - _Z95 * spread, middle + _Z95 * spread
    return round(math.exp(middle), 2), round(math.exp(low), 2), round(math.exp(high), 2)
