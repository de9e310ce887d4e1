"""The case reader: one file of the records already opened, with filter and highlights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Record
from pastwatch.stages.brief.moments import claimed
from pastwatch.stages.brief.render import asset, marked, page, source_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRecord:
    """A record already opened in the case; `spans` are (part, start_byte, end_byte) of its hits.

    `label` is its name in the brief when it is cited, `marks` what reviewers said of it.
    """

    record: Record
    source: str
    label: str = ""
    spans: tuple[tuple[int, int, int], ...] = ()
    marks: tuple[str, ...] = ()


def reader_page(
    title: str, opened: Sequence[OpenedRecord], *, case_id: str, zone_offset_s: int
) -> bytes:
    """The whole file; records in the order given. Script and style are allowed by hash alone."""
    style, script = asset("reader.css"), asset("reader.js")
    rows = [_row(one, zone_offset_s) for one in opened]
    return page(
        "reader.html",
        title=title,
        case_id=case_id,
        count=len(rows),
        style=style,
        script=script,
        style_hash=source_hash(style),
        script_hash=source_hash(script),
        rows=_embedded(rows),
    )


def _row(one: OpenedRecord, zone_offset_s: int) -> dict[str, object]:
    record = one.record
    return {
        "id": record.record_id.hex(),
        "label": one.label,
        "source": one.source,
        "when": claimed(record.envelope.claimed, zone_offset_s),
        "from": record.sender.shown if record.sender else "",
        "to": [p.shown for p in record.recipients],
        "conversation": record.conversation,
        "subject": _pieces(one, PART_SUBJECT),
        "text": _pieces(one, PART_TEXT),
        "parts": [
            {"name": p.name, "size": p.size_bytes, "text": _pieces(one, number)}
            for number, p in enumerate(record.parts, 1)
        ],
        "marks": list(one.marks),
    }


def _pieces(one: OpenedRecord, part: int) -> list[list[object]]:
    """The part's text in pieces, each with 1 where a hit is highlighted."""
    text = one.record.part_text(part)
    size = len(text.encode())
    joined: list[tuple[int, int]] = []
    for start, end in sorted((a, b) for p, a, b in one.spans if p == part and a < b <= size):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [[piece, int(is_marked)] for piece, is_marked in marked(text, tuple(joined))]


def _embedded(rows: list[dict[str, object]]) -> str:
    """JSON that cannot end the element it stands in: no <, >, & and no line separators."""
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
