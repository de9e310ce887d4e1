"""What was entered in a case beside its records: claims, actors, exhibits, entries of the timeline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from pastwatch.casefile.papers import Papers, number_of, to_text
from pastwatch.errors import UsageError
from pastwatch.model.plain import to_plain

T = TypeVar("T")

LETTERS = {
    "actor": "a",
    "claim": "c",
    "directory": "d",
    "entry": "e",
    "exhibit": "x",
    "label": "l",
    "track": "k",
    "hypothesis": "y",
    "item": "i",
    "rating": "g",
    "refuter": "t",
    "dissent": "o",
    "question": "u",
    "source-grade": "v",
    "item-grade": "w",
    "scale": "z",
    "negative": "n",
    "sample": "p",
    "rehearsal": "j",
    "edition": "b",
    "copy": "m",
}
"""The kinds of things entered, and the letter that each is named by."""


class Struck(NamedTuple):
    """That something entered no longer stands."""

    by: str
    reason: str
    at_us: int


class Entered(NamedTuple, Generic[T]):
    """A thing entered, with its name (c1, a2 …), and who entered it when."""

    name: str
    value: T
    by: str
    at_us: int
    struck: Struck | None


class EnteredPapers(Papers):
    """Only ever added to: what no longer stands is struck with a reason, and stays on file."""

    def enter(self, kind: str, values: Sequence[Any], *, by: str, at_us: int) -> list[str]:
        """Keep values of the model under a kind of `LETTERS`, all or none; gives their names."""
        letter = LETTERS[kind]
        with self._change() as change:
            ((last,),) = change.execute(
                "SELECT coalesce(max(no), 0) FROM entered WHERE kind = ?", (kind,)
            ).fetchall()
            first = int(last) + 1
            change.executemany(
                "INSERT INTO entered (kind, no, value, by, at_us) VALUES (?, ?, ?, ?, ?)",
                (
                    (kind, number, to_text(to_plain(value)), by, at_us)
                    for number, value in enumerate(values, first)
                ),
            )
        return [f"{letter}{number}" for number in range(first, first + len(values))]

    def entered(self, kind: str, of: type[T], *, struck: bool = False) -> list[Entered[T]]:
        """What stands of a kind, in order; with `struck` also what no longer does."""
        rows = self._rows(
            "SELECT e.no, e.value, e.by, e.at_us, s.by, s.reason, s.at_us FROM entered e "
            "LEFT JOIN struck s ON s.kind = e.kind AND s.no = e.no "
            "WHERE e.kind = ?1 AND (?2 OR s.no IS NULL) ORDER BY e.no",
            *(kind, int(struck)),
        )
        letter = LETTERS[kind]
        return [
            Entered(
                f"{letter}{number}",
                self._read(of, value),
                by,
                at_us,
                Struck(struck_by, reason, struck_us) if struck_us is not None else None,
            )
            for number, value, by, at_us, struck_by, reason, struck_us in rows
        ]

    def strike(self, kind: str, name: str, *, by: str, reason: str, at_us: int) -> None:
        """Say that what was entered no longer stands; UsageError when there is none that does."""
        number = number_of(LETTERS[kind], name)
        with self._change() as change:
            there = change.execute(
                "SELECT 1 FROM entered WHERE kind = ? AND no = ?", (kind, number)
            ).fetchall()
            if not there:
                raise UsageError(f'this case has no {kind} "{name}"')
            cursor = change.execute(
                "INSERT INTO struck (kind, no, by, reason, at_us) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (kind, no) DO NOTHING",
                (kind, number, by, reason, at_us),
            )
            if cursor.rowcount < 1:
                raise UsageError(f"{name} is struck already")

    def entered_raw(self, kind: str, name: str) -> Any:
        """The plain value of one thing entered; UsageError when there is none of that name."""
        number = number_of(LETTERS[kind], name)
        rows = self._rows("SELECT value FROM entered WHERE kind = ? AND no = ?", kind, number)
        if not rows:
            raise UsageError(f'this case has no {kind} "{name}"')
        return json.loads(rows[0][0])
