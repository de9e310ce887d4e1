"""Which enricher has been over which record, and what it left: done once a version, never twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pastwatch.casefile.papers import Papers
from pastwatch.errors import BadValue
from pastwatch.model.note import Annotation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_AT_ONCE = 10_000
_NAMES_AT_ONCE = 500


class Enriched(NamedTuple):
    """That an enricher has been over a record; `defect` says what was wrong, or is empty."""

    record_id: bytes
    defect: str


class Embedded(NamedTuple):
    """The vectors of some records, one a row: (records, dims)."""

    record_ids: Sequence[bytes]
    vectors: npt.NDArray[np.float32]


class EnrichedPapers(Papers):
    """Annotations are kept together with the note that their records are done: resumable."""

    def add_enriched(
        self,
        enricher: str,
        version: str,
        done: Iterable[Enriched],
        annotations: Iterable[Annotation],
        *,
        at_us: int,
        embedded: Embedded | None = None,
    ) -> int:
        """Keep what an enricher made of some records, whole or not at all; gives how many values.

        Vectors are kept as `add_vectors` keeps them, under the enricher's name and version.
        """
        if embedded is not None and len(embedded.vectors) != len(embedded.record_ids):
            raise BadValue("one vector a record")
        fields = "record_id, kind, value, maker, version, confidence_p, part, start_byte, end_byte, at_us"
        rows = [
            (
                *(a.record_id, a.kind, a.value, a.maker, a.version),
                *(a.confidence_p, a.part, a.start_byte, a.end_byte, at_us),
            )
            for a in annotations
        ]
        with self._change() as change:
            change.executemany(
                "INSERT OR IGNORE INTO enriched (record_id, enricher, version, defect, at_us) "
                "VALUES (?, ?, ?, ?, ?)",
                [(d.record_id, enricher, version, d.defect, at_us) for d in done],
            )
            change.executemany(
                f"INSERT INTO annotations ({fields}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
                rows,
            )
            if embedded is not None and len(embedded.record_ids):
                change.execute(
                    "INSERT INTO vectors (maker, version, dims, record_ids, value) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (
                        *(enricher, version, embedded.vectors.shape[1]),
                        *(b"".join(embedded.record_ids), embedded.vectors.astype("<f2").tobytes()),
                    ),
                )
        return len(rows) + (len(embedded.record_ids) if embedded is not None else 0)

    def enriched_ids(self, enricher: str, version: str) -> set[bytes]:
        """The records an enricher has been over in this version, with or without a defect."""
        rows = self._rows(
            "SELECT record_id FROM enriched WHERE enricher = ? AND version = ?", enricher, version
        )
        return {bytes(row[0]) for row in rows}

    def count_enriched(self) -> list[tuple[str, str, str, int]]:
        """(enricher, version, defect, records), sorted; an empty defect is a record done."""
        rows = self._rows(
            "SELECT enricher, version, defect, count(*) FROM enriched "
            "GROUP BY enricher, version, defect ORDER BY enricher, version, defect"
        )
        return [(str(e), str(v), str(d), int(n)) for e, v, d, n in rows]

    def annotations_about(
        self, record_ids: Sequence[bytes], *, kinds: Sequence[str]
    ) -> dict[bytes, list[Annotation]]:
        """What is kept about some records, of some kinds, in the order it was added."""
        found: dict[bytes, list[Annotation]] = {}
        for at in range(0, len(record_ids), _NAMES_AT_ONCE):
            asked = record_ids[at : at + _NAMES_AT_ONCE]
            ids, names = ",".join("?" * len(asked)), ",".join("?" * len(kinds))
            where = f"record_id IN ({ids}) AND kind IN ({names})"
            rows = self._rows(
                "SELECT record_id, kind, value, maker, version, confidence_p, part, start_byte, "  # noqa: S608 - question marks
                f"end_byte FROM annotations WHERE {where} ORDER BY no",
                *(*asked, *kinds),
            )
            for record_id, kind, value, maker, version, confidence, part, start, end in rows:
                found.setdefault(bytes(record_id), []).append(
                    Annotation(
                        record_id=bytes(record_id),
                        kind=kind,
                        value=value,
                        maker=maker,
                        version=version,
                        confidence_p=confidence,
                        part=part,
                        start_byte=start,
                        end_byte=end,
                    )
                )
        return found

    def annotations_of_kind(
        self, kind: str, *, maker: str | None = None, version: str | None = None
    ) -> Iterator[tuple[bytes, str, int, int | None, int | None]]:
        """Every (record id, value, part, start, end) of a kind, in the order they were added."""
        last = 0
        while True:
            rows = self._rows(
                "SELECT no, record_id, value, part, start_byte, end_byte FROM annotations "
                "WHERE no > ?1 AND kind = ?2 AND (?3 IS NULL OR maker = ?3) "
                "AND (?4 IS NULL OR version = ?4) ORDER BY no LIMIT ?5",
                *(last, kind, maker, version, _AT_ONCE),
            )
            for _, record_id, value, part, start, end in rows:
                yield bytes(record_id), value, part, start, end
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1][0]
