"""Where a block may hold what a plan looks for: one search by bytes, and a second look where it tells.

For each leaf and row it says *maybe* (nothing else can hold it) and *open* (only the exact matcher
can say). A row that is maybe and not open holds the leaf at the spans given and nowhere else: so
it is with a whole word between ASCII separators, whatever else the block holds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.matching.borders import JOINED, UNSURE, after, before
from pastwatch.matching.compile import Leaf
from pastwatch.matching.lanes import (
    NOTHING_FOREIGN,
    Foreign,
    Int64s,
    Lane,
    foreign,
    stretches,
)
from pastwatch.matching.letters import run_of, shape_of, usual_sources
from pastwatch.matching.matcher import SUBJECT
from pastwatch.matching.often import ends_of, starts_of
from pastwatch.matching.patterns import Patterns
from pastwatch.matching.rowwise import RowPatterns
from pastwatch.matching.spelt import Spelt
from pastwatch.matching.tokenwise import TokenTable

Flags = npt.NDArray[np.bool_]
_CAP: Final = 3000
_OFTEN_SHARE: Final = 6
_MANY: Final = 8
_LONGEST_RUN: Final = 512
SPAN_COLUMNS: Final = 5


@dataclass(slots=True)
class Found:
    """What was found in a block: a row of `maybe` and of `open` for each leaf, and the spans.

    `spans` has a row (leaf, record, part, start, end) for each place that is certain.
    """

    maybe: Flags
    open: Flags
    spans: Int64s


Beyond = Sequence[tuple[Lane, Foreign | None]]
"""Lanes, each with its characters beyond ASCII; None where they are many."""


def _is_plain(chars: Foreign | None) -> bool:
    return chars is not None and not chars.characters


def nothing_found(leaves: int, count: int) -> Found:
    """That no record of a block holds any leaf."""
    return Found(
        np.zeros((leaves, count), np.bool_),
        np.zeros((leaves, count), np.bool_),
        np.zeros((0, SPAN_COLUMNS), np.int64),
    )


class Finder:
    """Finds a plan's leaves with hyperscan; shared between threads, databases made at first use."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = tuple(leaves)
        numbered = list(enumerate(self._leaves))
        items = [(n, each) for n, leaf in numbered if leaf.literal for each in leaf.each()]
        self._leaf_of = np.array([number for number, _ in items] or [0], np.int64)
        self._items = [item for _, item in items]
        safe = [(n, leaf) for n, leaf in numbered if not leaf.literal and leaf.safe_pattern]
        self._every = [n for n, leaf in numbered if not leaf.literal and not leaf.safe_pattern]
        self._patterns = RowPatterns(safe) if safe else None
        folded = [(n, item) for n, item in items if item.folded]
        self._folded = folded
        self._spelt: Spelt | None = None
        self._lock = threading.Lock()
        self._sets: dict[frozenset[int], Patterns | None] = {}
        self._often: frozenset[int] = frozenset()
        self._table: TokenTable | None = None
        shapes = [shape_of(item) for item in self._items]
        self._wide = {n: shape for n, shape in enumerate(shapes) if shape and shape.letters}
        self._runs = {n: run for n, item in enumerate(self._items) if (run := run_of(item))}
        self._is_run = np.array([n in self._runs for n in range(len(items))] + [False])
        self._plain = frozenset(
            n for n, s in enumerate(shapes) if s is not None and self._items[n].literal.isascii()
        )
        self._all_simple = all(shape is not None for shape in shapes)
        self._simple = np.array([shape is not None for shape in shapes] + [False])
        self._before = np.array([s.before if s else 0 for s in shapes] + [0], np.int64)
        self._after = np.array([s.after if s else 0 for s in shapes] + [0], np.int64)
        self._subject_only = np.array([item.subject_only for item in self._items] + [False])
        self._leaf_of_subject = [n for n, leaf in numbered if leaf.subject_only]

    def find(self, lanes: Sequence[Lane], count: int) -> Found | None:
        """What the block of so many records holds; None where it can hold no leaf at all."""
        beyond = [(held, self._foreign(held)) for held in lanes]
        wide = self._to_look_at_again(beyond)
        told = []
        if self._items:
            for data, start, inside in stretches(list(lanes)):
                ids, ends = self._search(data, start, inside)
                if len(ids):
                    told.append((ids, ends + start, inside))
        # What is everywhere and no whole word is not searched: the exact matcher is asked of all.
        unplaced = self._often - self._plain - self._wide.keys()
        everywhere = {int(self._leaf_of[n]) for n in unplaced} | set(self._every)
        if not told and not wide and self._patterns is None and not everywhere:
            return None
        found = nothing_found(len(self._leaves), count)
        spans: list[Int64s] = []
        for ids, ends, inside in told:
            for held in inside:
                spans += self._placed(ids, ends, held, found)
        if spans:
            found.spans = np.concatenate(spans) if len(spans) > 1 else spans[0]
        if everywhere:
            found.maybe[sorted(everywhere)] = found.open[sorted(everywhere)] = True
        self._by_rows(beyond, wide, found)
        return found

    def _by_rows(self, beyond: Beyond, wide: Beyond, found: Found) -> None:
        """What is looked for row by row: patterns, and other spellings."""
        if self._patterns is not None:
            for held, chars in beyond:
                with self._rows(held, found) as mask:
                    self._patterns.look(held, mask, ascii_only=_is_plain(chars))
        for held, chars in wide:
            with self._rows(held, found) as mask:
                self._second().look(held, mask, chars)

    def _foreign(self, held: Lane) -> Foreign | None:
        """The characters of a lane beyond ASCII, told as none where none of them matters here."""
        if held.beyond == "":
            return NOTHING_FOREIGN
        if held.beyond is None or self._patterns is not None:
            return foreign(held)
        if self._folded and self._second().tells(held.beyond):
            return foreign(held)
        return NOTHING_FOREIGN

    def _to_look_at_again(self, beyond: Beyond) -> Beyond:
        """The lanes with characters beyond ASCII that tell of another spelling."""
        rest = [(held, chars) for held, chars in beyond if not _is_plain(chars)]
        if not self._folded or not rest:
            return []
        second = self._second()
        return [(held, chars) for held, chars in rest if second.needs(chars)]

    def _search(
        self, data: memoryview, start: int, inside: Sequence[Lane]
    ) -> tuple[Int64s, Int64s]:
        """(item, end) of every match of a literal; of one that is everywhere, by comparing bytes.

        Where many words are met everywhere, the block is cut into its tokens instead.
        """
        cap = _CAP + 4 * len(self._items)
        while True:
            often, table = self._often, self._table
            but = often | self._plain if table else often
            patterns = self._compiled(but)
            ids, ends, done = patterns.ends(data, cap=cap) if patterns else ([], [], True)
            if done:
                break
            if table is None and len(self._plain) > _MANY and self._by_tokens():
                continue
            fired = np.bincount(ids)
            many = set(np.flatnonzero(fired > cap // _OFTEN_SHARE).tolist())
            if many:
                with self._lock:
                    self._often |= many
            else:
                cap *= 4
        found = [(np.array(ids, np.int64), np.array(ends, np.int64))]
        octets = np.frombuffer(data, np.uint8)
        if table:
            borders = np.concatenate([held.offsets + (held.base - start) for held in inside])
            found.append(table.find(data, borders))
        for number in often & self._plain if table is None else ():
            places = ends_of(octets, self._items[number].literal.encode())
            found.append((np.full(len(places), number), places))
        for number in often & self._wide.keys():
            shape = self._wide[number]
            places = starts_of(octets, shape.letters) + shape.before
            found.append((np.full(len(places), number), places))
        if len(found) == 1:
            return found[0]
        return np.concatenate([i for i, _ in found]), np.concatenate([e for _, e in found])

    def _by_tokens(self) -> bool:
        """Look whole ASCII words up by tokens from now on; False where that cannot tell them."""
        with self._lock:
            words = [(n, self._items[n].literal.encode()) for n in sorted(self._plain)]
            table = TokenTable(words)
            self._table = table if table.tells else None
            return table.tells

    def _placed(self, ids: Int64s, ends: Int64s, held: Lane, found: Found) -> list[Int64s]:
        """Note the matches that lie in one lane; gives the spans of those that are certain."""
        here = (ends > held.first) & (ends <= held.last)
        if self._leaf_of_subject and held.part != SUBJECT:
            here &= ~self._subject_only[ids]
        ids, ends = ids[here], ends[here] - held.base
        if not len(ids):
            return []
        offsets, octets = held.offsets, held.octets
        first = int(offsets[0])
        texts = np.searchsorted(offsets, ends, side="left") - 1
        low, high = offsets[texts], offsets[texts + 1]
        starts = ends - self._before[ids]
        simple = None if self._all_simple else self._simple[ids]
        if self._wide:
            ends += self._after[ids]
        if simple is not None:
            self._measured(held, ids, starts, ends, low, simple)
        left = before(octets, starts - first, low - first)
        right = after(octets, ends - first, high - first)
        kept = (left != JOINED) & (right != JOINED)
        # What begins in the row before, or ends in the next, is none.
        kept &= starts >= low
        if self._wide:
            kept &= ends <= high
            kept &= self._as_spelt(held, ids, starts, kept)
        unsure = (left == UNSURE) | (right == UNSURE)
        if simple is not None:
            kept |= ~simple
            unsure |= ~simple
        if not kept.any():
            return []
        places = (ids, texts, starts, ends, unsure)
        if not kept.all():
            places = tuple(each[kept] for each in places)
        return self._noted(held, found, *places)

    def _noted(  # noqa: PLR0917 - the columns of the matches
        self,
        held: Lane,
        found: Found,
        ids: Int64s,
        texts: Int64s,
        starts: Int64s,
        ends: Int64s,
        unsure: Flags,
    ) -> list[Int64s]:
        """Note where these matches are; gives the spans of those that are certain."""
        records, leaves = held.records(texts), self._leaf_of[ids]
        found.maybe[leaves, records] = True
        if unsure.any():
            found.open[leaves[unsure], records[unsure]] = True
            sure = ~unsure
            if not sure.any():
                return []
            leaves, records, texts, starts, ends = (
                each[sure] for each in (leaves, records, texts, starts, ends)
            )
        spans = np.empty((len(leaves), SPAN_COLUMNS), np.int64)
        spans[:, 0], spans[:, 1], spans[:, 2] = leaves, records, held.parts(texts)
        begin = held.offsets[texts]
        spans[:, 3], spans[:, 4] = starts - begin, ends - begin
        return [spans]

    def _measured(  # noqa: PLR0917 - the columns of the matches
        self,
        held: Lane,
        ids: Int64s,
        starts: Int64s,
        ends: Int64s,
        low: Int64s,
        simple: Flags,
    ) -> None:
        """Where the phrases among these matches begin; such are as certain as a word."""
        for at in np.flatnonzero(self._is_run[ids]).tolist():
            end = int(ends[at])
            first = max(int(low[at]), end - _LONGEST_RUN)
            piece = bytes(held.buffer[held.base + first : held.base + end])
            told = self._runs[int(ids[at])].search(piece)
            if told is not None:
                starts[at] = first + told.start()
                simple[at] = True

    def _as_spelt(self, held: Lane, ids: Int64s, starts: Int64s, kept: Flags) -> Flags:
        """Which of these matches of a piece stand in the whole word; true for all but such."""
        right = np.ones(len(ids), np.bool_)
        octets = held.octets
        for number, shape in self._wide.items():
            mine = np.flatnonzero((ids == number) & kept)
            if not len(mine):
                continue
            at = starts[mine] - int(held.offsets[0])
            good = np.ones(len(mine), np.bool_)
            for letter in shape.letters:
                pair = octets[at].astype(np.uint16) << 8 | octets[at + 1]
                good &= (pair[:, None] == letter).any(axis=1)
                at += 2
            right[mine] = good
        return right

    @contextmanager
    def _rows(self, held: Lane, found: Found) -> Iterator[Flags]:
        """A mask over the lane's texts, of which the records are noted as open at the end."""
        mask = np.zeros((len(self._leaves), len(held.offsets) - 1), np.bool_)
        yield mask
        if self._leaf_of_subject and held.part != SUBJECT:
            mask[self._leaf_of_subject] = False
        if held.rows is None:
            found.maybe |= mask
            found.open |= mask
            return
        leaves, texts = np.nonzero(mask)
        found.maybe[leaves, held.rows[texts]] = found.open[leaves, held.rows[texts]] = True

    def _second(self) -> Spelt:
        with self._lock:
            if self._spelt is None:
                self._spelt = Spelt(self._folded)
            return self._spelt

    def _compiled(self, but: frozenset[int]) -> Patterns | None:
        """The literals of all leaves but these, in one database; None where none is left."""
        with self._lock:
            if but not in self._sets:
                import hyperscan

                listed = [
                    (number, *source)
                    for number, item in enumerate(self._items)
                    if number not in but
                    for source in usual_sources(item)
                ]
                self._sets[but] = None
                if listed:
                    self._sets[but] = Patterns(
                        [source for _, source, _ in listed],
                        [hyperscan.HS_FLAG_CASELESS if c else 0 for _, _, c in listed],
                        [number for number, _, _ in listed],
                    )
            return self._sets[but]
