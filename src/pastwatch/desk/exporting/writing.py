"""Write what leaves a case: act checked, files made, ledger told, and only then a name given."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch import plugins
from pastwatch.desk.briefs.releasing import check_folder
from pastwatch.desk.case import CaseWork
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.desk.exporting import beside
from pastwatch.desk.exporting.choosing import Chosen, What, choose
from pastwatch.desk.exporting.pseudonyms import pseudonyms_of
from pastwatch.desk.exporting.taking import Taking
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.when import iso
from pastwatch.stages.export.taken import Exported, LeftBehind, Taken
from pastwatch.storage import durable

MANIFEST = "export.json"
_MADE = "exports_made"
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMade:
    """A file of an export."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportMade:
    """An export that was written: where, of what, what it left out, and its entry in the ledger."""

    folder: Path
    format: str
    basis: str
    pseudonymous: bool
    records: int
    counts: tuple[tuple[str, int], ...]
    left_out: tuple[LeftBehind, ...]
    files: int
    bytes: int
    manifest_sha256: str
    sequence: int


def export(
    case: CaseWork,
    format_name: str,
    out: Path,
    *,
    what: str = What.RELEVANT,
    context: int = 0,
    real_names: bool = False,
    originals: bool = False,
    bates_prefix: str = "PW",
) -> ExportMade:
    """Export records of a case into a folder that is empty or not there yet.

    NoAuthority for a whole slice, for the names of others and for originals, where the authority does
    not allow the act export. Order: files made in a hidden folder beside `out` → `export` entry with
    the hash of their list → the folder gets its name. A crash before the last leaves a hidden folder
    that ends in ".unfinished" and no export; run it again.
    """
    exporter = plugins.load("exports", format_name)
    chosen_what = _what(what)
    wide = chosen_what is What.SLICE or real_names or originals
    case.gate.check(Allowed.EXPORT if wide else Allowed.READ)
    check_folder(out)
    if context < 0:
        raise UsageError("so many neighbours a record has not", hint="--context 5")
    chosen = choose(case, chosen_what, context=context)
    if not len(chosen):
        raise UsageError(
            f"nothing leaves this case: {_why_nothing(chosen, chosen_what)}",
            hint="judge records with 'pastwatch mark', or cite them in a finding",
        )
    masks = pseudonyms_of(case, chosen.surveyed) if chosen.others and not real_names else None
    taking = Taking(
        case=case,
        chosen=chosen,
        pseudonyms=masks,
        words=case.authority.allows(Allowed.EXPORT),
        is_slice=chosen_what is What.SLICE,
        originals=originals,
    )
    taken = _taken(
        case,
        chosen,
        _basis(chosen, chosen_what, context),
        taking,
        real_names=real_names,
        bates_prefix=bates_prefix,
    )
    part = out.absolute().parent / f".{out.name}.{secrets.token_hex(8)}{durable.TEMPORARY_SUFFIX}"
    durable.make_dir(part)
    try:
        exported = exporter.write(taken, part)
        asked = _Asked(format_name, chosen_what, out)
        return _finish(case, asked, taken, taking, exported, part=part)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def formats() -> list[tuple[str, str]]:
    """The formats there are, each with what it says of itself in one line."""
    found = plugins.every("exports")
    return [
        (name, str(type(one).__doc__ or "").strip().split("\n")[0]) for name, one in found.items()
    ]


def _why_nothing(chosen: Chosen, what: What) -> str:
    if chosen.protected:
        return "all that would leave was judged protected"
    if what is What.SLICE:
        return "the slice holds no record"
    judged = ", and none was judged relevant" if what is What.RELEVANT else ""
    return f"no finding cites a record{judged}"


def _what(word: str) -> What:
    try:
        return What(word)
    except ValueError:
        raise UsageError(f'"{word}" is not what can be exported', hint=", ".join(What)) from None


def _taken(
    case: CaseWork,
    chosen: Chosen,
    basis: str,
    taking: Taking,
    *,
    real_names: bool,
    bates_prefix: str,
) -> Taken:
    findings, sources = beside.findings_of(case), beside.sources_of(case, chosen)
    return Taken(
        case_id=case.case_id,
        archive_id=case.office.policy.archive_id,
        event=case.event,
        authority=case.authority,
        made_us=case.office.clock(),
        made_by=case.office.person,
        basis=basis,
        pseudonymous=taking.pseudonyms is not None,
        sources=sources,
        findings=findings,
        records=taking.records(),
        record_count=len(chosen),
        withheld_count=chosen.protected,
        bates_prefix=bates_prefix,
        source_grades=beside.source_grades_of(case, sources),
        item_grades=beside.item_grades_of(case, chosen, findings),
        actors=beside.actors_of(case, chosen, real_names=real_names),
    )


