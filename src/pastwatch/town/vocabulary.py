"""The words of the town: two languages, their inflections, and a tail that never ends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count

Draw = Iterator[str]
"""An endless stream of words, most of them frequent."""

CYRILLIC = dict(
    zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхийклмнопкрстуввкиз", strict=True),
)
RESERVED = frozenset({"korvath", "корват"})
"""Names the story needs: no invented word may be one of them."""
_CODE = frozenset({"cake", "bridge", "key", "van"})
"""Frequent words the story leans on: they stand alone, never inside a compound."""

_POOL_COUNT = 1 << 15
_BLOCK_COUNT = 4096


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """The lines of one word file by section, in file order."""
    text = files("pastwatch.town").joinpath("words", name).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        else:
            lines.append(line)
    return {key: tuple(_trimmed(value)) for key, value in found.items()}


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def word_list(name: str, section: str) -> list[str]:
    """The words of one section, each once, in file order: the first are the most frequent."""
    return list(dict.fromkeys(word for line in sections(name)[section] for word in line.split()))


def plural(noun: str) -> str:
    """The regular English plural."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeou":
        return noun[:-1] + "ies"
    return noun + "s"


def past(verb: str) -> str:
    """The regular English past; a trailing * doubles the last consonant."""
    if verb.endswith("*"):
        return {"pay*": "paid"}.get(verb, verb[:-1] + verb[-2] + "ed")
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeou":
        return verb[:-1] + "ied"
    return verb + "ed"


def gerund(verb: str) -> str:
    """The English -ing form; a trailing * doubles the last consonant."""
    if verb.endswith("*"):
        return {"pay*": "paying"}.get(verb, verb[:-1] + verb[-2] + "ing")
    return verb.removesuffix("e") + "ing"


def masculine(noun: str, case: int) -> str:
    """A Russian masculine noun on a hard consonant: 0 nom, 1 gen, 2 dat, 3 ins, 4 prep."""
    return noun + ("", "а", "у", "ом", "е")[case]


def feminine(noun: str, case: int) -> str:
    """A Russian feminine noun in -а: 0 nom, 1 gen, 2 dat and prep, 3 acc, 4 ins."""
    stem, last = noun[:-1], noun[-2]
    genitive = "и" if last in "гкхжшчщ" else "ы"
    instrumental = "ей" if last in "жшчщц" else "ой"
    return stem + ("а", genitive, "е", "у", instrumental)[case]


def transliterated(name: str) -> str:
    """A Latin name letter by letter in Cyrillic, capitals kept."""
    return "".join(
        CYRILLIC[c] if c in CYRILLIC else CYRILLIC[c.lower()].upper() if c.isalpha() else c
        for c in name
    )


def draws(rng: random.Random, words: list[str], flatness: float) -> Draw:
    """Endless words with frequency falling as 1 / (rank + flatness): Zipf-Mandelbrot.

    Only `rng.random()` is used, the one draw Python promises to keep stable.
    """
    weights = [1.0 / (rank + flatness) for rank in range(1, len(words) + 1)]
    scale = _POOL_COUNT / sum(weights)
    pool = [w for w, weight in zip(words, weights, strict=True) for _ in range(int(weight * scale))]
    pool += words[-(_POOL_COUNT - len(pool)) :] if len(pool) < _POOL_COUNT else []
    size, rnd = len(pool), rng.random
    while True:
        yield from [pool[int(rnd() * size)] for _ in range(_BLOCK_COUNT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Invented names of one world: surnames, quarters, firms."""

    surnames: list[str]
    places: list[str]
    firms: list[str]


def names_of(rng: random.Random) -> Names:
    """The names of one world."""
    fresh = fresh_names(rng, long_ratio=0.0)
    stock = list(dict.fromkeys(name for name, _ in zip(fresh, range(1700), strict=False)))
    streets, firms = word_list("names.txt", "streets"), word_list("names.txt", "firms")
    return Names(
        surnames=stock[:450],
        places=[f"{n} {streets[int(rng.random() * len(streets))]}" for n in stock[900:1300]],
        firms=[f"{n} {firms[int(rng.random() * len(firms))]}" for n in stock[1300:1600]],
    )


def fresh_names(rng: random.Random, *, long_ratio: float = 0.5) -> Iterator[str]:
    """Invented names made of syllables, without end; the longer ones hardly repeat."""
    heads, middles, tails = (
        word_list("names.txt", section) for section in ("heads", "middles", "tails")
    )
    rnd = rng.random
    while True:
        name = heads[int(rnd() * len(heads))] + middles[int(rnd() * len(middles))]
        if rnd() < long_ratio:
            name += heads[int(rnd() * len(heads))]
        name += tails[int(rnd() * len(tails))]
        if name not in RESERVED:
            yield name.capitalize()


def fresh_compounds(rng: random.Random) -> Iterator[str]:
    """Plausible rare nouns put together from two short frequent ones ("valvehouse")."""
    short = [w for w in word_list("english.txt", "things") if len(w) < 7 and w not in _CODE]
    size, rnd = len(short), rng.random
    while True:
        yield short[int(rnd() * size)] + short[int(rnd() * size)]


def compounds(rng: random.Random, words_count: int) -> list[str]:
    """The first compounds of a stream, each once."""
    stream = zip(fresh_compounds(rng), range(words_count), strict=False)
    return list(dict.fromkeys(word for word, _ in stream))


def references(rng: random.Random) -> Draw:
    """File references nobody else uses: the tail that keeps growing with the town."""
    rnd = rng.random
    for number in count(1):
        letters = "".join("ABCDEFGHKLMNPRSTVW"[int(rnd() * 18)] for _ in range(2))
        yield f"{letters}-{number % 97}{int(rnd() * 90000) + 10000}"


def phones(rng: random.Random) -> Draw:
    """Telephone numbers, each new."""
    while True:
        digits = int(rng.random() * 900000) + 100000
        yield f"{digits // 1000}-{digits % 1000:03d}"
