"""What an argument about actors cites, and its line in the ledger."""

from __future__ import annotations

import re

from pastwatch.desk.assessing import cited_hit, cited_record
from pastwatch.desk.case import CaseWork
from pastwatch.errors import UsageError
from pastwatch.model.record import PART_TEXT, Citation

_HIT = re.compile(r"h[1-9][0-9]*")
_ROW = re.compile(r"(d[1-9][0-9]*):([1-9][0-9]*)")
_RECORD = re.compile(r"[0-9a-f]{32}")


def cited(case: CaseWork, word: str) -> Citation:
    """The citation that a word names: h3 a hit, d1:7 a row, 32 hexadecimal digits a record's text."""
    from pastwatch.desk.identifying_directories import row_of

    if _HIT.fullmatch(word):
        return cited_hit(case, word)
    if row := _ROW.fullmatch(word):
        found = row_of(case, row[1], int(row[2]))
        if found.citation is None:
            raise UsageError(
                f"{word} lies beyond what of the directory can be cited",
                hint="bring the file in pieces of less than 16 million characters",
            )
        return found.citation
    if _RECORD.fullmatch(word):
        return cited_record(case, bytes.fromhex(word))
    raise UsageError(
        f'"{word}" cites nothing', hint="a hit (h3), a row of a directory (d1:7) or a record's id"
    )


def citation_name(citation: Citation) -> str:
    """A citation in a line: the record's id, the part and its bytes."""
    part = "" if citation.part == PART_TEXT else f" part {citation.part}"
    return f"{citation.record_id.hex()}{part} {citation.start_byte}–{citation.end_byte}"
