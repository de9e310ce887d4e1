"""Which entries of the ledger a chapter's sentences stand on: the narrowest that can be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pastwatch.desk.case import CaseWork
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.ledger.entry import Act, Entry

_WANTED = (Act.ASSESS, Act.OPEN, Act.CASE_OPEN, Act.AUTHORITY, Act.GRANT)


@dataclass(frozen=True, slots=True)
class Acts:
    """The acts of one case as the ledger has them, in order.

    What was entered in a case was told to the ledger first, with a count: the third item stands on
    the entry in which the third item was counted.
    """

    assessed: tuple[Entry, ...]
    opened: tuple[Entry, ...]
    begun: tuple[int, ...]
    """The entries that opened the case: what everything stands on where nothing narrower is told."""

    def numbered(self, counted: str, name: str) -> tuple[int, ...]:
        """The entry in which a thing of the case (i3, x1 …) was counted under that word."""
        number, seen = int(name[1:]), 0
        for entry in self.assessed:
            count = entry.outcome.get(counted)
            seen += count if isinstance(count, int) else 0
            if seen >= number:
                return (entry.sequence,)
        return self.begun

    def hashed(self, sha256: str, *, otherwise: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The first entry that holds a hash."""
        found = next((e.sequence for e in self.assessed if sha256 in e.objects.values()), None)
        return (found,) if found is not None else otherwise or self.begun

    def of_kind(self, counted: str) -> tuple[int, ...]:
        """Every entry that counts things under a word."""
        return tuple(e.sequence for e in self.assessed if e.outcome.get(counted)) or self.begun

    def saying(self, what: str) -> tuple[int, ...]:
        """Every entry that says what was argued: merge, attribute, relate."""
        return tuple(e.sequence for e in self.assessed if e.outcome.get("what") == what)

    def openings(self, purpose: str) -> tuple[int, ...]:
        """Every opening of frames for a purpose."""
        return tuple(e.sequence for e in self.opened if e.outcome.get("purpose") == purpose)


def acts_of(case: CaseWork) -> Acts:
    """Read the ledger once for the acts of the case."""
    entries = list(entries_of_case(case, *_WANTED))
    begun = (Act.CASE_OPEN, Act.AUTHORITY, Act.GRANT)
    return Acts(
        assessed=_of(entries, (Act.ASSESS,)),
        opened=_of(entries, (Act.OPEN,)),
        begun=tuple(e.sequence for e in _of(entries, begun)),
    )


def _of(entries: Iterable[Entry], acts: tuple[Act, ...]) -> tuple[Entry, ...]:
    return tuple(e for e in entries if e.act in acts)
