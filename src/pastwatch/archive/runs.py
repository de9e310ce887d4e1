"""The accounts of collecting: what a source is, what a run read, and where every byte went."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import rfc8785

from pastwatch.archive.catalogue import Catalogue, GapRow, RunRow
from pastwatch.archive.identity import Tokens
from pastwatch.archive.place import Place
from pastwatch.errors import ArchiveLocked, IntegrityError
from pastwatch.ledger.entry import Act, Entry, EntryDraft
from pastwatch.ledger.log import Ledger
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.source import Gap, Handover, Source
from pastwatch.sealing import seal
from pastwatch.sealing.signing import SigningKey
from pastwatch.storage import durable


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A file that a run read: its name, size, and hash (none for a folder)."""

    name: str
    bytes: int
    sha256: str = ""


def add_source(
    here: Place,
    source: Source,
    handover: Handover | None,
    *,
    ledger: Ledger,
    catalogue: Catalogue,
    signer: SigningKey,
    recipients: Sequence[str],
    clock_us: int,
) -> None:
    """Register a source: its basis in clear, its handover sealed, both hashed into the ledger."""
    if any(name == source.name for _, name, _ in catalogue.sources()):
        raise ArchiveLocked(
            f'source "{source.name}" was registered by another process just now',
            hint="start again",
        )
    plain = rfc8785.dumps(to_plain(source))
    sealed = seal.wrap(
        json.dumps(to_plain(handover)).encode() if handover else b"null", recipients=recipients
    )
    durable.write_new(here.sources / f"{source.source_id}.json", plain)
    durable.write_new(here.sources / f"{source.source_id}.age", sealed)
    entry = EntryDraft(
        act=Act.SOURCE_ADD,
        clock_us=clock_us,
        objects={
            "source": hashlib.sha256(plain).hexdigest(),
            "handover": hashlib.sha256(sealed).hexdigest(),
        },
        outcome={
            "source_id": source.source_id,
            "basis": source.lawful_basis.value,
            "document": source.document_sha256 or None,
            "handover": handover is not None,
        },
    )
    (written,) = ledger.append([entry], signer)
    with catalogue.changing():
        catalogue.add_source(
            source.source_id, name=source.name, plain=plain.decode(), sequence=written.sequence
        )


def source_of_entry(here: Place, entry: Entry) -> tuple[str, str, str]:
    """(source id, name, plain) of a source, from its file, checked against its ledger entry."""
    source_id = str(entry.outcome["source_id"])
    try:
        plain = (here.sources / f"{source_id}.json").read_bytes()
    except OSError:
        raise IntegrityError(f"the description of source {source_id} is missing") from None
    if hashlib.sha256(plain).hexdigest() != entry.objects["source"]:
        raise IntegrityError(f"the description of source {source_id} is changed")
    return source_id, from_plain(Source, json.loads(plain)).name, plain.decode()


def end_run(
    here: Place,
    run: RunRow,
    gaps: Sequence[Gap],
    containers: Sequence[Container],
    *,
    framing: Mapping[str, int],
    tokens: Tokens,
    ledger: Ledger,
    catalogue: Catalogue,
    signer: SigningKey,
    recipients: Sequence[str],
) -> RunRow:
    """Close a run's account: the sealed manifest and the account durable, then entry, then row."""
    rows = [_gap_row(gap, number, run, tokens) for number, gap in enumerate(gaps)]
    manifest = json.dumps([asdict(c) for c in containers]).encode()
    sealed = seal.wrap(manifest, recipients=recipients)
    account = rfc8785.dumps(
        {"run": asdict(run), "gaps": [asdict(r) for r in rows], "framing": dict(framing)}
    )
    durable.write_new(here.runs / f"{run.run_id}.age", sealed)
    durable.write_new(here.runs / f"{run.run_id}.json", account)
    entry = EntryDraft(
        act=Act.COLLECT_RUN,
        clock_us=run.ended_us,
        objects={
            "account": hashlib.sha256(account).hexdigest(),
            "manifest": hashlib.sha256(sealed).hexdigest(),
        },
        outcome={name: getattr(run, name) for name in RunRow.__slots__ if name != "sequence"},
    )
    (written,) = ledger.append([entry], signer)
    closed = replace(run, sequence=written.sequence)
    with catalogue.changing():
        catalogue.add_run(closed, rows)
    return closed


def read_run(here: Place, entry: Entry) -> tuple[RunRow, list[GapRow]]:
    """A run's account from its file, checked against its ledger entry."""
    run_id = str(entry.outcome["run_id"])
    try:
        raw = (here.runs / f"{run_id}.json").read_bytes()
    except OSError:
        raise IntegrityError(f"the account of run {run_id} is missing") from None
    if hashlib.sha256(raw).hexdigest() != entry.objects["account"]:
        raise IntegrityError(f"the account of run {run_id} is changed")
    plain: dict[str, Any] = json.loads(raw)
    run = RunRow(**{**plain["run"], "sequence": entry.sequence})
    return run, [GapRow(**gap) for gap in plain["gaps"]]


def _gap_row(gap: Gap, number: int, run: RunRow, tokens: Tokens) -> GapRow:
    """A gap met again in the same place of the same file has the same id, and counts once."""
    container = tokens.container(gap.container)
    place = number if gap.offset is None else gap.offset
    name = f"{run.source_id}/{container}/{place}/{gap.bytes}/{gap.reason}"
    return GapRow(
        gap_id=hashlib.sha256(name.encode()).hexdigest()[:32],
        run_id=run.run_id,
        source_id=run.source_id,
        reason=gap.reason,
        bytes=gap.bytes,
        lost=gap.lost_records_at_most,
        container=container,
        at=gap.offset,
    )
