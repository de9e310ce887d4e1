"""Which terms the places of a look belong to: by the words that are marked there."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import assert_never

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock
from pastwatch.matching.compile import compile_query
from pastwatch.matching.fold import fold, fold_character, tokens
from pastwatch.matching.lanes import Lane
from pastwatch.matching.matcher import words_of
from pastwatch.matching.scanner import BlockScanner
from pastwatch.matching.words import Word
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Query, Regex, Term

Int64s = npt.NDArray[np.int64]
_COLUMNS = 4
_UNSURE = -1


class Spans:
    """The places of every hit of a look, by block: (row, part, start, end) in one buffer."""

    def __init__(self) -> None:
        self._by_block: dict[tuple[str, int], array[int]] = {}

    def add(
        self, pack_id: str, block: int, row: int, spans: Sequence[tuple[int, int, int]]
    ) -> None:
        """Note the places of one hit."""
        held = self._by_block.setdefault((pack_id, block), array("q"))
        for part, start, end in spans:
            held.extend((row, part, start, end))

    def holds(self, pack_id: str, block: int) -> bool:
        """Whether a block has a hit, with places or without any."""
        return (pack_id, block) in self._by_block

    def within(self, block: OpenBlock) -> Int64s:
        """The places in the records of an opened block, their rows as places in it."""
        held = self._by_block.get((block.ref.pack_id, block.ref.block), array("q"))
        table = np.array(held, np.int64).reshape(-1, _COLUMNS)
        order = np.argsort(block.rows, kind="stable")
        at = np.searchsorted(block.rows, table[:, 0], sorter=order)
        there = at < len(order)
        there[there] = block.rows[order[at[there]]] == table[there, 0]
        table = table[there]
        table[:, 0] = order[at[there]]
        return table


def is_run(root: Node) -> bool:
    """Whether a query is one word or phrase: each of its places is then a run of its words."""
    return isinstance(root, Term | Phrase)


def has_pattern(root: Node) -> bool:
    """Whether a pattern is in a query: its places may begin and end inside a word."""
    match root:
        case Regex():
            return True
        case Not():
            return has_pattern(root.node)
        case And() | Or():
            return any(map(has_pattern, root.nodes))
        case Term() | Phrase() | Field() | Near():
            return False
        case _:
            assert_never(root)


class Runs:
    """Words and phrases by their words; each different text that was marked is looked up once.

    A place may end inside a letter that folds to several words, as ½ does: the records of such
    places are judged again, for every term.
    """

    def __init__(self, roots: Mapping[int, Node]) -> None:
        self._roots = dict(roots)
        self._scanners: dict[int, BlockScanner] = {}
        self._exact: dict[tuple[str, ...], list[int]] = {}
        self._wild: dict[int, list[tuple[tuple[Word, ...], int]]] = {}
        for number, root in roots.items():
            words = words_of(root) if isinstance(root, Term | Phrase) else ()
            if all(word.exact for word in words):
                self._exact.setdefault(tuple(w.text for w in words), []).append(number)
            else:
                self._wild.setdefault(len(words), []).append((words, number))
        self._numbers: dict[bytes, int] = {}
        self._terms: list[list[int]] = []

    def __bool__(self) -> bool:
        return bool(self._exact or self._wild)

    def found(self, lanes: Sequence[Lane], table: Int64s) -> list[tuple[Int64s, Int64s]]:
        """(term, place of a record), as often as it stands there, of a block's marked places."""
        made = []
        unsure: list[Int64s] = []
        for lane in lanes:
            mine = table[:, 1] == lane.part if lane.rows is None else table[:, 1] >= lane.part
            rows, parts, starts, ends = table[mine].T
            if not len(rows):
                continue
            texts = rows
            if lane.rows is not None:
                texts = np.searchsorted(lane.rows, rows) + parts - lane.part
            begin = lane.base + lane.offsets[texts]
            marked = zip((begin + starts).tolist(), (begin + ends).tolist(), strict=True)
            buffer = lane.buffer
            number = np.array([self._number(bytes(buffer[a:b])) for a, b in marked], np.int64)
            made.append(self._spread(number, rows))
            unsure.append(rows[number == _UNSURE])
        return [*made, *self._judged(lanes, np.unique(np.concatenate(unsure)))] if unsure else made

    def _judged(self, lanes: Sequence[Lane], rows: Int64s) -> list[tuple[Int64s, Int64s]]:
        """The same of a few records by the exact matcher."""
        made = []
        for number, root in self._roots.items() if len(rows) else ():
            if number not in self._scanners:
                self._scanners[number] = BlockScanner(compile_query(Query("", root)))
            hits = self._scanners[number].scan(lanes, 0, only=rows)
            made.append((np.full(len(hits), number), hits.rows))
        return made

    def _number(self, text: bytes) -> int:
        number = self._numbers.get(text)
        if number is None:
            whole = text.decode("utf-8", "replace")
            if any(map(_several, whole)):
                number = _UNSURE
            else:
                number = len(self._terms)
                self._terms.append(self._of(whole))
            self._numbers[text] = number
        return number

    def _of(self, text: str) -> list[int]:
        folded = fold(text)
        words = tuple(folded[a:b] for a, b in tokens(folded))
        wild = [
            number
            for asked, number in self._wild.get(len(words), ())
            if all(word.accepts(token) for word, token in zip(asked, words, strict=True))
        ]
        return [*self._exact.get(words, ()), *wild]

    def _spread(self, numbers: Int64s, rows: Int64s) -> tuple[Int64s, Int64s]:
        """Each place once for every term its text belongs to."""
        sure = numbers != _UNSURE
        rows = rows[sure]
        distinct, at = np.unique(numbers[sure], return_inverse=True)
        lists = [self._terms[n] for n in distinct.tolist()]
        sizes = np.array(list(map(len, lists)), np.int64)
        flat = np.array([term for terms in lists for term in terms], np.int64)
        begins = np.cumsum(sizes) - sizes
        each = sizes[at]
        inner = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
        return flat[np.repeat(begins[at], each) + inner], np.repeat(rows, each)


def _several(char: str) -> bool:
    """Whether a character folds to more than one word."""
    return not char.isascii() and len(tokens(fold_character(char))) > 1
