"""Bring files to an open case as evidence: sealed first, then opened under an authority of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pastwatch.archive.identity import record_id
from pastwatch.desk.case import CaseWork, sources_told
from pastwatch.desk.collecting import CollectReport, collect_into
from pastwatch.errors import SourceError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Files that a case now holds as records: by file, in the order given."""

    records: tuple[tuple[Path, bytes], ...]  # (file, record id)
    new_records: int
    already_held: int


def bring(
    case: CaseWork,
    paths: Sequence[Path],
    *,
    source: str,
    basis: str,
    connector: str,
    medium: str,
    ground: str,
    handover: Path | None = None,
) -> Brought:
    """Seal files, one record each, into a source of the case, and open that source to it.

    What is sealed already is not sealed twice, and what the case can read already needs no new
    authority. Asks for the granting key where it does. SourceError for a file that cannot be read
    or gave no record.
    """
    files = list(_files(paths))
    if not files:
        raise UsageError("no file was named")
    shas = [_sha256(path) for path in files]
    wanted = dict(zip(shas, files, strict=True))
    held = _held(case, wanted)
    report: CollectReport | None = None
    if missing := [path for sha, path in wanted.items() if sha not in held]:
        report = collect_into(
            case.office,
            missing,
            source=source,
            basis=basis,
            connector=connector,
            medium=medium,
            handover=handover,
        )
        found = case.office.source_named(source)
        if found is None:
            raise SourceError(f'nothing was sealed into source "{source}"')
        case.bring(found, ground=ground)
        held |= _held(case, wanted)
    lost = [path.name for sha, path in wanted.items() if sha not in held]
    if lost:
        raise SourceError(f'"{lost[0]}" became no record of its own', hint="is it empty?")
    return Brought(
        records=tuple((path, held[sha]) for path, sha in zip(files, shas, strict=True)),
        new_records=report.collected.taken.records if report else 0,
        already_held=report.collected.taken.already_held if report else 0,
    )


def original_of(case: CaseWork, of: bytes) -> bytes:
    """The exact bytes of a file that was brought to the case, or of a record of its slice."""
    ref = case.ref_anywhere(of)
    return case.gate_of(ref).original(ref)


def records_of_medium(case: CaseWork, medium: str) -> list[bytes]:
    """The ids of the records of a medium that the case can read, in order of time, each once."""
    found: dict[bytes, None] = {}
    shut = case.papers.protected_ids()
    for gate in (case.gate, *case.annexes):
        own = {i for i, told in sources_told(gate).items() if told["medium"] == medium}
        if own:
            index = gate.index()
            of_medium = np.array([source in own for source in index.source], dtype=bool)
            ids = index.record_ids[of_medium[index.pack]].tolist() if len(index) else []
            found |= dict.fromkeys(one for one in map(bytes, ids) if one not in shut)
    return list(found)


def _held(case: CaseWork, wanted: Iterable[str]) -> dict[str, bytes]:
    """Of the files wanted, by their hash, the records that the case can read already."""
    found: dict[str, bytes] = {}
    collector = case.office.ring.collector()
    for gate in (case.gate, *case.annexes):
        index = gate.index()
        for source_id in dict.fromkeys(index.source):
            key = collector.source_keys(source_id).id_key
            for sha in wanted:
                # A file that is one record is the first of its bytes in its container.
                one = record_id(key, bytes.fromhex(sha), 0)
                if index.place_of(one) is not None:
                    found.setdefault(sha, one)
    return found


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        elif path.is_file():
            yield path
        else:
            raise SourceError(f'"{path.name}" cannot be read')


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        raise SourceError(f'"{path.name}" cannot be read') from None
