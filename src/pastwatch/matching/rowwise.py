"""Rows in which a pattern of the regex module may match: hyperscan over all rows of a column at once.

The rows are joined by line ends, at which the line anchors match too: so every match of a row is a
match of the whole, and a match across rows only adds a candidate. In ASCII hyperscan and the regex
module agree on letters. Rows with more are searched by a pattern that takes any character beyond
ASCII for a letter, a digit and a space at once.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.matching.compile import Leaf
from pastwatch.matching.lanes import Lane
from pastwatch.matching.patterns import Patterns

Flags = npt.NDArray[np.bool_]
_ASCII_END: Final = 0x80
_PER_ROW: Final = 4
_PER_PATTERN: Final = 64
_ASCII, _BEYOND, _ALONE, _ALONE_BEYOND = range(4)
_ANY: Final = r"\x{80}-\x{10FFFF}"
_TOKEN: Final = re.compile(r"\\(?P<kind>.)|(?P<set>\[\^?(?:\\.|[^\]\\])+\])|.", re.DOTALL)
_KINDS: Final = re.compile(r"\\[wds]")
_CASES: Final = tuple(char.encode() for char in "\u212a\u017f\u0130\u0131")
"""Characters beyond ASCII that the regex module takes for an ASCII letter in the other case."""


def beyond_ascii(pattern: str) -> str | None:
    """A safe pattern that matches wherever this one may, if text beyond ASCII is anything at all."""
    out = []
    for token in _TOKEN.finditer(pattern):
        text, kind = token[0], token["kind"]
        if kind and kind in "wds":
            out.append(f"[{text}{_ANY}]")
        elif kind and kind in "bB":
            if pattern[token.end() : token.end() + 1] in tuple("*+?{"):
                return None
        elif token["set"] and not text.startswith("[^") and _KINDS.search(text):
            out.append(f"{text[:-1]}{_ANY}]")
        else:
            out.append(text)
    return "".join(out)


class RowPatterns:
    """Some leaves' safe patterns, by the leaves' numbers."""

    def __init__(self, leaves: Sequence[tuple[int, Leaf]]) -> None:
        self._leaves = dict(leaves)
        self._numbers = np.array([number for number, _ in leaves], np.int64)
        self._caseless = any(leaf.caseless for _, leaf in leaves)
        self._lock = threading.Lock()
        self._sets: dict[tuple[int, tuple[int, ...]], Patterns | None] = {}
        self._often: frozenset[int] = frozenset()

    def look(self, held: Lane, maybe: Flags, *, ascii_only: bool) -> None:
        """Set, for each of these leaves, the rows (of this lane's texts) that may match."""
        bounds = held.offsets - held.offsets[0]
        octets = held.octets
        rows = [octets.data[a:b] for a, b in pairwise(bounds.tolist())]
        wide = np.zeros(len(rows), np.bool_)
        if not ascii_only:
            places = np.flatnonzero(octets >= _ASCII_END) + 1
            wide[np.searchsorted(bounds, places, side="left") - 1] = True
        for kind, chosen in ((_ASCII, np.flatnonzero(~wide)), (_BEYOND, np.flatnonzero(wide))):
            if len(chosen):
                self._joined(kind, chosen, rows, maybe)

    def _joined(
        self, kind: int, chosen: npt.NDArray[np.int64], rows: list[memoryview], maybe: Flags
    ) -> None:
        """Search these rows, joined."""
        some = rows if len(chosen) == len(rows) else [rows[at] for at in chosen.tolist()]
        joined = b"\n".join(some) + b"\n"
        if kind == _BEYOND and self._caseless and any(case in joined for case in _CASES):
            maybe[np.ix_(self._numbers, chosen)] = True
            return
        ends_at = np.cumsum(np.fromiter(map(len, some), np.int64, len(some)) + 1)
        cap = _PER_ROW * len(some) + _PER_PATTERN * len(self._leaves)
        while True:
            often = self._often
            asked = tuple(number for number in self._leaves if number not in often)
            patterns = self._compiled(kind, asked)
            if patterns is None:
                often = frozenset(self._leaves)
                break
            ids, ends, done = patterns.ends(memoryview(joined), cap=cap)
            if done:
                if ids:
                    at = np.searchsorted(ends_at, ends, side="left")
                    maybe[ids, chosen[at]] = True
                    # What matches nothing where a row begins ends where the one before it does.
                    at = np.minimum(np.searchsorted(ends_at, ends, side="right"), len(some) - 1)
                    maybe[ids, chosen[at]] = True
                break
            fired = np.bincount(ids)
            with self._lock:
                self._often |= set(np.flatnonzero(fired >= fired.max()).tolist())
        for number in often:
            self._one_by_one(kind, number, chosen, rows, maybe[number])

    def _one_by_one(
        self,
        kind: int,
        number: int,
        chosen: npt.NDArray[np.int64],
        rows: list[memoryview],
        mask: Flags,
    ) -> None:
        """Row by row: for a pattern that matches almost everywhere."""
        alone = _ALONE if kind == _ASCII else _ALONE_BEYOND
        patterns = self._compiled(alone, (number,))
        if patterns is None:
            mask[chosen] = True
            return
        for at in chosen.tolist():
            mask[at] |= bool(patterns.ends(rows[at], cap=1)[0])

    def _compiled(self, kind: int, numbers: tuple[int, ...]) -> Patterns | None:
        with self._lock:
            key = (kind, numbers)
            if key not in self._sets:
                self._sets[key] = self._compile(kind, numbers)
            return self._sets[key]

    def _compile(self, kind: int, numbers: tuple[int, ...]) -> Patterns | None:
        import hyperscan as hs

        if not numbers:
            return Patterns([b"\\x00\\x01\\x00\\x01"], [0])
        flags = hs.HS_FLAG_PREFILTER | hs.HS_FLAG_ALLOWEMPTY
        alone = kind in (_ALONE, _ALONE_BEYOND)
        flags |= hs.HS_FLAG_SINGLEMATCH if alone else hs.HS_FLAG_MULTILINE
        leaves = [self._leaves[number] for number in numbers]
        sources = [leaf.safe_pattern for leaf in leaves]
        if kind in (_BEYOND, _ALONE_BEYOND):
            flags |= hs.HS_FLAG_UTF8
            spelt = [beyond_ascii(source) for source in sources]
            if None in spelt:
                return None
            sources = [source for source in spelt if source is not None]
        try:
            return Patterns(
                sources,
                [flags | (hs.HS_FLAG_CASELESS if leaf.caseless else 0) for leaf in leaves],
                numbers,
            )
        except hs.error:
            return None
