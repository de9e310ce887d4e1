"""The leak check: whether anything barred stands in any reading of any file of a release."""

from __future__ import annotations

import bisect
import enum
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pastwatch.stages.brief.leaks_layers import Layer, layers
from pastwatch.stages.brief.redacting_everyday import EVERYDAY
from pastwatch.stages.brief.redacting_words import WORD, folded, words_of

_SPELLED: Final = re.compile(
    r"(?=[A-Za-z0-9+/]*\d)(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{40,}={0,2}"
)
"""Bytes spelled as base64: the reading of what they spell is looked at, not their spelling."""
SQUEEZED_LEAST: Final = 10
"""From how many letters on a name is also looked for with everything between its letters left out."""
GAP_MOST: Final = 6
OPAQUE_LEAST: Final = 6
"""How long a single word has to be not to stand by chance among bytes that are no text."""


class Sort(enum.StrEnum):
    """What sort of thing may not leave."""

    NAME = "name"
    ADDRESS = "address"
    NUMBER = "number"
    NATIVE_ID = "native id"
    FILE = "file name"
    TITLE = "conversation"
    TIME = "exact time"
    HASH = "hash or id"
    SOURCE = "source"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Barred:
    """Something that may not stand in any file."""

    sort: Sort
    value: str


@dataclass(frozen=True, slots=True)
class Leak:
    """That something barred was found: in which file, in which reading of it, how often."""

    file: str
    where: str
    sort: Sort
    value: str
    count: int = 1

    @property
    def place(self) -> str:
        """Where it stands, without what it is."""
        return f"{self.file} ({self.where}): {self.sort}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakReport:
    """What leaked, and what a person has to look at: everyday words that are names too."""

    leaks: tuple[Leak, ...]
    look: tuple[Leak, ...]
    barred: int
    readings: int


class Guard:
    """Looks for everything barred at once; `own` are words of our pages, which prove nothing alone."""

    def __init__(self, barred: Iterable[Barred], *, own: Iterable[str] = ()) -> None:
        self._first: dict[str, list[tuple[tuple[str, ...], Barred]]] = {}
        self._squeezed: dict[str, Barred] = {}
        self._raw: dict[bytes, Barred] = {}
        self._own = frozenset(own)
        self.count = 0
        for one in dict.fromkeys(barred):
            self._bar(one)

    def _bar(self, one: Barred) -> None:
        words = tuple(words_of(one.value))
        if not words:
            return
        self.count += 1
        self._first.setdefault(words[0], []).append((words, one))
        letters = "".join(words)
        if len(letters) >= SQUEEZED_LEAST and one.sort is not Sort.TIME:
            self._squeezed.setdefault(letters, one)
        if one.sort is Sort.HASH and re.fullmatch(r"(?:[0-9a-f]{2}){8,}", one.value):
            self._raw[bytes.fromhex(one.value)] = one

    def check(self, files: Mapping[str, bytes]) -> LeakReport:
        """Everything barred that stands in the files, by file and reading."""
        leaks: Counter[Leak] = Counter()
        look: Counter[Leak] = Counter()
        readings = 0
        for name, raw in sorted(files.items()):
            for layer in layers(name, raw):
                readings += 1
                for one, is_plain in self._found(layer):
                    found = Leak(name, layer.where, one.sort, one.value)
                    (leaks if is_plain else look)[found] += 1
        return LeakReport(
            leaks=_counted(leaks), look=_counted(look), barred=self.count, readings=readings
        )

    def _found(self, layer: Layer) -> Iterable[tuple[Barred, bool]]:
        text = layer.raw.decode("utf-8", "replace")
        spelled = [m.span() for m in _SPELLED.finditer(text)]
        places = [(m.start(), m.end(), folded(m[0])) for m in WORD.finditer(text)]
        for at, (start, end, word) in enumerate(places):
            for words, one in self._first.get(word, ()):
                if len(words) == 1:
                    if layer.is_markup and word in self._own:
                        continue
                    if len(word) < OPAQUE_LEAST and (layer.is_opaque or _within(start, spelled)):
                        continue
                    yield one, not self._is_everyday(one, word, text[start:end])
                elif tuple(p[2] for p in places[at : at + len(words)]) == words and all(
                    b[0] - a[1] <= GAP_MOST
                    for a, b in zip(places[at:], places[at + 1 : at + len(words)], strict=False)
                ):
                    yield one, True
        squeezed = "".join(word for _, _, word in places)
        yield from ((one, True) for letters, one in self._squeezed.items() if letters in squeezed)
        for value, one in self._raw.items():
            if value in layer.raw:
                yield one, True

    def _is_everyday(self, one: Barred, word: str, written: str) -> bool:
        """A name that is a word of every day, too, is for a person to look at, not a certain leak."""
        if len(word) < 3 and written.isascii():  # noqa: PLR2004 - an initial
            return one.sort is not Sort.CANARY
        if one.sort is Sort.FILE:
            return word.isalpha()
        return one.sort in (Sort.NAME, Sort.SOURCE, Sort.TITLE) and word in EVERYDAY


def _within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    place = bisect.bisect_right(spans, (at, sys.maxsize)) - 1
    return place >= 0 and at < spans[place][1]


def other_scripts(
    files: Mapping[str, bytes], names: Sequence[str], rule: Callable[[str, str], str]
) -> list[Leak]:
    """Names that stand in a file in letters of another script than barred; `rule` compares words."""
    asked = sorted({w for n in names for w in words_of(n) if len(w) > 3})  # noqa: PLR2004 - shorter agree by chance
    found: list[Leak] = []
    told: dict[tuple[str, str], bool] = {}
    for name, raw in sorted(files.items()):
        for layer in layers(name, raw):
            if layer.is_opaque:
                continue
            text = layer.raw.decode("utf-8", "ignore")
            words = {w for w in words_of(text) if not w.isascii() and len(w) > 2}  # noqa: PLR2004
            for word in sorted(words):
                for one in asked:
                    if _script(one) == _script(word):
                        continue
                    if (one, word) not in told:
                        told[one, word] = bool(rule(one, word))
                    if told[one, word]:
                        found.append(Leak(name, layer.where, Sort.NAME, f"{one} as {word}"))
    return list(dict.fromkeys(found))


def _script(word: str) -> str:
    return unicodedata.name(word[0], "?").split(" ")[0].partition("-")[0]


def _counted(found: Counter[Leak]) -> tuple[Leak, ...]:
    return tuple(Leak(f.file, f.where, f.sort, f.value, n) for f, n in found.items())
