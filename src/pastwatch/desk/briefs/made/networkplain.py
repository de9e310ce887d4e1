"""Ties counted in a few opened records alone, and their picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pastwatch.archive.identity import normal_address
from pastwatch.drawing.network import DrawnTie, draw_network
from pastwatch.model.record import Record
from pastwatch.model.when import Span


@dataclass(frozen=True, slots=True)
class Drawn:
    """Names by account, and the ties between them."""

    names: dict[str, str]
    ties: tuple[DrawnTie, ...]

    def svg(self, title: str) -> str:
        """The picture."""
        under = ["counted in the records cited or judged relevant, and in no others"]
        return draw_network(self.names, self.ties, title=title, under=under)


def drawn_of(records: Iterable[Record], accounts: Collection[str], *, event: Span) -> Drawn:
    """The ties of these records among these accounts (medium:address)."""
    names: dict[str, str] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for record in records:
        if record.sender is None:
            continue
        ends = {}
        for party in (record.sender, *record.recipients):
            account = f"{record.envelope.medium}:{normal_address(party.address)}"
            ends[account] = party.name or party.address
        sender, *others = ends
        if sender not in accounts:
            continue
        for other in others:
            if other in accounts:
                names |= {sender: ends[sender], other: ends[other]}
                counts[sender, other, _side(record, event)] += 1
    pairs = dict.fromkeys((one, other) for one, other, _ in counts)
    ties = tuple(
        DrawnTie(
            one,
            other,
            sum(counts[one, other, side] for side in ("before", "after", "")),
            counts[one, other, "before"],
            counts[one, other, "after"],
        )
        for one, other in pairs
    )
    return Drawn(names, tuple(sorted(ties, key=lambda t: (-t.records, t.one, t.other))))


def _side(record: Record, event: Span) -> str:
    claimed = record.envelope.claimed
    if claimed is None:
        return ""
    if claimed.latest_us < event.start_us:
        return "before"
    return "after" if claimed.earliest_us >= event.end_us else ""
