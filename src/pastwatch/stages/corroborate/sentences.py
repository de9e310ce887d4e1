"""The sentences of a report, apart from its headline, captions, bylines and the page around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

_QUOTED_CHARACTERS = 1500
"""A quotation longer than this is cut into sentences like any text."""
_HEADING_WORDS = 16
_WRAPPED = (50, 100)
_UPDATE_WORDS = 5

_BLANK = re.compile(r"\n[ \t\r\f\v\u00a0]*(?:\n[ \t\r\f\v\u00a0]*)+")
_ENDS = re.compile(r"[.!?…:;؟。！？]['\"”’»)\]]*$")
_TURN = re.compile(r"[.!?…؟]+|[。！？]|[“”„«»\"]")
_CLOSING = re.compile(r"['\"”’»)\]]*")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(“\"'«])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Mx|Dr|St|Gen|Col|Lt|Maj|Capt|Cpl|Sgt|Adm|Cmdr|"
    r"Sen|Rep|Gov|Prof|Rev|Hon|Jr|Sr|No|Nos|Jan|Feb|Mar|Apr|Aug|Sept|Sep|Oct|Nov|Dec|vs|etc|approx|"
    r"ca|cf|Mt|Ft|Inc|Ltd|Co|Corp|Mme|M|Mlle|Me|г|гг|им|ул|стр|тыс|млн|млрд|т|д|п)$"
)
_NAVIGATION = re.compile(
    r"(?:read (?:more|also|next|the full)|click here|to read more|related(?: (?:stories|articles|topics|links|coverage))?\s*:|"
    r"related (?:stories|articles|topics|links|coverage)\b|now watch|see also|watch (?:more|live|now)\b|watch:|watch |"
    r"more (?:from|on|about|stories|news)\b|advertisement|comments? (?:on|are|closed|\()|subscribe\b|sign up|log ?in\b|"
    r"follow us|share (?:this|on)|in pictures|photo gallery|gallery:|found mistakes|most read|"
    r"also read|live (?:updates|blog)|newsletter|copyright\b|©|all rights reserved|story continues|"
    r"continue reading|skip to|back to (?:top|home)|home ?[>»|]|tags?:|topics?:|filed under|listen:|listen to\b|"
    r"video:|video \||map:|get (?:our|the) (?:app|newsletter)|download (?:our|the) app|download the\b|print this|print \||email this|"
    r"recommended\b|you may also|editors?['’] picks|join the (?:conversation|discussion)|view comments|"
    r"terms of (?:use|service)|privacy policy|cookies?\b|support (?:us|our)|donate\b|breaking news alerts|"
    r"подробнее|читайте|смотрите|подпис|реклама|фото:|видео:|комментари|поделиться|"
    r"lire (?:aussi|la suite|plus|également)|à lire|voir aussi|abonnez|publicité|en images|partager|"
    r"اقرأ|إقرأ|شاهد|للمزيد|المزيد|اشترك|إعلان|تابعونا|مواضيع ذات)",
    re.IGNORECASE,
)
_NAVIGATION_ENDS = re.compile(r"(?:click here|read more|here|»|>>|→)\s*$", re.IGNORECASE)
_CAPTION = re.compile(
    r"\b(?:photo credit|file photo|photograph(?:ed)? by|getty images|picture credit|image credit|"
    r"picture:|image:|photo:|photo by|courtesy of)|\((?:photo|picture|image|ap photo|reuters)\b|"
    r"/(?:reuters|afp|ap|getty)\b|(?:reuters|afp|ap|getty|epa)/",
    re.IGNORECASE,
)
_PICTURED = (
    "photo",
    "image",
    "picture",
    "getty",
    "afp",
    "reuters",
    "courtesy",
    "epa",
    "ap/",
    "/ap",
)
_UPDATE = re.compile(
    r"(?:last )?(?:updated?|modified|revised|corrected|correction|clarification|editor['’]?s note|"
    r"developing|обновлено|исправлено|mis à jour|rectificatif|تحديث|تصحيح)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:[Bb][Yy]|[Vv]on|[Pp]ar|[Оо]т)\s+[A-Z\u0400-\u04ff][^.!?]{0,80}$")
_DATE_LINE = re.compile(
    r"(?:(?:published|posted|first published|on)\b:?\s*)?[\w,.:/+\- ]{0,40}\d[\w,.:/+\- ]{0,40}$",
    re.IGNORECASE,
)
_TWO, _THREE, _FOUR = 0x80, 0x800, 0x10000
"""From these characters on UTF-8 takes so many bytes (RFC 3629 §3)."""


class Sort(StrEnum):
    """What a stretch of a report is."""

    SENTENCE = "sentence"
    HEADING = "heading"
    CAPTION = "caption"
    NAVIGATION = "navigation"
    UPDATE = "update"
    BYLINE = "byline"


class Stretch(NamedTuple):
    """A stretch of a report's text, in characters."""

    start: int
    end: int
    sort: Sort


