"""What else a term may be written as in a slice: suggestions, each with why, for a person to tick."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock
from pastwatch.errors import UsageError
from pastwatch.matching.fold import fold, token_bounds
from pastwatch.stages.lookback.expand_names import rule_of, script
from pastwatch.stages.lookback.expand_phone import RULE, is_phone, phone_pattern
from pastwatch.stages.lookback.glossary import ENDING, forms, meanings
from pastwatch.stages.lookback.rank import lanes_in

MOST_WORDS: Final = 1_000_000
"""So many of the most frequent words are kept of a slice."""
NEAR_EACH: Final = 6
"""So many of the nearest words by meaning are suggested in each script."""
_LONGEST, _SHORTEST = 40, 2
_HAN: Final = re.compile("[\u3400-\u9fff]{2,}")
_HAN_LENGTHS: Final = (2, 3)
_MORE_LETTERS: Final = 5
_WORD: Final = re.compile(r"\w+", re.ASCII)
_DIGIT: Final = re.compile(r"\d")
_DIGITS_TO: Final = 12

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A word of the slice, how often it stands there, and each rule that brings it forward.

    `count` is None for a pattern, which is not counted before it is asked.
    """

    word: str
    count: int | None
    rules: tuple[str, ...]
    likeness_ratio: float | None = None

    @property
    def asked(self) -> str:
        """It as part of a query."""
        plain = self.count is None or (" " not in self.word and not _HAN.search(self.word))
        return self.word if plain else f'"{self.word}"'


@dataclass(slots=True)
class Vocabulary:
    """The folded words of a slice and how often each stands in it, gathered block by block."""

    counts: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    """Words that are not kept, the rarest, because there are too many."""

    def add(self, block: OpenBlock) -> None:
        """Count the words of a block."""
        for lane in lanes_in(block):
            offsets = (lane.offsets + lane.base).tolist()
            texts = [bytes(lane.buffer[a:b]).decode() for a, b in pairwise(offsets)]
            whole = fold("\n".join(texts))
            self.counts.update(filter(_kept, _tokens(whole)))
            self.counts.update(_han(whole))
        if len(self.counts) > 2 * MOST_WORDS:
            self._cut()

    def done(self) -> Vocabulary:
        """Itself, cut to the most it may hold."""
        if len(self.counts) > MOST_WORDS:
            self._cut()
        return self

    def most_frequent(self, count: int) -> list[str]:
        """So many of the words, most frequent first; equal ones by the alphabet."""
        return sorted(self.counts, key=lambda w: (-self.counts[w], w))[:count]

    def _cut(self) -> None:
        kept = self.most_frequent(MOST_WORDS)
        self.left_out += len(self.counts) - len(kept)
        self.counts = Counter({word: self.counts[word] for word in kept})


def suggestions(
    term: str,
    counts: Mapping[str, int],
    *,
    near: Iterable[tuple[str, float]] = (),
    model: str = "",
) -> list[Suggestion]:
    """Other spellings of a term, the glossary's words for it, and what is near it by meaning.

    Only what stands in the slice is suggested. `near` are (word, likeness) by the model named,
    best first. Best first: what several rules bring forward, then the more frequent, then by meaning alone.
    """
    wanted = fold(term).strip()
    if is_phone(term):
        return [Suggestion(word=phone_pattern(term), count=None, rules=(RULE,))]
    rules: dict[str, list[str]] = {}
    for word in counts:
        if word != wanted and abs(len(word) - len(wanted)) <= _MORE_LETTERS:
            rule = rule_of(wanted, word) if script(word) else ""
            if rule:
                rules.setdefault(word, []).append(rule)
    for word, rule in _of_glossary(term, counts):
        rules.setdefault(word, []).append(rule)
    likeness = dict(near)
    for word in likeness:
        if word != wanted and word in counts:
            rules.setdefault(word, []).append(f"meaning, {model}")
    found = [
        Suggestion(
            word=word,
            count=counts.get(word, min((counts.get(w, 0) for w in word.split()), default=0)),
            rules=tuple(dict.fromkeys(why)),
            likeness_ratio=likeness.get(word),
        )
        for word, why in rules.items()
    ]
    return sorted(found, key=_standing)


def _standing(suggestion: Suggestion) -> tuple[int, bool, float, str]:
    """Where a suggestion stands: what meaning alone brings forward comes after the rest, by likeness."""
    by_meaning = suggestion.likeness_ratio is not None and len(suggestion.rules) == 1
    weight = (suggestion.likeness_ratio if by_meaning else suggestion.count) or 0
    return -len(suggestion.rules), by_meaning, -weight, suggestion.word


def nearest_words(
    words: Sequence[str], vectors: Vectors, asked: Vectors, *, each: int = NEAR_EACH
) -> list[tuple[str, float]]:
    """The words nearest to a vector, so many in each script, with their cosine; all are unit vectors."""
    likeness = vectors @ asked
    taken: Counter[str] = Counter()
    found = []
    for at in np.argsort(-likeness, kind="stable").tolist():
        kind = script(words[at])
        if taken[kind] < each and likeness[at] > 0:  # a word of no language of the model is at 0
            taken[kind] += 1
            found.append((words[at], float(likeness[at])))
    return found


def expanded(term: str, taken: Sequence[Suggestion]) -> str:
    """The query for a term and what was taken beside it."""
    if not taken:
        raise UsageError("nothing was taken", hint="name words of the suggestions")
    if is_phone(term):
        return " OR ".join(s.asked for s in taken)
    own = term if " " not in term.strip() else f'"{term.strip()}"'
    return " OR ".join(dict.fromkeys((own, *(s.asked for s in taken))))


def chosen(offered: Sequence[Suggestion], words: Collection[str]) -> list[Suggestion]:
    """The suggestions of these words; UsageError for one that was not offered."""
    by_word = {suggestion.word: suggestion for suggestion in offered}
    folded = [word.strip() if word.strip() in by_word else fold(word).strip() for word in words]
    unknown = [word for word in folded if word not in by_word]
    if unknown:
        raise UsageError(f"{len(unknown)} of the words taken were not suggested")
    return [by_word[word] for word in dict.fromkeys(folded)]


def _tokens(folded: str) -> list[str]:
    if folded.isascii():
        return _WORD.findall(folded)
    starts, ends = token_bounds(folded)
    return [folded[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]


def _kept(word: str) -> bool:
    if not _SHORTEST <= len(word) <= _LONGEST or word.isdecimal():
        return False
    return len(word) <= _DIGITS_TO or not _DIGIT.search(word)


def _han(folded: str) -> list[str]:
    """Runs of two and three Chinese characters: their words are not parted by anything."""
    if folded.isascii():
        return []
    return [
        run[at : at + size]
        for run in _HAN.findall(folded)
        for size in _HAN_LENGTHS
        for at in range(len(run) - size + 1)
    ]


def _of_glossary(term: str, counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """(word, rule) of what of the slice the glossary has for a term, its other forms among it."""
    wanted = fold(term).strip()
    for meaning in meanings(term):
        spelt, stem = forms(meaning)
        found = {word for word in spelt if _stands(word, counts)}
        if stem:
            longest = len(stem) + ENDING
            found |= {w for w in counts if w.startswith(stem) and len(w) <= longest}
        for word in sorted(found - {wanted}):
            yield word, f"glossary, {meaning.language}"


def _stands(word: str, counts: Mapping[str, int]) -> bool:
    """Whether a word stands in the slice, or each word of several."""
    return all(part in counts for part in word.split()) if " " in word else word in counts
