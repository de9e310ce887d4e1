"""Folding, version 1: the one rule by which two spellings count as the same word.

Words, phrases and the token index of every pack rest on it, so it is part of the archive format:
any change is a new `FOLD_VERSION`. docs/query.md states the rule for people; in short

1. compatibility decomposition (NFKD) and full case folding, character by character;
2. stress, vowel and other optional marks are dropped, and so are tatweel, soft hyphens, joiners
   and direction marks; marks that make another letter stay (й ў ї ѓ ќ, kana voicing, the vowel
   signs of Indic and Thai writing);
3. letters that are written for one another become one: alef forms, teh marbuta and heh, alef
   maqsura and yeh, Persian kaf and yeh, Hebrew final letters, dotless ı, every decimal digit.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import add, sub
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from pastwatch.matching.alphabet import CLASS, SEPARATOR, UNASSIGNED, WORD

FOLD_VERSION: Final = 1

Int64s = npt.NDArray[np.int64]

_KEPT: Final = frozenset("йўїѓќ")
_JOINED: Final = dict(
    zip(
        "ٱةىیېکہھەךםןףץı",
        "اهيييكهههכמנפצi",
        strict=True,
    )
)
_DROPPED_RANGES: Final = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05BD),  # Hebrew accents and points
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x05C4, 0x05C5),
    (0x05C7, 0x05C7),
    (0x0610, 0x061A),  # Arabic marks
    (0x061C, 0x061C),
    (0x0640, 0x0640),  # tatweel
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x0711, 0x0711),  # Syriac
    (0x0730, 0x074A),
    (0x0898, 0x089F),
    (0x08CA, 0x08E1),
    (0x08E3, 0x08FF),
    (0x1AB0, 0x1ACE),
    (0x1DC0, 0x1DFF),
    (0x200C, 0x200F),  # joiners, direction marks
    (0x202A, 0x202E),
    (0x2060, 0x2064),
    (0x2066, 0x2069),
    (0x20D0, 0x20F0),
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFE20, 0xFE2F),
    (0xFEFF, 0xFEFF),
    (0xE0100, 0xE01EF),
)
DROPPED: Final = frozenset(cp for low, high in _DROPPED_RANGES for cp in range(low, high + 1))
_STAND_ALONE_JAMO: Final = ((0x3130, 0x318F), (0xFFA0, 0xFFDF))

_SET: Final = "".join(rf"\U{low:08X}-\U{high:08X}" for low, high in _DROPPED_RANGES)
TRAILING: Final = rf"\p{{M}}\u1160-\u11FF\uD7B0-\uD7FF\uFF9E\uFF9F{_SET}"
"""What may follow a letter and belong to it, as the inside of a character class."""
_CLUSTER: Final = regex.compile(rf"(?s:[^{TRAILING}])?[{TRAILING}]+|(?s:.)")


def _fold_character(char: str) -> str:
    """One character folded by itself."""
    cp = ord(char)
    if CLASS[cp] == UNASSIGNED or any(low <= cp <= high for low, high in _STAND_ALONE_JAMO):
        return char
    if char.lower() in _KEPT:
        return char.lower()
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    kept = "".join(_JOINED.get(c, c) for c in parts if ord(c) not in DROPPED)
    return unicodedata.normalize("NFC", kept)


class _Folding(dict[int, str]):
    """A translation table that fills itself as characters are met."""

    def __missing__(self, code_point: int) -> str:
        folded = self[code_point] = _fold_character(chr(code_point))
        return folded


_TABLE: Final = _Folding()


def fold_character(char: str) -> str:
    """One character folded by itself; a text folds like this unless marks compose in it."""
    return _TABLE[ord(char)]


_WIDE: Final = re.compile(r"([^\x00-\x7f]+)")
"""Nothing composes across an ASCII character: what is between two folds by itself."""


def fold(text: str) -> str:
    """The folded text; folding it again changes nothing."""
    if text.isascii():
        return text.lower()
    pieces = _pieces(text)
    pieces[1::2] = _fold_runs(pieces[1::2])
    # The bytes' lower() touches ASCII alone; the text's would undo some case folding.
    whole = "".join(pieces).encode("utf-8", "surrogatepass").lower()
    return whole.decode("utf-8", "surrogatepass")


_SHORT: Final = 600
_ASCII_END: Final = 0x80


def _pieces(text: str) -> list[str]:
    """The text cut into runs, ASCII at even places and the rest at odd ones."""
    if len(text) < _SHORT:
        return _WIDE.split(text)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    wide = points >= _ASCII_END
    cuts = (np.flatnonzero(wide[1:] != wide[:-1]) + 1).tolist()
    bounds = [0, *([0] if wide[0] else []), *cuts, len(text)]
    pieces = [text[start:end] for start, end in pairwise(bounds)]
    return pieces if len(pieces) % 2 else [*pieces, ""]


_CACHED_RUN: Final = 32


def _fold_runs(runs: list[str]) -> list[str]:
    """Each run folded; long ones pass the cache by, which bounds its memory."""
    if max(map(len, runs)) <= _CACHED_RUN:
        return list(map(_fold_run, runs))
    return [_fold_run(r) if len(r) <= _CACHED_RUN else _fold_run.__wrapped__(r) for r in runs]


@lru_cache(maxsize=1 << 15)
def _fold_run(run: str) -> str:
    composed = unicodedata.normalize("NFC", run)
    return unicodedata.normalize("NFC", composed.translate(_TABLE))


def fold_with_map(text: str) -> tuple[str, Int64s, Int64s]:
    """The folded text and, for each of its characters, where its bytes start and end in `text`.

    Offsets are into the UTF-8 form. Marks and invisible characters that fold drops belong to the
    letter before them, so a span ends after them.
    """
    folded = fold(text)
    places = [(at, at + 1) for at in range(len(folded))]
    spans = np.array(byte_spans(text, places), np.int64).reshape(-1, 2)
    return folded, spans[:, 0], spans[:, 1]


def byte_spans(text: str, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in the folded text, as characters, turned into bytes of the text as written."""
    if text.isascii():
        return list(places)
    pieces = _pieces(text)
    runs: list[str] = ["", *pieces[1::2]]
    plain = list(map(len, pieces[:-1:2]))
    widths = list(map(len, _fold_runs(runs)))
    sizes = [len(run.encode("utf-8", "surrogatepass")) for run in runs]
    ends: list[int] = [0, *accumulate(map(add, plain, widths[1:]))]
    stops: list[int] = [0, *accumulate(map(add, plain, sizes[1:]))]
    starts: list[int] = list(map(sub, ends, widths))
    begins: list[int] = list(map(sub, stops, sizes))

    def first_byte(at: int) -> int:
        k = bisect_right(starts, at) - 1
        if at < ends[k]:
            return begins[k] + _run_map(runs[k])[0][at - starts[k]]
        return stops[k] + at - ends[k]

    def end_byte(at: int) -> int:
        k = bisect_right(starts, at) - 1
        if at < ends[k]:
            return begins[k] + _run_map(runs[k])[1][at - starts[k]]
        end = stops[k] + at - ends[k] + 1
        if k + 1 < len(starts) and starts[k + 1] == at + 1:
            end += _run_map(runs[k + 1])[2]
        return end

    return [(first_byte(start), end_byte(end - 1)) for start, end in places]


