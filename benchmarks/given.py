"""The parsed columns every peer is given: read once by this project's connectors, kept as Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.inputs import Input
from pastwatch import plugins
from pastwatch.model.batch import Batch

NAMES = ("id", "sender", "recipients", "sent_us", "subject", "body")
CONNECTORS = {".csv": "csv", ".eml": "eml", ".jsonl": "jsonl", ".mbox": "mbox", ".txt": "mbox"}
_ROWS_TOGETHER = 20_000


def columns(given: Input, cache: Path) -> Path:
    """A Parquet file of `NAMES` (zstd 1, groups of 20,000 rows); made at its first use."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = cache / "given" / f"{given.name}.parquet"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema(
        [("id", pa.int64())]
        + [(name, pa.large_string()) for name in ("sender", "recipients")]
        + [("sent_us", pa.int64())]
        + [(name, pa.large_string()) for name in ("subject", "body")]
    )
    partial = path.with_suffix(".part")
    with pq.ParquetWriter(partial, schema, compression="zstd", compression_level=1) as out:
        for number, rows in _batches(given.path):
            ids = range(number, number + len(rows))
            made = {n: [r[n] for r in rows] for n in NAMES[1:]} | {"id": list(ids)}
            out.write_table(pa.table(made, schema=schema))
    partial.rename(path)
    return path


def _batches(path: Path) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    number, waiting = 0, list[dict[str, Any]]()
    for row in _rows(path):
        waiting.append(row)
        if len(waiting) == _ROWS_TOGETHER:
            yield number, waiting
            number, waiting = number + len(waiting), []
    if waiting:
        yield number, waiting


def batches(path: Path) -> Iterator[Batch]:
    """What the connectors read of a file or folder, each file by the connector of its kind."""
    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        name = CONNECTORS.get(file.suffix)
        if name is not None and file.is_file():
            read = plugins.load("connectors", name).read(file, {"container": file.name})
            yield from (batch for batch in read if isinstance(batch, Batch))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for batch in batches(path):
        yield from (_row(row) for row in batch.columns.to_pylist())


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """One record as peers take it; what its attachments say stands behind its text."""
    parts = [p.get("text") or "" for p in row["parts"] or ()]
    return {
        "sender": row["sender_address"] or row["sender_name"] or "",
        "recipients": " ".join(p["address"] or p["name"] or "" for p in row["recipients"] or ()),
        "sent_us": row["earliest_us"] or 0,
        "subject": row["subject"] or "",
        "body": "\n".join([row["text"], *filter(None, parts)]),
    }
