"""Reads JSON objects whose records stand in arrays inside them: digests, transcripts, event graphs.

The arrays are those under the keys that such files commonly use, or under the key `records` names.
Numbers for senders and recipients point into the array under `names`, where there is one; of an
array in an array, the inner one is the conversation. In a graph of nodes and links, a node that has
words is a record whose sender and recipients are what its `sent` and `received` links join it to;
every other node and link is a notice with its values as text, so that none is lost.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, clean
from pastwatch.stages.collect.connectors.files import container_name, whole
from pastwatch.stages.collect.connectors.nestedspans import Arrays, Found
from pastwatch.stages.collect.connectors.rows import Rows
from pastwatch.stages.collect.connectors.times import Times

FILE_LIMIT_BYTES = 256 * 1024 * 1024
_KEYS = ("emails", "messages", "transcript", "transcripts", "utterances", "segments", "records", "rows", "entries", "events", "posts", "comments", "tweets", "calls")  # fmt: skip
_GRAPH = ("nodes", "edges", "links")
_WORDS = ("content", "text", "body", "message")
_WHEN = rb"\"(?:date|time|timestamp|ts|start|datetime|created_at|sent)\""
_WHO = rb"\"(?:from|sender|source|user|author|speaker|nick|username|id)\""
_TEXT = rb"\"(?:text|body|message|content|msg)\""
_ARRAY = re.compile(rb"\"(?:" + "|".join(_KEYS).encode() + rb")\"\s*:\s*\[(?:\s*\[)?\s*\{")
_IS_GRAPH = re.compile(rb"\"(?:directed|multigraph)\"\s*:")
_NODES = re.compile(rb"\"nodes\"\s*:\s*\[\s*\{")
_PEOPLE = ("sender", "from", "recipients", "to", "cc", "bcc")
_PEEK_BYTES = 8192


class Nested:
    """The connector of records inside a JSON object; options: records, names, a mapping, zone, epoch."""

    name = "nested"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:
        """Rather likely where an array holds objects with words, a time and a speaker; of a graph."""
        start = head.removeprefix(b"\xef\xbb\xbf").strip()
        if not start.startswith(b"{") or path.suffix.lower() in {".jsonl", ".ndjson"}:
            return 0
        # An object on one line alone is no JSON Lines, though it may be read as such.
        sure = 45 if b"\n" in start else 75
        if _IS_GRAPH.search(head[:_PEEK_BYTES]) and _NODES.search(head):
            return sure
        found = _ARRAY.search(head)
        first = head[found.end() : found.end() + _PEEK_BYTES] if found else b""
        has_all = all(re.search(key, first) for key in (_WHEN, _WHO, _TEXT))
        return sure if has_all else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; what stands around the arrays is framing."""
        raw = whole(path, limit_bytes=FILE_LIMIT_BYTES)
        columns = Columns(container_name(path, options))
        arrays, at = Arrays(raw), 0
        given = options.get("records")
        keys = (str(given),) if given else (*_KEYS, *_GRAPH)
        starts = sorted(start for key in keys if (start := arrays.start(key)) >= 0)
        reader = _Reader(arrays, options)
        for start in starts:
            if start < at:
                continue  # within an array that was read
            for found in arrays.walk(start):
                columns.frame("structure", found.start - at)
                at = found.end
                if found.reason:
                    yield _gap(columns, found.reason, found.start, found.end, lost=1)
                elif found.value is None:
                    columns.frame("structure", found.end - found.start)
                else:
                    reader.add(columns, raw[found.start : found.end], found)
                if columns.is_full:
                    yield columns.take()
        if not starts and raw.strip():
            yield _gap(columns, "no array of records", 0, len(raw), lost=None)
            return
        columns.frame("structure", len(raw) - at)
        yield from columns.rest()


class _Reader:
    """Turns objects into records, under one file's names and links."""

    def __init__(self, arrays: Arrays, options: Mapping[str, Any]) -> None:
        self._rows = Rows(options)
        self._times = Times(options)
        self._names = arrays.plain(str(options.get("names") or "names"))
        self._links: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._is_graph = arrays.start("nodes") >= 0 and not options.get("records")
        if self._is_graph:
            for key in ("edges", "links"):
                if (start := arrays.start(key)) >= 0:
                    for found in arrays.walk(start):
                        self._link(found.value or {})

    def _link(self, link: Mapping[str, Any]) -> None:
        kind, source, target = (str(link.get(key, "")) for key in ("type", "source", "target"))
        if kind == "sent":
            self._links["sent", target].append(source)
        elif kind == "received":
            self._links["received", source].append(target)

    def add(self, columns: Columns, original: bytes, found: Found) -> None:
        """Add an object as a record."""
        row: dict[str, Any] = found.value or {}
        if self._is_graph:
            own_id = str(row.get("id", ""))
            senders = self._links.get(("sent", own_id), [])
            if not any(isinstance(row.get(key), str) for key in _WORDS):
                self._notice(columns, original, row, found.defects)
                return
            row = dict(row)
            row.setdefault("sender", senders[0] if len(senders) == 1 else None)
            row.setdefault("recipients", [*senders[1:], *self._links.get(("received", own_id), [])])
        if self._names:
            row = {
                key: self._named(value) if key in _PEOPLE else value for key, value in row.items()
            }
        if found.is_inner:
            row = {"conversation": str(found.row + 1), **row}
        self._rows.add(columns, original, row, found.defects)

    def _named(self, value: Any) -> Any:
        """Names for the numbers that point to them; what points nowhere stays as it stands."""
        if isinstance(value, list):
            return [self._named(entry) for entry in value]
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(self._names):
            return str(self._names[value])
        return value

    def _notice(
        self, columns: Columns, original: bytes, row: Mapping[str, Any], defects: Defect
    ) -> None:
        """Add what nobody said: a node that is no message, or a link."""
        moment = self._times.read(row.get("timestamp", row.get("time", row.get("date"))))
        if moment is None:
            defects |= Defect.NO_DATE
        elif not moment.has_zone:
            defects |= Defect.AMBIGUOUS_DATE
        values = [value for value in row.values() if isinstance(value, str)]
        columns.add(
            original,
            text=clean("\n".join(dict.fromkeys(values))),
            earliest_us=moment.earliest_us if moment else None,
            latest_us=moment.latest_us if moment else None,
            basis=basis_number(Basis.EXPORT) if moment else 0,
            native_id=clean(str(row.get("id", ""))),
            kind=int(Kind.NOTICE),
            defects=int(defects),
        )


def _gap(columns: Columns, reason: str, start: int, end: int, *, lost: int | None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=end - start,
        lost_records_at_most=lost,
        container=columns.container,
        offset=start,
    )


CONNECTOR = Nested()
