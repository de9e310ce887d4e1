"""Times that stand in a text: surface text, interval, and what the zone rests on."""

from __future__ import annotations

import bisect
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.plugins import extra
from pastwatch.stages.enrich.enrichers.bytespans import Marker, texts_of
from pastwatch.stages.enrich.enrichers.times_atoms import Atom, Day
from pastwatch.stages.enrich.enrichers.times_resolve import Known, interval, joined, zone_of
from pastwatch.stages.enrich.enrichers.times_rules import atoms_in

TIME = "time"
# A day, a word and a year whose word is no month that the rules know: for dateparser to say.
_FOREIGN = re.compile(
    r"(?<![\w/.,-])(?P<day>[0-3]?\d)\.?\s(?:de\s|ב)?(?P<month>[^\W\d_]{3,12})\.?\s(?:de\s)?(?P<year>[12]\d{3})(?!\w)"
)
# Asked where a case names no languages: all two hundred of them take seconds to load.
_OTHERS = ("de", "es", "it", "pt", "nl", "pl", "tr", "uk", "fa", "he", "ro", "sv", "cs", "el")
_ORDERS = {"dmy": True, "mdy": False, "": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Finds times; the value is JSON: surface, earliest_us, latest_us, zone, rule.

    `zone` is "stated" (in the text), "set" (for the case) or "unknown" (the interval then holds
    every zone there is). The bounds are null where the record has no date of its own and the text
    gives no whole one.
    """

    day_first: bool | None
    zone_s: int | None
    languages: tuple[str, ...]
    version: str
    name: str = "times"

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield times in record order, by part and place."""
        for record in records:
            claimed = record.envelope.claimed
            known = Known(
                earliest_us=claimed.earliest_us if claimed else None,
                latest_us=claimed.latest_us if claimed else None,
                zone_s=self.zone_s,
            )
            for part, text in texts_of(record):
                marker = Marker(record, part, text, maker=self.name, version=self.version)
                for value, start, end in self.times_in(text, known):
                    yield marker.mark(TIME, value, start, end)

    def times_in(self, text: str, known: Known) -> Iterator[tuple[str, int, int]]:
        """(value, start, end) of the times in a text, spans in characters."""
        atoms = atoms_in(text, day_first=self.day_first)
        atoms += _foreign(text, atoms, self.languages)
        atoms.sort(key=lambda atom: atom.start)
        for said in joined(atoms, text):
            found = interval(said, known)
            value = {
                "surface": text[said.start : said.end],
                "earliest_us": found[0] if found else None,
                "latest_us": found[1] if found else None,
                "zone": zone_of(said, known),
                "rule": "+".join(said.rules),
            }
            yield json.dumps(value, ensure_ascii=False), said.start, said.end


class _Preparing:
    name = "times"

    def setup(self, options: Mapping[str, Any]) -> Times:
        """Times of one case: `order` (dmy or mdy) for numeric dates, `zone` "unknown" to assume none."""
        with extra("enrich", "times in text need the package dateparser"):
            import dateparser
        order = str(options.get("order") or "").lower()
        if order not in _ORDERS:
            raise UsageError("the order of numeric dates is unknown", hint="order is dmy or mdy")
        offset = options.get("zone_offset_s")
        zone_s = None if offset is None or options.get("zone") == "unknown" else int(offset)
        from dateparser.data.languages_info import language_order

        case = sorted({str(code) for code in options.get("languages") or ()} & set(language_order))
        languages = tuple(case) or _OTHERS
        set_to = f"{order or 'any-order'}+{'any-zone' if zone_s is None else zone_s}"
        return Times(
            day_first=_ORDERS[order],
            zone_s=zone_s,
            languages=languages,
            version="+".join(["1", f"dateparser-{dateparser.__version__}", set_to, *case]),
        )


ENRICHER = _Preparing()


def _foreign(text: str, atoms: list[Atom], languages: tuple[str, ...]) -> list[Atom]:
    """Dates with a month's name that the rules do not know, as dateparser reads them."""
    starts = [atom.start for atom in atoms]  # sorted, and none inside another
    found = []
    for match in _FOREIGN.finditer(text):
        start, end = match.span()
        before = bisect.bisect_left(starts, end) - 1
        if before >= 0 and atoms[before].end > start:
            continue
        month = _month_of(match["month"].lower(), languages)
        day = int(match["day"])
        if month and day:
            what = Day(dates=((int(match["year"]), month, day),))
            found.append(Atom(start=start, end=end, rule="dateparser", what=what))
    return found


@functools.lru_cache(maxsize=20_000)
def _month_of(word: str, languages: tuple[str, ...]) -> int | None:
    """The month a word names in one of the languages (any, if none are given); None for no month."""
    import warnings

    import dateparser

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "DATE_ORDER": "DMY"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = dateparser.parse(f"5 {word} 2001", languages=list(languages), settings=settings)
    except ValueError:  # a language that needs another calendar's reading
        return None
    return read.month if read is not None and (read.year, read.day) == (2001, 5) else None
