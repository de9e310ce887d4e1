"""The byte patterns that find a leaf where it is spelt as usual, and in text without its marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.matching.compile import Leaf
from pastwatch.matching.expand import bare_forms, trails
from pastwatch.matching.telling import usual

_GAP: Final = b"[^0-9A-Za-z_]+"
_PLAIN_GAP: Final = rb"[^0-9A-Za-z_\x80-\xff]+"
_SPELLINGS: Final = 64
_PAIR: Final = 2
Source = tuple[bytes, bool]
"""A pattern over bytes, and whether ASCII letters of either case are meant."""


def pieces(leaf: Leaf) -> tuple[str, ...]:
    """What of a folded leaf a text may hold spelt in some other way."""
    if _is_run(leaf):
        return tuple(word.text for word in leaf.words)
    return (leaf.literal,)


def usual_sources(leaf: Leaf) -> list[Source]:
    """Patterns one of which is met wherever the leaf stands in its usual spelling."""
    if not leaf.folded:
        return [(_escaped(leaf.literal.encode()), False)]
    if _is_run(leaf):
        return [(_GAP.join(re.escape(word.text).encode() for word in leaf.words), True)]
    if leaf.literal.isascii():
        return [(re.escape(leaf.literal).encode(), True)]
    return _spelt([usual(char) for char in leaf.literal])


def bare_sources(leaf: Leaf) -> list[Source]:
    """As `usual_sources`, for its longest piece in a text whose marks were taken out."""
    letters = [char for char in leaf.literal if not trails(char)]
    if all(map(str.isascii, letters)):
        return [(re.escape("".join(letters)).encode(), True)] if letters else []
    return _spelt(
        ["".join(sorted({s for form in bare_forms(c) for s in usual(form)})) for c in letters]
    )


def _is_run(leaf: Leaf) -> bool:
    """Whether it is several whole words in ASCII."""
    words = leaf.words
    return len(words) > 1 and all(word.exact and word.text.isascii() for word in words)


def run_of(leaf: Leaf) -> re.Pattern[bytes] | None:
    """What a phrase looks like in plain ASCII, at the end of the bytes it is searched in.

    None where only the exact matcher can tell.
    """
    if not _is_run(leaf) or leaf.subject_only:
        return None
    words = _PLAIN_GAP.join(re.escape(word.text).encode() for word in leaf.words)
    return re.compile(words + rb"\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a whole word stands around the piece of it that is searched, where that is certain.

    `before` bytes of it stand before the piece's end, and `after` follow. Beyond ASCII each letter
    takes two bytes, and `letters` holds the numbers these two make.
    """

    before: int
    after: int
    letters: tuple[npt.NDArray[np.uint16], ...] = ()


def shape_of(leaf: Leaf) -> Shape | None:
    """The shape of a leaf that is one whole word; None where only the exact matcher can tell."""
    if not leaf.whole or leaf.subject_only:
        return None
    if leaf.literal.isascii():
        return Shape(len(leaf.literal), 0)
    sets = [usual(char) for char in leaf.literal]
    if any(len(char.encode()) != _PAIR for held in sets for char in held):
        return None
    _, end = _window(sets)
    return Shape(
        _PAIR * end,
        _PAIR * (len(sets) - end),
        tuple(np.frombuffer("".join(held).encode(), ">u2").astype(np.uint16) for held in sets),
    )


def _spelt(sets: Sequence[str]) -> list[Source]:
    """Every spelling of the letters that follow each other and tell the most: one pattern of bytes."""
    start, end = _window(sets)
    return [(b"".join(map(_any_of, sets[start:end])), False)]


def _any_of(spellings: str) -> bytes:
    """A pattern of one character's bytes, which differ in the last of them where they can."""
    found: dict[bytes, bytes] = {}
    for octets in sorted(map(str.encode, spellings)):
        found[octets[:-1]] = found.get(octets[:-1], b"") + octets[-1:]
    parts = [_escaped(lead) + b"[" + _escaped(last) + b"]" for lead, last in found.items()]
    return b"(?:" + b"|".join(parts) + b")"


def _window(sets: Sequence[str]) -> tuple[int, int]:
    best = (0, 0, 1)
    for start in range(len(sets)):
        end = start
        while end < len(sets) and prod(map(len, sets[start : end + 1])) <= _SPELLINGS:
            end += 1
        size = sum(len(held[0].encode()) for held in sets[start:end])
        best = max(best, (size, -start, end))
    return -best[1], best[2]


def _escaped(octets: bytes) -> bytes:
    return b"".join(b"\\x%02x" % octet for octet in octets)
