"""What the ledger tells of released briefs: which superseded which, what was corrected or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.log import Ledger

SUPERSEDED, CORRECTED, WITHDRAWN = "superseded", "corrected", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """That the release of entry `of` was superseded, corrected or withdrawn by entry `by`."""

    kind: str
    of: int
    by: int

    @property
    def line(self) -> str:
        """How a checkpoint says it, in a line of its own."""
        return f"pastwatch.{self.kind} {self.of} {self.by}"


def told_of_releases(ledger: Ledger) -> list[Told]:
    """All that is told, in the order of the ledger; an entry speaks of its own authority's alone."""
    releases: dict[int, Entry] = {}
    told: list[Told] = []
    for entry in release_entries(ledger):
        of = entry.outcome.get("supersedes" if entry.act == Act.RELEASE else "of")
        before = releases.get(of) if isinstance(of, int) else None
        if entry.act == Act.RELEASE:
            releases[entry.sequence] = entry
        if before is None or before.authority != entry.authority:
            continue
        if entry.act == Act.RELEASE:
            kind = SUPERSEDED
        else:
            kind = WITHDRAWN if entry.outcome.get("kind") == WITHDRAWN else CORRECTED
        told.append(Told(kind=kind, of=before.sequence, by=entry.sequence))
    return told


def told_lines(ledger: Ledger) -> list[str]:
    """The same as the lines of a checkpoint."""
    return [told.line for told in told_of_releases(ledger)]


def release_entries(ledger: Ledger) -> list[Entry]:
    """The entries that released or corrected a brief; only their lines are read in full."""
    return list(entries_of(ledger, Act.RELEASE, Act.CORRECT))
