"""What was unusual before an event: words for a reader, with how rare such a window is."""

from __future__ import annotations

import enum
from dataclasses import dataclass

LEVEL_P = 0.05
"""What is rarer than this, corrected over everything tried, is called unusual."""


class UnusualSort(enum.StrEnum):
    """What is unusual: a word, two who wrote, a volume, or a silence."""

    TERM = "term"
    PAIR = "pair"
    VOLUME = "volume"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """One thing of the hours before an event, against the weeks before them.

    `runs` counts what was said anew: repeats within hours by the same account are one. `before`
    is None for fewer than the least group. `odds_ratio` is how many times its usual share it had,
    with the ends of its 95 % interval. `p` is corrected over everything tried: the share of
    ordinary windows that hold anything as unusual.
    """

    sort: UnusualSort
    about: str  # term, pair, account or source
    names: tuple[str, ...]
    hours: int
    runs: int
    accounts: int
    before: int | None
    expected: float | None
    odds_ratio: float
    odds_ratio_low: float
    odds_ratio_high: float
    p: float
    score: float
    flag: str = ""
    record_ids: tuple[bytes, ...] = ()

    @property
    def is_unusual(self) -> bool:
        """Whether it is rarer than the level."""
        return self.p <= LEVEL_P


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """What a contrast found, most unusual first, and what it stands on."""

    event_us: int
    hours: tuple[int, ...]
    windows: int
    apart: tuple[tuple[int, int], ...]
    tried: int
    records: int
    reference_records: int
    inside_slice: bool
    least: int
    unusual: tuple[Unusual, ...]
    untold: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, sort: UnusualSort) -> tuple[Unusual, ...]:
        """Those of one sort, most unusual first."""
        return tuple(one for one in self.unusual if one.sort is sort)
