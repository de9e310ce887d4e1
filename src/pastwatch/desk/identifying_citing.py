"""What an argument about actors cites, and its line in the ledger."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from pastwatch.desk.case import CaseWork
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.record import PART_TEXT, Citation

_HIT = re.compile(r"h[1-9][0-9]*")
_ROW = re.compile(r"(d[1-9][0-9]*):([1-9][0-9]*)")
_RECORD = re.compile(r"[0-9a-f]{32}")


def cited(case: CaseWork, word: str) -> Citation:
    """The citation that a word names: h3 a hit, d1:7 a row, 32 hexadecimal digits a record's text."""
    from pastwatch.desk.identifying_directories import row_of

    if _HIT.fullmatch(word):
        return case.papers.hit(word).hit.citation
    if row := _ROW.fullmatch(word):
        found = row_of(case, row[1], int(row[2]))
        if found.citation is None:
            raise UsageError(
                f"{word} lies beyond what of the directory can be cited",
                hint="bring the file in pieces of less than 16 million characters",
            )
        return found.citation
    if _RECORD.fullmatch(word):
        (record,) = case.records([bytes.fromhex(word)])
        text = record.text.encode()
        return Citation(
            record_id=record.record_id,
            part=PART_TEXT,
            start_byte=0,
            end_byte=len(text),
            text_sha256=hashlib.sha256(text).digest(),
        )
    raise UsageError(
        f'"{word}" cites nothing', hint="a hit (h3), a row of a directory (d1:7) or a record's id"
    )


def citation_name(citation: Citation) -> str:
    """A citation in a line: the record's id, the part and its bytes."""
    part = "" if citation.part == PART_TEXT else f" part {citation.part}"
    return f"{citation.record_id.hex()}{part} {citation.start_byte}–{citation.end_byte}"


def assessed(
    case: CaseWork, *, what: str, of: Iterable[str], citations: Sequence[Citation] = ()
) -> None:
    """Put into the ledger that something was argued in the case: hashes and counts, no names."""
    named = "\n".join(of)
    entry = EntryDraft(
        act=Act.ASSESS,
        clock_us=case.office.clock(),
        authority=case.authority.authority_id,
        objects={"relations": hashlib.sha256(named.encode()).hexdigest()},
        outcome={"what": what, "things": named.count("\n") + 1, "citations": len(citations)},
    )
    case.office.ledger.append([entry], case.office.ring.user().signing)
