"""What the holder of a released brief is told later: corrections, withdrawals, and signed notices."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rfc8785

from pastwatch.desk.briefs.editions import Issued, issued
from pastwatch.desk.briefs.kept import copies, version_named
from pastwatch.desk.briefs.releasing import sealed
from pastwatch.desk.case import CaseWork
from pastwatch.desk.overseeing import make_checkpoint
from pastwatch.errors import CaseDamaged, UsageError
from pastwatch.ledger.checkpoint import kept_checkpoints, parse_checkpoint
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.ledger.superseded import (
    CORRECTED,
    SUPERSEDED,
    WITHDRAWN,
    Told,
    release_entries,
    told_of_releases,
)
from pastwatch.model.authority import Act as Allowed
from pastwatch.storage import durable

FORMAT = "pastwatch notice 1"
_DECISION = "brief.notice"
_SALT_BYTES = 16
_VERSION = re.compile(r"b?[1-9][0-9]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMade:
    """A notice: of which version, what it tells, and the entry that a correction was written as."""

    path: str
    version: int
    told: tuple[str, ...]
    sequence: int | None = None
    still: tuple[str, ...] = ()
    """Findings corrected or withdrawn that stand in the case, and would be in the next brief."""


def issued_named(case: CaseWork, word: str) -> Issued:
    """A version by b2 or 2, or by the folder that a brief of it, or a copy, stands in (./b2)."""
    folder = Path(word)
    if _VERSION.match(word) or not (folder / "ledger.json").is_file():
        wanted = version_named(case, word).release_sequence
    else:
        try:
            shipped = json.loads((folder / "ledger.json").read_bytes())
            wanted = int(shipped["release"])
            entry = json.loads(base64.b64decode(shipped["entries"][str(wanted)]["entry"]))
            wanted = int(entry["outcome"].get("made_of", wanted))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise UsageError(f'"{folder.name}" is no brief that can be read') from None
    found = next((one for one in issued(case) if one.release_sequence == wanted), None)
    if found is None:
        raise UsageError(f'"{word}" is no version of this case\'s brief')
    return found


def correct(
    case: CaseWork, of: Issued, out: Path, *, findings: Sequence[str], reason: str
) -> NoticeMade:
    """Correct findings of a version, and write the notice to hand to whoever has it."""
    if not findings:
        raise UsageError("a correction names the findings it is of", hint="--findings f2,f3")
    return _told(case, of, out, kind=CORRECTED, findings=findings, reason=reason)


def withdraw(
    case: CaseWork, of: Issued, out: Path, *, findings: Sequence[str] = (), reason: str
) -> NoticeMade:
    """Withdraw findings of a version, or all of it, and write the notice."""
    return _told(case, of, out, kind=WITHDRAWN, findings=findings, reason=reason)


def write_notice(
    case: CaseWork, of: Issued, out: Path, *, sequence: int | None = None
) -> NoticeMade:
    """Write what the ledger tells of a version up to a new checkpoint, with all that proves it.

    It holds the checkpoint, the consistency proof from the ledger of the brief and of each copy, the
    entries that tell with their paths, and the words that those entries hold the hash of.
    """
    if out.exists():
        raise UsageError(f'"{out.name}" exists already', hint="name another with --out")
    office = case.office
    note = make_checkpoint(office)
    size = parse_checkpoint(note).size
    told = _line_of(of.release_sequence, told_of_releases(office.ledger))
    whole = {
        "format": FORMAT,
        **json.loads(
            sealed(
                office,
                note,
                {of.release_sequence, *(t.of for t in told), *(t.by for t in told)},
                release=of.release_sequence,
            )["ledger.json"]
        ),
        "consistency": {
            str(before): [h.hex() for h in office.ledger.consistency(before, size=size)]
            for before in _sizes(case, of)
        },
        "tells": [
            {"kind": t.kind, "of": t.of, "entry": t.by}
            | ({} if t.kind == SUPERSEDED else {"body": _words(case, t.by)})
            for t in told
        ],
    }
    durable.write_new(out, rfc8785.dumps(whole))
    return NoticeMade(
        path=str(out),
        version=of.version,
        told=tuple(f"{t.kind} by ledger entry {t.by}" for t in told),
        sequence=sequence,
    )


def _told(
    case: CaseWork, of: Issued, out: Path, *, kind: str, findings: Sequence[str], reason: str
) -> NoticeMade:
    """Order: words kept → entry with their hash → notice.

    A crash after the first leaves words that nothing names; after the second, `write_notice` makes
    the notice.
    """
    if not reason.strip():
        raise UsageError("what is told of a brief says why", hint="--reason")
    if out.exists():
        raise UsageError(f'"{out.name}" exists already', hint="name another with --out")
    case.gate.check(Allowed.READ)
    printed = {name for name, _ in of.kept.statements} if of.kept else set()
    strange = [name for name in findings if name not in printed]
    if strange:
        raise UsageError(
            f"version {of.version} has no finding {strange[0]}",
            hint=f"it has {', '.join(sorted(printed)) or 'none'}",
        )
    body: dict[str, Any] = {
        "kind": kind,
        "of": of.release_sequence,
        "findings": sorted(set(findings)),
        "reason": reason.strip(),
        "salt": secrets.token_hex(_SALT_BYTES),
    }
    office = case.office
    case.papers.decide(_DECISION, body, by=office.person, at_us=office.clock())
    entry = EntryDraft(
        act=Act.CORRECT,
        clock_us=office.clock(),
        authority=case.authority.authority_id,
        objects={"notice": _hash(body)},
        outcome={
            "kind": kind,
            "of": of.release_sequence,
            "version": of.version,
            "findings": tuple(body["findings"]),
        },
    )
    (written,) = office.ledger.append([entry], office.ring.user().signing)
    made = write_notice(case, of, out, sequence=written.sequence)
    standing = [f.finding_id for f in case.findings()]
    return replace(made, still=tuple(name for name in body["findings"] if name in standing))


def _words(case: CaseWork, sequence: int) -> dict[str, Any]:
    """The words that an entry of act "correct" holds the hash of."""
    wanted = case.office.ledger.entry(sequence).objects.get("notice")
    for decision in case.papers.decisions(_DECISION):
        if _hash(dict(decision.value)) == wanted:
            return dict(decision.value)
    raise CaseDamaged(f"the words of the notice of ledger entry {sequence} are not in the case")


def _hash(body: dict[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def _line_of(release: int, told: Sequence[Told]) -> list[Told]:
    """What is told of a release and of each that superseded it, in order."""
    found: list[Told] = []
    wanted = [release]
    for of in wanted:
        for one in told:
            if one.of == of and one not in found:
                found.append(one)
                if one.kind == SUPERSEDED:
                    wanted.append(one.by)
    return found


def _sizes(case: CaseWork, of: Issued) -> list[int]:
    """How large the ledger was in each checkpoint that was handed out with this version."""
    made = [e for e in release_entries(case.office.ledger) if e.act == Act.RELEASE]
    own = [
        e.sequence for e in made if of.release_sequence in (e.sequence, e.outcome.get("made_of"))
    ]
    signed = sorted({parse_checkpoint(n).size for n in kept_checkpoints(case.office.place.ledger)})
    first = {next((size for size in signed if size > sequence), 0) for sequence in own}
    kept = {of.kept.ledger_size} if of.kept else set()
    kept |= {c.ledger_size for c in copies(case) if c.copy_of == of.release_sequence}
    return sorted((first | kept) - {0})
