"""The act of collecting: a source with a lawful basis, a lock, a run, and its account."""

from __future__ import annotations

import hashlib
import secrets
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch import plugins
from pastwatch.archive.catalogue import RunRow
from pastwatch.archive.frames import level_of
from pastwatch.archive.layout import RAW, READY
from pastwatch.archive.runs import add_source, end_run
from pastwatch.archive.writer import Writer
from pastwatch.desk.office import Office
from pastwatch.errors import SourceError, UsageError
from pastwatch.model.plain import from_plain
from pastwatch.model.source import Handover, LawfulBasis, Source
from pastwatch.stages.collect.run import (
    Collected,
    Item,
    Progress,
    collect,
    items_of,
    new_run_id,
    probe,
)
from pastwatch.storage.lock import FileLock


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """What a run did; `accounted` says that every byte read has its place."""

    source: str
    run: RunRow
    collected: Collected
    new_source: bool
    handover_matches: bool | None

    @property
    def accounted(self) -> bool:
        """Whether the four counters sum to the bytes read."""
        return self.collected.accounted_bytes == self.collected.read_bytes


def collect_into(
    office: Office,
    path: Path,
    *,
    source: str,
    basis: str | None = None,
    document: Path | None = None,
    handover: Path | None = None,
    connector: str | None = None,
    medium: str | None = None,
    mapping: Path | None = None,
    options: Mapping[str, Any] | None = None,
    level: str | None = None,
    depth: str = READY,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> CollectReport:
    """Seal what stands at a path into a source, which is registered at its first run.

    With `depth` "raw" mail is sealed unparsed: its text is made when a case opens it. Formats
    without that depth are made ready as ever; `Taken.raw` says how many records are raw.
    SourceError when the path cannot be read; UsageError for a new source without a basis;
    ArchiveLocked when another process collects from the same source.
    """
    chosen_level = level_of(level or office.settings.level)
    known = {name: plugins.load("connectors", name) for name in _connectors(connector)}
    items = items_of(path, known, chosen=connector)
    if depth not in (READY, RAW):
        raise UsageError(f'there is no depth "{depth}"', hint=f"{READY} or {RAW}")
    given = {**_toml(mapping), **(options or {}), "depth": depth}
    handed = from_plain(Handover, _toml(handover)) if handover else None
    existing = office.source_named(source)
    held = existing or _new_source(office, source, basis, document, medium or _medium(items))
    _check_basis(existing, basis)
    if existing and document and _sha256(document) != existing.document_sha256:
        raise UsageError(
            f'source "{source}" stands on another document',
            hint="collect what another document covers into a source of its own",
        )
    if existing is None:
        probe(items, given)
    lock = FileLock(office.place.locks / f"{held.source_id}.lock")
    ring = office.ring.collector()
    with lock.try_now():
        if existing is None:
            add_source(
                office.place,
                held,
                handed,
                ledger=office.ledger,
                catalogue=office.catalogue,
                signer=ring.key.signing,
                recipients=office.policy.recipients,
                clock_us=office.clock(),
            )
        run_id = new_run_id()
        writer = Writer(
            held,
            run_id=run_id,
            store=office.store,
            ledger=office.ledger,
            catalogue=office.catalogue,
            keys=ring.source_keys(held.source_id),
            signer=ring.key.signing,
            recipients=office.policy.recipients,
            level=chosen_level,
        )
        done = collect(
            items,
            writer,
            options=given,
            clock=office.clock,
            on_progress=on_progress,
            cancel=cancel,
        )
        run = end_run(
            office.place,
            done.row(run_id=run_id, source_id=held.source_id, ended_us=office.clock()),
            done.gaps,
            done.containers,
            framing=done.framing,
            tokens=writer.tokens,
            ledger=office.ledger,
            catalogue=office.catalogue,
            signer=ring.key.signing,
            recipients=office.policy.recipients,
        )
    return CollectReport(
        source=source,
        run=run,
        collected=done,
        new_source=existing is None,
        handover_matches=_handover_matches(handed, done),
    )


def _connectors(chosen: str | None) -> tuple[str, ...]:
    return (chosen,) if chosen else plugins.names("connectors")


def _new_source(
    office: Office, name: str, basis: str | None, document: Path | None, medium: str
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
    )


def _check_basis(existing: Source | None, basis: str | None) -> None:
    if existing and basis and existing.lawful_basis != basis:
        raise UsageError(
            f'source "{existing.name}" is held on the basis "{existing.lawful_basis}"',
            hint="collect on another basis into a source of its own",
        )


def _medium(items: list[Item]) -> str:
    media = {i.connector.medium for i in items if i.connector}
    if not media:
        raise SourceError("no connector recognises any of these files")
    return media.pop() if len(media) == 1 else "mixed"


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as wrong:
        raise UsageError(f'the document "{path.name}" cannot be read') from wrong


def _toml(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise UsageError(f'"{path.name}" cannot be read') from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise UsageError(f'"{path.name}" does not parse: {wrong}') from wrong


def _handover_matches(handover: Handover | None, done: Collected) -> bool | None:
    """Whether a file read has the hash stated at handover; None when none was stated."""
    if handover is None or not handover.sha256:
        return None
    return any(c.sha256 == handover.sha256.lower() for c in done.containers)
