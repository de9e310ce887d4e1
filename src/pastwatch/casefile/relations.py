"""What was argued to bear on what: links with their maker and reason, each of which can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from pastwatch.casefile.papers import Papers, number_of, to_text
from pastwatch.errors import UsageError
from pastwatch.model.plain import to_plain
from pastwatch.model.relation import Relation


class Undoing(NamedTuple):
    """That a relation no longer holds."""

    by: str
    reason: str
    at_us: int


class KeptRelation(NamedTuple):
    """A relation of the case, with who kept it when, and whether it was undone."""

    relation: Relation
    by: str
    at_us: int
    undoing: Undoing | None


class RelationPapers(Papers):
    """Only ever added to: a relation undone stays on file, and no longer counts."""

    def relate(self, relations: Iterable[Relation], *, by: str, at_us: int) -> list[str]:
        """Keep relations, all or none; gives their names (r1, r2)."""
        names = []
        with self._change() as change:
            for one in relations:
                cursor = change.execute(
                    "INSERT INTO relations (kind, from_id, to_id, value, by, at_us) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (one.kind, one.from_id, one.to_id, to_text(to_plain(one)), by, at_us),
                )
                names.append(f"r{cursor.lastrowid}")
        return names

    def relations(
        self, kind: str | None = None, *, of: str | None = None, undone: bool = False
    ) -> list[KeptRelation]:
        """The relations that stand, in order: all, of one kind, or those that join one thing."""
        rows = self._rows(
            "SELECT r.no, r.value, r.by, r.at_us, u.by, u.reason, u.at_us FROM relations r "
            "LEFT JOIN relations_undone u ON u.no = r.no "
            "WHERE (?1 IS NULL OR r.kind = ?1) AND (?2 IS NULL OR ?2 IN (r.from_id, r.to_id)) "
            "AND (?3 OR u.no IS NULL) ORDER BY r.no",
            *(kind, of, int(undone)),
        )
        found = []
        for number, value, by, at_us, undone_by, reason, undone_us in rows:
            gone = Undoing(undone_by, reason, undone_us) if undone_us is not None else None
            relation = replace(
                self._read(Relation, value), relation_id=f"r{number}", undone=gone is not None
            )
            found.append(KeptRelation(relation, by, at_us, gone))
        return found

    def unrelate(self, name: str, *, by: str, reason: str, at_us: int) -> None:
        """Undo a relation, with the reason; UsageError when there is none that stands."""
        number = number_of("r", name)
        with self._change() as change:
            if not change.execute("SELECT 1 FROM relations WHERE no = ?", (number,)).fetchall():
                raise UsageError(f'this case has no relation "{name}"')
            cursor = change.execute(
                "INSERT INTO relations_undone (no, by, reason, at_us) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (no) DO NOTHING",
                (number, by, reason, at_us),
            )
            if cursor.rowcount < 1:
                raise UsageError(f"{name} is undone already")
