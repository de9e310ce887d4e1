"""Towns and countries named in a text, with coordinates, and how many places share the name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.stages.enrich.enrichers import places_words as words
from pastwatch.stages.enrich.enrichers.bytespans import Marker, texts_of
from pastwatch.stages.enrich.enrichers.gazetteer import Gazetteer, Place, folded, gazetteer

PLACE = "place"
_SINGLE_PEOPLE = 50_000
_SHOUTED_PEOPLE = 100_000
_OTHER_PEOPLE = 50_000
_PREFIXED_PEOPLE = 200_000
_THREE_LETTERS_PEOPLE = 500_000
_HAN_PEOPLE = 200_000
_SHORTEST = 3
_MOST_WORDS = 3
_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŹŻŽ"
_RUN = re.compile(
    rf"(?<![\w@#/.-])[{_UPPER}][\w'’-]{{1,30}}"
    rf"(?:[ ](?:(?:de|del|la|al|el|of|on|upon|the|le|du|des|am|der|di|da|do)[ ])?[{_UPPER}][\w'’-]{{1,30}}){{0,5}}(?!\w)"
)
_WORD_BEFORE = re.compile(r"(\w+)[\s(\"“]{1,3}$")
_BEHIND = re.compile(rf",\s{{1,2}}([{_UPPER}][\w'’-]+(?:[ ][{_UPPER}][\w'’-]+)?)")
_CYRILLIC_RUN = re.compile(r"(?<![\w@#-])[А-ЯЁІЇЄҐ][\w'’-]+(?:[ -][А-ЯЁІЇЄҐ][\w'’-]+){0,2}")
_ARABIC_WORD = re.compile(r"[\u0620-\u065f\u066e-\u06d3\u06d5\u0640]+")
_HEBREW_WORD = re.compile(r"[\u05d0-\u05ea][\u05d0-\u05ea\u05f3\u05f4'\"-]*")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
# Arabic: and, in, to, like; the article. Hebrew: in, to, from, the, and, that.
_ARABIC_PREFIXES = ("", "و", "ب", "ل", "ف", "ك", "وب", "ول")
_HEBREW_PREFIXES = ("", "ב", "ל", "מ", "ה", "ו", "ש", "וב", "ול", "שב")
# Endings of a Russian or Ukrainian name in a sentence, and those its dictionary form may have.
_ENDINGS = (
    ("ой", ("а", "ая")), ("ом", ("", "о")), ("ем", ("ь", "е")), ("ую", ("ая",)), ("ому", ("ое",)),
    ("ого", ("ое",)), ("ью", ("ь",)), ("ии", ("ия",)), ("ію", ("ія",)), ("ії", ("ія",)),
    ("ию", ("ия",)), ("ией", ("ия",)), ("єю", ("я",)), ("ою", ("а",)), ("ы", ("а", "")),
    ("и", ("ь", "а", "я", "")), ("і", ("а", "ь", "")), ("е", ("а", "", "о")), ("у", ("а", "", "о")),
    ("ю", ("я", "ь")), ("а", ("", "о")), ("я", ("ь", "й")),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Finds places; the value is JSON: name, country, latitude, longitude, geoname_id, candidates.

    The place given is the country of that name or else the largest town; `candidates` says how many
    places the name may stand for, so that nobody takes one of forty for a fact.
    """

    table: Gazetteer
    version: str
    name: str = "places"

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield places in record order, by part and place in it."""
        for record in records:
            people = _names_of(record)
            for part, text in texts_of(record):
                marker = Marker(record, part, text, maker=self.name, version=self.version)
                for found, start, end in places_in(text, self.table, people=people):
                    yield marker.mark(PLACE, _value(found), start, end)


class _Preparing:
    name = "places"

    def setup(self, options: Mapping[str, Any]) -> Places:  # noqa: ARG002 - it takes none
        """Places of the whole world."""
        table = gazetteer()
        return Places(table=table, version=f"1+{table.version}")


ENRICHER = _Preparing()


def places_in(
    text: str, table: Gazetteer, *, people: frozenset[str] = frozenset()
) -> list[tuple[list[Place], int, int]]:
    """(the places a name may stand for, start, end) in the order of the text, in characters.

    `people` are words of names of people the text is about: Sullivan is a town, and a person here.
    """
    found = list(_latin(text, table, people))
    if not text.isascii():
        found += _cyrillic(text, table)
        found += _prefixed(text, table, _ARABIC_WORD, _ARABIC_PREFIXES)
        found += _prefixed(text, table, _HEBREW_WORD, _HEBREW_PREFIXES)
        found += _han(text, table)
        found.sort(key=lambda f: f[1])
    return found


def _value(found: list[Place]) -> str:
    best = found[0]
    value = {
        "name": best.name,
        "country": best.country,
        "latitude": best.latitude,
        "longitude": best.longitude,
        "geoname_id": best.geoname_id,
        "candidates": len(found),
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _names_of(record: Record) -> frozenset[str]:
    parties = [*record.recipients, *([record.sender] if record.sender else [])]
    return frozenset(
        word.lower() for party in parties for word in re.findall(r"[^\W\d_]{3,}", party.name)
    )


def _latin(
    text: str, table: Gazetteer, people: frozenset[str]
) -> Iterator[tuple[list[Place], int, int]]:
    for run in _RUN.finditer(text):
        shouted = run[0].isupper() and len(run[0]) > _SHORTEST + 1
        pieces = [(run.start() + m.start(), m[0]) for m in re.finditer(r"\S+", run[0])]
        if shouted and len(pieces) > 1:
            yield from _shouted(pieces, table, people)
            continue
        stripped, pieces = _trimmed(pieces)
        if not pieces:
            continue
        start = pieces[0][0]
        last_at, last = pieces[-1]
        end = last_at + len(last)
        name = text[start:end]
        if last.endswith(("'s", "’s")):
            end -= 2
            name = name[:-2]
        found = table.of(folded(name))
        doubtful = name.lower() in words.DOUBTFUL or name.lower() in people
        if found and _stands(text, (name, start, end), found, stripped=stripped, doubtful=doubtful):
            yield found, start, end


def _trimmed(pieces: list[tuple[int, str]]) -> tuple[str, list[tuple[int, str]]]:
    """The run without the words that only stand around a name; the word taken off in front."""
    taken = ""
    while len(pieces) > 1 and pieces[0][1].lower() in words.OPENERS | words.SIDES:
        taken = pieces[0][1].lower()
        pieces = pieces[1:]
    while len(pieces) > 1 and pieces[-1][1].lower() in words.SIDES:
        pieces = pieces[:-1]
    return taken, pieces


def _stands(
    text: str,
    at: tuple[str, int, int],
    found: list[Place],
    *,
    stripped: str,
    doubtful: bool,
) -> bool:
    """Whether a capitalised name that is in the table is one here too."""
    name, start, end = at
    low = name.lower()
    if len(name) < _SHORTEST or low in words.NEVER or low in words.NEVER_TOGETHER:
        return False
    before = _WORD_BEFORE.search(text[max(0, start - 24) : start])
    located = (before[1].lower() if before else stripped) in words.LOCATIVES
    if doubtful:
        return located or bool(_BEHIND.match(text, end))
    if " " in name or found[0].latitude is None or located:
        return True
    return found[0].people >= _SINGLE_PEOPLE and f" {low} " not in text


def _shouted(
    pieces: list[tuple[int, str]], table: Gazetteer, people: frozenset[str]
) -> Iterator[tuple[list[Place], int, int]]:
    """In a run of capitals nothing tells a name from a word: only countries and large towns."""
    unlikely = words.DOUBTFUL | words.NEVER | people
    at = 0
    while at < len(pieces):
        for count in range(min(_MOST_WORDS, len(pieces) - at), 0, -1):
            name = " ".join(word for _, word in pieces[at : at + count])
            low = name.lower()
            found = table.of(folded(name)) if low not in unlikely else []
            if found and len(name) > _SHORTEST and _large(found[0], _SHOUTED_PEOPLE):
                yield (
                    found,
                    pieces[at][0],
                    pieces[at + count - 1][0] + len(pieces[at + count - 1][1]),
                )
                at += count - 1
                break
        at += 1


def _large(place: Place, people: int) -> bool:
    return place.latitude is None or place.people >= people


def _cyrillic(text: str, table: Gazetteer) -> Iterator[tuple[list[Place], int, int]]:
    for run in _CYRILLIC_RUN.finditer(text):
        if len(run[0]) < _SHORTEST or folded(run[0]) in words.OTHER_NEVER:
            continue
        for name in _nominatives(run[0]):
            found = table.of(folded(name))
            if found and _large(found[0], 0 if " " in name else _OTHER_PEOPLE):
                yield found, *run.span()
                break


def _nominatives(name: str) -> Iterator[str]:
    """The name as it stands, then as a dictionary may have it (Москве: Москва)."""
    yield name
    for ending, forms in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + _SHORTEST - 1:
            for form in forms:
                yield name[: -len(ending)] + form


def _prefixed(
    text: str, table: Gazetteer, word: re.Pattern[str], prefixes: tuple[str, ...]
) -> Iterator[tuple[list[Place], int, int]]:
    """Names in a script without capitals, whose small words are written onto the name."""
    spans = [m.span() for m in word.finditer(text)]
    at = 0
    while at < len(spans):
        for count in range(min(_MOST_WORDS, len(spans) - at), 0, -1):
            start, end = spans[at][0], spans[at + count - 1][1]
            if end - start > 60 or "\n" in text[start:end]:  # noqa: PLR2004 - longer than any name
                continue
            hit = _without(text[start:end], table, prefixes)
            if hit:
                found, dropped = hit
                yield found, start + dropped, end
                at += count - 1
                break
        at += 1


def _without(
    shown: str, table: Gazetteer, prefixes: tuple[str, ...]
) -> tuple[list[Place], int] | None:
    for prefix in prefixes:
        if not shown.startswith(prefix) or len(shown) - len(prefix) < _SHORTEST:
            continue
        key = folded(shown[len(prefix) :])
        found = table.of(key)
        people = _PREFIXED_PEOPLE if prefix else _OTHER_PEOPLE
        if len(key) == _SHORTEST:
            people = _THREE_LETTERS_PEOPLE
        if found and key not in words.OTHER_NEVER and _large(found[0], people):
            return found, len(prefix)
    return None


def _han(text: str, table: Gazetteer) -> Iterator[tuple[list[Place], int, int]]:
    for run in _HAN_RUN.finditer(text):
        at, last = run.span()
        while at < last - 1:
            for length in range(min(table.longest_han, last - at, 8), 1, -1):
                found = table.of(text[at : at + length])
                shown = text[at : at + length]
                if found and _large(found[0], _HAN_PEOPLE) and shown not in words.OTHER_NEVER:
                    yield found, at, at + length
                    at += length - 1
                    break
            at += 1
