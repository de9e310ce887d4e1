"""The words of a report as a comparer needs them: folded, with their bytes, sentences and weights."""

from __future__ import annotations

import math
import re
import tomllib
import zlib
from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import pairwise
from sys import intern
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W_]+(?:['’][^\W_]+)*")
_END = re.compile(r"[.!?…]+[\"”»’')\]]*(?=\s)|\n\s*\n|[。！？]")
_ABBREVIATED = re.compile(r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|St|Sen|Rep|Gov|Prof|Jr|Sr|No)|[A-Z]\.[A-Z])\.$")  # fmt: skip
_QUOTED = re.compile(r"[“«„][^”»“\n]{1,2000}[”»“]|(?<!\w)\"[^\"\n]{1,2000}\"")
_STEM = 6
_SURE_STEM = 4  # a word of so many letters is compared whole
_NAME = 1.6
_HELD = 20_000
_PRIOR = 50
"""Texts imagined beside those compared, so that weights in a handful stay near one another."""


@cache
def _lists() -> Mapping[str, Mapping[str, str]]:
    text = files("pastwatch.stages.corroborate").joinpath("copying_words.toml")
    return tomllib.loads(text.read_text(encoding="utf-8"))


@cache
def stop_words() -> frozenset[str]:
    """Words that say little of what a text is about, of all languages together."""
    return frozenset(word for listed in _lists()["stop"].values() for word in listed.split())


@cache
def agencies() -> re.Pattern[str]:
    """The names of news agencies, as whole words."""
    listed = _lists()["agencies"]["names"].replace("\n", " ").split(";")
    names = sorted((n.strip() for n in listed), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)")


def calls_itself_agency(text: str) -> bool:
    """Whether an outlet's name says that it is a news agency."""
    listed = _lists()["agencies"]["calls"].replace("\n", " ").split(";")
    return agencies().fullmatch(text.strip()) is not None or any(
        one.strip() in text.lower() for one in listed
    )


@lru_cache(maxsize=1 << 20)
def stem(word: str) -> str:
    """A folded word cut to what its forms share, roughly, whatever the language."""
    if word[:1].isdigit():
        return word.rstrip(".,:")
    word = re.sub(r"['’]s?$", "", word).replace("ё", "е")
    if len(word) <= _SURE_STEM:
        return word
    for tail in ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ed", "es", "s", "ly"):
        if word.endswith(tail) and len(word) - len(tail) >= _SURE_STEM - (tail == "s"):
            word = word[: -len(tail)]
            break
    return word[:_STEM].rstrip("e") if len(word) > _SURE_STEM else word


@dataclass(frozen=True)
class Words:
    """A text cut into words and sentences; offsets in bytes of its UTF-8."""

    text: str
    folded: tuple[str, ...] = field(init=False)
    starts: tuple[int, ...] = field(init=False)  # characters
    ends: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = [(m.start(), m.end()) for m in _WORD.finditer(self.text)]
        lower = self.text.lower()
        if len(lower) == len(self.text):
            folded = tuple(intern(lower[a:b]) for a, b in found)
        else:
            folded = tuple(self.text[a:b].lower() for a, b in found)
        object.__setattr__(self, "folded", folded)
        object.__setattr__(self, "starts", tuple(a for a, _ in found))
        object.__setattr__(self, "ends", tuple(b for _, b in found))

    def __len__(self) -> int:
        return len(self.folded)

    def bytes_between(self, first: int, last: int) -> tuple[int, int]:
        """The bytes from the word `first` to the end of the word before `last`."""
        start, end = self.starts[first], self.ends[last - 1]
        if self.text.isascii():
            return start, end
        before = len(self.text[:start].encode())
        return before, before + len(self.text[start:end].encode())

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Each word's stem; "" for a word that says little."""
        stop = stop_words()
        return tuple("" if word in stop else stem(word) for word in self.folded)

    @cached_property
    def bag(self) -> frozenset[str]:
        """The stems, each once."""
        return frozenset(self.stems) - {""}

    @cached_property
    def names(self) -> frozenset[str]:
        """The stems written with a capital inside a sentence, and those of figures."""
        first = {self._word_at(start) for start, _ in self.sentence_chars}
        return frozenset(
            s
            for at, s in enumerate(self.stems)
            if s and (s[0].isdigit() or (self.text[self.starts[at]].isupper() and at not in first))
        )

    @cached_property
    def sentence_chars(self) -> tuple[tuple[int, int], ...]:
        """The sentences, in characters."""
        cuts = [0]
        for found in _END.finditer(self.text):
            if found[0] == "." and _ABBREVIATED.search(
                self.text, max(0, found.start() - 6), found.end()
            ):
                continue
            cuts.append(found.end())
        cuts.append(len(self.text))
        return tuple((a, b) for a, b in pairwise(cuts) if self.text[a:b].strip())

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """The sentences as ranges of words; those without a word are left out."""
        ranged = ((self._word_at(a), self._word_at(b)) for a, b in self.sentence_chars)
        return tuple((a, b) for a, b in ranged if b > a)

    @cached_property
    def quoted(self) -> npt.NDArray[np.bool_]:
        """Of each word, whether it stands inside quotation marks."""
        inside = np.zeros(len(self), dtype=np.bool_)
        for found in _QUOTED.finditer(self.text):
            inside[self._word_at(found.start()) : self._word_at(found.end())] = True
        return inside

    @cached_property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """A number for each word, the same in every run."""
        return np.fromiter(map(_hash, self.folded), np.uint64, len(self))

    def grams(self, length: int) -> npt.NDArray[np.uint64]:
        """A number for each run of so many words."""
        if len(self) < length:
            return np.empty(0, dtype=np.uint64)
        mixed = np.zeros(len(self) - length + 1, dtype=np.uint64)
        for at in range(length):
            mixed = mixed * np.uint64(0x100000001B3) ^ self.hashes[at : at + len(mixed)]
        return mixed ^ (mixed >> np.uint64(29))

    def _word_at(self, char: int) -> int:
        return bisect_right(self.starts, char - 1)


@cache
def _hash(word: str) -> int:
    raw = word.encode()
    return zlib.crc32(raw) * 0x9E3779B97F4A7C15 + zlib.adler32(raw) & 0xFFFFFFFFFFFFFFFF


class _Weighed(NamedTuple):
    sentences: list[dict[str, float]]
    sums: list[float]
    words: Words


class Weights:
    """How much a stem says in a collection: its inverse document frequency, smoothed for few texts."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        self.frequency: Counter[str] = Counter()
        self.count = 0
        for stems in texts:
            self.count += 1
            self.frequency.update(set(stems) - {""})
        self._known: dict[str, float] = {"": 0.0}
        self._sentences: OrderedDict[int, _Weighed] = OrderedDict()

    def __call__(self, stem_: str) -> float:
        """The weight of a stem; that of an empty one is nothing."""
        known = self._known.get(stem_)
        if known is None:
            known = math.log(1 + (self.count + _PRIOR) / (self.frequency[stem_] + 1))
            self._known[stem_] = known
        return known

    def sentences(self, words: Words) -> _Weighed:
        """Each sentence's stems with their weights, names and figures more, and each one's sum."""
        held = self._sentences.get(id(words))
        if held is not None and held[2] is words:
            return held
        stems, names = words.stems, words.names
        weighed = [
            {s: self(s) * (_NAME if s in names else 1) for s in set(stems[a:b]) if s}
            for a, b in words.sentences
        ]
        made = _Weighed(weighed, [sum(one.values()) for one in weighed], words)
        self._sentences[id(words)] = made
        if len(self._sentences) > _HELD:
            self._sentences.popitem(last=False)
        return made

    def of(self, stems: Sequence[str]) -> float:
        """The weights of some stems together."""
        return sum(map(self, stems))
