"""SQLite FTS5: text kept in the index's own table, one transaction, optimised once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.questions import Question
from benchmarks.stores import folder_bytes


class Fts5Store:
    """The index and its questions; patterns and pieces of words are not among them."""

    def load(self, columns: Path) -> list[tuple[Any, ...]]:
        """Python strings."""
        import pyarrow.parquet as pq

        table = pq.read_table(columns)
        names = ("id", "sent_us", "sender", "recipients", "subject", "body")
        return list(zip(*(table.column(n).to_pylist() for n in names), strict=True))

    def build(self, loaded: Any, folder: Path) -> None:
        """Times stand in a table of their own, indexed."""
        with sqlite3.connect(folder / "fts.db") as db:
            db.execute("CREATE TABLE sent (id INTEGER PRIMARY KEY, sent_us INTEGER)")
            db.execute("CREATE VIRTUAL TABLE mail USING fts5(sender, recipients, subject, body)")
            db.executemany("INSERT INTO sent VALUES (?,?)", ((r[0], r[1]) for r in loaded))
            db.executemany(
                "INSERT INTO mail (rowid, sender, recipients, subject, body) VALUES (?,?,?,?,?)",
                ((r[0], *r[2:]) for r in loaded),
            )
            db.execute("CREATE INDEX by_time ON sent (sent_us)")
        db.close()

    def size_bytes(self, folder: Path) -> int:
        """The database."""
        return folder_bytes(folder)

    def opened(self, folder: Path) -> Callable[[Question], int | None]:
        """Ids of what matches."""
        db = sqlite3.connect(folder / "fts.db")

        def ask(asked: Question) -> int | None:
            words = [f'"{w}"' for w in asked.words]
            match asked.kind:
                case "full scan" | "20 patterns":
                    return None
                case "phrase":
                    text = f'body : "{" ".join(asked.words)}"'
                case "100 words" | "1,000 words":
                    text = f"body : ({' OR '.join(words)})"
                case "window":
                    text = f'body : {words[0]} AND sender : "{asked.account}"'
                case _:
                    text = f"body : ({' AND '.join(words)})"
            query, given = "SELECT rowid FROM mail WHERE mail MATCH ?", [text]
            if asked.kind == "window":
                query += " AND rowid IN (SELECT id FROM sent WHERE sent_us >= ? AND sent_us < ?)"
                given += [asked.start_us, asked.end_us]  # type: ignore[list-item]
            return len(db.execute(query, given).fetchall())

        return ask
