"""Parquet, zstd at our default level, read by polars and by duckdb: columns without a word index."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.levels import LEVEL
from benchmarks.questions import Question
from benchmarks.stores import folder_bytes

ROWS_TOGETHER = 8_192


class _ParquetStore:
    def load(self, columns: Path) -> Any:
        """An Arrow table."""
        import pyarrow.parquet as pq

        return pq.read_table(columns)

    def build(self, loaded: Any, folder: Path) -> None:
        """One file, row groups of 8,192."""
        import pyarrow.parquet as pq

        path = folder / "mail.parquet"
        pq.write_table(
            loaded,
            path,
            compression="zstd",
            compression_level=int(LEVEL),
            row_group_size=ROWS_TOGETHER,
        )

    def size_bytes(self, folder: Path) -> int:
        """The file."""
        return folder_bytes(folder)


class PolarsStore(_ParquetStore):
    """Lazy scans that give ids."""

    def __init__(self) -> None:
        import polars as pl  # noqa: F401 - asks whether it is there

    def opened(self, folder: Path) -> Callable[[Question], int | None]:
        """Words are matched caselessly at word borders."""
        import polars as pl

        body = pl.col("body").str
        file = folder / "mail.parquet"

        def ask(asked: Question) -> int | None:
            match asked.kind:
                case "full scan":
                    wanted = body.contains("(?i)" + asked.words[0])
                case "20 patterns":
                    wanted = body.contains("|".join(asked.words))
                case "100 words":
                    wanted = body.contains(_any(asked.words))
                case "1,000 words":
                    return None  # minutes
                case "phrase":
                    wanted = body.contains(rf"(?i)\b{'[^a-z0-9]+'.join(asked.words)}\b")
                case _:
                    wanted = pl.all_horizontal(
                        *(body.contains(rf"(?i)\b{w}\b") for w in asked.words)
                    )
            if asked.kind == "window":
                wanted &= pl.col("sent_us").is_between(asked.start_us, asked.end_us)
                wanted &= pl.col("sender") == asked.account
            return int(pl.scan_parquet(file).filter(wanted).select("id").collect().height)

        return ask


class DuckdbStore(_ParquetStore):
    """SQL that gives ids."""

    def __init__(self) -> None:
        import duckdb  # noqa: F401 - asks whether it is there

    def opened(self, folder: Path) -> Callable[[Question], int | None]:
        """Words are matched caselessly at word borders by RE2, pieces of words with ILIKE."""
        import duckdb

        db = duckdb.connect()
        db.execute("SET threads=1")
        rows = f"SELECT id FROM '{folder / 'mail.parquet'}' WHERE "  # noqa: S608 - own folder

        def like(pattern: str, options: str = "i") -> str:
            return f"regexp_matches(body, '{pattern}', '{options}')"

        def ask(asked: Question) -> int | None:
            match asked.kind:
                case "full scan":
                    wanted = f"body ILIKE '%{asked.words[0]}%'"
                case "20 patterns":
                    wanted = like("|".join(asked.words), "c")
                case "100 words":
                    wanted = like(_any(asked.words).removeprefix("(?i)"))
                case "1,000 words":
                    return None  # minutes
                case "phrase":
                    wanted = like(rf"\b{'[^a-z0-9]+'.join(asked.words)}\b")
                case _:
                    wanted = " AND ".join(like(rf"\b{w}\b") for w in asked.words)
            if asked.kind == "window":
                account = asked.account.replace("'", "''")
                wanted += f" AND sent_us BETWEEN {asked.start_us} AND {asked.end_us}"
                wanted += f" AND sender = '{account}'"
            return len(db.execute(rows + wanted).fetchall())

        return ask


def _any(words: tuple[str, ...]) -> str:
    return rf"(?i)\b({'|'.join(map(re.escape, words))})\b"
