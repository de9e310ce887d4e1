"""Tell whether a statement is in a language that has terms of likelihood here: English alone."""

from __future__ import annotations

import re
import unicodedata

from pastwatch.stages.assess.scales import small_words

# A quotation may hold another: a report that quotes what somebody said.
QUOTED = re.compile(r"\"[^\"]*\"|“(?:[^“”]|“[^“”]*”)*”|„[^“”]*[“”]|«(?:[^«»]|«[^«»]*»)*»|‹[^›]*›")
CHECKED = "en"
NAMES = {
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "tr": "Turkish",
}
# Names of papers (y1, i3) and hashes are no words.
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?:['’][^\W\d_]+)?(?!\w)")
_TELLING = 3
_FEW = 2
_OF_WORDS = 0.4


def unchecked(statement: str) -> str | None:
    """Why the wording of a statement cannot be checked, in a few words; None where it can.

    What stands in quotation marks is not looked at. Names may hold small words of any language: only
    those that no capital follows count.
    """
    own = QUOTED.sub(" ", statement)
    if not _mostly_latin(own):
        return "not checked: no scale terms for this script"
    words = _WORD.findall(own)
    counted = [
        word.lower()
        for word, after in zip(words, [*words[1:], "x"], strict=True)
        if not after[:1].isupper()
    ]
    hits = {name: sum(w in known for w in counted) for name, known in small_words().items()}
    english = hits.pop(CHECKED)
    best = max(hits, key=hits.__getitem__)
    enough = hits[best] >= _TELLING or hits[best] >= max(_FEW, _OF_WORDS * len(words))
    if enough and hits[best] > english:
        return f"not checked: no scale terms for this language ({NAMES[best]} by its small words)"
    return None


def _mostly_latin(own: str) -> bool:
    letters = [c for c in own if c.isalpha()]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return 2 * latin >= len(letters)
