"""A small glossary of investigation terms in seven languages, for suggestions and nothing else."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Final, NamedTuple

from pastwatch.matching.fold import fold

LANGUAGES: Final = ("en", "ar", "ru", "fa", "he", "fr", "zh")
_FILE: Final = "glossary.tsv"
_STEM: Final = 4
ENDING: Final = 3
_WEAK: Final = "аеёийоуыьэюя"
_BEFORE: Final = {
    "ar": ("ال", "و", "ب", "ل", "ف", "لل", "وال", "بال", "فال"),
    "he": ("ה", "ו", "ב", "ל", "מ", "ש", "כ", "וה", "שה", "מה"),
}
_AFTER: Final = {"en": ("s", "es", "ed", "ing"), "fr": ("s", "x", "e", "es")}


class Meaning(NamedTuple):
    """A word for the same thing, in one of the languages."""

    language: str
    word: str


@functools.cache
def rows() -> tuple[tuple[Meaning, ...], ...]:
    """Each term of the glossary with all of its words."""
    text = files("pastwatch.stages.lookback").joinpath(_FILE).read_text(encoding="utf-8")
    return tuple(
        tuple(
            Meaning(language, word)
            for language, cell in zip(LANGUAGES, line.split("\t"), strict=True)
            for word in cell.split("|")
        )
        for line in text.splitlines()[1:]
    )


def meanings(term: str) -> tuple[Meaning, ...]:
    """The words for what a term means, in every language, without the term; none where it is not in it."""
    wanted = fold(term).strip()
    found = [row for row in rows() if any(fold(meaning.word) == wanted for meaning in row)]
    return tuple(
        dict.fromkeys(meaning for row in found for meaning in row if fold(meaning.word) != wanted)
    )


def forms(of: Meaning) -> tuple[frozenset[str], str]:
    """A word of the glossary in the usual small changes of its language, folded, and its stem.

    After a stem any ending of up to `ENDING` letters will do; it is empty where none should.
    """
    own = fold(of.word)
    spelt = {own, *(fold(before) + own for before in _BEFORE.get(of.language, ()))}
    spelt |= {own + after for after in _AFTER.get(of.language, ())}
    stem = own.rstrip(_WEAK)
    stem = own[: max(len(stem), len(own) - 2)]  # an adjective ends in two of them
    endless = of.language == "ru" and len(stem) >= _STEM and " " not in stem
    return frozenset(spelt), stem if endless else ""
