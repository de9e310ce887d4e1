"""How far apart two words sound: a distance in which what scripts leave out or blur costs little."""

from __future__ import annotations

import functools
from typing import Final

from pastwatch.stages.reconstruct.samename_letters import (
    ABJAD_VOWELS,
    ABJADS,
    VOWELS,
    readings,
    script_of,
)

_ALIKE: Final = {
    0.05: ("Ee", "Ei", "EY", "qk", "wv", "Bb", "Ff", "#C", "jJ", "yi", "Wv", "Ww", "Wu", "Wo", "Yi", "Yy", "Aa"),
    0.1: ("ei", "ou", "#S", "jy", "jZ", "Bp", "Fv", "Gg", "xh", "#x", "JZ", "Ye", "Ae", "JG", "ey"),
    0.15: ("Fw", "Ey", "Ea", "EA", "ae", "Dd", "Dz", "Tt", "kx", "Zz", "qg", "#k", "Jg", "Dt", "Ao", "Yj", "uw", "gG", "Ts"),
    0.2: ("ao", "vb", "qG", "Gh", "cs", "Cc", "eo", "Ai", "#h", "zs", "gh", "TD", "fv"),
    0.3: ("fw", "bp", "Ss", "SC", "cz", "ZS", "CS", "sZ", "kg", "ST", "vF", "ai", "xk", "JC", "Ju"),
    0.4: ("td", "au", "iu", "oi", "eu", "Wa", "We", "Ya", "Yo", "wb", "WB", "Ba", "Sx"),
    0.6: ("mn", "Wi", "Yu"),
}  # fmt: skip
_COST: Final = {
    pair: cost
    for cost, pairs in _ALIKE.items()
    for one in pairs
    for pair in ((one[0], one[1]), (one[1], one[0]))
}
_VOWEL_GONE, _GLIDE_GONE, _GLIDE_FIRST, _H_GONE, _G_GONE = 0.35, 0.15, 0.45, 0.3, 0.7
_SAME_INITIAL = 0.15
_INITIALS: Final = frozenset(
    frozenset(p) for p in ("sS", "zZ", "cC", "kC", "tT", "dD", "sC", "kx", "gJ")
)
_MAY_BEGIN: Final = frozenset("yiE")
_BESIDE_VOWEL, _SILENT_END = 0.15, 0.15
_UNWRITTEN: Final = 0.03
"""A vowel that a script without vowels does not write."""
_WRITTEN: Final = {"E": 0.3, "i": 0.7, "u": 0.6, "o": 0.6}
"""Vowels that are written all the same: at an end, and those of two letters."""
_ENDS_IN_Y = 0.9
_ABJAD_GONE: Final = {"A": 0.3, "W": 0.45, "Y": 0.45, "ʿ": 0.05}
_WEIGHT: Final = {**dict.fromkeys(VOWELS, 0.4), "A": 0.4, "W": 0.6, "Y": 0.6, "ʿ": 0.1, "y": 0.3}


@functools.lru_cache(maxsize=1 << 18)
def likeness_of_words(one: str, two: str) -> float:
    """How alike two folded words sound, from 0 to 1, in the readings in which they are most alike."""
    if one == two:
        return 1.0
    abjads = script_of(one) in ABJADS, script_of(two) in ABJADS
    return max(
        (_likeness(a, b, abjads) for a in readings(one) for b in readings(two) if a and b),
        default=0.0,
    )


def begin_alike(one: str, two: str) -> bool:
    """Whether two folded words, one of them an initial, may begin with the same sound."""
    firsts = {r[0] for r in readings(one) if r}, {r[0] for r in readings(two) if r}
    return any(
        a == b
        or _COST.get((a, b), 1.0) <= _SAME_INITIAL
        or {a, b} <= _MAY_BEGIN
        or {a, b} in _INITIALS
        for a in firsts[0]
        for b in firsts[1]
    )


