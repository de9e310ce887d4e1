"""Citations that a chapter may carry: of bytes that are there, in no record judged protected."""

from __future__ import annotations

from collections.abc import Iterable

from pastwatch.desk.case import CaseWork
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Citation, Record
from pastwatch.stages.brief.cite import cite

_HEAD_BYTES = 400


def usable(case: CaseWork, citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """The citations that name at least a byte, each once; none of a record judged protected."""
    shut = case.papers.protected_ids()
    return tuple(
        dict.fromkeys(c for c in citations if c.end_byte > c.start_byte and c.record_id not in shut)
    )


def is_open(case: CaseWork, citations: Iterable[Citation]) -> bool:
    """Whether none of the records cited was judged protected."""
    shut = case.papers.protected_ids()
    return not any(c.record_id in shut for c in citations)


def head_of(record: Record) -> tuple[Citation, ...]:
    """The citation of the beginning of a record's text, else of its subject; none of an empty one."""
    for part in (PART_TEXT, PART_SUBJECT):
        raw = record.part_text(part).encode()
        if raw.strip():
            end = min(len(raw), _HEAD_BYTES)
            while end < len(raw) and raw[end] & 0xC0 == 0x80:  # noqa: PLR2004 - inside a character
                end += 1
            return (cite(record, part, 0, end),)
    return ()