def _basis(chosen: Chosen, what: What, context: int) -> str:
    own = f"{chosen.cited} cited in findings"
    if what is not What.CITED:
        own += f", {chosen.relevant} judged relevant"
    if what is What.SLICE:
        return f"all of the slice but what is protected: {len(chosen)} records, of them {own}"
    beside_them = f"; beside them {chosen.others} as context: what they answer"
    beside_them += f", and up to {context} either side" if context else ""
    return f"records: {own}" + (beside_them if chosen.others else "")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for: a format, how much, and where it is to stand."""

    format_name: str
    what: What
    out: Path


def _finish(
    case: CaseWork, asked: _Asked, taken: Taken, taking: Taking, exported: Exported, *, part: Path
) -> ExportMade:
    """List and hash what was written, tell the ledger, and give the folder its name."""
    files = [_file(part, name) for name in sorted(exported.files)]
    left = (*_left(case, taken, taking), *(one for one in exported.left_out if one.count))
    met = taking.met
    manifest = {
        "export": 1,
        "format": asked.format_name,
        "case": taken.case_id,
        "archive": taken.archive_id,
        "authority": taken.authority.authority_id,
        "event": taken.event.title,
        "made": iso(taken.made_us),
        "made_by": taken.made_by,
        "what": asked.what.value,
        "basis": taken.basis,
        "pseudonymous": taken.pseudonymous,
        "records": met.taken,
        "counts": dict(exported.counts),
        "left_out": [{"what": o.what, "count": o.count, "why": o.why} for o in left],
        "files": [{"name": f.name, "bytes": f.bytes, "sha256": f.sha256} for f in files],
    }
    raw = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    durable.write_new(part / MANIFEST, raw)
    entry = EntryDraft(
        act=Act.EXPORT,
        clock_us=case.office.clock(),
        authority=case.authority.authority_id,
        objects={
            "manifest": hashlib.sha256(raw).hexdigest(),
            "records": met.digest.hexdigest(),
        },
        outcome={
            "format": asked.format_name,
            "what": asked.what.value,
            "records": met.taken,
            "context": met.context,
            "pseudonymous": taken.pseudonymous,
            "originals": taking.originals,
            "findings": len(taken.findings),
            "files": len(files),
            "bytes": sum(f.bytes for f in files),
            "left_out": sum(one.count for one in left),
        },
    )
    (written,) = case.office.ledger.append([entry], case.office.ring.user().signing)
    made = ExportMade(
        folder=asked.out,
        format=asked.format_name,
        basis=taken.basis,
        pseudonymous=taken.pseudonymous,
        records=met.taken,
        counts=exported.counts,
        left_out=left,
        files=len(files),
        bytes=sum(f.bytes for f in files),
        manifest_sha256=entry.objects["manifest"],
        sequence=written.sequence,
    )
    durable.move_folder(part, asked.out)
    kept = case.papers.setting(_MADE, otherwise={})
    case.papers.put_setting(_MADE, {**kept, str(written.sequence): str(asked.out.absolute())})
    return made


def _file(folder: Path, name: str) -> FileMade:
    digest, size = hashlib.sha256(), 0
    with (folder / name).open("rb") as file:
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
            size += len(piece)
    return FileMade(name=name, bytes=size, sha256=digest.hexdigest())


def _left(case: CaseWork, taken: Taken, taking: Taking) -> Iterable[LeftBehind]:
    met = taking.met
    shut = sum(ref.inside for ref in case.gate.unreadable) if taking.is_slice else 0
    said = (
        ("records", taken.withheld_count, "judged protected"),
        ("records", met.unreadable + shut, "in blocks that do not open"),
        ("findings", len(case.papers.findings()) - len(taken.findings), "they cite a record judged protected"),
        ("words of records", met.withheld, "neither cited nor relevant, and no act export"),
        ("originals", met.without_original, "they name whom the export has under pseudonyms"),
    )  # fmt: skip
    return (LeftBehind(what=w, count=n, why=why) for w, n, why in said if n)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """An export that the ledger tells of."""

    sequence: int
    time_us: int
    format: str
    what: str
    records: int
    files: int
    bytes: int
    pseudonymous: bool
    manifest_sha256: str
    folder: str


def exports_made(case: CaseWork) -> list[ExportLine]:
    """What left the case so far in a format of others, by the ledger; first first."""
    kept = case.papers.setting(_MADE, otherwise={})
    found = []
    for entry in entries_of_case(case, Act.EXPORT):
        told: dict[str, Any] = dict(entry.outcome)
        if "format" not in told:
            continue
        found.append(
            ExportLine(
                sequence=entry.sequence,
                time_us=entry.time_us,
                format=told["format"],
                what=told["what"],
                records=told["records"],
                files=told["files"],
                bytes=told["bytes"],
                pseudonymous=told["pseudonymous"],
                manifest_sha256=entry.objects["manifest"],
                folder=kept.get(str(entry.sequence), ""),
            )
        )
    return found