def _likeness(one: str, two: str, abjads: tuple[bool, bool]) -> float:
    if abjads[0] != abjads[1]:  # vowels that one of them does not write weigh nothing
        weight = _weight(one if abjads[0] else two)
    else:
        weight = (_weight(one) + _weight(two)) / 2
    if not weight:
        return 0.0
    return max(0.0, 1 - _distance(one, two, abjads) / weight)


def _weight(sounds: str) -> float:
    return sum(_WEIGHT.get(c, 1.0) for c in sounds)


def _distance(one: str, two: str, abjads: tuple[bool, bool]) -> float:
    """The cheapest way from one run of sounds to another (Wagner & Fischer 1974)."""
    before = [0.0]
    for at in range(len(two)):
        before.append(before[-1] + _gone(two, at, abjads[1], other_abjad=abjads[0]))
    for n, a in enumerate(one):
        drop = _gone(one, n, abjads[0], other_abjad=abjads[1])
        now = [before[0] + drop]
        for m, b in enumerate(two):
            change = 0.0 if a == b else _COST.get((a, b), 1.0)
            add = _gone(two, m, abjads[1], other_abjad=abjads[0])
            now.append(min(before[m] + change, before[m + 1] + drop, now[m] + add))
        before = now
    return before[-1]


def _gone(word: str, at: int, own_abjad: bool, *, other_abjad: bool) -> float:
    """What it costs that a sound of a word has no counterpart in the other."""
    sound = word[at]
    cost = 1.0
    if own_abjad and sound in ABJAD_VOWELS:
        cost = _ENDS_IN_Y if sound == "Y" and at and at + 1 == len(word) else _ABJAD_GONE[sound]
    elif sound in VOWELS:
        if other_abjad and not own_abjad:
            at_end = at and at + 1 == len(word)
            cost = _WRITTEN.get(sound, 0.0) if at_end else _WRITTEN["E"] if sound == "E" else 0.0
            cost = cost or _UNWRITTEN
        elif at + 1 == len(word) and sound == "e":
            cost = _SILENT_END
        elif (at and word[at - 1] in VOWELS) or word[at + 1 : at + 2] in VOWELS:
            cost = _BESIDE_VOWEL
        else:
            cost = _VOWEL_GONE
    elif sound == "y":
        cost = _GLIDE_GONE if at or word[1:2] == "e" else _GLIDE_FIRST
    elif sound == "h":
        cost = _H_GONE
    elif sound == "G":
        cost = _G_GONE
    return cost


_CLASS: Final = {
    **dict.fromkeys("pbfBF", ("P",)), **dict.fromkeys("vw", ("P", "")), **dict.fromkeys("td", ("T",)),
    **dict.fromkeys("TD", ("T", "S")), **dict.fromkeys("szSZCc", ("S",)),
    **dict.fromkeys("kgq", ("K",)), "x": ("K", ""), "G": ("K", ""), **dict.fromkeys("Jj", ("S", "K")),
    "#": ("S", "K"), **dict.fromkeys("mn", ("N",)), "l": ("L",), "r": ("R",),
}  # fmt: skip
_MOST_KEYS: Final = 12


@functools.lru_cache(maxsize=1 << 17)
def skeletons(word: str) -> frozenset[str]:
    """Classes of the consonants of a folded word, in each way it may be read: to look others up by."""
    found: set[str] = set()
    for reading in readings(word):
        ways = [""]
        for sound in reading:
            ways = [begun + way for begun in ways for way in _CLASS.get(sound, ("",))][:_MOST_KEYS]
        found.update(ways)
    return frozenset(w for w in found if w)


@functools.lru_cache(maxsize=1 << 17)
def first_classes(word: str) -> frozenset[str]:
    """The classes of what a folded word begins with, in each way it may be read; V for a vowel."""
    found: set[str] = set()
    for reading in readings(word):
        for sound in reading[:1]:
            found.update(one or "V" for one in _CLASS.get(sound, ("V",)))
    return frozenset(found)
