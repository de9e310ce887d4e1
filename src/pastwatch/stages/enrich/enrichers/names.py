"""Names of people and bodies in a text: by model where one is installed, by rule for the rest."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.stages.enrich.enrichers.bytespans import Marker, texts_of
from pastwatch.stages.enrich.enrichers.names_models import (
    ORGANISATION,
    PERSON,
    Found,
    Tagger,
    language_of,
    taggers,
)
from pastwatch.stages.enrich.enrichers.names_rules import parties_in, runs_in, titled_in

NAME = "name"
"""Of somebody or something: capitals in a row, which say no more."""
CUT = "names-cut"
"""Of a part that the model read only the beginning of: how many characters it read, of how many."""

__all__ = ["CUT", "ENRICHER", "NAME", "ORGANISATION", "PERSON", "Names"]

FIRST_LETTERS = 400
_LANGUAGES = ("en", "fr", "ru")
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class _Text:
    record: Record
    part: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Finds names of people, bodies, and what only looks like a name.

    A model reads the first `first_letters` characters of each part; beyond them, and in languages
    without a model, rules go on: a title before it and a party of the record by name make a
    `person`, capitals in a row a `name`, which says no more.
    """

    version: str
    models: Mapping[str, Tagger] = field(default_factory=dict)
    first_letters: int = FIRST_LETTERS
    name: str = "names"

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield names in record order, by part and place."""
        for some in _runs(records):
            texts = [_Text(r, part, text) for r in some for part, text in texts_of(r)]
            by_model = self._by_model(texts)
            for at, text in enumerate(texts):
                yield from self._of(text, by_model.get(at))

    def _by_model(self, texts: Sequence[_Text]) -> dict[int, list[Found]]:
        """What the models found, by the place of the text; texts of one language go together."""
        of: dict[str, list[int]] = {}
        for at, text in enumerate(texts):
            language = language_of(text.text)
            if language in self.models and text.text.strip():
                of.setdefault(str(language), []).append(at)
        found: dict[int, list[Found]] = {}
        for language, places in of.items():
            model = self.models[language]
            starts = [self._start(texts[at].text) for at in places]
            found.update(zip(places, model.find(starts), strict=True))
        return found

    def _start(self, text: str) -> str:
        """The beginning of a text, cut at the last space before the limit."""
        if len(text) <= self.first_letters:
            return text
        start = text[: self.first_letters]
        return start[: start.rfind(" ")] if start.rfind(" ") > 0 else start

    def _of(self, given: _Text, by_model: list[Found] | None) -> Iterator[Annotation]:
        record, part, text = given.record, given.part, given.text
        marker = Marker(record, part, text, maker=self.name, version=self.version)
        read = 0
        taken: list[tuple[int, int]] = []
        if by_model is not None:
            read = len(self._start(text))
            for kind, name, start, _ in by_model:
                value, end = _trimmed(name, start)
                if value:
                    taken.append((start, end))
                    yield marker.mark(kind, value, start, end)
            if read < len(text):
                yield marker.mark(CUT, f'{{"read":{read},"of":{len(text)}}}', 0, read)
        parties = [*record.recipients, *([record.sender] if record.sender else [])]
        found = [(PERSON, *f) for f in parties_in(text, (p.name for p in parties))]
        found += [(PERSON, *f) for f in titled_in(text)]
        found += [(NAME, *f) for f in runs_in(text) if f[1] >= read]
        for kind, name, start, end in _apart(found, taken):
            yield marker.mark(kind, " ".join(name.split()), start, end)


class _Preparing:
    name = "names"

    def setup(self, options: Mapping[str, Any]) -> Names:
        """Names by the models installed for the case's languages (`models`: en,fr,ru or none)."""
        asked = str(options.get("models") or "")
        wanted: Sequence[str] = [] if asked == "none" else [m for m in asked.split(",") if m]
        if not asked:
            case = [str(code) for code in options.get("languages") or ()]
            wanted = [language for language in _LANGUAGES if not case or language in case]
        letters = str(options.get("letters") or FIRST_LETTERS)
        if not letters.isdecimal() or not int(letters):
            raise UsageError("how many letters a model reads is a whole number")
        models = taggers(wanted, asked=bool(asked))
        makers = [models[language].maker for language in sorted(models)]
        digest = hashlib.sha256("\n".join(makers).encode()).hexdigest()
        known = [models[language].model for language in sorted(models)]
        version = "+".join(["1", *known, f"sha256-{digest}", f"first-{letters}"])
        return Names(
            version=version if models else "1+rules", models=models, first_letters=int(letters)
        )


ENRICHER = _Preparing()


def _trimmed(name: str, start: int) -> tuple[str, int]:
    """A name, and where it ends, without what a model takes in behind it: a line, a possessive."""
    line = name.split("\n", maxsplit=1)[0]
    for tail in ("'s", "’s"):
        line = line.removesuffix(tail)
    kept = line.rstrip(" .,;:-\r\t")
    return " ".join(kept.split()), start + len(kept)


def _apart(found: Iterable[Found], taken: Iterable[tuple[int, int]]) -> Iterator[Found]:
    """What lies in nothing taken already, longer names first at one place."""
    held = sorted(taken)
    at, reached = 0, -1
    for kind, name, start, end in sorted(found, key=lambda f: (f[2], -f[3], f[0] != PERSON)):
        while at < len(held) and held[at][1] <= start:
            at += 1
        if start < reached or (at < len(held) and held[at][0] < end):
            continue
        reached = end
        yield kind, name, start, end


def _runs(records: Iterable[Record]) -> Iterator[tuple[Record, ...]]:
    given = iter(records)
    while some := tuple(itertools.islice(given, _AT_ONCE)):
        yield some
