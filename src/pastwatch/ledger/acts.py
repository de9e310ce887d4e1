"""The ledger's entries of some acts, or under one authority: the others are passed over unparsed."""

from __future__ import annotations

from collections.abc import Iterator

from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.log import Ledger


def entries_of(ledger: Ledger, *acts: Act, authority: str = "") -> Iterator[Entry]:
    """The entries of these acts, in order, up to the size as last read; of all where none is named.

    With `authority` only those under it. Entries are canonical JSON, so that a line holds its act
    and its authority, a word of plain ASCII, in one spelling only; a line that merely quotes them
    elsewhere is parsed and dropped.
    """
    marks = [f'"act":"{act}"'.encode() for act in acts]
    named = f'"authority":"{authority}"'.encode() if authority else b""
    for line in ledger.raw(0, ledger.size):
        if named not in line or (marks and not any(mark in line for mark in marks)):
            continue
        entry = Entry.from_bytes(line)
        if (not acts or entry.act in acts) and (not authority or entry.authority == authority):
            yield entry
