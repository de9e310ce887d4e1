"""Two ways to find literals in a block of rows, hyperscan and Python's re, with the same answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from pastwatch.matching.compile import Leaf
from pastwatch.matching.expand import (
    bridges,
    marked_sets,
    plain_sets,
    trailing_characters,
    written,
)

Rows = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]

_WORD_BYTE: Final = np.zeros(256, np.bool_)
_WORD_BYTE[
    np.frombuffer(b"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)
] = True
_ASCII_END: Final = 0x80
_RARE: Final = 8
"""A block whose bytes are ASCII but for one in this many is looked at character by character."""
_GAP: Final = "[^0-9A-Za-z_]+"


class Rower(Protocol):
    """Finds, for each leaf, the rows of a block that may hold it: some too many, never too few."""

    def rows(self, block: memoryview, offsets: Int64s, *, ascii_only: bool) -> list[Rows]:
        """One mask a leaf; the block's bytes are `block[offsets[0]:offsets[-1]]`."""


def ascii_pattern(leaf: Leaf) -> str | None:
    """What finds a leaf in ASCII text, caseless where it is folded; None: it cannot be there."""
    if not leaf.literal.isascii():
        return None
    if leaf.folded and len(leaf.words) > 1 and all(word.exact for word in leaf.words):
        if not all(word.text.isascii() for word in leaf.words):
            return None
        return _GAP.join(re.escape(word.text) for word in leaf.words)
    return re.escape(leaf.literal)


def row_of(ends: Int64s, offsets: Int64s) -> Int64s:
    """The row in which a match that ends before each of these bytes has its last byte."""
    return np.searchsorted(offsets, ends, side="left").astype(np.int64) - 1


