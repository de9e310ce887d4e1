"""BM25 over the hits of a query: how often each asked word stands in them, weighed by its rarity.

score = Σ over what was asked of ln(1 + (N − n + ½) / (n + ½)) · f · (k₁ + 1) / (f + k₁ · (1 − b + b · l / L))

(Robertson & Zaragoza 2009, §3.4, in the form of idf that is never negative). N counts the records
of the slice, n those that hold the word, f its places in the record, l the words of the record and
L the mean of that over the hits. What was asked is every word, phrase and pattern that is not
negated; a condition on sender, source or time adds nothing. Words are counted by hashes of 32 bits:
that two share one is rare, and can move a score, never a hit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.columns import part_texts, text_column
from pastwatch.archive.tokens import row_hashes, token_hash
from pastwatch.matching.compile import compile_query
from pastwatch.matching.lanes import Lane, lanes_of
from pastwatch.matching.matcher import words_of
from pastwatch.matching.scanner import BlockScanner
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Query, Regex, Term

K1: Final = 1.2
B: Final = 0.75
KEY16: Final = b"pastwatch search"
"""Under which words are hashed while they are counted; nothing of it is kept."""

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]


def asked(root: Node) -> tuple[Node, ...]:
    """What of a query weighs in its ranking, each once, in the order written."""
    return tuple(dict.fromkeys(_asked(root)))


def whole_word(node: Node) -> str:
    """The folded word that a node is, when it is one whole word; else an empty text."""
    if not isinstance(node, Term | Phrase):
        return ""
    words = words_of(node)
    return words[0].text if len(words) == 1 and words[0].exact else ""


def lanes_in(block: OpenBlock) -> Sequence[Lane]:
    """What of a block is searched, also where some of its records were left out."""
    if block.lanes:
        return block.lanes
    text = block.text
    parts, owners, _ = part_texts(text.column("parts"))
    return lanes_of(
        text_column(text.column("text")), text_column(text.column("subject")), (*parts, owners)
    )


def words_in(block: OpenBlock) -> tuple[npt.NDArray[np.uint32], Int64s]:
    """The hash of every word of a block beside the place of its record, as often as it stands there."""
    text = block.text
    parts, owners, _ = part_texts(text.column("parts"))
    found = [row_hashes(text_column(text.column(name)), KEY16) for name in ("subject", "text")]
    if len(owners):
        hashes, rows = row_hashes(parts, KEY16)
        found.append((hashes, owners[rows]))
    return np.concatenate([h for h, _ in found]), np.concatenate([r for _, r in found])


class Ranker:
    """Gathers block by block what the scores of so many hits rest on; no object a record."""

    def __init__(self, root: Node, *, hits: int) -> None:
        self.nodes = asked(root)
        words = {n: word for n, node in enumerate(self.nodes) if (word := whole_word(node))}
        values = np.array([token_hash(word, KEY16) for word in words.values()], np.uint32)
        order = np.argsort(values, kind="stable")
        self._values = values[order]
        self._word_of = np.array(list(words), np.int64)[order]
        self._scanners = {
            n: BlockScanner(compile_query(Query("", node)))
            for n, node in enumerate(self.nodes)
            if n not in words
        }
        self._holding = np.zeros(len(self.nodes), np.int64)
        self._lengths = np.zeros(hits, np.int64)
        self._met = np.zeros(hits, np.bool_)
        self._counts: list[tuple[Int64s, Int64s, Int64s]] = []

    def add(self, block: OpenBlock, *, rows: Int64s, hits: Int64s) -> None:
        """Count a block; its places `rows` hold the hits of these numbers."""
        size = len(block.rows)
        number = np.full(size, -1, np.int64)
        number[rows] = hits
        hashes, owners = words_in(block)
        if len(rows):
            self._met[hits] = True
            self._lengths[hits] = np.bincount(owners, minlength=size)[rows]
        for node, places, times in (*self._words(hashes, owners, size), *self._others(block)):
            np.add.at(self._holding, node, 1)
            kept = number[places] >= 0
            if kept.any():
                self._counts.append((node[kept], number[places[kept]], times[kept]))

    def _words(
        self, hashes: npt.NDArray[np.uint32], owners: Int64s, size: int
    ) -> list[tuple[Int64s, Int64s, Int64s]]:
        """(node, place, times) of every whole word that was asked for."""
        if not len(self._values):
            return []
        at = np.minimum(np.searchsorted(self._values, hashes), len(self._values) - 1)
        held = np.flatnonzero(self._values[at] == hashes)
        keys, times = np.unique(at[held] * size + owners[held], return_counts=True)
        return [(self._word_of[keys // size], keys % size, times.astype(np.int64))]

    def _others(self, block: OpenBlock) -> list[tuple[Int64s, Int64s, Int64s]]:
        """The same of phrases, wildcards and patterns, by the places at which they match."""
        if not self._scanners:
            return []
        lanes, found = lanes_in(block), []
        for number, scanner in self._scanners.items():
            hits = scanner.scan(lanes, len(block.rows))
            if len(hits):
                times = np.bincount(hits.spans[:, 0], minlength=len(block.rows))[hits.rows]
                found.append((np.full(len(hits), number), hits.rows, times.astype(np.int64)))
        return found

    @property
    def met(self) -> npt.NDArray[np.bool_]:
        """Which hits stood in a block that was counted: the others did not open, or are protected."""
        return self._met

    def scores(self, *, records: int) -> Float64s:
        """The score of each hit, of a slice of so many records."""
        total = np.zeros(len(self._met), np.float64)
        if not self._counts:
            return total
        node, hit, times = (np.concatenate(part) for part in zip(*self._counts, strict=True))
        rarity = np.log1p((records - self._holding + 0.5) / (self._holding + 0.5))
        mean = max(float(self._lengths[self._met].mean()), 1.0)
        damp = K1 * (1 - B + B * self._lengths[hit] / mean)
        np.add.at(total, hit, rarity[node] * times * (K1 + 1) / (times + damp))
        return total


def ranked(scores: Float64s) -> Int64s:
    """The hits from the best down; equal ones in the order in which they were found."""
    return np.argsort(-scores, kind="stable")


def _asked(node: Node) -> list[Node]:
    match node:
        case Term() | Phrase() | Regex():
            return [node]
        case Field():
            return [node] if node.name == "subject" else []
        case Near():
            return [*_asked(node.left), *_asked(node.right)]
        case And() | Or():
            return [found for inner in node.nodes for found in _asked(inner)]
        case Not():
            return []
        case _:
            assert_never(node)
