"""The ledger's entries of one case, in order; those of other cases are passed over unparsed."""

from __future__ import annotations

from collections.abc import Iterator

from pastwatch.desk.case import CaseWork
from pastwatch.ledger.entry import Act, Entry


def entries_of_case(case: CaseWork, *acts: Act) -> Iterator[Entry]:
    """The entries under the case's authority, of some acts or of all where none is named."""
    ledger, authority = case.office.ledger, case.authority.authority_id
    marks = [f'"act":"{act}"'.encode() for act in acts]
    named = f'"authority":"{authority}"'.encode()  # a word of plain ASCII, in canonical JSON
    for line in ledger.raw(0, ledger.size):
        if named not in line or (marks and not any(mark in line for mark in marks)):
            continue
        entry = Entry.from_bytes(line)
        if entry.authority == authority and (not acts or entry.act in acts):
            yield entry
