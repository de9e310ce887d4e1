"""What a statement is about: its concepts, its countries, and whether it says yes or no."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

from pastwatch.stages.corroborate.copying_words import Words, stem, stop_words

_LONGEST_PHRASE = 4
_SHORT = 2
_GIST = 3
_FEW_WORDS = re.compile(r"(?:\W+\w+){1,4}")
COUNTRY = "@"


@cache
def lists(section: str) -> Mapping[str, tuple[str, ...]]:
    """The lists of a section of the word file, by name; a list of lists is joined by "|"."""
    path = files("pastwatch.stages.corroborate").joinpath("lineage_words.toml")
    held = tomllib.loads(path.read_text(encoding="utf-8"))[section]
    return {
        name: tuple(
            word.strip() for part in _several(given) for word in part.split(",") if word.strip()
        )
        for name, given in held.items()
    }


@cache
def sides(section: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The lists of lists of a section, by name."""
    path = files("pastwatch.stages.corroborate").joinpath("lineage_words.toml")
    held = tomllib.loads(path.read_text(encoding="utf-8"))[section]
    return {
        name: tuple(tuple(w.strip() for w in part.split(",")) for part in _several(given))
        for name, given in held.items()
    }


def _several(given: str | list[str]) -> list[str]:
    return given if isinstance(given, list) else [given]


@cache
def phrases(section: str, name: str) -> re.Pattern[str]:
    """One list as a pattern of whole words, longest first, in any case."""
    return pattern_of(lists(section)[name])


@cache
def pattern_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Words as a pattern of whole words, longest first, in any case."""
    listed = sorted(words, key=len, reverse=True)
    body = "|".join(re.escape(w).replace(r"\ ", r"\s+").replace("'", "['’]") for w in listed)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)|(?<=\w)(?:n['’]t)(?!\w)" if "n't" in words else rf"(?<!\w)(?:{body})(?!\w)", re.IGNORECASE)  # fmt: skip


@cache
def _concepts() -> tuple[dict[str, str], dict[str, str]]:
    """Phrases and single stems to the concept they stand for."""
    phrased: dict[str, str] = {}
    single: dict[str, str] = {}
    for name, words in lists("groups").items():
        for word in words:
            if " " in word:
                phrased[word] = name
            else:
                single.setdefault(stem(word), name)
                single[word] = name
    for name, words in lists("countries").items():
        for word in words:
            phrased[" ".join(re.findall(r"\w+", word))] = COUNTRY + name
    return phrased, single


@dataclass(frozen=True)
class Told:
    """A statement's concepts with the places they stand at."""

    text: str
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", Words(self.text))

    @cached_property
    def placed(self) -> tuple[tuple[str, int, int], ...]:
        """Each concept with its first word and the word after its last."""
        return tuple(self._placed())

    @cached_property
    def concepts(self) -> frozenset[str]:
        """What it is about; a name that stands for a government adds that government."""
        found = {name for name, _, _ in self.placed}
        for alias, stands_for in self.aliases.items():
            if alias in found:
                found = (found - {alias}) | set(stands_for)
        return frozenset(found)

    def surface(self, concepts: Collection[str]) -> str:
        """The words that stand for some concepts here, in their order, each once."""
        words = self.words
        said = (
            self.text[words.starts[first] : words.ends[last - 1]]
            for name, first, last in self.placed
            if name in concepts
        )
        return ", ".join(dict.fromkeys(said))

    @cached_property
    def countries(self) -> frozenset[str]:
        """The countries it names, by demonym or capital too."""
        return frozenset(c[1:] for c in self.concepts if c.startswith(COUNTRY))

    @cached_property
    def is_negative(self) -> bool:
        """Whether it says that something is not so: an odd number of negations."""
        bare = phrases("negation", "but_not").sub(" ", self.text)
        many = len(phrases("negation", "words").findall(bare))
        gone = len(phrases("negation", "gone").findall(self.text))
        return (many + gone) % 2 == 1

    @cached_property
    def is_finding_of_nothing(self) -> bool:
        """Whether it says that something was looked for and not found."""
        bare = phrases("negation", "but_not").sub(" ", self.text)
        for found in phrases("negation", "words").finditer(bare):
            after = _FEW_WORDS.match(bare, found.end())
            if after and phrases("negation", "finding").search(after[0]):
                return self.is_negative
        return False

    @cached_property
    def gist(self) -> frozenset[str]:
        """Its concepts without those of what it was done for ("in order to …")."""
        found = phrases("negation", "purpose").search(self.text)
        if found is None:
            return self.concepts
        before = Told(self.text[: found.start()], self.aliases).concepts
        return before if len(before) >= _GIST else self.concepts

    @cached_property
    def is_doubtful(self) -> bool:
        """Whether it says so with doubt."""
        return phrases("doubt", "words").search(self.text) is not None

    def _placed(self) -> Iterator[tuple[str, int, int]]:
        phrased, single = _concepts()
        stop, at, words = stop_words(), 0, self.words
        while at < len(words):
            for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
                said = " ".join(words.folded[at : at + length])
                name = phrased.get(said)
                if name and (len(said) > _SHORT + 1 or self._is_upper(at, length)):
                    yield name, at, at + length
                    at += length
                    break
            else:
                word = re.sub(r"['’]s?$", "", words.folded[at])
                country = phrased.get(word) if len(word) > _SHORT or self._is_upper(at, 1) else None
                if country:
                    yield country, at, at + 1
                elif word not in stop:
                    yield single.get(word) or single.get(stem(word)) or stem(word), at, at + 1
                at += 1

    def _is_upper(self, at: int, length: int) -> bool:
        return all(self.text[self.words.starts[n]].isupper() for n in range(at, at + length)) and (
            self.text[self.words.starts[at] : self.words.ends[at]].isupper()
        )
