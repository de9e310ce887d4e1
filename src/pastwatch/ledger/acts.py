"""The ledger's entries of some acts, or under one authority: the others are passed over unparsed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.log import Ledger


def entries_of(ledger: Ledger, *acts: Act, authority: str = "", start: int = 0) -> Iterator[Entry]:
    """The entries of these acts from `start` to the size as last read; of all where none is named.

    With `authority` only those under it. Entries are canonical JSON, so that a line holds its act
    and its authority, a word of plain ASCII, in one spelling only; a line that merely quotes them
    elsewhere is parsed and dropped.
    """
    told = re.compile(rb'"act":"(?:%s)"' % b"|".join(re.escape(a.encode()) for a in acts)).search
    named = f'"authority":"{authority}"'.encode() if authority else b""
    for line in ledger.raw(min(start, ledger.size), ledger.size):
        if named not in line or (acts and not told(line)):
            continue
        entry = Entry.from_bytes(line)
        if (not acts or entry.act in acts) and (not authority or entry.authority == authority):
            yield entry
