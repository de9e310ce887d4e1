"""Release a brief: gather what the case holds, write it, log it, and tie it to a checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pastwatch.desk.briefs.editions import issue, keep_version, made_of_last, told_in_entry
from pastwatch.desk.briefs.gathering import gather, opened_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.office import Office
from pastwatch.desk.overseeing import make_checkpoint
from pastwatch.desk.wording_briefs import BriefRemark, remarks_on
from pastwatch.errors import UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.edition import Footing
from pastwatch.stages.assess.coverage import lines
from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.reader import OpenedRecord
from pastwatch.stages.brief.release import (
    entries_needed,
    files,
    papers,
    release_objects,
    seal_files,
)
from pastwatch.storage import durable
from pastwatch.storage.lock import FileLock

_LOCK = "release.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefMade:
    """A released brief: its folder, and the entry of the ledger that holds its hashes."""

    folder: Path
    sentences: int
    cited: int
    release_sequence: int
    version: int = 1
    supersedes: int = -1
    stale: tuple[str, ...] = ()
    remarks: tuple[BriefRemark, ...] = ()
    """What the linter says of its words; a brief is released all the same."""
    files: tuple[str, ...] = ()


def release(
    case: CaseWork,
    out: Path,
    *,
    title: str | None = None,
    formats: Sequence[str] | None = None,
) -> BriefMade:
    """Write the next version of a case's brief into a folder that is empty or not there yet.

    `formats` names exporters beside HTML, Markdown and JSON; without it, every paper format whose
    packages are installed.
    """
    check_folder(out)
    asked = papers() if formats is None else tuple(formats)
    given = gather(case, title or case.event.title)
    with numbering(case).wait():
        edition, footings = issue(case, given)
        given = replace(given, edition=edition)
        return write_brief(
            case, given, out, opened=opened_of(case, given), footings=footings, formats=asked
        )


def numbering(case: CaseWork) -> FileLock:
    """The lock under which versions and copies are numbered, so that no two bear one number."""
    return FileLock(Path(case.case.folder) / _LOCK)


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
    footings: tuple[Footing, ...] | None = None,
    formats: Sequence[str] = (),
) -> BriefMade:
    """Release a brief that was gathered; `outcome` is added to what its ledger entry says.

    With `footings` it is a version of the case's brief and is kept as one; without, it is made of
    the last version for a purpose of its own, and is superseded with it.

    Order: files made → `release` entry with their hashes → checkpoint → files written → version
    kept. A crash before the last leaves an entry and no brief, or one that the papers do not know;
    run it again, and the version after it supersedes that entry.
    """
    check_folder(out)
    office = case.office
    if footings is None:
        given, made_of = made_of_last(case, given)
        outcome = {**made_of, **(outcome or {})}
    else:
        outcome = {**told_in_entry(given.edition), **(outcome or {})}
    outline = build(given, coverage_lines=lines)
    made = files(outline, opened=opened, redact=redact, formats=formats)
    entry = EntryDraft(
        act=Act.RELEASE,
        clock_us=office.clock(),
        authority=case.authority.authority_id,
        objects=release_objects(made),
        outcome={"cited": len(given.cited), "findings": len(given.findings), **outcome},
    )
    (written,) = office.ledger.append([entry], office.ring.user().signing)
    note = make_checkpoint(office)
    size = int(note.split(b"\n")[1])
    made |= sealed(office, note, entries_needed(outline), release=written.sequence)
    write_files(out, made)
    if footings is not None:
        keep_version(
            case,
            given,
            made,
            release_sequence=written.sequence,
            ledger_size=size,
            rested_on=footings,
        )
    return BriefMade(
        folder=out,
        sentences=sum(1 for _ in outline.sentences()),
        cited=len(given.cited),
        release_sequence=written.sequence,
        version=given.edition.number,
        supersedes=given.edition.supersedes,
        stale=tuple(name for name, _ in given.edition.stale),
        remarks=remarks_on(outline),
        files=tuple(sorted(made)),
    )


def sealed(office: Office, note: bytes, wanted: Iterable[int], *, release: int) -> dict[str, bytes]:
    """`ledger.json` under a checkpoint: the entries wanted, the release, and every policy."""
    size = int(note.split(b"\n")[1])
    laid_down = policies_of(office)
    whole = {
        number: (
            next(office.ledger.raw(number, number + 1)),
            office.ledger.inclusion(number, size=size),
        )
        for number in sorted({*wanted, release, *laid_down})
    }
    policies = [(n, office.place.policy.read_bytes()) for n in laid_down]
    return seal_files(checkpoint=note, policies=policies, release=release, entries=whole)


def write_files(out: Path, made: Mapping[str, bytes]) -> None:
    """Write a released folder, once the ledger tells of it."""
    durable.make_dir(out)
    for name, raw in made.items():
        durable.write_new(out / name, raw)


def policies_of(office: Office) -> list[int]:
    """The entries that laid down a policy."""
    return [e.sequence for e in entries_of(office.ledger, Act.POLICY)]
