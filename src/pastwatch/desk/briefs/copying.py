"""Numbered copies of a released brief: each with its number on its pages, and its own release."""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch.desk.briefs.editions import Issued
from pastwatch.desk.briefs.kept import COPY, copies
from pastwatch.desk.briefs.notices import issued_named
from pastwatch.desk.briefs.releasing import check_folder, numbering, sealed, write_files
from pastwatch.desk.case import CaseWork
from pastwatch.desk.overseeing import make_checkpoint
from pastwatch.errors import IntegrityError, UsageError
from pastwatch.ledger.checkpoint import parse_checkpoint
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.ledger.superseded import release_entries
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.edition import BriefCopy
from pastwatch.sealing.derive import keyed
from pastwatch.stages.brief import verifier
from pastwatch.stages.brief.release import LEDGER, release_objects

_SALT_BYTES = 32
_HEADER = re.compile(rb'<header[^>]*>(?:<span class="mark">[^<]*</span>)?')
_TITLE = re.compile(rb"\A# [^\n]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMade:
    """A numbered copy: its folder, of which version, and its own entry of the ledger.

    `left_out` are files of the brief that a number cannot be printed on: they are not in the copy.
    """

    folder: str
    number: int
    version: int
    release_sequence: int
    left_out: tuple[str, ...]


def copy_brief(case: CaseWork, folder: Path, out: Path, *, to: str) -> CopyMade:
    """Make the next copy of a brief that stands in a folder, for somebody named.

    Every sentence, citation and proof is that of the brief. The pages bear the copy's number; who
    has it stands in the papers, and in the ledger as a keyed hash. IntegrityError for a brief that
    does not verify.

    Order: files made → `release` entry → checkpoint → files written → copy kept. A crash before the
    last leaves an entry, or a copy that the papers do not know: its number is not given again.
    """
    check_folder(out)
    if not to.strip():
        raise UsageError("a copy is made for somebody", hint="--to")
    case.gate.check(Allowed.READ)
    of = issued_named(case, str(folder))
    report = verifier.verify(folder)
    if report.problems:
        raise IntegrityError(f'"{folder.name}" is not what was released: no copy is made of it')
    shipped = json.loads((folder / LEDGER).read_bytes())
    if int(shipped["release"]) != of.release_sequence:
        raise UsageError(f'"{folder.name}" is a copy itself', hint="make copies of the brief")
    with numbering(case).wait():
        return _copied(case, of, folder, out, to=to.strip(), shipped=shipped)


def _copied(
    case: CaseWork, of: Issued, folder: Path, out: Path, *, to: str, shipped: dict[str, Any]
) -> CopyMade:
    number, salt = _next(case), secrets.token_bytes(_SALT_BYTES)
    released = {
        p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.name in _released(shipped)
    }
    made = {
        name: stamped for name, raw in released.items() if (stamped := _stamp(name, raw, number))
    }
    office = case.office
    entry = EntryDraft(
        act=Act.RELEASE,
        clock_us=office.clock(),
        authority=case.authority.authority_id,
        objects=release_objects(made),
        outcome={
            "copy": number,
            "made_of": of.release_sequence,
            "version": of.version,
            "recipient": keyed(salt, to.encode()).hex(),
        },
    )
    (written,) = office.ledger.append([entry], office.ring.user().signing)
    note = make_checkpoint(office)
    wanted = {int(n) for n in shipped["entries"]}
    made |= sealed(office, note, wanted, release=written.sequence)
    write_files(out, made)
    kept = BriefCopy(
        number=number,
        version=of.version,
        copy_of=of.release_sequence,
        release_sequence=written.sequence,
        ledger_size=parse_checkpoint(note).size,
        recipient=to,
        salt=salt,
    )
    case.papers.enter(COPY, [kept], by=office.person, at_us=office.clock())
    return CopyMade(
        folder=str(out),
        number=number,
        version=of.version,
        release_sequence=written.sequence,
        left_out=tuple(sorted(set(released) - set(made))),
    )


def _next(case: CaseWork) -> int:
    """The number after the highest that the ledger or the papers know of this case."""
    told = [
        int(str(e.outcome["copy"]))
        for e in release_entries(case.office.ledger)
        if e.authority == case.authority.authority_id and "copy" in e.outcome
    ]
    return max([0, *told, *(c.number for c in copies(case))]) + 1


def _released(shipped: dict[str, Any]) -> set[str]:
    """The files that the release of a verified brief names."""
    entries, release = shipped["entries"], str(shipped["release"])
    line = base64.b64decode(entries[release]["entry"])
    return {name for name in json.loads(line)["objects"] if "." in name}


def _stamp(name: str, raw: bytes, number: int) -> bytes | None:
    """A file of the brief with the copy's number on it; None where none can be printed on it."""
    if name.endswith(".html"):
        mark = f'<span class="edition">Copy {number}</span>'.encode()
        return _HEADER.sub(lambda found: found[0] + mark, raw, count=1)
    if name.endswith(".md"):
        return _TITLE.sub(lambda found: found[0] + f"\nCopy {number}\n".encode(), raw, count=1)
    return raw if name.endswith((".json", ".py", ".svg")) else None
