"""The peer: tantivy indexing the same mail, stored and with positions, in one thread.

Three ways to the same index. *given*: subject, from, to and body come ready as Python strings, and
only tantivy's own work counts. *same parser*: they are read by this project's connectors, and that
counts. *library*: they are read by what Python brings, `mailbox` and `email`, or `json`.
"""

from __future__ import annotations

import json
import mailbox
import tempfile
from collections.abc import Callable, Iterable, Iterator
from email import message_from_binary_file
from email.message import Message
from email.policy import compat32
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.corpora import Corpus
from benchmarks.given import batches
from benchmarks.measure import cpu, peak_bytes

HEAP_BYTES = 128_000_000
Row = tuple[str, str, str, str]


def index(corpus: Corpus, cache: Path) -> dict[str, Any]:
    """All three ways in one process; CPU-seconds of reading and of indexing apart."""
    parse_s, rows = cpu(lambda: list(_parsed(corpus)))
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        index_s, _ = cpu(lambda: _index(rows, folder))
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
    records = len(rows)
    rows.clear()
    library_s, count = cpu(lambda: sum(1 for _ in _by_library(corpus)))
    return {
        "records": records,
        "library_records": count,
        "index_cpu_s": index_s,
        "parse_cpu_s": parse_s,
        "library_cpu_s": library_s,
        "index_bytes": size,
        "peak_bytes": peak_bytes(),
    }


def _index(rows: Iterable[Row], folder: str) -> None:
    schema = tantivy.SchemaBuilder()
    for name in ("subject", "sender", "recipients", "body"):
        schema.add_text_field(name, stored=True)  # positions are the default
    made = tantivy.Index(schema.build(), path=folder)
    writer = made.writer(heap_size=HEAP_BYTES, num_threads=1)
    for subject, sender, recipients, body in rows:
        document = tantivy.Document()
        document.add_text("subject", subject)
        document.add_text("sender", sender)
        document.add_text("recipients", recipients)
        document.add_text("body", body)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def _parsed(corpus: Corpus) -> Iterator[Row]:
    """What the connectors read, as the strings tantivy takes."""
    names = ("subject", "sender_address", "recipients", "text")
    for batch in batches(corpus.path):
        values = (batch.columns.column(name).to_pylist() for name in names)
        for subject, sender, people, body in zip(*values, strict=True):
            to = " ".join(p["address"] or "" for p in people or ())
            yield subject or "", sender or "", to, body


def _by_library(corpus: Corpus) -> Iterator[Row]:
    if corpus.kind == "JSON lines":
        yield from _json_rows(corpus.path)
        return
    files = [corpus.path] if corpus.path.is_file() else sorted(corpus.path.rglob("*"))
    read: Callable[[Any], Message] = lambda file: message_from_binary_file(file, policy=compat32)  # noqa: E731
    for path in files:
        if path.is_file() and path.suffix in {".mbox", ".txt"}:
            box = mailbox.mbox(path, factory=read, create=False)  # type: ignore[arg-type]
            for mail in box:
                yield _fields(mail)
            box.close()


def _fields(mail: Message) -> Row:
    bodies = []
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            charset = part.get_content_charset() or "utf-8"
            if isinstance(payload, bytes):
                try:
                    bodies.append(payload.decode(charset, "replace"))
                except LookupError:
                    bodies.append(payload.decode("latin-1"))
    return str(mail["subject"]), str(mail["from"]), str(mail["to"]), "\n".join(bodies)


def _json_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            names = ("subject", "from", "to", "text")
            yield tuple(str(row.get(name) or "") for name in names)  # type: ignore[misc]
