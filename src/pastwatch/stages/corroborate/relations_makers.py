"""Who made a thing and who ran it, kept apart: a demonym before a machine never says who used it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.lineage_text import COUNTRY, Told, lists, pattern_of, phrases

_THINGS = frozenset({"aircraft", "drone", "arms", "vessel"})
_MORE_THINGS = frozenset({"missil", "rocket", "tank", "tanks", "helico", "radar", "rifle", "bomb", "bombs", "shell", "shells", "subma", "engine", "gun", "guns", "truck", "trucks", "launch"})  # fmt: skip
_REACH = 4
_MADE = re.compile(r"^-\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Made:
    """A thing and a country in a report: as its maker, or as the one said to have run it."""

    kind: str
    place: str
    start_byte: int
    end_byte: int
    surface: str
    reason: str


def makers_in(article: Article) -> Iterator[Made]:
    """Yield what a report says of the make, purchase and running of things, in order."""
    for first, last in article.words.sentences:
        start, end = article.words.starts[first], article.words.ends[last - 1]
        told = Told(article.text[start:end])
        for one in _in_sentence(told):
            at = len(article.text[: start + one[2]].encode())
            surface = told.text[one[2] : one[3]]
            yield Made(one[0], one[1], at, at + len(surface.encode()), surface, one[4])


def _in_sentence(told: Told) -> Iterator[tuple[str, str, int, int, str]]:
    placed, words = told.placed, told.words
    made = pattern_of(lists("operating")["maker"])
    for at, (name, first, last) in enumerate(placed):
        if not name.startswith(COUNTRY):
            continue
        start, end = words.starts[first], words.ends[last - 1]
        before = told.text[:start].rstrip()
        for kind, section in (("operator", "operator_before"), ("maker", "maker_before")):
            found = list(phrases("operating", section).finditer(before))
            gap = before[found[-1].end() :].split() if found else ["?"] * _REACH
            if len(gap) <= 1:
                yield kind, name[1:], found[-1].start(), end, f'"{found[-1][0]}" before it'
                break
        else:
            hyphen = _MADE.match(told.text[end:])
            is_made = bool(hyphen and made.fullmatch(hyphen[1]))
            thing = _thing(told, at)
            if is_made or thing is not None:
                stop = words.ends[thing - 1] if thing else end + (hyphen.end() if hyphen else 0)
                why = (
                    "the words tell who made it, not who ran it"
                    if is_made
                    else "a country before a thing tells its make or its owner, not who ran it"
                )
                yield "maker", name[1:], start, stop, why


def _thing(told: Told, at: int) -> int | None:
    """The word after a machine that a country stands before; none in "Russia's jets", "missile strike"."""
    placed, words = told.placed, told.words
    _, first, last = placed[at]
    if re.search(r"['’]", told.text[words.starts[first] : words.ends[last - 1]]):
        return None
    for n, (name, start, stop) in enumerate(placed[at + 1 : at + 1 + _REACH], at + 1):
        if start - last >= _REACH or not _close(told, words.ends[last - 1], words.starts[start]):
            return None
        after = placed[n + 1] if n + 1 < len(placed) else None
        if name in _THINGS | _MORE_THINGS:
            return None if after and after[1] == stop and after[0] == "attack" else stop
    return None


def _close(told: Told, end: int, start: int) -> bool:
    """Whether nothing but two words, of make or kind, stand between a country and a thing."""
    return re.fullmatch(r"-?\s*(?:\w+[-\s]+){0,2}", told.text[end:start]) is not None
