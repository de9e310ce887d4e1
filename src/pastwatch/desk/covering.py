"""Count what the searches of a case stand on: held, in scope, readable, scanned, shown."""

from __future__ import annotations

from typing import Any

from pastwatch.archive.gate import Gate
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.office import Office
from pastwatch.model.assessment import Coverage
from pastwatch.model.source import Gap
from pastwatch.stages.assess.coverage import coverage_of


def coverage_of_case(
    office: Office, gate: Gate, papers: CaseStore, *, query_ids: tuple[str, ...] = ()
) -> Coverage:
    """The coverage of a case now, of all its searches or of those named; every figure comes from the grant, the papers or the catalogue."""
    estimate: dict[str, Any] = papers.setting("estimate")
    chosen = gate.authority.scope.source_ids or tuple(office.sources())
    rows = [r for r in office.catalogue.packs() if r.source_id in chosen]
    unreadable = sum(papers.setting("damaged", otherwise={}).values())
    unreadable += sum(
        ref.inside
        for ref in gate.unreadable
        if f"{ref.pack_id}/{ref.block}" not in papers.setting("damaged", otherwise={})
    )
    in_scope = int(estimate["records"])
    searches = [papers.search(i) for i in query_ids] if query_ids else papers.searches()
    ended = [s for s in searches if s.ended]
    # A finished look has been over the whole slice: blocks the word index excludes hold no hit.
    scanned = in_scope - unreadable if ended else 0
    return coverage_of(
        {
            "held": sum(r.records for r in rows),
            "held_bytes": sum(r.original_bytes for r in rows),
            "in_scope": in_scope,
            "unreadable": unreadable,
            "scanned": scanned,
            "matched": min(papers.count_hit_records(query_ids), scanned),
            "shown": papers.count_shown(),
            "reviewed": papers.count_reviewed(),
            "undated": sum(r.records for r in rows if r.time_class == "undated"),
            "doubtful": sum(r.records for r in rows if r.time_class == "doubtful"),
            "protected": int(estimate["protected"]),
            "exposed": papers.count_opened().exposed,
            "counted": int(papers.setting("counted", otherwise=0)),
            "unknown_place": int(estimate["unknown_place"]),
        },
        gaps=gaps_of(office, chosen),
        queries=[s.text for s in searches],
    )


def gaps_of(office: Office, source_ids: tuple[str, ...]) -> list[Gap]:
    """The gaps of the sources, one a reason, so that thousands print as a line."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in office.catalogue.gaps():
        if row.source_id in source_ids:
            held = sums.setdefault((row.source_id, row.reason), [0, 0, 0])
            held[0] += row.bytes
            held[1] += row.lost or 0
            held[2] += row.lost is None
    return [
        Gap(
            source_id=source_id,
            reason=reason,
            bytes=count,
            lost_records_at_most=None if unknown else lost,
        )
        for (source_id, reason), (count, lost, unknown) in sorted(sums.items())
    ]
