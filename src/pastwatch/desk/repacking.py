"""The custodian's act of repacking: which packs may be rewritten, under which locks, and its report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pastwatch.archive.catalogue import PackRow
from pastwatch.archive.frames import level_of
from pastwatch.archive.grant import packs_bound
from pastwatch.archive.repack import Repacked, Repacker, level_word, to_repack
from pastwatch.archive.repair import adopt
from pastwatch.desk.office import Office
from pastwatch.errors import UsageError
from pastwatch.storage.lock import FileLock


@dataclass(frozen=True, slots=True, kw_only=True)
class RepackReport:
    """What was rewritten, or in a dry run would be; `old_bytes` and `pack_bytes` are sealed bytes."""

    level: str
    packs: int
    already: int
    records: int
    old_bytes: int
    pack_bytes: int
    dry_run: bool


@dataclass(slots=True, kw_only=True)
class RepackProgress:
    """How far a repack is, in bytes of the packs it replaces."""

    total_bytes: int
    read_bytes: int = 0
    records: int = 0


def repack_packs(
    office: Office,
    *,
    level: str,
    source: str | None = None,
    dry_run: bool = False,
    on_progress: Callable[[RepackProgress], None] | None = None,
) -> RepackReport:
    """Rewrite the packs of a source, or of all, at another level; asks for the granting key.

    UsageError while an open case may hold keys of one of them: a case's keys open the packs it was
    granted and no others. ArchiveLocked while one of the sources is collected from, or a case
    opened.
    """
    chosen = level_of(level)
    wanted = office.source_id(source) if source is not None else None
    with contextlib.ExitStack() as held:
        held.enter_context(FileLock(office.place.granting_lock).try_now())
        for source_id in sorted({r.source_id for r in office.catalogue.packs(wanted)}):
            held.enter_context(FileLock(office.place.locks / f"{source_id}.lock").try_now())
        office.ledger.refresh()
        adopt(office.place, office.catalogue, office.ledger)
        every = office.catalogue.packs(wanted)
        rows = to_repack(every, ledger=office.ledger, level=chosen)
        _refuse_what_cases_hold(office, rows)
        done = [] if dry_run else _repack(office, rows, chosen, on_progress)
    return RepackReport(
        level=level_word(chosen),
        packs=len(rows),
        already=len(every) - len(rows),
        records=sum(r.records for r in rows),
        old_bytes=sum(r.pack_bytes for r in rows),
        pack_bytes=sum(d.pack_bytes for d in done),
        dry_run=dry_run,
    )


def _repack(
    office: Office,
    rows: Sequence[PackRow],
    level: int,
    on_progress: Callable[[RepackProgress], None] | None,
) -> list[Repacked]:
    if not rows:
        return []
    progress = RepackProgress(total_bytes=sum(r.pack_bytes for r in rows))

    def note(pack: Repacked) -> None:
        progress.read_bytes += pack.old_bytes
        progress.records += pack.records
        if on_progress:
            on_progress(progress)

    repacker = Repacker(
        level=level,
        store=office.store,
        ledger=office.ledger,
        catalogue=office.catalogue,
        custodian=office.ring.granting(),
        recipients=office.policy.recipients,
        clock=office.clock,
    )
    return repacker.repack(rows, on_pack=note)


def _refuse_what_cases_hold(office: Office, rows: Sequence[PackRow]) -> None:
    """UsageError if an open case's authority may reach one of the packs.

    Which packs a case was granted stands sealed in its grant; the bound of its authority, told
    from the catalogue, holds all of them.
    """
    named = {row.pack_id for row in rows}
    reached: list[str] = []
    packs: set[str] = set()
    for case in office.desk.cases(open_only=True):
        authority = office.desk.authority(case.authority_id).authority
        held = named & {r.pack_id for r in packs_bound(office.catalogue, authority)}
        if held:
            reached.append(case.case_id)
            packs |= held
    if reached:
        raise UsageError(
            f"an open case may hold keys of {len(packs)} of these packs: {', '.join(reached)}",
            hint="a repacked pack has new keys: close the case first, or name another --source",
        )
