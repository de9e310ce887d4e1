"""Whether two names may be one person's, whatever script each is written in, and how like they are."""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from pastwatch.stages.reconstruct.samename_letters import ABJADS, script_of, signed
from pastwatch.stages.reconstruct.samename_sounds import (
    begin_alike,
    first_classes,
    likeness_of_words,
    skeletons,
)

_SPLIT: Final = re.compile(r"[^\w'’׳`]+|_+|\d+")
_MARKS: Final = re.compile("['’`ʼʻ\u200c\u200d\u0640\u064b-\u0655\u0670\u05b0-\u05c7]")
_PARTICLES: Final = frozenset(
    [
        "al",
        "el",
        "at",
        "as",
        "ash",
        "az",
        "ad",
        "ar",
        "an",
        "ed",
        "ud",
        "von",
        "van",
        "der",
        "den",
        "de",
        "da",
        "di",
        "du",
        "la",
        "le",
        "af",
        "zu",
        "ter",
        "te",
        "аль",
        "ал",
        "эль",
        "ат",
        "ас",
        "аш",
        "аз",
        "ад",
        "ар",
        "эд",
        "ан",
        "фон",
        "ван",
        "дер",
        "де",
        "ла",
        "αλ",
        "ελ",
        "ντε",
        "אל",
        "فون",
        "فان",
        "دير",
        "دي",
    ]
)
_SON_OF: Final = frozenset(
    ["bin", "ibn", "ben", "bint", "бин", "бен", "ибн", "بن", "ابن", "بنت", "בן", "בת", "μπιν"]
)
_ABD: Final = frozenset(
    ["abd", "abdel", "abdul", "abdal", "abdou", "абд", "абдель", "абдул", "عبد"]
)
_MAC: Final = frozenset(["mc", "mac", "мак", "ماك"])
_ARABIC_ARTICLE: Final = re.compile(r"^ال(?=..)")
_DIN: Final = re.compile(r"^(\w{3,}?)[aeui]?(?:dd|d)(ine?|een)$")
_PATRONYMIC: Final = re.compile(
    r".{3,}(?:[oe]vi(?:ch|c|tsch|tch)|[oe]vna|ович|евич|овна|евна|ич|івна)$"
)
_FEMALE: Final = re.compile(r"(?:[oe][vw]|in|sk)a(?:ya|ja|ia)?$|(?:[её]в|ов|ин|ск)а(?:я)?$")
_MALE: Final = re.compile(r"(?:[oe](?:v|w|ff)|in)$|(?:[её]в|ов|ин)$|sk(?:y|ij|iy|i)$|ский$")
_LEAST_WORDS: Final = 2
_MOST_WORDS: Final = 5
_ABDEL_LETTERS: Final = 7
_INITIAL: Final = 0.86
_LONE, _LEFT_OVER, _TURNED = 0.6, 0.04, 0.02
_SON_TURNED: Final = 0.3
_OTHER_SEX: Final = 0.72
_MEAN_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: its words, which are "son of" by place, whether the family name leads."""

    words: tuple[str, ...]
    son_at: int | None
    family_first: bool
    extra: frozenset[int]
    """Words that are often left out: patronymics, what follows "son of"."""


@functools.lru_cache(maxsize=1 << 17)
def parted(name: str) -> Name:
    """A name as words without articles, marks and signs; empty where there is no word in it."""
    text = unicodedata.normalize("NFKC", name).casefold()
    family_first = "," in text
    raw = [w for w in (_MARKS.sub("", p) for p in _SPLIT.split(_hebrew_signs(text))) if w]
    words: list[str] = []
    son_at: int | None = None
    at = 0
    while at < len(raw):
        word, after = raw[at], raw[at + 1 :]
        if word in _ABD and after:
            at += 2 if after[0] in _PARTICLES and len(after) > 1 else 1
            words.append(_abd(raw[at]))
        elif word in _MAC and after:
            at += 1
            words.append(word + raw[at])
        elif word in _SON_OF and words and after:
            son_at = len(words)
        elif word in _PARTICLES and (after or words):
            pass
        else:
            words += _pieces(word)
        at += 1
    if not words:
        words = raw
    words = words[:_MOST_WORDS]
    extra = frozenset(
        n for n, w in enumerate(words) if len(words) > _LEAST_WORDS and _PATRONYMIC.match(w)
    )
    return Name(tuple(words), son_at, family_first, extra)


def _hebrew_signs(text: str) -> str:
    return signed(text.replace("אל-", "אל "))


def _pieces(word: str) -> list[str]:
    if script_of(word) == "ARABIC":
        return [_ARABIC_ARTICLE.sub("", word)]
    if word in {"eddin", "eddine", "uddin", "addin"}:
        return ["din"]
    joined = _DIN.match(word)
    if joined and script_of(word) == "LATIN" and joined[0] != word[:0] and _is_of_faith(joined[1]):
        return [joined[1], "din"]
    if (
        script_of(word) == "LATIN"
        and word.startswith(("abdel", "abdul", "abdal"))
        and len(word) > _ABDEL_LETTERS
    ):
        return [_abd(word[5:])]
    return [word]


def _is_of_faith(begun: str) -> bool:
    """Whether a word may stand before "of the faith", as Nour and Salah do."""
    return begun.rstrip("aeiu") in _FAITHS


_FAITHS: Final = frozenset(["nour", "nur", "salah", "sal", "seif", "saif", "izz", "ezz", "shams", "chams", "jamal", "gamal", "djamal", "kamal", "fakhr", "badr", "alaa", "ala", "taj", "zayn", "zein", "muhy", "mohi", "hosam", "husam"])  # fmt: skip


def _abd(of: str) -> str:
    """Servant of: the words are one name."""
    if script_of(of) == "ARABIC":
        return "عبد" + _ARABIC_ARTICLE.sub("", of)
    return ("абд" if script_of(of) == "CYRILLIC" else "abd") + of


@functools.lru_cache(maxsize=1 << 18)
def likeness(one: str, two: str) -> float:
    """How like two names are, from 0 to 1; 1 is the same words, and more than 0.8 is hard to tell apart.

    Order, articles, patronymics and names in the middle count little, the least alike word counts
    most. A name of one word is never more than 0.6 like a longer one.
    """
    first, second = parted(one), parted(two)
    if not first.words or not second.words:
        return 0.0
    if first.words == second.words:
        return 1.0
    if len(first.words) > len(second.words):
        first, second = second, first
    best = max(
        _aligned(first, long, order)
        for long in _joined(first, second)
        for order in _orders(first, long)
    )
    return round(best, 4)


def _joined(shorter: Name, longer: Name) -> list[Name]:
    """The longer name as it stands, and with two neighbours written as one word."""
    found = [longer]
    if len(longer.words) > len(shorter.words):
        words = longer.words
        for at in range(len(words) - 1):
            if min(len(words[at]), len(words[at + 1])) > 1:
                one = (*words[:at], words[at] + words[at + 1], *words[at + 2 :])
                found.append(Name(one, longer.son_at, longer.family_first, frozenset()))
    return found


def _orders(shorter: Name, longer: Name) -> list[tuple[int, ...]]:
    return list(permutations(range(len(longer.words)), len(shorter.words)))


def _aligned(one: Name, two: Name, order: tuple[int, ...]) -> float:
    """How like two names are if word n of the first stands for word `order[n]` of the second."""
    alike = [_word(one.words[n], two.words[at]) for n, at in enumerate(order)]
    if not all(alike):
        return 0.0
    whole = [len(one.words[n]) > 1 and len(two.words[at]) > 1 for n, at in enumerate(order)]
    if not any(whole):
        return 0.0
    score = min(alike) * (1 - _MEAN_SHARE) + sum(alike) / len(alike) * _MEAN_SHARE
    left = [n for n in range(len(two.words)) if n not in order and n not in two.extra]
    score -= _LEFT_OVER * len(left)
    if len(one.words) < _LEAST_WORDS <= len(two.words):
        score = min(score, _LONE)
    if list(order) != sorted(order):
        both_sons = one.son_at is not None or two.son_at is not None
        score -= _SON_TURNED if both_sons else _TURNED
    if _other_sex(one, two, order):
        score = min(score, _OTHER_SEX)
    return max(score, 0.0)


def _word(one: str, two: str) -> float:
    if min(len(one), len(two)) == 1:
        return _INITIAL if begin_alike(one, two) else 0.0
    return likeness_of_words(one, two)


def _other_sex(one: Name, two: Name, order: tuple[int, ...]) -> bool:
    """Whether a Slavic family name stands in its male form in one, in its female form in the other."""
    return any(
        not {script_of(a), script_of(b)} & ABJADS
        and ((_FEMALE.search(a) and _MALE.search(b)) or (_MALE.search(a) and _FEMALE.search(b)))
        for a, b in ((one.words[n], two.words[at]) for n, at in enumerate(order))
    )


def name_keys(name: str) -> frozenset[str]:
    """What to look up names by that may be the same: a word's consonants and another's first sound.

    None for a lone word. Names that are alike share one as a rule; most that share one are not alike.
    """
    words = parted(name).words
    whole = [(n, skeletons(w)) for n, w in enumerate(words) if len(w) > 1]
    return frozenset(
        f"{skeleton}/{first}"
        for n, found in whole
        for m, other in enumerate(words)
        if n != m
        for skeleton in found
        for first in first_classes(other)
    )
