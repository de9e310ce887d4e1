"""The loop of review: codes, tags, how judgements came about, random draws, and decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pastwatch.casefile.papers import to_text
from pastwatch.casefile.review import ReviewPapers
from pastwatch.errors import UsageError
from pastwatch.model.note import Code, Judgement, Mode

Plain = Mapping[str, Any]

_CLAIMS = "review_claims"


class Drawn(NamedTuple):
    """A record of a draw: its stratum, and the chance that it had of being drawn."""

    record_id: bytes
    stratum: int
    chance_p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A random draw as it was laid down before its first record was read."""

    number: int
    purpose: str
    design: Plain
    seed: bytes
    population: int
    by: str
    at_us: int


class Decision(NamedTuple):
    """What was decided, and on which figures."""

    number: int
    kind: str
    value: Plain
    by: str
    at_us: int


class Judged(NamedTuple):
    """A judgement with its number, how it came about, and the case's own codes on it."""

    number: int
    judgement: Judgement
    mode: Mode
    draw: int | None
    rank: int | None
    codes: tuple[str, ...]


class ReviewingPapers(ReviewPapers):
    """Only ever added to, as all of a case: what is undone stays on file, and no longer counts."""

    def judge(
        self,
        judgement: Judgement,
        *,
        mode: Mode,
        draw: int | None = None,
        rank: int | None = None,
        codes: Sequence[str] = (),
    ) -> int:
        """Add a reviewer's decision with how the record came to them; gives its number."""
        return self.judge_all([judgement], mode=mode, draw=draw, rank=rank, codes=codes)[0]

    def judge_all(
        self,
        judgements: Sequence[Judgement],
        *,
        mode: Mode,
        draw: int | None = None,
        rank: int | None = None,
        codes: Sequence[str] = (),
    ) -> list[int]:
        """Add decisions that were taken together, all of them or none; gives their numbers."""
        numbers = []
        with self._change() as change:
            known = {row[0] for row in change.execute("SELECT code FROM codes").fetchall()}
            unknown = sorted(set(codes) - known)
            if unknown:
                raise UsageError(
                    f'this case has no code "{unknown[0]}"', hint=", ".join(sorted(known)) or None
                )
            for one in judgements:
                cursor = change.execute(
                    "INSERT INTO judgements (record_id, code, reviewer, at_us, note) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (one.record_id, one.code.value, one.reviewer, one.at_us, one.note),
                )
                numbers.append(int(cursor.lastrowid or 0))
                change.execute(
                    "INSERT INTO judged_as (no, mode, draw_no, rank, codes) VALUES (?, ?, ?, ?, ?)",
                    (numbers[-1], mode.value, draw, rank, to_text(list(codes))),
                )
        return numbers

    def undo(self, number: int, *, by: str, at_us: int) -> None:
        """Take one's own judgement back; UsageError when there is none, or it is undone already."""
        with self._change() as change:
            rows = change.execute(
                "SELECT reviewer FROM judgements WHERE no = ?", (number,)
            ).fetchall()
            if not rows or rows[0][0] != by:
                raise UsageError(f"you have no judgement {number} to take back")
            cursor = change.execute(
                "INSERT INTO undone (no, by, at_us) VALUES (?, ?, ?) ON CONFLICT (no) DO NOTHING",
                (number, by, at_us),
            )
            if cursor.rowcount < 1:
                raise UsageError(f"judgement {number} is taken back already")

    def judged(self, *, reviewer: str | None = None, since: int = 0) -> list[Judged]:
        """Every judgement that stands, oldest first, later ones on the same record among them."""
        rows = self._rows(
            "SELECT j.no, record_id, code, reviewer, at_us, note, mode, draw_no, rank, codes "
            "FROM judgements j LEFT JOIN judged_as a ON a.no = j.no "
            "WHERE j.no > ?1 AND (?2 IS NULL OR reviewer = ?2) "
            "AND j.no NOT IN (SELECT no FROM undone) ORDER BY j.no",
            *(since, reviewer),
        )
        return [_judged(row) for row in rows]

    def undone_ids(self) -> set[int]:
        """The numbers of the judgements that were taken back."""
        return {int(row[0]) for row in self._rows("SELECT no FROM undone")}

    def claims(self, *, since_us: int, but_of: str) -> set[bytes]:
        """The records that others have before them since then."""
        return {
            bytes.fromhex(record)
            for person, (record, at_us) in self._claims().items()
            if person != but_of and at_us >= since_us
        }

    def claim(
        self, record_id: bytes, *, by: str, at_us: int, since_us: int, judged_to: int
    ) -> bool:
        """Take a record before oneself; False when another has it, or judged it after `judged_to`."""
        with self._change() as change:
            later = (
                "SELECT 1 FROM judgements WHERE record_id = ? AND no > ? "
                "AND no NOT IN (SELECT no FROM undone) LIMIT 1"
            )
            if change.execute(later, (record_id, judged_to)).fetchall():
                return False
            if record_id in self.claims(since_us=since_us, but_of=by):
                return False
            claims = {**self._claims(), by: [record_id.hex(), at_us]}
            change.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_CLAIMS, to_text(claims)),
            )
            return True

    def _claims(self) -> dict[str, list[Any]]:
        rows = self._rows("SELECT value FROM settings WHERE name = ?", _CLAIMS)
        return dict(json.loads(rows[0][0])) if rows else {}

    def protected_ids(self) -> set[bytes]:
        """Records somebody judged protected, and nobody took that back: nothing may touch them."""
        rows = self._rows(
            "SELECT DISTINCT record_id FROM judgements WHERE code = ? "
            "AND no NOT IN (SELECT no FROM undone)",
            Code.PROTECTED.value,
        )
        return {bytes(row[0]) for row in rows}

    def add_code(self, code: str, title: str, *, by: str, at_us: int) -> None:
        """Add a code of the case's own; UsageError when it is taken."""
        with self._change() as change:
            cursor = change.execute(
                "INSERT INTO codes (code, title, by, at_us) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (code) DO NOTHING",
                (code, title, by, at_us),
            )
            if cursor.rowcount < 1:
                raise UsageError(f'this case has a code "{code}" already')

    def codes(self) -> dict[str, str]:
        """The case's own codes with their titles, in the order they were added."""
        return {str(c): str(t) for c, t in self._rows("SELECT code, title FROM codes ORDER BY no")}

    def tag(
        self, record_id: bytes, tag: str, *, by: str, at_us: int, taken_off: bool = False
    ) -> None:
        """Put a tag on a record, or take it off."""
        with self._change() as change:
            change.execute(
                "INSERT INTO tags (record_id, tag, taken_off, by, at_us) VALUES (?, ?, ?, ?, ?)",
                (record_id, tag, int(taken_off), by, at_us),
            )

    def tags(self, record_id: bytes | None = None) -> dict[bytes, tuple[str, ...]]:
        """The tags that stand, by record."""
        rows = self._rows(
            "SELECT record_id, tag, taken_off FROM tags WHERE no IN (SELECT max(no) FROM tags "
            "WHERE ?1 IS NULL OR record_id = ?1 GROUP BY record_id, tag) ORDER BY no",
            record_id,
        )
        found: dict[bytes, list[str]] = {}
        for record, tag, taken_off in rows:
            if not taken_off:
                found.setdefault(bytes(record), []).append(tag)
        return {record: tuple(tags) for record, tags in found.items()}

    def add_draw(
        self,
        purpose: str,
        drawn: Iterable[Drawn],
        *,
        design: Plain,
        seed: bytes,
        population: int,
        by: str,
        at_us: int,
    ) -> int:
        """Keep a random draw whole, before its first record is read; gives its number."""
        with self._change() as change:
            cursor = change.execute(
                "INSERT INTO draws (purpose, design, seed, population, by, at_us) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (purpose, to_text(dict(design)), seed, population, by, at_us),
            )
            number = int(cursor.lastrowid or 0)
            change.executemany(
                "INSERT INTO drawn (draw_no, place, record_id, stratum, chance_p) "
                "VALUES (?, ?, ?, ?, ?)",
                ((number, place, *one) for place, one in enumerate(drawn)),
            )
            return number

    def draws(self, purpose: str | None = None) -> list[Draw]:
        """The draws of the case, or those of one purpose, in order."""
        rows = self._rows(
            "SELECT no, purpose, design, seed, population, by, at_us FROM draws "
            "WHERE ?1 IS NULL OR purpose = ?1 ORDER BY no",
            purpose,
        )
        return [
            Draw(
                number=no,
                purpose=purpose_,
                design=json.loads(design),
                seed=bytes(seed),
                population=population,
                by=by,
                at_us=at_us,
            )
            for no, purpose_, design, seed, population, by, at_us in rows
        ]

    def drawn(self, number: int) -> list[Drawn]:
        """The records of a draw, in the order they were drawn."""
        rows = self._rows(
            "SELECT record_id, stratum, chance_p FROM drawn WHERE draw_no = ? ORDER BY place",
            number,
        )
        return [Drawn(bytes(r), int(s), float(p)) for r, s, p in rows]

    def decide(self, kind: str, value: Plain, *, by: str, at_us: int) -> int:
        """Keep a decision with the figures it rests on; gives its number."""
        with self._change() as change:
            cursor = change.execute(
                "INSERT INTO decisions (kind, value, by, at_us) VALUES (?, ?, ?, ?)",
                (kind, to_text(dict(value)), by, at_us),
            )
            return int(cursor.lastrowid or 0)

    def decisions(self, kind: str | None = None) -> list[Decision]:
        """The decisions of the case, or those of one kind, in order."""
        rows = self._rows(
            "SELECT no, kind, value, by, at_us FROM decisions "
            "WHERE ?1 IS NULL OR kind = ?1 ORDER BY no",
            kind,
        )
        return [Decision(no, k, json.loads(v), by, at_us) for no, k, v, by, at_us in rows]


def _judged(row: tuple[Any, ...]) -> Judged:
    no, record_id, code, reviewer, at_us, note, mode, draw, rank, codes = row
    judgement = Judgement(
        record_id=record_id, code=Code(code), reviewer=reviewer, at_us=at_us, note=note
    )
    kept = tuple(json.loads(codes)) if codes else ()
    return Judged(no, judgement, Mode(mode or Mode.CHOSEN.value), draw, rank, kept)
