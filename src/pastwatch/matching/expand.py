"""Folding turned round: for a folded literal, the patterns that find every spelling of it.

A text is never folded to be scanned; the literal is written out instead, as one character class
a letter. Three cases are told apart, by row:

* only characters that fold to one character each: the *plain* classes find every spelling;
* a row with marks or invisible characters (`TRAILING`): the *marked* pattern lets a run of them
  follow each letter, and takes a letter's bare form too;
* a row with a character that folds to several (ﬁ, ™, ½) and could be part of this literal
  (`bridges`): such a row is always a candidate.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

from pastwatch.matching.fold import TRAILING

_TRAILS: Final = re.compile(
    "[" + re.sub(r"\\p\{M\}", "", TRAILING) + "]",
)
_TRAILING: Final = (
    range(0x3400),
    range(0xA000, 0xAC00),
    range(0xD7B0, 0xD800),
    range(0xF900, 0x12000),
    range(0x13000, 0x17000),
    range(0x1B000, 0x20000),
    range(0xE0100, 0xE01F0),
)
"""Where characters stand that trail; a test holds it against all of them."""
_TABLE: Final = Path(__file__).with_name("spellings.json")
"""The folding turned round: to work it out takes as long as to scan a hundred blocks."""


@cache
def _inverse() -> tuple[dict[str, str], dict[str, str]]:
    """Folded character -> the other characters that fold to it; character -> its several."""
    told: dict[str, dict[str, str]] = json.loads(_TABLE.read_bytes())
    return told["singles"], told["several"]


def trails(char: str) -> bool:
    """Whether this character belongs to the letter before it."""
    return unicodedata.category(char)[0] == "M" or _TRAILS.match(char) is not None


@cache
def trailing_characters() -> str:
    """Every character that `trails`."""
    every = "".join(map(chr, chain(*_TRAILING)))
    beside = set(_TRAILS.findall(every))  # one search: a match a character takes ten times longer
    category = unicodedata.category
    return "".join(char for char in every if char in beside or category(char)[0] == "M")


@lru_cache(maxsize=4096)
def spellings(char: str) -> str:
    """Every single character that folds to this folded character, itself included."""
    return char + _inverse()[0].get(char, "")


@lru_cache(maxsize=4096)
def bare_spellings(char: str) -> str:
    """As `spellings`, with those of the forms that marks after them could turn into it."""
    return "".join(sorted({s for form in bare_forms(char) for s in spellings(form)}))


@lru_cache(maxsize=4096)
def bare_forms(char: str) -> tuple[str, ...]:
    """A folded character, and what marks could turn into it."""
    parts = unicodedata.normalize("NFD", char)
    forms = {unicodedata.normalize("NFC", parts[: size + 1]) for size in range(len(parts))}
    return tuple(sorted({char, *(form for form in forms if len(form) == 1)}))


@lru_cache(maxsize=4096)
def bridges(literal: str) -> str:
    """The characters that fold to several and could hold a piece of this literal."""
    near = {char for letter in set(literal) for char in _several_with().get(letter, "")}
    several = _inverse()[1]
    return "".join(char for char in sorted(near) if _meets(literal, several[char]))


def bridging(letters: str) -> str:
    """The characters that fold to several of which at least one is among these letters."""
    return "".join({char for letter in letters for char in _several_with().get(letter, "")})


@cache
def _several_with() -> dict[str, str]:
    """For each folded character those that fold to several of which it is one."""
    found: dict[str, str] = {}
    for char, out in _inverse()[1].items():
        for letter in set(out):
            found[letter] = found.get(letter, "") + char
    return found


def _meets(literal: str, out: str) -> bool:
    if out in literal or literal in out:
        return True
    shorter = min(len(literal), len(out))
    return any(
        literal.startswith(out[-size:]) or literal.endswith(out[:size])
        for size in range(1, shorter)
    )


def plain_sets(literal: str) -> list[str]:
    """One set of characters for each letter."""
    return [spellings(char) for char in literal]


def marked_sets(literal: str) -> list[str]:
    """One set for each letter that is no mark itself; a run of trailing ones may follow each."""
    return [bare_spellings(char) for char in literal if not trails(char)]


def written(characters: str, *, hyperscan: bool) -> str:
    """A character class, as hyperscan or as `re` reads it."""
    runs: list[list[int]] = []
    for cp in sorted(set(map(ord, characters))):
        if runs and runs[-1][1] == cp - 1:
            runs[-1][1] = cp
        else:
            runs.append([cp, cp])
    form = r"\x{%X}" if hyperscan else r"\U%08X"
    return "[" + "".join(f"{form % low}-{form % high}" for low, high in runs) + "]"
