"""Count what the searches of a case stand on: held, in scope, readable, scanned, shown."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from pastwatch.archive.block import BlockRef
from pastwatch.archive.gate import Gate
from pastwatch.casefile.searches import OpenedBlock
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.office import Office
from pastwatch.desk.soundlist import Minutes, list_sound, minutes_of
from pastwatch.errors import AuthorityError
from pastwatch.model.assessment import Coverage
from pastwatch.model.note import Code
from pastwatch.model.source import Gap
from pastwatch.stages.assess.coverage import coverage_of, sound_lines

VOICE = "voice"
SAMPLE_READ = "negative-end"
"""The decision that a sample was read to its end."""


def coverage_of_case(
    office: Office,
    gate: Gate,
    papers: CaseStore,
    *,
    query_ids: tuple[str, ...] = (),
    brought: Callable[[], frozenset[bytes]] = frozenset,
) -> Coverage:
    """The coverage of a case now, of all its searches or of those named; every figure comes from the grant, the papers or the catalogue.

    `brought` gives the records that were brought to the case: they are no part of its slice, and
    what was shown or judged of them is in no count.
    """
    minutes = _minutes(office, gate, papers)
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
    apart = _shown_of(papers, brought)
    return coverage_of(
        {
            "held": sum(r.records for r in rows),
            "held_bytes": sum(r.original_bytes for r in rows),
            "in_scope": in_scope,
            "unreadable": unreadable,
            "scanned": scanned,
            "matched": min(papers.count_hit_records(query_ids), scanned),
            "shown": min(papers.count_shown() - len(apart), in_scope),
            "reviewed": papers.count_reviewed() - sum(_is_judged(papers, i) for i in apart),
            "sampled": min(_sampled(papers), in_scope - unreadable),
            "undated": sum(r.records for r in rows if r.time_class == "undated"),
            "doubtful": sum(r.records for r in rows if r.time_class == "doubtful"),
            "protected": int(estimate["protected"]),
            "exposed": papers.count_opened().exposed,
            "counted": int(papers.setting("counted", otherwise=0)),
            "unknown_place": int(estimate["unknown_place"]),
            "audio_minutes_held": minutes.held,
            "audio_minutes_machine": minutes.machine,
            "audio_minutes_human": minutes.human,
        },
        gaps=gaps_of(office, chosen),
        queries=[s.text for s in searches],
    )


def _shown_of(papers: CaseStore, brought: Callable[[], frozenset[bytes]]) -> set[bytes]:
    """Of the records that were brought to the case, those that were shown; each once."""
    with contextlib.suppress(AuthorityError):  # over by now: they cannot be told apart any more
        if apart := brought():
            return set(apart.intersection(papers.shown_records(limit=papers.count_shown())))
    return set()


def _is_judged(papers: CaseStore, record_id: bytes) -> bool:
    return any(j.code is not Code.DEFER for j in papers.latest_judgements(record_id))


def _sampled(papers: CaseStore) -> int:
    """Records of the conversations that were drawn for findings of nothing, and read."""
    return sum(int(ended.value["records"]) for ended in papers.decisions(SAMPLE_READ))


def _minutes(office: Office, gate: Gate, papers: CaseStore) -> Minutes:
    """The minutes of sound and who heard them; what sources of voice hold is listed first.

    Sound attached to other records is in them once it was listed: a coverage opens no mail for it.
    """
    named = cast("Mapping[str, Mapping[str, object]]", gate.facts.get("sources", {}))
    voice = {i for i, source in named.items() if source.get("medium") == VOICE}
    with contextlib.suppress(AuthorityError):  # over by now: what was listed before still counts
        list_sound(
            gate,
            papers,
            at_us=office.clock(),
            note_opened=partial(note_opened, office, gate, papers),
            only_sources={b.source_id for b in gate.blocks} & voice,
            large_only=True,
        )
    return minutes_of(papers)


def note_opened(
    office: Office,
    gate: Gate,
    papers: CaseStore,
    opened: Sequence[BlockRef],
    damaged: Mapping[BlockRef, str],
) -> None:
    """Add what was opened to the case's account of opened blocks, and what did not open."""
    counts = gate.block_counts(opened)
    rows = [OpenedBlock(bytes.fromhex(r.pack_id), r.block, *counts[r]) for r in opened]
    if rows:
        papers.add_opened(rows, at_us=office.clock())
    if damaged:
        known = papers.setting("damaged", otherwise={})
        known.update({f"{r.pack_id}/{r.block}": r.inside for r in damaged})
        papers.put_setting("damaged", known)


def sound_sentences(coverage: Coverage) -> tuple[str, ...]:
    """What a coverage says of recorded sound, as the brief says it; nothing where none is held."""
    return sound_lines(coverage)


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
