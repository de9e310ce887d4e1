"""Release a brief: gather what the case holds, write it, log it, and tie it to a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pastwatch.desk.briefs.gathering import gather, opened_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.office import Office
from pastwatch.desk.overseeing import make_checkpoint
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.stages.assess.coverage import lines
from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.reader import OpenedRecord
from pastwatch.stages.brief.release import (
    entries_needed,
    files,
    release_objects,
    seal_files,
)
from pastwatch.storage import durable


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefMade:
    """A released brief: its folder, and the entry of the ledger that holds its hashes."""

    folder: Path
    sentences: int
    cited: int
    release_sequence: int


def release(case: CaseWork, out: Path, *, title: str | None = None) -> BriefMade:
    """Write the brief of a case into a folder that is empty or not there yet."""
    check_folder(out)
    given = gather(case, title or case.event.title)
    return write_brief(case, given, out, opened=opened_of(case, given))


def check_folder(out: Path) -> None:
    """UsageError for what is there already and is no empty folder; call it before work is done."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f'"{out.name}" is not an empty folder', hint="name another with --out")


def write_brief(
    case: CaseWork,
    given: BriefInput,
    out: Path,
    *,
    opened: Sequence[OpenedRecord] = (),
    redact: bool = False,
    outcome: Mapping[str, int | str] | None = None,
) -> BriefMade:
    """Release a brief that was gathered; `outcome` is added to what its ledger entry says.

    Order: files made → `release` entry with their hashes → checkpoint → files written. A crash
    before the last leaves an entry and no brief; run it again.
    """
    check_folder(out)
    office = case.office
    outline = build(given, coverage_lines=lines)
    made = files(outline, opened=opened, redact=redact)
    entry = EntryDraft(
        act=Act.RELEASE,
        clock_us=office.clock(),
        authority=case.authority.authority_id,
        objects=release_objects(made),
        outcome={"cited": len(given.cited), "findings": len(given.findings), **(outcome or {})},
    )
    (written,) = office.ledger.append([entry], office.ring.user().signing)
    note = make_checkpoint(office)
    size = int(note.split(b"\n")[1])
    wanted = {*entries_needed(outline), written.sequence, *_policies(office)}
    whole = {
        number: (
            next(office.ledger.raw(number, number + 1)),
            office.ledger.inclusion(number, size=size),
        )
        for number in sorted(wanted)
    }
    policies = [(n, office.place.policy.read_bytes()) for n in _policies(office)]
    made |= seal_files(checkpoint=note, policies=policies, release=written.sequence, entries=whole)
    durable.make_dir(out)
    for name, raw in made.items():
        durable.write_new(out / name, raw)
    return BriefMade(
        folder=out,
        sentences=sum(1 for _ in outline.sentences()),
        cited=len(given.cited),
        release_sequence=written.sequence,
    )


def _policies(office: Office) -> list[int]:
    return [e.sequence for e in office.ledger.entries() if e.act == Act.POLICY]
