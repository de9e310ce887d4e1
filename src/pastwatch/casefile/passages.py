"""What was heard in recorded speech: transcripts and translations, by persons and by machines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from pastwatch.casefile.papers import Papers, number_of, to_text
from pastwatch.errors import UsageError
from pastwatch.model.passage import Passage, PassageKind

_PASSAGE = (
    "SELECT no, record_id, part, start_ms, end_ms, kind, language, text, maker, person, "
    "qualification, version, about_no, blind, facts, at_us FROM passages"
)


class KeptPassage(NamedTuple):
    """A passage of the case, with its number and when it was added."""

    number: int
    at_us: int
    passage: Passage

    @property
    def passage_id(self) -> str:
        """Its name, as p1."""
        return f"p{self.number}"


class PassagePapers(Papers):
    """Only ever added to: a better transcript is one more passage, and a person's counts first."""

    def add_passage(self, passage: Passage, *, at_us: int) -> int:
        """Keep what somebody or something heard; gives its number."""
        return self.add_passages([passage], at_us=at_us)[0]

    def add_passages(self, passages: Iterable[Passage], *, at_us: int) -> list[int]:
        """Keep several passages, all or none of them; gives their numbers, in order."""
        numbers = []
        with self._change() as change:
            for passage in passages:
                cursor = change.execute(
                    "INSERT INTO passages (record_id, part, start_ms, end_ms, kind, language, "
                    "text, maker, person, qualification, version, about_no, blind, facts, at_us) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(passage.record_id, passage.part, passage.start_ms, passage.end_ms),
                        *(passage.kind.value, passage.language, passage.text, passage.maker),
                        *(int(passage.person), passage.qualification, passage.version),
                        *(passage.about, int(passage.blind), to_text(dict(passage.facts)), at_us),
                    ),
                )
                numbers.append(int(cursor.lastrowid or 0))
        return numbers

    def passage(self, name: str) -> KeptPassage:
        """A passage by its name, p1, p2 …; UsageError when there is none."""
        rows = self._rows(f"{_PASSAGE} WHERE no = ?", number_of("p", name))
        if not rows:
            raise UsageError(f'this case has no passage "{name}"')
        return _passage(rows[0])

    def passages(self, record_id: bytes | None = None) -> list[KeptPassage]:
        """The passages of a record, or of the whole case, in the order they were added."""
        where = "WHERE ?1 IS NULL OR record_id = ?1 ORDER BY no"
        return [_passage(row) for row in self._rows(f"{_PASSAGE} {where}", record_id)]


def _passage(row: tuple[Any, ...]) -> KeptPassage:
    number, record_id, part, start, end, kind, language, text, maker, person = row[:10]
    qualification, version, about, blind, facts, at_us = row[10:]
    passage = Passage(
        record_id=record_id,
        part=part,
        start_ms=start,
        end_ms=end,
        kind=PassageKind(kind),
        language=language,
        text=text,
        maker=maker,
        person=bool(person),
        qualification=qualification,
        version=version,
        about=about,
        blind=bool(blind),
        facts=json.loads(facts),
    )
    return KeptPassage(number, at_us, passage)
