"""Parquet: typed tables that pyarrow and DuckDB read back to the same values."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet as reader

from pastwatch.ports import Export
from pastwatch.stages.export import parquet
from pastwatch.stages.export.parquet import EXPORT, FILES
from pastwatch.stages.export.parquet_columns import FINDINGS, PARTIES, RECORDS
from pastwatch.stages.export.taken import Taken


def plain(value: Any) -> Any:
    """A value as JSON holds it: bytes in hex, moments in ISO 8601."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(held) for key, held in value.items()}
    return [plain(held) for held in value] if isinstance(value, (list, tuple)) else value


def shown(folder: Path) -> bytes:
    """All tables as text: the schema with what each column says, then the rows."""
    made = {}
    for name in FILES:
        table = reader.read_table(folder / name)
        about = {key.decode(): held.decode() for key, held in table.schema.metadata.items()}
        columns = [
            [field.name, str(field.type), field.metadata[b"says"].decode()]
            for field in table.schema
        ]
        rows = [plain(row) for row in table.to_pylist()]
        made[name] = {"about": about, "columns": columns, "rows": rows}
    return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()


def test_the_golden_tables_are_read_back_as_they_were_kept(
    taken: Callable[..., Taken], golden: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    golden("parquet.json", shown(tmp_path))
    assert isinstance(EXPORT, Export)


def test_the_same_input_gives_the_same_bytes(taken: Callable[..., Taken], tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made = EXPORT.write(taken(), tmp_path / name)
        assert sorted(one.name for one in (tmp_path / name).iterdir()) == list(made.files)
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_words_ids_and_times_come_back_exactly(taken: Callable[..., Taken], tmp_path: Path) -> None:
    EXPORT.write(taken(), tmp_path)
    rows = reader.read_table(tmp_path / "records.parquet").to_pylist()
    for one, row in zip(taken().records, rows, strict=True):
        record, claimed = one.record, one.record.envelope.claimed
        assert (row["text"], row["record_id"]) == (record.text, record.record_id)
        assert row["source_sha256"] == record.source_sha256
        assert [part["sha256"] for part in row["parts"]] == [part.sha256 for part in record.parts]
        assert (row["earliest"] is None) == (claimed is None)
    exact = reader.read_table(tmp_path / "records.parquet", columns=["earliest", "latest"])
    stored = exact["latest"].cast(pa.int64()).to_pylist()
    assert stored == [
        c and c.latest_us for c in (o.record.envelope.claimed for o in taken().records)
    ]


def test_columns_of_few_words_are_stored_as_dictionaries_and_all_is_zstd(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    EXPORT.write(taken(), tmp_path)
    file = reader.ParquetFile(tmp_path / "records.parquet")
    words = [field.name for field in file.schema_arrow if pa.types.is_dictionary(field.type)]
    assert words == ["source", "medium", "kind", "basis", "area"]
    group = file.metadata.row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}


def test_many_records_are_written_in_groups_and_none_is_lost(
    taken: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 4)
    EXPORT.write(taken(), tmp_path)
    file = reader.ParquetFile(tmp_path / "records.parquet")
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sizes == [4, 4, 4, 3]
    assert file.read()["number"].to_pylist() == list(range(1, 16))


def test_many_words_end_a_group_before_it_is_full(
    taken: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(parquet, "GROUP_BYTES", 60)
    EXPORT.write(taken(), tmp_path)
    assert reader.ParquetFile(tmp_path / "records.parquet").num_row_groups == 4


def test_duckdb_reads_records_and_joins_them_with_parties(
    taken: Callable[..., Taken], reference: Callable[[str], Any], tmp_path: Path
) -> None:
    duckdb = reference("duckdb")
    EXPORT.write(taken(), tmp_path)
    records, parties = tmp_path / "records.parquet", tmp_path / "parties.parquet"
    with duckdb.connect() as base:
        found = base.execute(
            f"SELECT p.names[1], count(*) FROM '{records}' r JOIN '{parties}' p "  # noqa: S608 - own paths
            "ON r.medium = p.medium AND r.sender.address = p.address "
            "WHERE r.kind = 'said' GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
        hexed = base.execute(f"SELECT lower(hex(record_id)) FROM '{records}'").fetchall()  # noqa: S608 - own path
    assert dict(found)["Anna Lindt"] == 3
    assert [row[0] for row in hexed] == [one.record.record_id.hex() for one in taken().records]


def test_an_export_of_nothing_has_its_columns_all_the_same(
    taken: Callable[..., Taken], tmp_path: Path
) -> None:
    made = EXPORT.write(taken(records=iter(()), findings=(), record_count=0), tmp_path)
    assert dict(made.counts) == {"records": 0, "parties": 0, "findings": 0}
    assert reader.read_table(tmp_path / "records.parquet").num_columns == 30


def test_what_stays_behind_is_counted(taken: Callable[..., Taken], tmp_path: Path) -> None:
    left = {one.what: one.count for one in EXPORT.write(taken(), tmp_path).left_out}
    assert left == {"attachments' bytes": 3, "actors": 1}


def test_pseudonymous_tables_show_no_name_in_any_value(
    masked: Callable[[], Taken], original_words: tuple[str, ...], tmp_path: Path
) -> None:
    EXPORT.write(masked(), tmp_path)
    made = shown(tmp_path).decode()
    raw = b"".join((tmp_path / name).read_bytes() for name in FILES)
    assert [word for word in original_words if word in made or word.encode() in raw] == []
    rows = reader.read_table(tmp_path / "records.parquet").to_pylist()
    assert {row["source_sha256"] for row in rows} == {None}
    assert {row["is_masked"] for row in rows} == {True}


def test_every_column_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "exports.md").read_text(encoding="utf-8")
    section = page.split("\n## Parquet\n")[1]
    names = [column.name for table in (RECORDS, PARTIES, FINDINGS) for column in table]
    assert [name for name in names if f"`{name}`" not in section] == []
