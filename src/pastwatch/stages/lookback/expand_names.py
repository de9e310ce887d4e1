"""Whether two spellings may be of one name, within a script and across scripts, and by which rule."""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import islice, product
from typing import Final

import regex

from pastwatch.matching.fold import fold
from pastwatch.plugins import extra

FOLDING: Final = "folding"
SPELLING: Final = "spelling"
SOUND: Final = "sound"
LATIN: Final = "transliteration"
ENDING: Final = "transliteration, other ending"
CONSONANTS: Final = "consonants"

_SEMITIC: Final = frozenset(("ARABIC", "HEBREW"))
_SHORT, _LONG = 5, 9
_LEAST: Final = 3
_KEYS: Final = 12

# Spellings of one sound in Latin letters, each turned into the last; the order counts.
_SOUNDS: Final = (
    ("schtsch|shch|sch|sh", "ş"), ("tsch|tch|ch", "ç"), ("zh|j", "ž"), ("kh", "h"), ("gh", "g"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck|q", "k"), ("gu(?=[ei])", "g"), ("tz|ts", "c"),
    ("x", "ks"), ("c(?=[eiy])", "s"), ("c(?![eiy])", "k"), ("w", "v"), ("y", "i"),
    ("ue", "u"), ("oe", "o"), ("ae", "a"), ("ou|oo", "u"), ("ee", "i"),
    ("i(?=[aeou])", ""), (r"(?<=[aeou])i\b", "i"), (r"(.)\1+", r"\1"), ("ei", "e"),
)  # fmt: skip
_TURNED: Final = tuple((re.compile(old), new) for old, new in _SOUNDS)
_ENDINGS: Final = frozenset(
    [
        "a",
        "e",
        "i",
        "o",
        "u",
        "y",
        "ia",
        "oi",
        "om",
        "em",
        "im",
        "ogo",
        "emu",
        "omu",
        "am",
        "ami",
        "ah",
        "ih",
        "ov",
        "ova",
        "ovoi",
        "ovi",
        "ovu",
        "u",
        "iu",
        "iem",
        "oiu",
    ]
)
"""Endings of names in Slavic cases, as they sound."""

# What a letter without its vowels may be in Latin letters.
_VOWELS: Final = "[aeiouy']"
_LETTERS: Final = {
    **dict.fromkeys("اءٱאע", f"(?:{_VOWELS}{{1,2}}h?|'|)"), "ع": f"(?:{_VOWELS}{{1,2}}|'|)",
    "و": "(?:w|v|ou|oo|au|aw|ow|o|u|ew)?", "ו": "(?:v|w|ou|oo|o|u)?",
    "ي": "(?:ee|ei|ey|ai|ay|iy|iyy|ia|y|i|e|a)?", "י": "(?:ee|ei|ey|ai|ay|y|i|e|j)?",
    "ب": "[bp]", "پ": "p", "ت": "t", "ث": "(?:th|s|t)", "ج": "(?:dj|j|g|zh)", "چ": "(?:tch|ch)",
    "ح": "h?", "خ": "(?:kh|h|k)", "د": "d", "ذ": "(?:dh|z|d|th)", "ر": "r", "ز": "z", "ژ": "(?:zh|j)",
    "س": "(?:s|c)", "ش": "(?:sh|ch|sch)", "ص": "(?:s|c)", "ض": "(?:dh|d|z)", "ط": "t",
    "ظ": "(?:dh|z|th|d)", "غ": "(?:gh|g|kh)", "ف": "(?:ph|f|v)", "ق": "(?:gh|q|k|g|c)",
    "ك": "(?:k|c|q|g)", "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "(?:h|at|t)?",
    "ב": "[bv]", "ג": "(?:gh|g|j)", "ד": "d", "ה": "h?", "ז": "z", "ח": "(?:ch|kh|h)", "ט": "t",
    "כ": "(?:ch|kh|k|c)", "ל": "l", "מ": "m", "נ": "n", "ס": "(?:s|c)", "פ": "(?:ph|p|f)",
    "צ": "(?:tz|ts|z|s)", "ק": "(?:k|q|c|g)", "ר": "r", "ש": "(?:sh|s|ch)", "ת": "(?:th|t|s)",
}  # fmt: skip
# The same letters in classes, to look up by; what may be silent or a vowel has none.
_CLASS: Final = {
    **dict.fromkeys("ابوويحههعءאהוחיעو", ("",)), **dict.fromkeys("بپفבפ", ("b",)),
    **dict.fromkeys("تطدדטד", ("t",)), **dict.fromkeys("ثذضظת", ("t", "s")),
    **dict.fromkeys("زژسشصזסצש", ("s",)), **dict.fromkeys("غقكگגכק", ("k",)),
    "ج": ("s", "k"), "چ": ("s", "k"), "خ": ("k", ""), "ح": ("",), "ל": ("l",), "ل": ("l",),
    "م": ("m",), "מ": ("m",), "ن": ("n",), "נ": ("n",), "ر": ("r",), "ר": ("r",), "ت": ("t",),
}  # fmt: skip
_LATIN_CLASS: Final = {
    "kh": ("k", ""), "ch": ("k", "s", ""), "sch": ("s",), "sh": ("s",), "zh": ("s",), "dj": ("s",),
    "th": ("t", "s"), "dh": ("t", "s"), "gh": ("k",), "ph": ("b",), "tz": ("s",), "ts": ("s",),
    "b": ("b",), "p": ("b",), "f": ("b",), "v": ("", "b"), "w": ("",), "d": ("t", "s"),
    "t": ("t", ""), "k": ("k",), "q": ("k",), "g": ("k", "s"), "c": ("k", "s"), "j": ("s", ""),
    "s": ("s",), "z": ("s", "t"), "x": ("ks",), "m": ("m",), "n": ("n",), "l": ("l",), "r": ("r",),
}  # fmt: skip
_PIECES: Final = re.compile("|".join(sorted(_LATIN_CLASS, key=len, reverse=True)))
_ARTICLE: Final = re.compile(r"^(?:ال|ה)(?=..)")


def script(word: str) -> str:
    """The script of a word's first letter, as `LATIN`; empty where it has none."""
    for char in word:
        if char.isalpha():
            return unicodedata.name(char, "").split(" ")[0].partition("-")[0]
    return ""


def rule_of(asked: str, written: str) -> str:
    """The rule by which `written` may be another spelling of `asked`; empty when none says so.

    MissingExtra where a script must be put into Latin letters and the library for it is absent.
    """
    one, two = fold(asked), fold(written)
    if one == two:
        return FOLDING
    scripts = script(one), script(two)
    if scripts[0] == scripts[1]:
        return _within(one, two, scripts[0])
    if scripts[1] == "LATIN" and scripts[0] in _SEMITIC:
        one, two, scripts = two, one, (scripts[1], scripts[0])
    if scripts[0] == "LATIN" and scripts[1] in _SEMITIC:
        return CONSONANTS if _vowelled(plain(one), two) else ""
    if _SEMITIC & set(scripts):
        return SOUND if set(keys(one)) & set(keys(two)) and min(map(len, (one, two))) > 3 else ""  # noqa: PLR2004 - short ones have keys of two letters
    return _sounding(one, two)


def keys(word: str) -> frozenset[str]:
    """The classes of a folded word's consonants, in each way it may be read; alike ones share one."""
    kind = script(word)
    if kind in _SEMITIC:
        forms = {word, _ARTICLE.sub("", word)}
        read = [[_CLASS.get(c, ("",)) for c in form] for form in forms]
    else:
        single = re.sub(r"(.)\1+", r"\1", plain(word))
        read = [[_LATIN_CLASS[piece] for piece in _PIECES.findall(single)]]
    return frozenset("".join(ways) for form in read for ways in islice(product(*form), _KEYS**2))


def plain(word: str) -> str:
    """A folded word in small ASCII letters."""
    if word.isascii():
        return word
    with extra("enrich", "words in other scripts need a library to be put into Latin letters"):
        from anyascii import anyascii
    if set(word) & set("іїєґ"):
        word = word.translate(str.maketrans("ги", "hi")).replace("і", "i").replace("ї", "i")
    return "".join(c for c in anyascii(word).lower() if c.isalnum())


@functools.lru_cache(maxsize=1 << 17)
def sounds(word: str) -> str:
    """How a folded word sounds, roughly: spellings of one sound are one."""
    text = plain(word)
    for old, new in _TURNED:
        text = old.sub(new, text)
    return text


def close(one: str, two: str) -> bool:
    """Whether two spellings differ by a letter, or by two where they are long; short ones by none."""
    with extra("enrich", "spellings are compared with a library that is not installed"):
        from rapidfuzz.distance import OSA
    shorter = min(len(one), len(two))
    most = 0 if shorter < _SHORT else 1 if shorter < _LONG else 2
    return bool(OSA.distance(one, two, score_cutoff=most) <= most)


def _within(one: str, two: str, kind: str) -> str:
    if kind in _SEMITIC:
        same = _bare(one) == _bare(two) or close(_bare(one), _bare(two))
        return SPELLING if same else ""
    if close(one, two):
        return SPELLING
    return SOUND if min(len(one), len(two)) > _LEAST and close(sounds(one), sounds(two)) else ""


def _bare(word: str) -> str:
    return _ARTICLE.sub("", word).translate(str.maketrans("ؤئ", "وي", "ء"))


def _sounding(one: str, two: str) -> str:
    first, second = sounds(one), sounds(two)
    if first == second or close(first, second):
        return LATIN
    shared = sum(1 for _ in _common(first, second))
    ends = {first[shared:], second[shared:]}
    if shared > _LEAST and all(not end or end in _ENDINGS for end in ends):
        return ENDING
    return ""


def _common(one: str, two: str) -> list[str]:
    kept = []
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        kept.append(a)
    return kept


def _vowelled(latin: str, consonants: str) -> bool:
    """Whether a Latin spelling is a reading of a word that is written without its vowels."""
    if not keys(latin) & keys(consonants):
        return False
    return any(
        _reading(form).fullmatch(re.sub(r"(.)\1+", r"\1", latin)) is not None
        for form in {consonants, _ARTICLE.sub("", consonants)}
    )


@functools.lru_cache(maxsize=1 << 14)
def _reading(word: str) -> regex.Pattern[str]:
    """What a word without its vowels may be in Latin letters, each once where it was doubled."""
    inner = f"{_VOWELS}{{0,2}}".join(_LETTERS.get(c, "") for c in word)
    article = "(?:[ae][lrnsdtz]-?)?"
    return regex.compile(f"{article}{inner}(?:{_VOWELS}{{0,2}}h?)")
