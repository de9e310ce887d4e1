"""How far one wording of speech is from another: errors by word and by character, after folding.

Folding: Unicode NFKC, case folded; tatweel, the marks of Arabic and Hebrew vowels and apostrophes
are dropped; punctuation and signs are spaces; runs of spaces are one. Words written in Chinese,
Japanese or Thai are not parted by spaces: there each character counts as a word. Numbers in digits
and in words, spellings and titles are not made equal. The rate is substitutions, deletions and
insertions (Levenshtein 1966) by the number of words of the first wording; it may exceed 1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_DROPPED = re.compile("[\u0640\u064b-\u065f\u0670\u0591-\u05c7'’ʼ`]")
_WORD = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|"
    "[^\\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f_]"
    "[^\\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff_]*"
)


class Errors(NamedTuple):
    """Edits from one wording to the other, and how long the first is; sums add."""

    words: int
    word_edits: int
    characters: int
    character_edits: int

    @property
    def word_ratio(self) -> float | None:
        """Word error rate; None against no words at all."""
        return self.word_edits / self.words if self.words else None

    @property
    def character_ratio(self) -> float | None:
        """Character error rate; None against no characters at all."""
        return self.character_edits / self.characters if self.characters else None


def words_of(text: str) -> list[str]:
    """The folded words of a text."""
    folded = _DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())
    return _WORD.findall(folded)


def errors(reference: str, other: str) -> Errors:
    """How far `other` is from `reference`."""
    ours, theirs = words_of(reference), words_of(other)
    first, second = " ".join(ours), " ".join(theirs)
    return Errors(len(ours), edits(ours, theirs), len(first), edits(first, second))


def total(several: Sequence[Errors]) -> Errors:
    """The sums, so that a long wording weighs more than a short one."""
    return Errors(*(sum(column) for column in zip(*several, strict=True))) if several else NOTHING


NOTHING = Errors(0, 0, 0, 0)


def edits(first: Sequence[str], second: Sequence[str]) -> int:
    """Substitutions, deletions and insertions from one to the other, as few as there can be."""
    if len(first) < len(second):
        first, second = second, first
    row = list(range(len(second) + 1))
    for place, one in enumerate(first, 1):
        diagonal, row[0] = row[0], place
        for at, other in enumerate(second, 1):
            above = row[at]
            row[at] = min(above + 1, row[at - 1] + 1, diagonal + (one != other))
            diagonal = above
    return row[-1]
