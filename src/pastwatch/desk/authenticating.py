"""Checks of authenticity over the restored originals of a case: remarks with places, no verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pastwatch.archive.block import RecordRef
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.case import CaseWork
from pastwatch.errors import UsageError
from pastwatch.stages.enrich.continuity import ids, numbers
from pastwatch.stages.enrich.embedded import embedded
from pastwatch.stages.enrich.held import KIND, VERSION, Check, Held, Outcome, Remark
from pastwatch.stages.enrich.madeby import made_by
from pastwatch.stages.enrich.otherside import other_side
from pastwatch.stages.enrich.received import received
from pastwatch.stages.enrich.signed import dkim, keys_of

_AT_ONCE = 1000  # records whose originals are in memory together, and in one entry of the ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checks saw: records read, and the remarks in order."""

    records: int
    remarks: tuple[Remark, ...]

    def counts(self) -> dict[str, Counter[Outcome]]:
        """Outcomes by check."""
        found: dict[str, Counter[Outcome]] = {}
        for remark in self.remarks:
            found.setdefault(remark.check, Counter())[remark.outcome] += 1
        return found


def authenticate(
    case: CaseWork,
    *,
    whole_slice: bool = False,
    keys: Path | None = None,
    sides: Sequence[str] = (),
) -> Checked:
    """Check the records hit in a case, or its whole slice, and keep each new remark.

    `keys` is a file of DKIM keys; `sides` two sources that hold one conversation. Reading the
    originals is logged as every reading. UsageError for a source that is not in the slice.
    """
    known = set(case.source_names.values())
    if sides and (len(sides) != 2 or not set(sides) <= known):  # noqa: PLR2004 - one and another
        raise UsageError("name two sources of this slice", hint=", ".join(sorted(known)))
    checks: list[Check] = [received, dkim(_keys(keys)), ids, numbers, made_by, embedded]
    if sides:
        checks.append(other_side(sides[0], sides[1]))
    held = list(_held(case, _of_slice(case) if whole_slice else _of_hits(case)))
    remarks = tuple(remark for check in checks for remark in check(held))
    _keep(case.papers, remarks, case.office.clock())
    return Checked(records=len(held), remarks=remarks)


def checked_lines(case: CaseWork, record_ids: Sequence[bytes]) -> tuple[str, ...]:
    """What is kept of checks of these records, a line a check, as in `received: 3 agrees.`."""
    found: dict[str, Counter[str]] = {}
    for record_id in record_ids:
        for kept in case.papers.annotations(record_id, version=VERSION):
            room, _, check = kept.annotation.kind.partition("/")
            if room == KIND:
                outcome = kept.annotation.value.partition(":")[0]
                found.setdefault(check, Counter())[outcome] += 1
    return tuple(
        f"{check}: " + ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(told.items())) + "."
        for check, told in sorted(found.items())
    )


def _keys(path: Path | None) -> Mapping[str, str]:
    if path is None:
        return {}
    try:
        return keys_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageError(f'"{path.name}" cannot be read') from wrong


def _of_hits(case: CaseWork) -> list[RecordRef]:
    found: dict[RecordRef, None] = {}
    offset = 0
    while page := case.papers.hits(offset=offset, limit=_AT_ONCE):
        offset += len(page)
        for placed in page:
            found[RecordRef(placed.pack_id.hex(), placed.block, placed.row)] = None
    return list(found)


def _of_slice(case: CaseWork) -> list[RecordRef]:
    index = case.gate.index()
    return [index.ref(at) for at in range(len(index))]


def _held(case: CaseWork, refs: list[RecordRef]) -> Iterator[Held]:
    for at in range(0, len(refs), _AT_ONCE):
        batch = refs[at : at + _AT_ONCE]
        for record, original in case.gate.originals(batch):
            source = case.source_name(record.envelope.source_id)
            yield Held(record=record, source=source, original=original)


def _keep(papers: CaseStore, remarks: Sequence[Remark], at_us: int) -> None:
    """Add the remarks that are not kept yet in this version."""
    known: dict[bytes, set[tuple[str, str]]] = {}
    new = []
    for remark in remarks:
        annotation = remark.annotation()
        if remark.record_id not in known:
            kept = papers.annotations(remark.record_id, version=VERSION)
            known[remark.record_id] = {(k.annotation.kind, k.annotation.value) for k in kept}
        if (annotation.kind, annotation.value) not in known[remark.record_id]:
            new.append(annotation)
    papers.add_annotations(new, at_us=at_us)
