"""Which packs stand, told from the ledger alone: each pack's entry, and what a repack replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pastwatch.archive.catalogue import PackRow
from pastwatch.ledger.entry import Act, Entry, EntryDraft, Outcome
from pastwatch.model.when import HOUR_US

PACK_ACTS = (Act.COLLECT_COMMIT, Act.COLLECT_ADOPT, Act.REPACK)

_FIGURES = (
    "records",
    "blocks",
    "text_bytes",
    "original_bytes",
    "pack_bytes",
    "text_frame_bytes",
    "defects",
    "opaque",
)
_HOURS = {"start_hour": "start_us", "end_hour": "end_us"}
_WORDS = ("pack_id", "source_id", "time_class", "run_id")
_HASHES = ("sha256", "root", "ids_sha256", "keys_sha256")
_KEPT = (
    *("source_id", "time_class", "run_id", "start_us", "end_us", "records", "blocks"),
    *("text_bytes", "original_bytes", "defects", "opaque"),
)
"""What a repack leaves as it was."""


def commit_draft(row: PackRow, clock_us: int) -> EntryDraft:
    """The ledger entry of a pack's commit; it holds all that the catalogue's row does.

    The span stands in it as hours: the year 9999 in microseconds is more than its numbers hold.
    """
    outcome: dict[str, Outcome] = {n: getattr(row, n) for n in (*_WORDS, *_FIGURES)}
    for hour, name in _HOURS.items():
        time_us = getattr(row, name)
        outcome[hour] = None if time_us is None else time_us // HOUR_US
    objects = {name: getattr(row, name) for name in _HASHES}
    return EntryDraft(act=Act.COLLECT_COMMIT, clock_us=clock_us, objects=objects, outcome=outcome)


def repack_draft(row: PackRow, *, old: PackRow, level: str, clock_us: int) -> EntryDraft:
    """The ledger entry of a repack: what a commit's holds, and the pack it replaces."""
    made = commit_draft(row, clock_us)
    return EntryDraft(
        act=Act.REPACK,
        clock_us=clock_us,
        objects={**made.objects, "replaced_sha256": old.sha256},
        outcome={**made.outcome, "replaced": old.pack_id, "level": level},
    )


def row_of_entry(objects: dict[str, str], outcome: dict[str, Outcome], sequence: int) -> PackRow:
    """The catalogue's row, made from the ledger entry alone."""
    values = {**{n: outcome[n] for n in (*_WORDS, *_FIGURES)}, **{n: objects[n] for n in _HASHES}}
    for hour, name in _HOURS.items():
        count = outcome[hour]
        values[name] = count * HOUR_US if isinstance(count, int) else None
    return PackRow(**values, sequence=sequence)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Standing:
    """The packs of a ledger: those that stand, and what became of the others."""

    rows: dict[str, PackRow]
    """What stands, by pack id; a repack's pack comes where its entry does."""
    replaced: dict[str, str]
    """For each pack that was replaced, the pack that stands in its stead."""
    levels: dict[str, str]
    """The level a repack wrote a pack at."""
    refused: dict[int, str]
    """Repack entries that do not hold, by sequence, and why; what they would replace stands."""


def standing(entries: Iterable[Entry]) -> Standing:
    """Read the entries in order.

    A repack replaces a pack only if it is told to hold the very same records of the same source:
    same record-leaf root, same ids.
    """
    found = Standing({}, {}, {}, {})
    for entry in entries:
        if entry.act not in PACK_ACTS:
            continue
        row = row_of_entry(dict(entry.objects), dict(entry.outcome), entry.sequence)
        if entry.act == Act.REPACK:
            old = str(entry.outcome.get("replaced"))
            wrong = _unlike(found.rows.get(old), row)
            if wrong:
                found.refused[entry.sequence] = f"pack {row.pack_id} for pack {old}: {wrong}"
                continue
            del found.rows[old]
            for gone, stands in found.replaced.items():
                if stands == old:
                    found.replaced[gone] = row.pack_id
            found.replaced[old] = row.pack_id
            found.levels[row.pack_id] = str(entry.outcome.get("level"))
        found.rows[row.pack_id] = row
    return found


def _unlike(old: PackRow | None, new: PackRow) -> str:
    """Why a pack cannot stand for another; empty when it can."""
    if old is None:
        return "no such pack stood then"
    if (old.root, old.ids_sha256) != (new.root, new.ids_sha256):
        return "it holds other records"
    if any(getattr(old, name) != getattr(new, name) for name in _KEPT):
        return "its figures are others"
    return ""
