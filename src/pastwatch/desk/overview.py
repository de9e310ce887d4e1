"""What an archive holds, told with no key but the reader's own: sources, spans, records, gaps."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.archive.catalogue import PackRow
from pastwatch.desk.covering import gaps_of
from pastwatch.desk.office import Office
from pastwatch.model.source import Gap

BINS = 60
THROWAWAY = (
    "throw-away keys: no key here has a passphrase, so the seal rests on file permissions alone"
)
SINGLE_USER = "single-user mode: one person holds every key, so nobody else approves an opening"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source as the catalogue knows it; `bins` spread each pack evenly over its hours."""

    name: str
    medium: str
    basis: str
    document: str
    records: int
    bytes: int
    packs: int
    from_us: int | None
    until_us: int | None
    undated: int
    opaque: int
    bins: tuple[int, ...]
    gaps: tuple[Gap, ...]
    read_bytes: int
    held_bytes: int
    framing_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole archive."""

    archive_id: str
    single_user: bool
    throwaway: bool
    ledger_entries: int
    records: int
    bytes: int
    sealed_bytes: int
    from_us: int | None
    until_us: int | None
    sources: tuple[SourceStatus, ...]
    warnings: tuple[str, ...]


def status(office: Office) -> Status:
    """The archive's holdings, source by source, in the order of their names."""
    every = office.catalogue.packs()
    starts = [r.start_us for r in every if r.start_us is not None]
    ends = [r.end_us for r in every if r.end_us is not None]
    whole = (min(starts), max(ends)) if starts else None
    return Status(
        archive_id=office.policy.archive_id,
        single_user=office.policy.single_user,
        throwaway=office.policy.throwaway,
        ledger_entries=office.ledger.size,
        records=sum(r.records for r in every),
        bytes=sum(r.original_bytes for r in every),
        sealed_bytes=sum(r.pack_bytes for r in every),
        from_us=whole[0] if whole else None,
        until_us=whole[1] if whole else None,
        sources=tuple(
            _source(office, source_id, [r for r in every if r.source_id == source_id], whole)
            for source_id in office.sources()
        ),
        warnings=warnings_of(office),
    )


def warnings_of(office: Office) -> tuple[str, ...]:
    """What must be said at every start: how far the seal can be trusted here."""
    said = [THROWAWAY] if office.policy.throwaway else []
    return (*said, *([SINGLE_USER] if office.policy.single_user else []))


def _source(
    office: Office, source_id: str, rows: list[PackRow], whole: tuple[int, int] | None
) -> SourceStatus:
    source = office.sources()[source_id]
    runs = [r for r in office.catalogue.runs() if r.source_id == source_id]
    starts = [r.start_us for r in rows if r.start_us is not None]
    ends = [r.end_us for r in rows if r.end_us is not None]
    return SourceStatus(
        name=source.name,
        medium=source.medium,
        basis=source.lawful_basis.value,
        document=source.document,
        records=sum(r.records for r in rows),
        bytes=sum(r.original_bytes for r in rows),
        packs=len(rows),
        from_us=min(starts, default=None),
        until_us=max(ends, default=None),
        undated=sum(r.records for r in rows if r.time_class != "dated"),
        opaque=sum(r.opaque for r in rows),
        bins=_bins(rows, whole),
        gaps=tuple(gaps_of(office, (source_id,))),
        read_bytes=sum(r.read_bytes for r in runs),
        held_bytes=sum(r.held_bytes for r in runs),
        framing_bytes=sum(r.framing_bytes for r in runs),
    )


def _bins(rows: list[PackRow], whole: tuple[int, int] | None) -> tuple[int, ...]:
    counts = [0.0] * BINS
    if whole is None:
        return tuple(0 for _ in counts)
    start, width = whole[0], max(whole[1] - whole[0], 1) / BINS
    for row in rows:
        if row.start_us is None or row.end_us is None:
            continue
        for number in range(BINS):
            left, right = start + number * width, start + (number + 1) * width
            shared = min(right, row.end_us) - max(left, row.start_us)
            if shared > 0:
                counts[number] += row.records * shared / (row.end_us - row.start_us)
    return tuple(max(round(count), 1) if count else 0 for count in counts)
