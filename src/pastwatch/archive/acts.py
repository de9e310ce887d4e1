"""The ledger's entries of some acts alone: the others are passed over without being parsed."""

from __future__ import annotations

from collections.abc import Iterator

from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.log import Ledger


def entries_of(ledger: Ledger, *acts: Act) -> Iterator[Entry]:
    """The entries of these acts, in order, up to the size as last read.

    Entries are canonical JSON, so that a line holds its act in one spelling only; a line that
    merely quotes an act elsewhere is parsed and dropped.
    """
    marks = [f'"act":"{act}"'.encode() for act in acts]
    for line in ledger.raw(0, ledger.size):
        if any(mark in line for mark in marks):
            entry = Entry.from_bytes(line)
            if entry.act in acts:
                yield entry
