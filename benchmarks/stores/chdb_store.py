"""chdb (ClickHouse in a library): MergeTree with a token Bloom filter or a text index.

Columns are zstd at our default level, granules of 256 rows, as this project's blocks; the query
condition cache is off, and so is every cache of results: a repeated question is answered anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import chdb.session

from benchmarks.levels import LEVEL
from benchmarks.questions import Question

IN_MEMORY_BYTES = 4 << 30
SETTINGS = "SETTINGS max_threads=1, use_query_condition_cache=0, use_query_cache=0"
_session: Any = chdb.session.Session  # carries no types
_ZSTD = f"CODEC(ZSTD({LEVEL}))"
_CODEC = f"String {_ZSTD}"


class _ChdbStore:
    index = ""

    def load(self, columns: Path) -> Any:
        """An Arrow table; the file itself, where its columns would fill the memory."""
        import pyarrow.parquet as pq

        meta = pq.read_metadata(columns)
        groups = range(meta.num_row_groups)
        whole = sum(meta.row_group(g).total_byte_size for g in groups)
        return pq.read_table(columns) if whole < IN_MEMORY_BYTES else columns

    def build(self, loaded: Any, folder: Path) -> None:
        """One insert in one thread; merges that follow are counted where they end with it."""
        given = loaded  # named by the query below
        rows = f"file('{given}', Parquet)" if isinstance(given, Path) else "Python(given)"
        db: Any = _session(str(folder / "db"))
        db.query("CREATE DATABASE bench")
        db.query(
            "CREATE TABLE bench.mail (id Int64, "
            f"sender {_CODEC}, recipients {_CODEC}, sent_us Int64 {_ZSTD}, "
            f"subject {_CODEC}, body {_CODEC}, INDEX words {self.index}) "
            "ENGINE=MergeTree ORDER BY id "
            "SETTINGS index_granularity=256, index_granularity_bytes=0"
        )
        columns = "id, sender, recipients, sent_us, subject, body"
        db.query(
            f"INSERT INTO bench.mail SELECT {columns} FROM {rows} "  # noqa: S608
            "SETTINGS max_threads=1, max_insert_threads=1"
        )
        size = db.query(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database='bench'"
        )
        (folder / "bytes.txt").write_text(str(size).strip())
        db.close()

    def size_bytes(self, folder: Path) -> int:
        """What its own account of parts says: the rest of the folder is of the server."""
        return int((folder / "bytes.txt").read_text())

    def opened(self, folder: Path) -> Callable[[Question], int | None]:
        """Ids of what matches."""
        db: Any = _session(str(folder / "db"))

        def ask(asked: Question) -> int | None:
            wanted = self._wanted(asked)
            if wanted is None:
                return None
            found = db.query(f"SELECT id FROM bench.mail WHERE {wanted} {SETTINGS}", "CSV")  # noqa: S608
            return len(found.bytes().splitlines()) if found.has_error() is False else None

        return ask

    def _wanted(self, asked: Question) -> str | None:  # noqa: PLR0911 - a table of questions
        match asked.kind:
            case "full scan":
                return f"body ILIKE '%{asked.words[0]}%'"
            case "20 patterns":
                patterns = ",".join(f"'{p}'" for p in asked.words)
                return f"multiMatchAny(body, [{patterns}])"
            case "1,000 words":
                return None  # minutes
            case "100 words":
                return self._any(asked.words)
            case "phrase":
                line = " ".join(asked.words)
                return f"{self._all(asked.words)} AND positionCaseInsensitive(body, '{line}') > 0"
            case "window":
                account = asked.account.replace("'", "''")
                return (
                    f"sent_us BETWEEN {asked.start_us} AND {asked.end_us} "
                    f"AND sender = '{account}' AND {self._all(asked.words)}"
                )
            case _:
                return self._all(asked.words)

    def _all(self, words: tuple[str, ...]) -> str:
        raise NotImplementedError

    def _any(self, words: tuple[str, ...]) -> str:
        raise NotImplementedError


class TokenbfStore(_ChdbStore):
    """A Bloom filter of each granule's tokens: the same idea as our word index, in the clear."""

    index = "lower(body) TYPE tokenbf_v1(8192, 5, 0) GRANULARITY 1"

    def _all(self, words: tuple[str, ...]) -> str:
        return " AND ".join(f"hasToken(lower(body), '{w}')" for w in words)

    def _any(self, words: tuple[str, ...]) -> str:
        return " OR ".join(f"hasToken(lower(body), '{w}')" for w in words)


class TextStore(_ChdbStore):
    """ClickHouse's inverted index."""

    index = "body TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(body))"

    def _all(self, words: tuple[str, ...]) -> str:
        return f"hasAllTokens(body, {list(words)})"

    def _any(self, words: tuple[str, ...]) -> str:
        return f"hasAnyTokens(body, {list(words)})"
