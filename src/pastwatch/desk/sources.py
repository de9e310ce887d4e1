"""A source and a run that seals into it: admitted on a lawful basis, locked, and accounted for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pastwatch.archive.catalogue import RunRow
from pastwatch.archive.runs import add_source, end_run
from pastwatch.archive.writer import Writer
from pastwatch.desk.office import Office
from pastwatch.desk.standing import expire
from pastwatch.desk.tapping import Tap, tap_of
from pastwatch.errors import UsageError
from pastwatch.model.source import Handover, LawfulBasis, Source
from pastwatch.stages.collect.run import Collected, new_run_id
from pastwatch.storage.lock import FileLock


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A source that may be sealed into; a new one is registered when its first run begins."""

    source: Source
    handover: Handover | None
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run under way: its writer, how it ends, and what examines its records on their way in."""

    office: Office
    source: Source
    run_id: str
    writer: Writer
    tap: Tap | None = None

    def end(self, done: Collected) -> RunRow:
        """Seal the account of what was done, and enter it in the ledger."""
        office, ring = self.office, self.office.ring.collector()
        return end_run(
            office.place,
            done.row(run_id=self.run_id, source_id=self.source.source_id, ended_us=office.clock()),
            done.gaps,
            done.containers,
            framing=done.framing,
            tokens=self.writer.tokens,
            ledger=office.ledger,
            catalogue=office.catalogue,
            signer=ring.key.signing,
            recipients=office.policy.recipients,
        )


def admit(
    office: Office,
    name: str,
    *,
    basis: str | None,
    document: Path | None,
    handover: Handover | None,
    medium: str,
    live: bool = False,
) -> Admitted:
    """The source by its name, or a new one; UsageError when basis or document do not fit."""
    existing = office.source_named(name)
    source = existing or _new_source(office, name, basis, document, medium, live=live)
    if existing and basis and existing.lawful_basis != basis:
        raise UsageError(
            f'source "{existing.name}" is held on the basis "{existing.lawful_basis}"',
            hint="collect on another basis into a source of its own",
        )
    if existing and document and _sha256(document) != existing.document_sha256:
        raise UsageError(
            f'source "{name}" stands on another document',
            hint="collect what another document covers into a source of its own",
        )
    return Admitted(source=source, handover=handover, is_new=existing is None)


@contextmanager
def sealing(
    office: Office, admitted: Admitted, *, level: int, watch: bool = False
) -> Iterator[Run]:
    """A run of its own in a source; ArchiveLocked when another process collects from it.

    With `watch` every watch that was started examines the records that are new.
    """
    source, ring = admitted.source, office.ring.collector()
    lock = FileLock(office.place.locks / f"{source.source_id}.lock")
    with lock.try_now():
        if admitted.is_new:
            add_source(
                office.place,
                source,
                admitted.handover,
                ledger=office.ledger,
                catalogue=office.catalogue,
                signer=ring.key.signing,
                recipients=office.policy.recipients,
                clock_us=office.clock(),
            )
        run_id = new_run_id()
        tap = None
        if watch:
            expire(office, signer=ring.key.signing)
            tap = tap_of(office, source, run_id=run_id)
        writer = Writer(
            source,
            run_id=run_id,
            store=office.store,
            ledger=office.ledger,
            catalogue=office.catalogue,
            keys=ring.source_keys(source.source_id),
            signer=ring.key.signing,
            recipients=office.policy.recipients,
            level=level,
            tap=tap,
        )
        yield Run(office=office, source=source, run_id=run_id, writer=writer, tap=tap)


def _new_source(
    office: Office,
    name: str,
    basis: str | None,
    document: Path | None,
    medium: str,
    *,
    live: bool,
) -> Source:
    if basis is None:
        raise UsageError(
            f'source "{name}" is new and needs its lawful basis',
            hint=f"--basis {'|'.join(LawfulBasis)} [--document FILE]",
        )
    if basis not in tuple(LawfulBasis):
        raise UsageError(f'"{basis}" is no lawful basis', hint=", ".join(LawfulBasis))
    return Source(
        source_id=secrets.token_hex(8),
        name=name,
        medium=medium,
        lawful_basis=LawfulBasis(basis),
        held_since_us=office.clock(),
        document_sha256=_sha256(document) if document else "",
        live=live,
    )


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as wrong:
        raise UsageError(f'the document "{path.name}" cannot be read') from wrong
