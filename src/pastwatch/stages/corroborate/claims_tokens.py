"""A sentence as its words, their places, and which of them stand in a quotation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pastwatch.stages.corroborate.verbs_en import listed

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['’-][^\W_]+)*|\w+|[^\w\s]")
OPENING, CLOSING = "“„«", "”»"
_QUOTED = re.compile(
    r"“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»|\"([^\"]*)\"|(?<![\w])[‘']([^‘’'\n]{2,400}?)[’'](?!\w)"
)

ABSENT = -1
AUXILIARY = listed(
    "is was were are am be been being has have had having do does did will would can could may might "
    "must shall should isn't wasn't weren't aren't hasn't haven't hadn't don't doesn't didn't won't "
    "wouldn't can't cannot couldn't shouldn't"
)
MODAL = listed(
    "will would can could may might must shall should won't wouldn't can't cannot couldn't shouldn't"
)
BE = listed("is was were are am be been being isn't wasn't weren't aren't")
NOT = listed("not never nor cannot neither hardly")
ADVERBS = listed(
    "also again still already later earlier once then now just only too even both all each ever "
    "publicly privately first further often always soon instead himself herself itself themselves "
    "have-been since today yesterday repeatedly recently subsequently out"
)
DETERMINERS = listed(
    "the a an this that these those his her its their our my your one two three four five six seven "
    "eight nine ten some many several most both all no any each every another other such"
)
PRONOUNS = listed("he she it they i we you who")
OBJECTS = listed("him her it them me us you himself herself itself themselves everyone everybody")
PREPOSITIONS = listed(
    "in on at by since after during to from before for with within under of despite until through "
    "among between against over following throughout amid near inside outside about upon via "
    "late early last next as"
)
STOPS = frozenset(";:—–()")
OPENERS = listed(
    "that whereas while but although though because if unless when where whether than so as how why "
    "what which whom whose until lest"
)
LEADS = listed(
    "however but and or so yet meanwhile also additionally further furthermore moreover then later "
    "yesterday today tonight still now earlier instead nevertheless nonetheless separately initially "
    "afterwards afterward finally meantime elsewhere indeed similarly likewise thus hence therefore "
    "today's only even perhaps naturally officially unofficially privately publicly later-on "
    "eventually recently first second third besides overall both all"
)
STEM = 4
"""An ending tells a form (-ly, -ed) only behind a word of more letters than this."""


class Quote(NamedTuple):
    """A quotation: its words without the marks, and the whole with them, in characters."""

    start: int
    end: int
    mark_start: int
    mark_end: int


class Sentence:
    """The words of one sentence, folded, with their places in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = list(_TOKEN.finditer(text))
        folded = text.lower().replace("’", "'")
        # A few letters grow when they are made small: then words are folded one by one.
        alike = len(folded) == len(text)
        self.words = [
            folded[m.start() : m.end()] if alike else m[0].lower().replace("’", "'") for m in found
        ]
        self.starts = [m.start() for m in found]
        self.ends = [m.end() for m in found]
        self.held = frozenset(self.words)
        self.quotes = _quotes(text)
        self.inside = [ABSENT] * len(found)
        if self.quotes:
            at = 0
            for place, start in enumerate(self.starts):
                while at < len(self.quotes) and self.quotes[at].mark_end <= start:
                    at += 1
                if at == len(self.quotes):
                    break
                if self.quotes[at].mark_start <= start:
                    self.inside[place] = at

    def __len__(self) -> int:
        return len(self.words)

    def word(self, at: int) -> str:
        """The word at a place, folded; nothing beyond the ends."""
        return self.words[at] if 0 <= at < len(self.words) else ""

    def capital(self, at: int) -> bool:
        """Whether the word at a place begins with a capital."""
        return 0 <= at < len(self.words) and self.text[self.starts[at]].isupper()

    def span(self, first: int, after: int) -> tuple[int, int]:
        """The characters from a word up to the one before another."""
        return self.starts[first], self.ends[after - 1]

    def slice(self, first: int, after: int) -> str:
        """The text of some words."""
        if first >= after:
            return ""
        start, end = self.span(first, after)
        return self.text[start:end]

    def at_char(self, char: int) -> int:
        """The first word that begins at a character or after it."""
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if self.starts[middle] < char:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, wanted: Sequence[str], first: int, after: int) -> int:
        """The place of the first of some words outside quotations; ABSENT where there is none."""
        for at in range(max(first, 0), min(after, len(self.words))):
            if self.words[at] in wanted and self.inside[at] == ABSENT:
                return at
        return ABSENT


def _quotes(text: str) -> list[Quote]:
    found: list[Quote] = []
    if not any(c in text for c in "“„«\"‘'"):
        return found
    for match in _QUOTED.finditer(text):
        kind = match.lastindex or 0
        start, end = match.span(kind)
        if match[kind].strip():
            found.append(Quote(start, end, match.start(), match.end()))
    return found


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the blanks and marks at its ends; a quotation in its midst keeps both marks."""
    while start < end and (text[start].isspace() or text[start] in _ENDS):
        if text[start] in _PAIRS and text.find(_PAIRS[text[start]], start + 1, end - 1) > 0:
            break
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in _ENDS):
        if text[end - 1] in _OPENS and text.rfind(_OPENS[text[end - 1]], start, end - 1) >= 0:
            break
        end -= 1
    return start, end


_ENDS = ',،؛;:.—–-“”"«»„…!'
_PAIRS = {"“": "”", "«": "»", "„": "“"}
_OPENS = {"”": "“", "»": "«"}
