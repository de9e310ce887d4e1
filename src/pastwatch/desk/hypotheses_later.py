"""Whether a hypothesis or a question was written down before the first frame of its case was opened."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.desk.case import CaseWork
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.ledger.entry import Act


class Written(enum.StrEnum):
    """When something was written down, as the ledger tells it."""

    BEFORE = "before the first opening"
    LATER = "later"
    NOT_TOLD = "not in the ledger"
    """No entry holds its hash: it was changed since, or was not entered by an act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The ledger's account of a case: where its first opening stands, and where each hash."""

    first_opening: int | None
    hashes: dict[str, int]

    def written(self, sha256: str) -> Written:
        """When what has this hash was written down."""
        sequence = self.hashes.get(sha256)
        if sequence is None:
            return Written.NOT_TOLD
        if self.first_opening is not None and sequence > self.first_opening:
            return Written.LATER
        return Written.BEFORE


def order_of_case(case: CaseWork) -> Order:
    """Read the ledger once for the acts of the case."""
    first: int | None = None
    hashes: dict[str, int] = {}
    for entry in entries_of_case(case, Act.OPEN, Act.ASSESS):
        if entry.act == Act.OPEN and first is None:
            first = entry.sequence
        for sha256 in entry.objects.values() if entry.act == Act.ASSESS else ():
            hashes.setdefault(sha256, entry.sequence)
    return Order(first_opening=first, hashes=hashes)
