"""Tantivy: every column stored and indexed with positions, one thread, one commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.questions import Question
from benchmarks.stores import folder_bytes

HEAP_BYTES = 128_000_000
TEXTS = ("subject", "sender", "recipients", "body")


class TantivyStore:
    """The index and its questions; patterns and pieces of words are not among them."""

    def load(self, columns: Path) -> list[tuple[Any, ...]]:
        """Python strings, as its bindings take them."""
        import pyarrow.parquet as pq

        table = pq.read_table(columns)
        names = ("id", "sent_us", *TEXTS)
        return list(zip(*(table.column(n).to_pylist() for n in names), strict=True))

    def build(self, loaded: Any, folder: Path) -> None:
        """One commit."""
        writer = tantivy.Index(_schema(), path=str(folder)).writer(HEAP_BYTES, 1)
        for number, sent_us, *texts in loaded:
            document = tantivy.Document()
            document.add_integer("id", number)
            document.add_integer("sent_us", sent_us)
            for name, text in zip(TEXTS, texts, strict=True):
                document.add_text(name, text)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def size_bytes(self, folder: Path) -> int:
        """The whole folder."""
        return folder_bytes(folder)

    def opened(self, folder: Path) -> Callable[[Question], int | None]:
        """Counts; where few match, their ids are fetched as well."""
        schema = _schema()
        index = tantivy.Index(schema, path=str(folder))
        searcher = index.searcher()
        must, any_of = tantivy.Occur.Must, tantivy.Occur.Should

        def word(text: str) -> Any:
            return tantivy.Query.term_query(schema, "body", text)

        def query(asked: Question) -> Any:
            words = [word(w) for w in asked.words]
            match asked.kind:
                case "full scan" | "20 patterns":
                    return None
                case "phrase":
                    return tantivy.Query.phrase_query(schema, "body", list(asked.words))
                case "100 words" | "1,000 words":
                    return tantivy.Query.boolean_query([(any_of, w) for w in words])
                case "window":
                    span = tantivy.Query.range_query(
                        schema, "sent_us", tantivy.FieldType.Integer, asked.start_us, asked.end_us
                    )
                    sender = index.parse_query(f'"{asked.account}"', ["sender"])
                    return tantivy.Query.boolean_query([(must, q) for q in (*words, span, sender)])
                case _:
                    return tantivy.Query.boolean_query([(must, w) for w in words])

        def ask(asked: Question) -> int | None:
            made = query(asked)
            if made is None:
                return None
            found: Any = searcher.search(made, limit=1000, count=True)
            for _, address in found.hits:
                searcher.doc(address)["id"]
            return int(found.count or 0)

        return ask


def _schema() -> Any:
    schema = tantivy.SchemaBuilder()
    schema.add_integer_field("id", stored=True)
    schema.add_integer_field("sent_us", stored=True, indexed=True, fast=True)
    for name in TEXTS:
        schema.add_text_field(name, stored=True)  # positions are the default
    return schema.build()