class Places:
    """The bytes that characters of a text stand at (UTF-8); costs nothing while it is ASCII."""

    def __init__(self, text: str) -> None:
        self._starts = None
        if not text.isascii():
            code = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            widths = 1 + (code >= _TWO) + (code >= _THREE) + (code >= _FOUR)
            self._starts = np.concatenate(([0], np.cumsum(widths)))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The byte span of the characters from start up to end."""
        if self._starts is None:
            return start, end
        return int(self._starts[start]), int(self._starts[end])


def stretches_of(text: str) -> Iterator[Stretch]:
    """Cut a report into stretches, in order; only those of the sort sentence are its text.

    Linear in the length of the text. What ends no line with a mark and is short is a heading.
    """
    first = True
    for start, end in _blocks(text):
        block = text[start:end]
        sort = _sort(block, first=first)
        first = False
        if sort is not Sort.SENTENCE:
            yield Stretch(start, end, sort)
            continue
        for a, b in _cuts(block):
            yield Stretch(start + a, start + b, Sort.SENTENCE)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Paragraphs; and in one, lines that are no wrapped prose."""
    at = 0
    edges = [(m.start(), m.end()) for m in _BLANK.finditer(text)]
    for start, end in [*edges, (len(text), len(text))]:
        yield from _lines(text, at, start)
        at = end


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    lines = text[start:end].split("\n")
    begins = list(accumulate((len(line) + 1 for line in lines), initial=start))
    least, most = _WRAPPED
    in_width = all(least <= len(line.rstrip()) <= most for line in lines[:-1])
    # Two lines are one paragraph only where the first does not end like a sentence.
    wrapped = (
        len(lines) > 1 and in_width and (len(lines[2:]) or not _ENDS.search(lines[0].rstrip()))
    )
    open_at = start
    for (line, after), begin in zip(pairwise(lines), begins[1:], strict=False):
        follows = after.lstrip()
        soft = (
            bool(line.strip())
            and bool(follows)
            and (wrapped or follows[0].islower())
            and not (_ENDS.search(line.rstrip()) and not wrapped)
        )
        if not soft:
            yield from _trimmed(text, open_at, begin - 1)
            open_at = begin
    yield from _trimmed(text, open_at, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    block = text[start:end]
    lead = len(block) - len(block.lstrip())
    body = block.strip()
    if body:
        yield start + lead, start + lead + len(body)


def _sort(block: str, *, first: bool) -> Sort:
    ended = _ENDS.search(block[-12:]) is not None
    words = block.count(" ") + 1
    sort = Sort.SENTENCE
    if _UPDATE.match(block) and (words <= _UPDATE_WORDS or not ended):
        sort = Sort.UPDATE
    elif ((not ended or block[-1] == ":") and _NAVIGATION.match(block)) or (
        words <= _HEADING_WORDS and _is_page(block)
    ):
        sort = Sort.NAVIGATION
    elif words <= 3 * _HEADING_WORDS and _is_caption(block):
        sort = Sort.CAPTION
    elif (
        not ended and words <= _HEADING_WORDS and (_BYLINE.match(block) or _DATE_LINE.match(block))
    ):
        sort = Sort.BYLINE
    elif not ended and (first or words <= _HEADING_WORDS):
        sort = Sort.HEADING
    return sort


def _is_caption(block: str) -> bool:
    low = block.lower()
    if block.endswith(("”", '"')) or not any(word in low for word in _PICTURED):
        return False
    return _CAPTION.search(block) is not None


def _is_page(block: str) -> bool:
    if re.match(
        r"(?:related|now watch|see also|advertisement|read more|click here)\b\s*:?",
        block,
        re.IGNORECASE,
    ):
        return True
    return _NAVIGATION_ENDS.search(block[-20:]) is not None and "click here" in block.lower()


def _cuts(block: str) -> Iterator[tuple[int, int]]:
    """Where sentences of a paragraph begin and end; a quotation is not cut."""
    kept = _quotations(block)
    at, kept_at = 0, 0
    for found in _TURN.finditer(block):
        if found[0] in '“”„«»"':
            continue
        end = _CLOSING.match(block, found.end()).end()  # type: ignore[union-attr]
        while kept_at < len(kept) and kept[kept_at][1] < end - 1:
            kept_at += 1
        if kept_at < len(kept) and kept[kept_at][0] < found.start() and end <= kept[kept_at][1]:
            continue
        if end < len(block) and not _begins(block, found, end):
            continue
        yield from _trimmed(block, at, end)
        at = end
    yield from _trimmed(block, at, len(block))


def _begins(block: str, found: re.Match[str], end: int) -> bool:
    """Whether a sentence begins after a mark."""
    if found[0] in "。！？":
        return True
    if not block[end].isspace():
        return False
    rest = block[end : end + 12].lstrip()
    if not rest or rest[0].islower():
        return False
    if found[0] == "." and _ABBREVIATED.search(block, max(0, found.start() - 12), found.start()):
        # An abbreviation ends a sentence too where what follows can only begin one.
        return re.match(r"(?:The|A|An|He|She|It|They|But|In|On|And|However)\s", rest) is not None
    return True


def _quotations(block: str) -> list[tuple[int, int]]:
    """Quotations that close within reach, as (place of the opening mark, place after the closing)."""
    found: list[tuple[int, int]] = []
    straight, curly, guillemet = -1, -1, -1
    for mark in re.finditer(r"[“”„«»\"]", block):
        at, sign = mark.start(), mark[0]
        opened = -1
        if sign == '"':
            opened, straight = (straight, -1) if straight >= 0 else (-1, at)
        elif sign in "“„":
            if sign == "“" and curly >= 0 and block[curly] == "„":
                opened, curly = curly, -1
            else:
                curly = at
        elif sign == "”":
            opened, curly = curly, -1
        elif sign == "«":
            guillemet = at
        else:
            opened, guillemet = guillemet, -1
        if opened >= 0 and at - opened <= _QUOTED_CHARACTERS:
            while found and found[-1][0] > opened:
                found.pop()
            found.append((opened, at + 1))
    return found
