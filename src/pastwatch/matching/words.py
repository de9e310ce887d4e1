"""Words with wildcards: how a folded text is searched for a run of them, token by token."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from pastwatch.matching.alphabet import CLASS, SEPARATOR, WORD
from pastwatch.matching.fold import fold, token_bounds


@dataclass(frozen=True)
class Word:
    """One token as asked for, folded; `*` is any run of its characters and `?` is one."""

    text: str
    literals: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        text = self.text
        wild = "*" in text or "?" in text
        pieces = (
            tuple(filter(None, re.split(r"[*?]+", text))) if wild else ((text,) if text else ())
        )
        object.__setattr__(self, "literals", pieces)

    @cached_property
    def exact(self) -> bool:
        """Whether there is no wildcard in it."""
        return self.literals == (self.text,)

    @cached_property
    def longest(self) -> str:
        """Its longest literal piece; empty for a word of wildcards alone."""
        return max(self.literals, key=len, default="")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a whole token must match: linear in its length, whatever the wildcards."""
        first, *rest = (
            "".join("." if c == "?" else re.escape(c) for c in piece)
            for piece in re.sub(r"\*+", "*", self.text).split("*")
        )
        if not rest:
            return re.compile(first, re.DOTALL)
        middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
        return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)

    def accepts(self, token: str) -> bool:
        """Whether this whole token is meant."""
        return token == self.text if self.exact else self.pattern.fullmatch(token) is not None


@lru_cache(maxsize=4096)
def split_words(text: str) -> tuple[Word, ...]:
    """The words of a term: its folded tokens, where wildcards count as letters.

    A lone `*` is any one token; at either end of a term it says nothing and is left out. A plan
    asks for each term several times.
    """
    if text.isascii() and text.isalnum():
        return (Word(text.lower()),)
    words = [""]
    for char in fold(text):
        kind = WORD if char in "*?" else CLASS[ord(char)]
        if kind == WORD:
            words[-1] += char
        else:
            words += ["", ""] if kind == SEPARATOR else [char, ""]
    kept = [word for word in words if word]
    while len(kept) > 1 and not kept[-1].strip("*"):
        kept.pop()
    while len(kept) > 1 and not kept[0].strip("*"):
        kept.pop(0)
    return tuple(Word(word) for word in kept)


def token_around(folded: str, at: int) -> tuple[int, int]:
    """The token that holds the character `at`, which is no separator."""
    if CLASS[ord(folded[at])] != WORD:
        return at, at + 1
    start, end = at, at + 1
    while start and CLASS[ord(folded[start - 1])] == WORD:
        start -= 1
    while end < len(folded) and CLASS[ord(folded[end])] == WORD:
        end += 1
    return start, end


def _token_after(folded: str, at: int) -> tuple[int, int] | None:
    while at < len(folded) and CLASS[ord(folded[at])] == SEPARATOR:
        at += 1
    return token_around(folded, at) if at < len(folded) else None


def _token_before(folded: str, at: int) -> tuple[int, int] | None:
    while at and CLASS[ord(folded[at - 1])] == SEPARATOR:
        at -= 1
    return token_around(folded, at - 1) if at else None


class WordRun:
    """Words that must follow each other with no other token between."""

    def __init__(self, words: tuple[Word, ...]) -> None:
        self.words = words
        self.anchor = max(range(len(words)), key=lambda i: len(words[i].longest))
        self.lone = len(words) == 1 and words[0].exact and words[0].text.isascii()

    @cached_property
    def _together(self) -> re.Pattern[str] | None:
        """What exact ASCII words look like in an ASCII text; compiled where one is met."""
        if not all(word.exact and word.text.isascii() for word in self.words):
            return None
        # Looked ahead for, so that runs which share a word are all found.
        run = r"\W+".join(re.escape(word.text) for word in self.words)
        return re.compile(rf"(?<!\w)(?=({run})(?!\w))", re.ASCII)

    @cached_property
    def _ends(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.words[self.anchor].longest) + r"(?!\w)", re.ASCII)

    def occurrences(self, folded: str) -> list[tuple[int, int]]:
        """Every place in a folded text, as (start, end) in characters, in order."""
        word = self.words[self.anchor]
        needle = word.longest
        if folded.isascii():
            if self.lone:
                return self._lone_occurrences(folded, needle)
            if self._together is not None:
                return [found.span(1) for found in self._together.finditer(folded)]
        found: list[tuple[int, int]] = []
        at = folded.find(needle)
        while at >= 0:
            if word.exact:
                start, end = at, at + len(needle)
                whole = not _cuts(folded, start, end)
            else:
                start, end = token_around(folded, at)
                whole = word.accepts(folded[start:end])
            if whole and (run := self._run(folded, start, end)):
                found.append(run)
            at = folded.find(needle, end if whole or not word.exact else at + 1)
        return found

    def _lone_occurrences(self, folded: str, needle: str) -> list[tuple[int, int]]:
        """As `occurrences`, for one whole word in an ASCII text."""
        if needle not in folded:
            return []
        spans = [found.span() for found in self._ends.finditer(folded)]
        return [s for s in spans if not s[0] or CLASS[ord(folded[s[0] - 1])] != WORD]

    def _run(self, folded: str, start: int, end: int) -> tuple[int, int] | None:
        """The span of the whole run, where the anchor word stands at (start, end)."""
        for word in self.words[self.anchor + 1 :]:
            token = _token_after(folded, end)
            if token is None or not word.accepts(folded[slice(*token)]):
                return None
            end = token[1]
        for word in reversed(self.words[: self.anchor]):
            token = _token_before(folded, start)
            if token is None or not word.accepts(folded[slice(*token)]):
                return None
            start = token[0]
        return start, end


class WordSet:
    """Whole words of which any will do: a text is cut into its tokens once, however many they are."""

    def __init__(self, words: tuple[Word, ...]) -> None:
        self._texts = frozenset(word.text for word in words)
        self._tokens = re.compile(r"\w+", re.ASCII)

    def occurrences(self, folded: str) -> list[tuple[int, int]]:
        """Every place in a folded text, as (start, end) in characters, in order."""
        texts = self._texts
        if folded.isascii():
            return [m.span() for m in self._tokens.finditer(folded) if m[0] in texts]
        starts, ends = token_bounds(folded)
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        return [place for place in places if folded[slice(*place)] in texts]


def _cuts(folded: str, start: int, end: int) -> bool:
    """Whether a token goes on beyond this span on either side."""
    if start and CLASS[ord(folded[start - 1])] == WORD == CLASS[ord(folded[start])]:
        return True
    return end < len(folded) and CLASS[ord(folded[end])] == WORD == CLASS[ord(folded[end - 1])]
