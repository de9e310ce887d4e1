"""Words that sound alike, across scripts: for finding in a transcript what was not written as asked.

A word is put into Latin letters, then into a key: vowels after the first sound are dropped, and
letters that transcripts confuse share a sign (b p · f v w · k g q x and c before a o u · t d · s z
ch sh j and c before e i · m · n · l · r; h is dropped after the first sound; a doubled sign is one).
Words are alike when their keys differ by at most one sign in four, and their Latin letters by at
most half; the likeness is one minus the mean of both shares. A query is also held against runs of
up to two words more than it has, as a recogniser parts words it does not know.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from pastwatch.plugins import extra
from pastwatch.stages.enrich.wer import edits, words_of

_SIGNS = {
    **dict.fromkeys("bp", "b"),
    **dict.fromkeys("fvw", "f"),
    **dict.fromkeys("kgq", "k"),
    **dict.fromkeys("td", "t"),
    **dict.fromkeys("szj", "s"),
    **{letter: letter for letter in "mnlr"},
}
_PAIRS = (
    *(("tch", "s"), ("sch", "s"), ("kh", "k"), ("gh", "k"), ("ch", "s"), ("sh", "s")),
    *(("zh", "s"), ("th", "t"), ("dh", "t"), ("ph", "f"), ("ck", "k"), ("ts", "s"), ("x", "ks")),
)
_SOFT_C = re.compile(r"c(?=[eiy])")
_KEY_RATIO, _LETTER_RATIO = 0.25, 0.5
_PARTED = 2


class Alike(NamedTuple):
    """Words of a text, from one to another, and how alike they are to what was asked: 1 is the same."""

    words: str
    likeness_ratio: float


def latin(word: str) -> str:
    """A word in small Latin letters; MissingExtra without the library for what is not Latin."""
    if word.isascii():
        return word.lower()
    with extra("enrich", "words in other scripts need a library to be put into Latin letters"):
        from anyascii import anyascii
    return "".join(c for c in anyascii(word).lower() if c.isalnum())


@functools.lru_cache(maxsize=65_536)
def key(word: str) -> str:
    """The signs of how a word sounds; digits stand for themselves."""
    plain = latin(word)
    for pair, sign in _PAIRS:
        plain = plain.replace(pair, sign)
    plain = _SOFT_C.sub("s", plain).replace("c", "k")
    made = ""
    for place, letter in enumerate(plain):
        sign = letter if letter.isdigit() else _SIGNS.get(letter, "")
        if not place and not sign:
            sign = "h" if letter == "h" else "a"
        if sign and not (made.endswith(sign) and not sign.isdigit()):
            made += sign
    return made


def alike(query: str, text: str) -> Alike | None:
    """The words of a text most like those asked for; None where none sound alike."""
    asked, said = words_of(query), words_of(text)
    if not asked:
        return None
    wanted, signs = "".join(map(key, asked)), [key(word) for word in said]
    best: Alike | None = None
    for start in range(len(said)):
        run = ""
        for end in range(start, min(start + len(asked) + _PARTED, len(said))):
            run += signs[end]
            if not _near(wanted, run):
                continue
            found = _likeness(asked, said[start : end + 1], wanted, run)
            if found and (best is None or found > best.likeness_ratio):
                best = Alike(" ".join(said[start : end + 1]), found)
    return best


def _near(one: str, other: str) -> bool:
    """Whether two keys may be near enough: what length and signs alone can rule out, quickly."""
    most = int(_KEY_RATIO * max(len(one), len(other)))
    apart = abs(len(one) - len(other))
    return apart <= most and len(set(one) ^ set(other)) <= 2 * most


def _likeness(asked: Sequence[str], run: Sequence[str], wanted: str, signs: str) -> float:
    if list(asked) == list(run):
        return 1.0
    if not wanted or not signs:  # signs of no sound: the same or not, and nothing between
        return 0.0
    longest = max(len(wanted), len(signs))
    key_ratio = edits(wanted, signs) / longest
    if key_ratio > _KEY_RATIO:
        return 0.0
    letters, others = latin("".join(asked)), latin("".join(run))
    letter_ratio = edits(letters, others) / max(len(letters), len(others), 1)
    if letter_ratio > _LETTER_RATIO:
        return 0.0
    return round(1 - (key_ratio + letter_ratio) / 2, 3) if letters != others else 0.999
