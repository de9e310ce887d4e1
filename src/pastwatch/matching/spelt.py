"""The second look at text beyond ASCII: rows that may hold a leaf in some other spelling.

Around each telling character as many bytes are folded as the longest leaf could reach, and
searched. Where marks are frequent they are taken out of the whole column first, and where other
spellings are, every letter is looked for in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pastwatch.matching.compile import Leaf
from pastwatch.matching.expand import bridges, plain_sets, written
from pastwatch.matching.fold import fold
from pastwatch.matching.inside import Inside, inside
from pastwatch.matching.lanes import Foreign, Int64s, Lane
from pastwatch.matching.letters import bare_sources, pieces
from pastwatch.matching.patterns import Patterns
from pastwatch.matching.telling import Telling

Flags = npt.NDArray[np.bool_]
_MOST_WINDOWS: Final = 400
_MOST_LEAVES: Final = 64
_MOST_PIECES: Final = 6000
_CHAR_BYTES: Final = 4
_CAP_ROW: Final = 64
_BEYOND: Final = 1 << 20
_MANY: Final = 32
_TOKENS: Final = re.compile(r"\w+", re.ASCII)
"""Tokens of a folded text or pieces of them, cut where a letter beyond ASCII stands."""


def _many_words(leaves: Sequence[tuple[int, Leaf]]) -> dict[str, list[int]]:
    """The numbers under which each word is looked for, where all are whole ASCII words and many.

    A folded text is then cut into tokens: a database of so many costs more than what it finds.
    """
    found: dict[str, list[int]] = {}
    if len(leaves) < _MANY or not all(leaf.whole and leaf.literal.isascii() for _, leaf in leaves):
        return found
    for number, leaf in leaves:
        found.setdefault(leaf.words[0].text, []).append(number)
    return found


class Spelt:
    """Looks for some folded leaves, by their numbers, in the columns of a block."""

    def __init__(self, leaves: Sequence[tuple[int, Leaf]]) -> None:
        self._leaves = leaves
        self._numbers = np.array([number for number, _ in leaves], np.int64)
        listed = [(number, piece) for number, leaf in leaves for piece in pieces(leaf)]
        self._reach = _CHAR_BYTES * (1 + max(len(piece) for _, piece in listed))
        self._telling = Telling(piece for _, piece in listed)
        self._folded: Patterns | None = None
        self._bare: Patterns | None = None
        self._every: Patterns | Literal[False] | None = None
        self._listed = listed
        self._words = _many_words(leaves)

    @cached_property
    def _between(self) -> Inside | None:
        """What tells the marks that could stand in a piece; made where marks are many."""
        return inside([piece for _, piece in self._listed], self._telling.exotic)

    def needs(self, characters: Foreign | None) -> bool:
        """Whether a text with these characters beyond ASCII needs the second look."""
        return self._telling.tells(None if characters is None else characters.characters)

    def tells(self, characters: str) -> bool:
        """Whether one of these characters may be another spelling of a letter, or a mark."""
        return self._telling.tells(characters)

    def look(self, held: Lane, maybe: Flags, characters: Foreign | None = None) -> None:
        """Set the rows (of this lane's texts) that may hold a leaf in no usual spelling.

        `characters` are those beyond ASCII, where they are known already.
        """
        octets = held.octets
        data = octets.data
        ends = self._telling.few(data, characters)
        if ends is not None:
            if len(ends):
                self._around(data, held, np.sort(ends), maybe, whole=False)
            return
        starts, stops, others = self._telling.all(octets)
        if len(starts) > _MOST_WINDOWS and (between := self._between) is not None:
            kept = between.of(octets, np.sort(starts), np.sort(stops))
            if len(kept[0]) <= _MOST_WINDOWS:
                starts, stops = kept
        if len(starts) <= _MOST_WINDOWS:
            others, dense = np.concatenate((others, stops)), False
        else:
            self._without(data, held, np.sort(starts), np.sort(stops), maybe)
            dense = True
        if len(others) > _MOST_WINDOWS and len(self._leaves) <= _MOST_LEAVES:
            others = self._in_all_spellings(data, held, others, starts, maybe)
            dense = True
        if len(others):
            self._around(data, held, np.sort(others), maybe, whole=dense)

    def _around(
        self, data: memoryview, held: Lane, ends: Int64s, maybe: Flags, *, whole: bool
    ) -> None:
        """Fold what stands around these places, or their whole rows, and search it."""
        bounds = held.offsets - held.offsets[0]
        rows = np.searchsorted(bounds, ends, side="left") - 1
        if whole:
            rows = np.unique(rows)
            firsts, lasts = bounds[rows], bounds[rows + 1]
        else:
            firsts = np.maximum(ends - (self._reach + _CHAR_BYTES), bounds[rows])
            lasts = np.minimum(ends + self._reach, bounds[rows + 1])
            apart = np.ones(len(ends), np.bool_)
            apart[1:] = (firsts[1:] > lasts[:-1]) | (rows[1:] != rows[:-1])
            lasts = lasts[np.append(np.flatnonzero(apart)[1:] - 1, len(ends) - 1)]
            rows, firsts = rows[apart], firsts[apart]
        texts = [
            str(data[a:b], "utf-8", "ignore").replace("\n", " ")
            for a, b in zip(firsts.tolist(), lasts.tolist(), strict=True)
        ]
        if self._words:
            pieces_of = fold("\n".join(texts)).split("\n")
            if len(pieces_of) != len(texts):
                maybe[np.ix_(self._numbers, rows)] = True
                return
            for at, text in enumerate(pieces_of):
                for word in self._words.keys() & _TOKENS.findall(text):
                    maybe[self._words[word], rows[at]] = True
            return
        folded = fold("\n".join(texts)).encode("utf-8", "surrogatepass")
        breaks = np.flatnonzero(np.frombuffer(folded, np.uint8) == ord("\n"))
        cap = _CAP_ROW * (len(texts) + len(self._leaves))
        ids, found, done = self._folded_patterns().ends(memoryview(folded), cap=cap)
        if not done or len(breaks) != len(texts) - 1:
            maybe[np.ix_(self._numbers, rows)] = True
            return
        if ids:
            maybe[ids, rows[np.searchsorted(breaks, found, side="left")]] = True

    def _without(
        self, data: memoryview, held: Lane, starts: Int64s, stops: Int64s, maybe: Flags
    ) -> None:
        """Take the marks out, and search what is left for the bare letters."""
        bounds = held.offsets - held.offsets[0]
        if len(starts) <= _MOST_PIECES:
            firsts, lasts = [0, *stops.tolist()], [*starts.tolist(), len(data)]
            whole = bytes(data)  # cutting bytes takes half as long as cutting a view
            bare = b"".join([whole[a:b] for a, b in zip(firsts, lasts, strict=True)])
        else:
            kept = np.ones(len(data), np.int8)
            edges = np.zeros(len(data) + 1, np.int8)
            np.add.at(edges, starts, 1)
            np.add.at(edges, stops, -1)
            kept = np.cumsum(edges[:-1], dtype=np.int8) == 0
            bare = held.octets[kept].tobytes()
        gone = np.concatenate(([0], np.cumsum(stops - starts)))
        moved = bounds - gone[np.searchsorted(starts, bounds, side="left")]
        marked = np.diff(moved) != np.diff(bounds)
        cap = _CAP_ROW * (len(bounds) + len(self._leaves))
        ids, ends, done = self._bare_patterns().ends(memoryview(bare), cap=cap)
        if not done:
            maybe[np.ix_(self._numbers, np.flatnonzero(marked))] = True
            return
        if ids:
            rows = np.searchsorted(moved, ends, side="left") - 1
            kept_rows = marked[rows]
            maybe[np.array(ids)[kept_rows], rows[kept_rows]] = True
        for number, leaf in self._leaves:
            if not bare_sources(leaf):
                maybe[number, marked] = True

    def _in_all_spellings(
        self, data: memoryview, held: Lane, others: Int64s, marks: Int64s, maybe: Flags
    ) -> Int64s:
        """Search every spelling of single letters; gives the places that this cannot judge."""
        bounds = held.offsets - held.offsets[0]
        patterns = self._class_patterns()
        if patterns is None:
            return others
        cap = _CAP_ROW * (len(bounds) + len(self._leaves))
        ids, ends, done = patterns.ends(data, cap=cap)
        rows = np.searchsorted(bounds, others, side="left") - 1
        if not done:
            return others
        if ids:
            found = np.searchsorted(bounds, ends, side="left") - 1
            wide = np.zeros(len(bounds) - 1, np.bool_)
            wide[rows] = True
            kept = wide[found]
            number, at = np.array(ids)[kept], found[kept]
            maybe[number[number < _BEYOND], at[number < _BEYOND]] = True
            rest = np.unique(at[number >= _BEYOND])
        else:
            rest = rows[:0]
        marked = np.searchsorted(bounds, marks, side="right") - 1
        left = np.isin(rows, np.union1d(rest, marked))
        return others[left]

    def _folded_patterns(self) -> Patterns:
        if self._folded is None:
            listed = self._listed
            sources = [b"".join(b"\\x%02x" % o for o in piece.encode()) for _, piece in listed]
            self._folded = Patterns(sources, [0] * len(sources), [n for n, _ in listed])
        return self._folded

    def _bare_patterns(self) -> Patterns:
        if self._bare is None:
            import hyperscan

            listed = [(n, *source) for n, leaf in self._leaves for source in bare_sources(leaf)]
            self._bare = Patterns(
                [source for _, source, _ in listed] or [b"\\x00\\x01\\x00"],
                [hyperscan.HS_FLAG_CASELESS if c else 0 for _, _, c in listed] or [0],
                [n for n, _, _ in listed] or [0],
            )
        return self._bare

    def _class_patterns(self) -> Patterns | None:
        """Each leaf's pieces in all spellings; as one too many, what is several letters at once."""
        if self._every is None:
            import hyperscan

            listed = self._listed
            sources = [
                "".join(written(s, hyperscan=True) for s in plain_sets(p)) for _, p in listed
            ]
            ids = [n for n, _ in listed]
            several = "".join(sorted({c for _, piece in listed for c in bridges(piece)}))
            if several:
                sources.append(written(several, hyperscan=True))
                ids.append(_BEYOND)
            try:
                self._every = Patterns(sources, [hyperscan.HS_FLAG_UTF8] * len(sources), ids)
            except hyperscan.error:
                self._every = False
        return self._every or None
