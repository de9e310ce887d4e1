"""Parquet: records, parties and findings as three tables of typed columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa
from pyarrow import parquet

from pastwatch.model.party import Actor
from pastwatch.stages.export.findings import Graded, item_words
from pastwatch.stages.export.parquet_columns import (
    FINDINGS,
    PARTIES,
    RECORDS,
    Column,
    FindingRow,
    PartyRow,
    RecordRow,
    table_schema,
)
from pastwatch.stages.export.parties import Register
from pastwatch.stages.export.taken import Exported, Taken
from pastwatch.stages.export.writing import Tally
from pastwatch.storage.durable import NewFile

FILES: Final = ("findings.parquet", "parties.parquet", "records.parquet")
GROUP_ROWS: Final = 8_192
GROUP_BYTES: Final = 32 << 20
"""A row group ends at so many rows or so many bytes of words, whichever comes first."""

Row = TypeVar("Row")


class Parquet:
    """Parquet: tables of records, parties and findings, for DuckDB, pandas, Arrow and others."""

    name = "parquet"

    def write(self, taken: Taken, folder: Path) -> Exported:
        """Write three files; of the records no more than a row group is in memory at once."""
        tally, graded = Tally(), Graded(taken)
        here: set[bytes] = set()
        schema = {
            "pastwatch.archive_id": taken.archive_id,
            "pastwatch.case_id": taken.case_id,
            "pastwatch.basis": taken.basis,
        }
        with Register() as register:
            rows = _record_rows(taken, graded, register, here, tally)
            records = _table(folder / FILES[2], RECORDS, rows, schema, weigh=_words_bytes)
            parties = _table(
                folder / FILES[1], PARTIES, _party_rows(taken, register, tally), schema
            )
        findings = _table(folder / FILES[0], FINDINGS, _finding_rows(taken, graded, here), schema)
        gaps = sum(len(f.coverage.gaps) for f in taken.findings if f.coverage)
        tally.leave("gaps of coverages", "the row of a finding counts them", gaps)
        counts = (("records", records), ("parties", parties), ("findings", findings))
        return Exported(files=FILES, counts=counts, left_out=tally.left())


def _record_rows(
    taken: Taken, graded: Graded, register: Register, here: set[bytes], tally: Tally
) -> Iterator[RecordRow]:
    wanted = {c.record_id for finding in taken.findings for c in finding.citations}
    for one in taken.records:
        register.note(one.record, is_masked=one.is_masked)
        if one.record.record_id in wanted:
            here.add(one.record.record_id)
        tally.leave("attachments' bytes", "a row names and describes them", len(one.record.parts))
        yield RecordRow(one, graded.words(one))


def _party_rows(taken: Taken, register: Register, tally: Tally) -> Iterator[PartyRow]:
    argued: dict[tuple[str, str], list[Actor]] = {}
    for actor in taken.actors:
        for account in actor.accounts:
            argued.setdefault((account.medium, account.address), []).append(actor)
    here: set[str] = set()
    for row in register.accounts():
        actors = argued.get((row.key.medium, row.key.address), [])
        here.update(actor.actor_id for actor in actors)
        said = [f"{actor.label}: {actor.basis}" for actor in actors]
        yield PartyRow(row, row.key.stable(taken.archive_id), said)
    missing = len({actor.actor_id for actor in taken.actors} - here)
    tally.leave("actors", "none of their accounts is in this export", missing)


def _finding_rows(taken: Taken, graded: Graded, here: set[bytes]) -> Iterator[FindingRow]:
    for finding in taken.findings:
        grades = [item_words(item) for item in graded.items.get(finding.finding_id, [])]
        yield FindingRow(finding, here, grades)


def _words_bytes(row: RecordRow) -> int:
    """About how much memory a record's words take in its row group."""
    record = row.one.record
    texts = len(record.text) + sum(len(part.text) for part in record.parts)
    return texts + len(row.one.original or b"")


def _table(
    path: Path,
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    about: dict[str, str],
    *,
    weigh: Callable[[Row], int] = lambda _: 0,
) -> int:
    """Write rows as one file, a row group at a time; how many there were."""
    schema = table_schema(columns, about)
    count = 0
    with (
        NewFile(path) as file,
        parquet.ParquetWriter(_Sink(file), schema, compression="zstd") as to,
    ):
        for group in _groups(rows, weigh):
            count += len(group)
            arrays = [pa.array([c.value(row) for row in group], c.type) for c in columns]
            to.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=GROUP_ROWS)
    return count


def _groups(rows: Iterable[Row], weigh: Callable[[Row], int]) -> Iterator[list[Row]]:
    group: list[Row] = []
    weight = 0
    for row in rows:
        group.append(row)
        weight += weigh(row)
        if len(group) >= GROUP_ROWS or weight >= GROUP_BYTES:
            yield group
            group, weight = [], 0
    if group:
        yield group


class _Sink:
    """A new file as pyarrow writes to it."""

    def __init__(self, file: NewFile) -> None:
        self._file = file
        self.closed = False

    def write(self, data: Any) -> int:
        self._file.write(memoryview(data))
        return len(data)

    def tell(self) -> int:
        return self._file.written_bytes

    def flush(self) -> None:
        """Leave it be: the file flushes itself."""

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


EXPORT = Parquet()
