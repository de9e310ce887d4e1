"""How records look on a terminal: a hit on one line, a record in full, its neighbours beside it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from pastwatch.cli.show import (
    bold,
    claimed,
    count,
    cut,
    dim,
    facts,
    is_terminal,
    neutral,
    out,
    pad,
    size,
    width,
)
from pastwatch.model.party import Party
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Citation, Defect, Record
from pastwatch.model.when import SECOND_US

SpanAt = tuple[int, int, int]  # (part, start_byte, end_byte)

_PARTY_COLUMNS, _LEAST_COLUMNS, _PLAIN_COLUMNS = 20, 40, 100
_NEIGHBOUR_LINES = 6
_BEFORE_RATIO = 0.35  # of a snippet, what stands before the hit


def hit_line(
    hit_id: str,
    record: Record,
    spans: Sequence[SpanAt],
    citation: Citation,
    *,
    source: str,
    offset_s: int,
    colour: bool,
) -> str:
    """`h3  2017-04-03 22:14 +03:00  ministry-mail  A → B   …around the [hit]…`, on one line."""
    when = claimed(record.envelope.claimed, offset_s=offset_s)
    head = f"{pad(hit_id, 4)} {pad(when, 24)}  {neutral(source)}  {between(record)}   "
    columns = _PLAIN_COLUMNS
    if is_terminal():
        columns = max(shutil.get_terminal_size().columns - width(head), _LEAST_COLUMNS)
    return head + snippet(record, spans, citation, columns=columns, colour=colour)


def between(record: Record) -> str:
    """Who speaks to whom, short: A → B, or A → B +3."""
    sender = cut(_called(record.sender), _PARTY_COLUMNS) if record.sender else "(unknown)"
    if not record.recipients:
        where = neutral(record.conversation)
        return f"{sender} → {cut(where, _PARTY_COLUMNS)}" if where else sender
    more = f" +{len(record.recipients) - 1}" if len(record.recipients) > 1 else ""
    return f"{sender} → {cut(_called(record.recipients[0]), _PARTY_COLUMNS)}{more}"


def snippet(
    record: Record, spans: Sequence[SpanAt], citation: Citation, *, columns: int, colour: bool
) -> str:
    """The text around the place a hit cites, its matched places marked, cut to so many columns."""
    raw = record.part_text(citation.part).encode("utf-8", "surrogatepass")
    places = sorted((a, b) for part, a, b in spans if part == citation.part and a < b)
    whole = citation.start_byte == 0 and citation.end_byte >= len(raw) and not places
    start, end = citation.start_byte, min(citation.end_byte, len(raw))
    if whole:  # matched by its fields alone: nothing in the text to mark
        return cut(neutral(_text(raw)), columns)
    budget = max(columns - (end - start), _LEAST_COLUMNS // 2)
    first = _edge(raw, start, -int(budget * _BEFORE_RATIO))
    last = _edge(raw, end, budget - int(budget * _BEFORE_RATIO))
    text = _marked(raw, first, last, places, colour=colour, lines=False)
    name = {PART_SUBJECT: "subject: ", PART_TEXT: ""}.get(citation.part, "attachment: ")
    return f"{name}{'…' if first else ''}{text.strip()}{'…' if last < len(raw) else ''}"


def print_record(
    hit_id: str,
    record: Record,
    spans: Sequence[SpanAt],
    *,
    source: str,
    offset_s: int,
    colour: bool,
) -> None:
    """A record in full: who, when, and its text with the matched places marked."""
    envelope = record.envelope
    when = claimed(envelope.claimed, offset_s=offset_s, seconds=True).strip()
    basis = f" ({envelope.claimed.basis}{_width(record)})" if envelope.claimed else ""
    subject = record.subject.encode("utf-8", "surrogatepass")
    facts(
        [
            (hit_id, f"{neutral(source)} · record {record.record_id.hex()}"),
            ("from", neutral(record.sender.shown) if record.sender else "(unknown)"),
            ("to", ", ".join(neutral(p.shown) for p in record.recipients)),
            ("time", when + basis),
            ("in", neutral(record.conversation)),
            ("subject", _part(subject, PART_SUBJECT, spans, colour=colour, lines=False)),
            ("defects", _defects(envelope.defects)),
        ]
    )
    out()
    raw = record.text.encode("utf-8", "surrogatepass")
    out(_part(raw, PART_TEXT, spans, colour=colour, lines=True))
    for number, part in enumerate(record.parts, 1):
        out()
        out(f"attachment {number}: {neutral(part.name)} ({neutral(part.media_type)}, "
            f"{size(part.size_bytes)})")  # fmt: skip
        if any(n == number for n, _, _ in spans):
            raw = part.text.encode("utf-8", "surrogatepass")
            out(_part(raw, number, spans, colour=colour, lines=True))


def print_neighbours(records: Sequence[Record], *, offset_s: int, colour: bool) -> None:
    """Records of the same conversation, each with its first lines; what is cut is counted."""
    for record in records:
        when = claimed(record.envelope.claimed, offset_s=offset_s, seconds=True)
        who = _called(record.sender) if record.sender else "(unknown)"
        out(dim(f"{when}  {who}", colour=colour))
        text = neutral(record.text, lines=True).strip().split("\n")
        for line in text[:_NEIGHBOUR_LINES]:
            out(dim(f"    {line}".rstrip(), colour=colour))
        if len(text) > _NEIGHBOUR_LINES:
            out(dim(f"    … {count(len(text) - _NEIGHBOUR_LINES, 'more line')}", colour=colour))


def _called(party: Party) -> str:
    return neutral(party.name or party.address)


def _width(record: Record) -> str:
    claim = record.envelope.claimed
    if claim is None or claim.width_us < SECOND_US:
        return ""
    from pastwatch.cli.show import lasting

    return f", known to within {lasting(claim.width_us / SECOND_US)}"


def _defects(defects: Defect) -> str:
    names = [d.name.lower().replace("_", " ") for d in Defect if d.name and d and d in defects]
    return ", ".join(names)


def _part(raw: bytes, part: int, spans: Sequence[SpanAt], *, colour: bool, lines: bool) -> str:
    places = sorted((a, b) for n, a, b in spans if n == part and a < b)
    return _marked(raw, 0, len(raw), places, colour=colour, lines=lines).strip("\n")


def _marked(
    raw: bytes,
    first: int,
    last: int,
    places: Sequence[tuple[int, int]],
    *,
    colour: bool,
    lines: bool,
) -> str:
    """The bytes from first to last as harmless text, with the places in it marked."""
    pieces, at = [], first
    for start, end in places:
        start, end = max(start, at), min(end, last)  # noqa: PLW2901 - clipped to what is left
        if start >= end:
            continue
        pieces.append(neutral(_text(raw[at:start]), lines=lines))
        pieces.append(bold(neutral(_text(raw[start:end]), lines=lines), colour=colour))
        at = end
    pieces.append(neutral(_text(raw[at:last]), lines=lines))
    return "".join(pieces)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _edge(raw: bytes, start: int, by: int) -> int:
    """So many characters on from a byte position (back where negative), between two characters."""
    step, at = (1 if by > 0 else -1), start
    for _ in range(abs(by)):
        if not 0 < at + step < len(raw):
            return 0 if step < 0 else len(raw)
        at += step
        while 0 < at < len(raw) and raw[at] & 0xC0 == 0x80:  # noqa: PLR2004 - inside a character
            at += step
    return at
