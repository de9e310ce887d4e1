"""The people's half of a case: what was shown, judged, noted, annotated, found and withdrawn."""

# ruff: noqa: S608 - statements are put together from constants of this file; values are bound

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.casefile.hitruns import ID_BYTES, record_id_of
from pastwatch.casefile.papers import Papers, number_of, to_text
from pastwatch.errors import UsageError
from pastwatch.model.assessment import Finding, Withdrawal
from pastwatch.model.note import Annotation, Code, Judgement, Note
from pastwatch.model.plain import to_plain

_JUDGEMENT = "SELECT record_id, code, reviewer, at_us, note FROM judgements"
_STANDS = "no NOT IN (SELECT no FROM undone)"
_NOTE = "SELECT no, record_id, text, by, at_us, hit_no FROM notes"
_ANNOTATION = (
    "SELECT record_id, kind, value, maker, version, confidence_p, part, start_byte, end_byte "
    "FROM annotations"
)


class KeptAnnotation(NamedTuple):
    """An annotation of the case, with its number and when it was added."""

    annotation_id: str
    at_us: int
    annotation: Annotation


class ReviewPapers(Papers):
    """Only ever added to: a change of mind is one more row, and the last one counts."""

    def add_shown(
        self, record_ids: Iterable[bytes], *, by: str, at_us: int, as_context: bool
    ) -> None:
        """Note records as shown to somebody; call it before the page is handed over."""
        rows = [(record_id, by, at_us, int(as_context)) for record_id in record_ids]
        with self._change() as change:
            change.executemany(
                "INSERT INTO shown (record_id, by, at_us, as_context) VALUES (?, ?, ?, ?)", rows
            )

    def count_shown(self, *, context_only: bool = False) -> int:
        """How many records were ever shown, each once; or those shown as context and no more."""
        distinct = "SELECT count(*) FROM (SELECT 1 FROM shown GROUP BY record_id"
        return self._count(distinct + (" HAVING min(as_context) = 1)" if context_only else ")"))

    def shown_records(self, *, offset: int = 0, limit: int = 1000) -> list[bytes]:
        """A page of the ids of records ever shown, each once, first shown first."""
        rows = self._rows(
            "SELECT record_id FROM shown GROUP BY record_id ORDER BY min(no) LIMIT ? OFFSET ?",
            *(limit, offset),
        )
        return [row[0] for row in rows]

    def was_shown(self, record_id: bytes) -> bool:
        """Whether a record was ever shown in this case."""
        return bool(self._rows("SELECT 1 FROM shown WHERE record_id = ? LIMIT 1", record_id))

    def count_shown_hits(self) -> dict[str, int]:
        """How many records that each search has hit were ever shown, by the search's id."""
        shown = {i for (i,) in self._rows("SELECT DISTINCT record_id FROM shown")}
        beginnings = np.sort(_beginnings(b"".join(shown)))
        counted = {}
        for (query_no,) in self._rows("SELECT DISTINCT query_no FROM hit_runs"):
            runs = self._rows("SELECT record_ids FROM hit_runs WHERE query_no = ?", query_no)
            hit = b"".join(i for (i,) in runs)
            likely = np.flatnonzero(np.isin(_beginnings(hit), beginnings)).tolist()
            counted[f"q{query_no}"] = sum(record_id_of(hit, at) in shown for at in likely)
        return counted

    def add_judgement(self, judgement: Judgement) -> None:
        """Add one reviewer's decision; an earlier one of theirs stays on file."""
        values = (judgement.record_id, judgement.code.value, judgement.reviewer, judgement.at_us)
        with self._change() as change:
            change.execute(
                "INSERT INTO judgements (record_id, code, reviewer, at_us, note) "
                "VALUES (?, ?, ?, ?, ?)",
                (*values, judgement.note),
            )

    def judgements(self, record_id: bytes) -> list[Judgement]:
        """Every decision on a record, in the order they were added."""
        rows = self._rows(f"{_JUDGEMENT} WHERE record_id = ? ORDER BY no", record_id)
        return [_judgement(row) for row in rows]

    def latest_judgements(
        self, record_id: bytes | None = None, *, reviewer: str | None = None
    ) -> list[Judgement]:
        """The last decision that stands of each reviewer on each record, oldest first."""
        where = f"{_STANDS} AND (?1 IS NULL OR record_id = ?1) AND (?2 IS NULL OR reviewer = ?2)"
        last = f"SELECT max(no) FROM judgements WHERE {where} GROUP BY record_id, reviewer"
        rows = self._rows(f"{_JUDGEMENT} WHERE no IN ({last}) ORDER BY no", record_id, reviewer)
        return [_judgement(row) for row in rows]

    def count_reviewed(self) -> int:
        """How many records somebody decided on; one that was only deferred does not count."""
        return self._count(
            f"SELECT count(DISTINCT record_id) FROM judgements WHERE {_STANDS} AND code != ?",
            Code.DEFER.value,
        )

    def add_note(
        self, record_id: bytes, *, text: str, by: str, at_us: int, hit_id: str | None = None
    ) -> str:
        """Write a note beside a record, and a hit on it where one is named; gives its id, as n1."""
        # Made first: its constructor holds the rules.
        note = Note(note_id="", record_id=record_id, text=text, by=by, at_us=at_us, hit_id=hit_id)
        hit_no = None if hit_id is None else number_of("h", hit_id)
        with self._change() as change:
            if hit_no is not None and not self._is_hit(hit_no, record_id):
                raise UsageError(f"{hit_id} is no hit on this record")
            cursor = change.execute(
                "INSERT INTO notes (hit_no, record_id, text, by, at_us) VALUES (?, ?, ?, ?, ?)",
                (hit_no, note.record_id, note.text, note.by, note.at_us),
            )
            return f"n{cursor.lastrowid}"

    def _is_hit(self, hit_no: int, record_id: bytes) -> bool:
        """Whether the hit of that number is one on the record."""
        run = (
            "SELECT first_no, record_ids FROM hit_runs WHERE last_no >= ? ORDER BY last_no LIMIT 1"
        )
        return any(
            record_id_of(record_ids, hit_no - first_no) == record_id
            for first_no, record_ids in self._rows(run, hit_no)
        )

    def notes(self, record_id: bytes | None = None) -> list[Note]:
        """Every note beside a record, or of the whole case, in order."""
        where = "WHERE ?1 IS NULL OR record_id = ?1 ORDER BY no"
        return [_note(row) for row in self._rows(f"{_NOTE} {where}", record_id)]

    def add_finding(self, finding: Finding) -> str:
        """Keep a finding under the next id of the case, as f1; the id it came with is not kept."""
        with self._change() as change:
            number = self._count("SELECT coalesce(max(no), 0) + 1 FROM findings")
            kept = dataclasses.replace(finding, finding_id=f"f{number}")
            change.execute(
                "INSERT INTO findings (no, value) VALUES (?, ?)", (number, to_text(to_plain(kept)))
            )
            return kept.finding_id

    def finding(self, finding_id: str) -> Finding:
        """One finding by its id, withdrawn or not; UsageError when there is none."""
        rows = self._rows("SELECT value FROM findings WHERE no = ?", number_of("f", finding_id))
        if not rows:
            raise UsageError(f"this case has no finding {finding_id}")
        return self._read(Finding, rows[0][0])

    def findings(self, *, with_withdrawn: bool = False) -> list[Finding]:
        """The findings that stand, in order; the withdrawn ones too where asked."""
        standing = "" if with_withdrawn else "WHERE no NOT IN (SELECT no FROM withdrawals)"
        rows = self._rows(f"SELECT value FROM findings {standing} ORDER BY no")
        return [self._read(Finding, row[0]) for row in rows]

    def retract(self, finding_id: str, *, by: str, reason: str, at_us: int) -> None:
        """Withdraw a finding; it stays on file with who withdrew it and why."""
        withdrawal = Withdrawal(finding_id=finding_id, by=by, reason=reason, at_us=at_us)
        with self._change() as change:
            self.finding(finding_id)
            cursor = change.execute(
                "INSERT INTO withdrawals (no, by, reason, at_us) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (no) DO NOTHING",
                (number_of("f", finding_id), withdrawal.by, withdrawal.reason, withdrawal.at_us),
            )
            if cursor.rowcount < 1:
                raise UsageError(f"finding {finding_id} is withdrawn already")

    def withdrawals(self) -> list[Withdrawal]:
        """Every withdrawal of the case, by the order of their findings."""
        rows = self._rows("SELECT no, by, reason, at_us FROM withdrawals ORDER BY no")
        return [
            Withdrawal(finding_id=f"f{no}", by=by, reason=reason, at_us=at_us)
            for no, by, reason, at_us in rows
        ]

    def add_annotations(self, annotations: Iterable[Annotation], *, at_us: int) -> int:
        """Keep what a program or person derived from records; gives how many were added."""
        fields = [field.name for field in dataclasses.fields(Annotation)]
        rows = [(*(getattr(a, name) for name in fields), at_us) for a in annotations]
        names, marks = ", ".join([*fields, "at_us"]), ", ".join("?" * (len(fields) + 1))
        with self._change() as change:
            change.executemany(f"INSERT INTO annotations ({names}) VALUES ({marks})", rows)
        return len(rows)

    def annotations(
        self, record_id: bytes, *, kind: str | None = None, version: str | None = None
    ) -> list[KeptAnnotation]:
        """The annotations of a record in the order they were added, of every version or of one."""
        sql = _ANNOTATION.replace("SELECT ", "SELECT no, at_us, ", 1)
        where = "record_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR version = ?3)"
        rows = self._rows(f"{sql} WHERE {where} ORDER BY no", record_id, kind, version)
        return [_annotation(row) for row in rows]


def _beginnings(record_ids: bytes) -> npt.NDArray[np.uint64]:
    """The first eight bytes of each id, to be compared at once."""
    return np.frombuffer(record_ids, np.uint64)[:: ID_BYTES // 8]


def _judgement(row: tuple[Any, ...]) -> Judgement:
    record_id, code, reviewer, at_us, note = row
    return Judgement(
        record_id=record_id, code=Code(code), reviewer=reviewer, at_us=at_us, note=note
    )


def _note(row: tuple[Any, ...]) -> Note:
    no, record_id, text, by, at_us, hit_no = row
    hit_id = None if hit_no is None else f"h{hit_no}"
    return Note(note_id=f"n{no}", record_id=record_id, text=text, by=by, at_us=at_us, hit_id=hit_id)


def _annotation(row: tuple[Any, ...]) -> KeptAnnotation:
    no, at_us, record_id, kind, value, maker, version, confidence_p, part, start, end = row
    annotation = Annotation(
        record_id=record_id,
        kind=kind,
        value=value,
        maker=maker,
        version=version,
        confidence_p=confidence_p,
        part=part,
        start_byte=start,
        end_byte=end,
    )
    return KeptAnnotation(f"a{no}", at_us, annotation)
