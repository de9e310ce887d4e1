"""Which texts are in a language that the default embedding model never learnt."""

from __future__ import annotations

import re

_HEBREW = re.compile(r"[\u05d0-\u05ea]")
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_PERSIAN = re.compile(r"[پچژگکی]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_UKRAINIAN = re.compile(r"[іїєґІЇЄҐ]")
_LATIN = re.compile(r"[A-Za-z]")
_LOOK = 400
_SHARE = 0.02


def is_left_to_e5(text: str) -> bool:
    """Whether a text is mostly Hebrew, Persian or Ukrainian, going by its letters alone."""
    start = text[:_LOOK]
    if start.isascii():
        return False
    hebrew, arabic = len(_HEBREW.findall(start)), len(_ARABIC.findall(start))
    cyrillic, latin = len(_CYRILLIC.findall(start)), len(_LATIN.findall(start))
    most = max(hebrew, arabic, cyrillic, latin)
    if not most or most == latin:
        return False
    if most == hebrew:
        return True
    if most == arabic:
        return len(_PERSIAN.findall(start)) > _SHARE * arabic
    return len(_UKRAINIAN.findall(start)) > _SHARE * cyrillic
