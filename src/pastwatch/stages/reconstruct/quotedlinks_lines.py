"""What a mail repeats of others, as numbers: hashed runs of words, each with its depth of quoting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.columns import text_column
from pastwatch.archive.tokens import row_hashes

RUN_WORDS: Final = 5
"""So many words in a row, under one depth of quoting, are looked for in earlier mails."""
DEEPEST: Final = 7
NO_MINUTE: Final = -1
_KEPT_PART: Final = 3  # one run of so many is kept, by its hash: the same ones everywhere
_LONGEST_LINES: Final = 4000
_KEY: Final = bytes(16)
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIXED: Final = np.uint64(0xD6E8FEB86659FD93)
_MARKS: Final = r"^[ \t]{0,3}(?:[A-Za-z]{0,3}[>›»|][ \t]?)+"
_MARKED: Final = r"^[ \t]{0,3}[A-Za-z]{0,3}[>›»|]"
_RULED: Final = r"^\s*[-_*=]{2}"
_NOT_MARK: Final = r"[^>›»|]"
_MBOX: Final = r"^>From "
_SEPARATOR: Final = (
    r"(?i)^\s*[-_*=]{2,}\s*(original message|forwarded message|forwarded by|"
    r"urspr(ü|u)ngliche nachricht|message d'origine|mensaje original|пересылаемое сообщение|"
    r"исходное сообщение)"
)
_FROM: Final = r"(?i)^\s*\*?(from|von|de|от|från|van)\s*\*?:\s*\S"
_SENT: Final = (
    r"(?i)^\s*\*?(sent|date|gesendet|datum|envoyé|enviado|fecha|дата|отправлено|skickat)\s*\*?:"
)
_WROTE: Final = (
    r"(?i)(wrote|writes|said|schrieb( .{1,80})?|a écrit|escribió|ha scritto|skrev( .{1,60})?|napisał.?|"
    r"написал.{0,60}|пишет|писал.{0,40}|escreveu|schreef( .{1,60})?|كتب.{0,60}|כתב.{0,40})\s*[:：]\s*$"
)
_CLOCK: Final = r"\b(?:[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)"
_ON: Final = r"(?i)^\s*(on|am|le|el|il|den|em|op|в|at|el)\b"

Int64s = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Quotes:
    """What each mail repeats: runs of words as (mail, hash, depth), and whom it says it repeats."""

    run_row: Int64s
    run: Keys
    depth: npt.NDArray[np.uint8]
    word_row: Int64s  # the words of the lines that say who wrote what follows
    word: npt.NDArray[np.uint32]
    minute: Int64s  # the minute of the hour that such a line gives, −1 none
    attributes: npt.NDArray[np.bool_]


@dataclass(slots=True)
class QuoteGatherer:
    """Takes the texts of mails a block at a time, and keeps numbers alone."""

    _count: int = 0
    _parts: list[tuple[npt.NDArray[Any], ...]] = field(default_factory=list)

    def add(self, texts: pa.LargeStringArray) -> None:
        """The texts of further mails, in order."""
        rows, lines = _lines(texts)
        depth, naming = _depths(rows, lines)
        self._parts.append(
            (
                *_runs(rows, lines, depth, self._count),
                *_named(rows, lines, naming, self._count, len(texts)),
            )
        )
        self._count += len(texts)

    def done(self) -> Quotes:
        """All that was added."""
        if not self._parts:
            self.add(pa.array([], pa.large_string()))
        return Quotes(*(np.concatenate(own) for own in zip(*self._parts, strict=True)))


def words_of(texts: pa.Array) -> tuple[Int64s, npt.NDArray[np.uint32]]:
    """The words of short texts as (row, hash), each once a row."""
    hashes, rows = row_hashes(text_column(pc.fill_null(texts.cast(pa.large_string()), "")), _KEY)
    both = np.unique((rows.astype(np.uint64) << np.uint64(32)) | hashes)
    return (both >> np.uint64(32)).astype(np.int64), both.astype(np.uint32)


def _lines(texts: pa.LargeStringArray) -> tuple[Int64s, pa.Array]:
    """The lines of texts that are not blank, with the row of each; very long texts are cut."""
    lists = pc.split_pattern(texts, "\n")
    row = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    lines = pc.list_flatten(lists)
    near = np.arange(len(row)) - _begins(row) < _LONGEST_LINES
    filled = pc.match_substring_regex(lines, r"\S").to_numpy(zero_copy_only=False)
    kept = np.flatnonzero(near & filled)
    return row[kept], lines.take(pa.array(kept))


def _depths(row: Int64s, lines: pa.Array) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """How deep each line is quoted, and whether it says who wrote what follows."""
    marked = np.flatnonzero(_flags(lines, _MARKED) & ~_flags(lines, _MBOX))
    head = pc.struct_field(pc.extract_regex(lines.take(pa.array(marked)), f"(?P<m>{_MARKS})"), [0])
    marks = pc.utf8_length(pc.replace_substring_regex(pc.fill_null(head, ""), _NOT_MARK, ""))
    depth = np.zeros(len(row), np.int64)
    depth[marked] = marks.to_numpy(zero_copy_only=False)
    colons = pc.or_(pc.match_substring(lines, ":"), pc.match_substring(lines, "："))
    with_colon = np.flatnonzero(colons.to_numpy(zero_copy_only=False))
    wrote, header, sent = (_flags_of(lines, with_colon, p) for p in (_WROTE, _FROM, _SENT))
    ruled = np.flatnonzero(_flags(lines, _RULED))
    begins = _flags_of(lines, ruled, _SEPARATOR)
    number = np.arange(len(row)) - _begins(row)
    near = header & (_next(sent, row, 1) | _next(sent, row, 2) | _next(sent, row, 3))
    near &= number > 1  # a mail may print its own header first
    # What follows an attribution is quoted, marked or not; what is marked says so itself.
    unmarked = wrote & ~_next(depth > depth.min(initial=0), row, 1) & (depth == 0)
    opens = near | (begins & ~_next(header, row, 1)) | (unmarked & _has_next(row))
    opened = np.cumsum(opens & (depth == 0))
    before = opened - (opens & (depth == 0))
    level = before - before[_begins(row)]
    naming = (wrote | near) & (depth + level == 0)
    return np.minimum(depth + level, DEEPEST), naming


def _begins(group: Int64s) -> Int64s:
    """Of each place in runs of equal values where its run begins."""
    if not len(group):
        return group
    first = np.zeros(len(group), np.int64)
    change = np.flatnonzero(group[1:] != group[:-1]) + 1
    first[change] = change
    return np.maximum.accumulate(first)


def _flags(lines: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = pc.match_substring_regex(lines, pattern).to_numpy(
        zero_copy_only=False
    )
    return found


def _flags_of(lines: pa.Array, at: Int64s, pattern: str) -> npt.NDArray[np.bool_]:
    """Which lines match, where only those at some places may."""
    found = np.zeros(len(lines), np.bool_)
    found[at] = _flags(lines.take(pa.array(at)), pattern)
    return found


def _next(flags: npt.NDArray[np.bool_], row: Int64s, by: int) -> npt.NDArray[np.bool_]:
    """Whether the line so many further on, in the same mail, has the flag."""
    found = np.zeros(len(flags), np.bool_)
    found[:-by] = flags[by:] & (row[by:] == row[:-by])
    return found


def _has_next(row: Int64s) -> npt.NDArray[np.bool_]:
    return _next(np.ones(len(row), np.bool_), row, 1)


def _runs(
    row: Int64s, lines: pa.Array, depth: Int64s, first: int
) -> tuple[Int64s, Keys, npt.NDArray[np.uint8]]:
    """Runs of words of one depth; a shorter stretch of that depth is one run."""
    bare = pc.replace_substring_regex(lines, _MARKS, "")
    hashes, line = row_hashes(text_column(bare), _KEY)
    if not len(hashes):
        none = np.zeros(0, np.int64)
        return none, none.astype(np.uint64), none.astype(np.uint8)
    order = np.argsort(line, kind="stable")
    hashes, line = hashes[order].astype(np.uint64), line[order]
    change = np.flatnonzero(
        np.concatenate(([True], (row[1:] != row[:-1]) | (depth[1:] != depth[:-1])))
    )
    of_line = np.zeros(len(row), np.int64)
    of_line[change] = 1
    begins = _begins((np.cumsum(of_line) - 1)[line])
    ends = len(line) - _begins(begins[::-1])[::-1]
    at = np.arange(len(hashes))
    mixed = np.zeros(len(hashes), np.uint64)
    for step in range(RUN_WORDS):
        inside = at + step < ends
        word = hashes[np.minimum(at + step, len(hashes) - 1)] + np.uint64(1)
        mixed = np.where(inside, (mixed ^ word) * _STEP + (mixed >> np.uint64(29)), mixed)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIXED
    mixed ^= mixed >> np.uint64(32)
    whole = at + RUN_WORDS <= ends
    short = (at == begins) & ~whole & (ends - begins > 1)
    kept = (whole & (mixed % np.uint64(_KEPT_PART) == 0)) | short | (whole & (at == begins))
    own = row[line[kept]]
    return own + first, mixed[kept], depth[line[kept]].astype(np.uint8)


def _named(
    row: Int64s, lines: pa.Array, naming: npt.NDArray[np.bool_], first: int, count: int
) -> tuple[Int64s, npt.NDArray[np.uint32], Int64s, npt.NDArray[np.bool_]]:
    """The words and the minute of the first line in each mail that names a writer, and of its halves."""
    at = np.flatnonzero(naming)
    at = at[np.unique(row[at], return_index=True)[1]] if len(at) else at
    near = [at]
    opens = _flags(lines.take(pa.array(at)), _ON) | ~_flags(lines.take(pa.array(at)), _WROTE)
    header = _flags(lines.take(pa.array(at)), _FROM)
    above = at[(at > 0) & ~opens]
    near.append(above[row[above - 1] == row[above]] - 1)
    below = at[header]
    for by in (1, 2):
        fits = below[below + by < len(row)]
        near.append(fits[row[fits + by] == row[fits]] + by)
    every = np.unique(np.concatenate(near))
    texts = lines.take(pa.array(every))
    word_line, word = words_of(texts)
    both = np.unique((row[every][word_line].astype(np.uint64) << np.uint64(32)) | word)
    clock = pc.struct_field(pc.extract_regex(texts, _CLOCK), [0])
    told = pc.fill_null(pc.cast(clock, pa.int64()), NO_MINUTE).to_numpy(zero_copy_only=False)
    minute = np.full(count, NO_MINUTE, np.int64)
    minute[row[every][told >= 0]] = told[told >= 0]
    attributes = np.zeros(count, np.bool_)
    attributes[row[at]] = True
    return (
        (both >> np.uint64(32)).astype(np.int64) + first,
        both.astype(np.uint32),
        minute,
        attributes,
    )
