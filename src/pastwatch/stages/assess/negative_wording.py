"""Ways in which known wording is written otherwise, for copies that rehearse a search."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

AS_WRITTEN: Final = "as written"
HEARD: Final = "as a machine writes it down"
_WORD: Final = re.compile(r"[^\W\d_]+")
_LEAST: Final = 5
"""Letters of a word below which no letter of it is changed."""


def variants(text: str, *, language: str, heard: bool = False) -> list[tuple[str, str]]:
    """The wording and ways to write it otherwise, each with its name; equal ones are left out.

    Two letters of the longest word changed places; accents left off; in English another ending.
    What is `heard` is first written down without capitals and signs, as a transcript has it.
    """
    first = (HEARD, as_heard(text)) if heard else (AS_WRITTEN, text)
    found = [first]
    for name, other in (
        ("two letters changed places", _swapped(first[1])),
        ("without accents", _bare(first[1])),
        ("another ending", _ending(first[1]) if language == "en" else first[1]),
    ):
        if other not in {text for _, text in found}:
            found.append((name, other))
    return found


def as_heard(text: str) -> str:
    """The words alone, in small letters, one space apart."""
    kept = "".join(
        c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in text
    )
    return " ".join(kept.lower().split())


def _longest(text: str) -> re.Match[str] | None:
    words = [found for found in _WORD.finditer(text) if len(found[0]) >= _LEAST]
    return max(words, key=lambda found: len(found[0]), default=None)


def _swapped(text: str) -> str:
    word = _longest(text)
    if word is None:
        return text
    at = word.start() + len(word[0]) // 2
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def _ending(text: str) -> str:
    word = _longest(text)
    if word is None:
        return text
    other = word[0][:-1] if word[0].lower().endswith("s") else word[0] + "s"
    return text[: word.start()] + other + text[word.end() :]
