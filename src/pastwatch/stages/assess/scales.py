"""The scales of likelihood and the standards of proof, read from their files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pastwatch.errors import BadValue, UsageError

_FOLDER = Path(__file__).with_name("scales")
SCALES = ("icd203", "phia")
DEFAULT = "icd203"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One step of a scale: its terms by row, and the numbers that they stand for, in per cent."""

    terms: tuple[tuple[str, ...], ...]
    low: float
    high: float
    high_open: bool = False

    def holds(self, percent: float) -> bool:
        """Whether a number lies in the band."""
        if percent == self.high:
            return not self.high_open
        return self.low <= percent < self.high

    @property
    def term(self) -> str:
        """The band's own term: the first of its first row."""
        return self.terms[0][0]

    @property
    def shown(self) -> str:
        """Its numbers, as 25–35 or 40–<50."""
        return f"{self.low:g}–{'<' if self.high_open else ''}{self.high:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Terms of likelihood, the least first, and how many rows of them there are to choose from."""

    key: str
    name: str
    rows: int
    bands: tuple[Band, ...]

    @property
    def terms(self) -> Mapping[str, tuple[Band, int]]:
        """Every term with its band and its row."""
        return {
            term: (band, row)
            for band in self.bands
            for row, alike in enumerate(band.terms)
            for term in alike
        }

    def term_for(self, percent: float, *, row: int = 0) -> str:
        """The term for a number in per cent; BadValue in a gap, on an edge of two, or off the scale."""
        found = [band for band in self.bands if band.holds(percent)]
        if len(found) == 1:
            return found[0].terms[row][0]
        if found:
            raise BadValue(
                f'{percent:g} stands on the edge of "{found[0].term}" and "{found[1].term}" ({self.name})',
                hint="choose one of the two, and say why",
            )
        below = [band for band in self.bands if band.high <= percent]
        above = [band for band in self.bands if band.low > percent]
        if not below or not above:
            raise BadValue(
                f"{percent:g} lies off the scale ({self.name})",
                hint=f"it begins at {self.bands[0].low:g} and ends at {self.bands[-1].high:g}",
            )
        raise BadValue(
            f'{percent:g} lies in the gap between "{below[-1].term}" ({below[-1].shown}) and '
            f'"{above[0].term}" ({above[0].shown}) of {self.name}: the gap is meant',
            hint="choose a term for what is known, not for a number",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard of proof: how it is called, and what it asks; it has no number."""

    name: str
    terms: tuple[str, ...]
    says: str


@cache
def scale_named(key: str) -> Scale:
    """A scale by its key; UsageError lists those there are."""
    if key not in SCALES:
        raise UsageError(f'"{key}" is no scale', hint=", ".join(SCALES))
    plain = _read(key)
    bands = tuple(
        Band(
            terms=tuple(tuple(row) for row in band["terms"]),
            low=float(band["low"]),
            high=float(band["high"]),
            high_open=bool(band.get("high_open", False)),
        )
        for band in plain["band"]
    )
    return Scale(key=key, name=str(plain["name"]), rows=int(plain["rows"]), bands=bands)


@cache
def standards() -> tuple[Standard, ...]:
    """The standards of proof, the weakest first."""
    return tuple(
        Standard(name=one["name"], terms=tuple(one["terms"]), says=one["says"])
        for one in _read("standards")["standard"]
    )


def standard_named(name: str) -> Standard:
    """A standard by its name; UsageError lists those there are."""
    for one in standards():
        if one.name == name:
            return one
    raise UsageError(
        f'"{name}" is no standard of proof', hint=", ".join(one.name for one in standards())
    )


@cache
def small_words() -> Mapping[str, frozenset[str]]:
    """The small words of each language that is told by them."""
    return {
        language: frozenset(str(words).split()) for language, words in _read("languages").items()
    }


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