@lru_cache(maxsize=4096)
def _run_map(run: str) -> tuple[list[int], list[int], int]:
    """Of each folded character of a run its first byte and end; how many bytes it drops first."""
    folded = run.translate(_TABLE)
    composed = unicodedata.is_normalized("NFC", run) and unicodedata.is_normalized("NFC", folded)
    pieces: Iterable[str] = run if composed else _CLUSTER.findall(run)
    starts: list[int] = []
    ends: list[int] = []
    at = lead = 0
    for piece in pieces:
        size = len(piece.encode("utf-8", "surrogatepass"))
        out = _fold_run(piece)
        starts += [at] * len(out)
        ends += [at + size] * len(out)
        if not out and ends:
            same = starts[-1]
            ends = [
                at + size if start == same else end for start, end in zip(starts, ends, strict=True)
            ]
        elif not out:
            lead += size
        at += size
    return starts, ends, lead


_KINDS: Final = np.frombuffer(CLASS, np.uint8)


def token_bounds(folded: str) -> tuple[Int64s, Int64s]:
    """Where the tokens of a folded text start and end, in characters, in order."""
    points = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _KINDS[points]
    before = np.empty_like(kinds)
    before[:1] = SEPARATOR
    before[1:] = kinds[:-1]
    after = np.empty_like(kinds)
    after[-1:] = SEPARATOR
    after[:-1] = kinds[1:]
    inside = kinds != SEPARATOR
    starts = np.flatnonzero(inside & ((kinds != WORD) | (before != WORD)))
    ends = np.flatnonzero(inside & ((kinds != WORD) | (after != WORD))) + 1
    return starts, ends


def tokens(folded: str) -> list[tuple[int, int]]:
    """The tokens of a folded text as (start, end) in characters, in order."""
    starts, ends = token_bounds(folded)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