class _Patterns:
    """One compiled set of hyperscan patterns, with a scratch for each thread."""

    def __init__(self, patterns: Sequence[str | bytes], flags: Sequence[int]) -> None:
        import hyperscan

        self._hyperscan = hyperscan
        self._database: Any = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[p.encode() if isinstance(p, str) else p for p in patterns],
            ids=list(range(len(patterns))),
            flags=list(flags),
        )
        self._threads = threading.local()

    def _scratch(self) -> Any:
        if not hasattr(self._threads, "scratch"):
            self._threads.scratch = self._hyperscan.Scratch(self._database)
        return self._threads.scratch

    def ends(self, data: memoryview, *, cap: int) -> tuple[list[int], list[int], bool]:
        """(pattern, end) of every match; stops and says False after `cap` of them."""
        ids: list[int] = []
        ends: list[int] = []
        left = cap

        def on_match(pattern: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            nonlocal left
            ids.append(pattern)
            ends.append(end)
            left -= 1
            return left <= 0

        if not len(data):
            return ids, ends, True
        try:
            self._database.scan(data, match_event_handler=on_match, scratch=self._scratch())
        except self._hyperscan.ScanTerminated:
            return ids, ends, False
        return ids, ends, True


class HyperscanRower:
    """One call of hyperscan a block; a literal that is everywhere makes every row a candidate."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        import hyperscan

        self._hs = hyperscan
        self._leaves = leaves
        self._lock = threading.Lock()
        self._told: dict[tuple[int, ...], frozenset[str]] = {}
        self._sets: dict[object, _Patterns | None] = {}

    def rows(self, block: memoryview, offsets: Int64s, *, ascii_only: bool) -> list[Rows]:
        """One mask a leaf: rows that may hold it."""
        count = len(offsets) - 1
        base = int(offsets[0]) if count >= 0 else 0
        data = block[base : int(offsets[-1])]
        local = offsets - base
        masks = [np.zeros(count, np.bool_) for _ in self._leaves]
        searched = []
        for number, leaf in enumerate(self._leaves):
            if leaf.literal:
                if not ascii_only or ascii_pattern(leaf) is not None:
                    searched.append(number)
            elif leaf.safe_pattern:
                masks[number] = self._by_pattern(number, data, local)
            else:
                masks[number][:] = True
        if searched:
            self._literals(tuple(searched), "ascii" if ascii_only else "plain", data, local, masks)
            if not ascii_only:
                self._spelt_with_marks(tuple(searched), data, local, masks)
        return masks

    def _literals(
        self,
        numbers: tuple[int, ...],
        kind: str,
        data: memoryview,
        offsets: Int64s,
        masks: list[Rows],
    ) -> None:
        """Set the rows of these leaves; those that fire without end get every row instead."""
        count = len(offsets) - 1
        while numbers:
            patterns = self._compiled(kind, numbers)
            if patterns is None:
                for number in numbers:
                    masks[number][:] = True
                return
            ids, ends, done = patterns.ends(data, cap=4 * count + 64 * len(numbers))
            if not done:
                fired = np.bincount(ids, minlength=len(numbers))
                stormy = {
                    n for n, times in zip(numbers, fired, strict=True) if times >= fired.max()
                }
                for number in stormy:
                    masks[number][:] = True
                numbers = tuple(n for n in numbers if n not in stormy)
                continue
            if not ids:
                return
            which = np.array(ids, np.int64)
            places = np.array(ends, np.int64)
            rows = row_of(places, offsets)
            for position, number in enumerate(numbers):
                mine = which == position
                kept = self._whole(self._leaves[number], kind, data, offsets, places[mine])
                masks[number][rows[mine][kept]] = True
            return

    @staticmethod
    def _whole(leaf: Leaf, kind: str, data: memoryview, offsets: Int64s, ends: Int64s) -> Rows:
        """Which of these matches of a whole word are not cut out of a longer one."""
        kept = np.ones(len(ends), np.bool_)
        if not leaf.whole or not len(ends):
            return kept
        octets = np.frombuffer(data, np.uint8)
        rows = row_of(ends, offsets)
        if _WORD_BYTE[ord(leaf.literal[-1]) & 0x7F] and leaf.literal.isascii():
            inside = ends < offsets[rows + 1]
            kept &= ~(inside & _WORD_BYTE[octets[np.minimum(ends, len(octets) - 1)]])
            if kind == "ascii":
                starts = ends - len(leaf.literal)
                kept &= starts >= offsets[rows]
                kept &= ~((starts > offsets[rows]) & _WORD_BYTE[octets[np.maximum(starts - 1, 0)]])
        return kept

    def _spelt_with_marks(
        self, numbers: tuple[int, ...], data: memoryview, offsets: Int64s, masks: list[Rows]
    ) -> None:
        """Rows with marks are searched again with room for them; bridging ones always stay."""
        count = len(offsets) - 1
        octets = np.frombuffer(data, np.uint8)
        foreign = octets[np.flatnonzero(octets >= _ASCII_END)]
        if len(foreign) * _RARE < len(octets):
            # What is not ASCII stands in whole characters: mostly a few quotes and dashes.
            present = frozenset(foreign.tobytes().decode())
            if present.isdisjoint(self._telling(numbers)):
                return
        marks = self._compiled("marks", ())
        rows = np.arange(count)
        if marks is not None:
            _, ends, done = marks.ends(data, cap=4 * count + 1000)
            if done:
                rows = np.unique(row_of(np.array(ends, np.int64), offsets))
        self._bridged(numbers, data, offsets, masks)
        if not len(rows):
            return
        patterns = self._compiled("marked", numbers)
        if patterns is None:
            for number in numbers:
                masks[number][rows] = True
            return
        for row in rows.tolist():
            part = data[int(offsets[row]) : int(offsets[row + 1])]
            ids, _, done = patterns.ends(part, cap=16 * len(numbers))
            for number in {numbers[i] for i in ids} if done else numbers:
                masks[number][row] = True

    def _telling(self, numbers: tuple[int, ...]) -> frozenset[str]:
        """The characters in a block for which these leaves need more than the plain patterns."""
        leaves = [self._leaves[number] for number in numbers]
        if numbers not in self._told:
            bridging = (bridges(leaf.literal) for leaf in leaves if leaf.folded)
            self._told[numbers] = frozenset(trailing_characters()).union(*bridging)
        return self._told[numbers]

    def _bridged(
        self, numbers: tuple[int, ...], data: memoryview, offsets: Int64s, masks: list[Rows]
    ) -> None:
        patterns = self._compiled("bridges", numbers)
        if patterns is None:
            return
        count = len(offsets) - 1
        _, ends, done = patterns.ends(data, cap=4 * count + 1000)
        rows = np.unique(row_of(np.array(ends, np.int64), offsets)) if done else np.arange(count)
        for number in numbers:
            if self._leaves[number].folded:
                masks[number][rows] = True

    def _by_pattern(self, number: int, data: memoryview, offsets: Int64s) -> Rows:
        """Row by row, because a pattern may ask for the start or the end of its text.

        Only in ASCII rows do hyperscan and the regex module agree on letters: others stay.
        """
        mask = np.zeros(len(offsets) - 1, np.bool_)
        patterns = self._compiled("safe", (number,))
        if patterns is None:
            mask[:] = True
            return mask
        bounds = offsets.tolist()
        for row in range(len(bounds) - 1):
            mask[row] = bool(patterns.ends(data[bounds[row] : bounds[row + 1]], cap=1)[0])
        wide = np.flatnonzero(np.frombuffer(data, np.uint8) >= _ASCII_END).astype(np.int64)
        mask[row_of(wide + 1, offsets)] = True
        return mask

    def _compiled(self, kind: str, numbers: tuple[int, ...]) -> _Patterns | None:
        """The patterns of these leaves, made at first use; None where hyperscan takes them not."""
        key = (kind, numbers)
        with self._lock:
            if key not in self._sets:
                self._sets[key] = self._compile(kind, [self._leaves[n] for n in numbers])
            return self._sets[key]

    def _compile(self, kind: str, leaves: list[Leaf]) -> _Patterns | None:
        hs = self._hs
        wide = hs.HS_FLAG_UTF8
        if kind == "marks":
            return _kept(written(trailing_characters(), hyperscan=True), wide)
        if kind == "bridges":
            characters = "".join(bridges(leaf.literal) for leaf in leaves if leaf.folded)
            return _kept(written(characters, hyperscan=True), wide) if characters else None
        if kind == "safe":
            flags = hs.HS_FLAG_PREFILTER | hs.HS_FLAG_ALLOWEMPTY | hs.HS_FLAG_SINGLEMATCH
            caseless = hs.HS_FLAG_CASELESS if leaves[0].caseless else 0
            sources: list[str | bytes] = [leaves[0].safe_pattern]
            return self._try(sources, [flags | caseless])
        sources = [_source(leaf, kind) for leaf in leaves]
        if kind == "ascii":
            return self._try(sources, [hs.HS_FLAG_CASELESS if f.folded else 0 for f in leaves])
        return self._try(sources, [wide if leaf.folded else 0 for leaf in leaves])

    def _try(self, sources: list[str | bytes], flags: list[int]) -> _Patterns | None:
        try:
            return _Patterns(sources, flags)
        except self._hs.error:
            return None


@lru_cache(maxsize=64)
def _kept(pattern: str, flags: int) -> _Patterns:
    """A class of characters that many queries share: compiling it costs more than most scans."""
    return _Patterns([pattern], [flags])


def _source(leaf: Leaf, kind: str) -> str | bytes:
    if not leaf.folded:
        return b"".join(b"\\x%02x" % octet for octet in leaf.literal.encode())
    if kind == "ascii":
        return ascii_pattern(leaf) or ""
    if kind == "plain":
        return "".join(written(s, hyperscan=True) for s in plain_sets(leaf.literal))
    run = written(trailing_characters(), hyperscan=True) + "*"
    sets = marked_sets(leaf.literal)
    return run.join(written(s, hyperscan=True) for s in sets) or "(?s)."


class PythonRower:
    """Python's re, row by row: for machines without hyperscan, and to check it against."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = leaves
        self._ascii: list[re.Pattern[bytes] | None] = []
        self._wide: list[re.Pattern[str] | None] = []
        run = written(trailing_characters(), hyperscan=False) + "*"
        for leaf in leaves:
            source = ascii_pattern(leaf)
            flags = re.IGNORECASE if leaf.folded else 0
            self._ascii.append(None if source is None else re.compile(source.encode(), flags))
            if leaf.folded:
                sets = [written(s, hyperscan=False) for s in marked_sets(leaf.literal)]
                bridging = bridges(leaf.literal)
                also = f"|{written(bridging, hyperscan=False)}" if bridging else ""
                self._wide.append(re.compile(run.join(sets) + also))
            else:
                self._wide.append(re.compile(re.escape(leaf.literal)))

    def rows(self, block: memoryview, offsets: Int64s, *, ascii_only: bool) -> list[Rows]:
        """One mask a leaf: rows that may hold it."""
        bounds = offsets.tolist()
        masks = [np.zeros(len(bounds) - 1, np.bool_) for _ in self._leaves]
        for row in range(len(bounds) - 1):
            octets = bytes(block[bounds[row] : bounds[row + 1]])
            text = "" if ascii_only else octets.decode()
            for number, leaf in enumerate(self._leaves):
                narrow, wide = self._ascii[number], self._wide[number]
                if not leaf.literal:
                    masks[number][row] = True
                elif ascii_only:
                    masks[number][row] = narrow is not None and narrow.search(octets) is not None
                else:
                    masks[number][row] = wide is not None and wide.search(text) is not None
        return masks
