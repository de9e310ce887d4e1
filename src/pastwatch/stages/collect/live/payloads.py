"""From payloads to batches, behind the walls of a reader's child; what stops the child is opaque."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pastwatch.errors import SourceError, StorageError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.ports import Connector
from pastwatch.stages.collect.account import size_of
from pastwatch.stages.collect.items import Item
from pastwatch.stages.collect.live.grouped import CONNECTOR, HEADER, Payload, opaque, packed
from pastwatch.stages.collect.readers import Readers
from pastwatch.stages.collect.spool import swept_folder

PAYLOAD_LIMIT_BYTES = 64 * 1024 * 1024

__all__ = ["PAYLOAD_LIMIT_BYTES", "Payload", "Payloads", "spool_path", "spooling"]


class Payloads:
    """Reads payloads by one connector under one set of options; `spool` is a private folder."""

    def __init__(
        self, connector: Connector, options: Mapping[str, Any], *, readers: Readers, spool: Path
    ) -> None:
        self.medium = connector.medium
        self._options = {**options, "inner": connector.name}
        self._readers, self._spool = readers, spool

    def read(self, payloads: Sequence[Payload], *, container: str) -> tuple[Batch | Gap, ...]:
        """The records of the payloads, in order; what holds no record is sealed whole, opaque."""
        sound = [p for p in payloads if _is_sound(p)]
        found: list[Batch | Gap] = [_gap(p) for p in payloads if not _is_sound(p)]
        if sound:
            found += self._group(sound, container)
        return tuple(found)

    def _group(self, payloads: Sequence[Payload], container: str) -> list[Batch | Gap]:
        found = self._asked(payloads, container)
        if found is not None:
            return found
        if len(payloads) == 1:
            return [opaque(payloads[0], container)]
        half = len(payloads) // 2  # whatever stopped the reader is in one of the halves
        return self._group(payloads[:half], container) + self._group(payloads[half:], container)

    def _asked(self, payloads: Sequence[Payload], container: str) -> list[Batch | Gap] | None:
        """What the reader makes of a group; None where it did not get through it."""
        size_bytes = sum(len(p.content) for p in payloads)
        found: list[Batch | Gap] = []
        told_bytes = 0
        path = self._spool / "group"
        with path.open("wb") as file:
            file.writelines(packed(payloads))
        try:
            item = Item(path, container, CONNECTOR)
            for _, pieces in self._readers.read_all([item], self._options):
                for piece in pieces:
                    kept = _without_header(piece)
                    told_bytes += _size_of(kept)
                    if kept is not None:
                        found.append(kept)
        except SourceError:
            return None
        finally:
            path.unlink(missing_ok=True)
        is_whole = told_bytes == size_bytes and not any(_is_stop(f, container) for f in found)
        return found if is_whole else None


def spool_path(name: str) -> Path:
    """Where a spool of that name stands: in memory where the system has such a folder.

    It bears the number of this process, too: what a killed one left is removed by the next run.
    """
    return swept_folder() / f"pastwatch-{os.getpid()}-live_{name}"


@contextmanager
def spooling(spool: Path) -> Iterator[None]:
    """Make the private folder, without what a killed process left in it, and remove it at the end.

    Whoever asks for a name holds the lock of what it names.
    """
    shutil.rmtree(spool, ignore_errors=True)
    try:
        spool.mkdir(mode=0o700)
    except OSError as wrong:
        raise StorageError("the folder for payloads in memory cannot be made") from wrong
    try:
        yield
    finally:
        shutil.rmtree(spool, ignore_errors=True)


def _is_sound(payload: Payload) -> bool:
    return 0 < len(payload.content) <= PAYLOAD_LIMIT_BYTES


def _without_header(piece: Batch | Gap) -> Batch | Gap | None:
    """The piece as the transport knows it: without the line that names the payloads."""
    if isinstance(piece, Gap) or HEADER not in piece.framing:
        return piece
    framing = {kind: size for kind, size in piece.framing.items() if kind != HEADER}
    return replace(piece, framing=framing) if piece.columns.num_rows or framing else None


def _size_of(piece: Batch | Gap | None) -> int:
    return 0 if piece is None else size_of(piece)


def _is_stop(piece: Batch | Gap, container: str) -> bool:
    """Whether a gap stands for the group: those of a payload name the payload."""
    return isinstance(piece, Gap) and piece.container == container


def _gap(payload: Payload) -> Gap:
    """A payload that is empty, or larger than a record may be."""
    reason = "larger than a record may be" if payload.content else "an empty payload"
    return Gap(
        source_id="",
        reason=reason,
        bytes=len(payload.content),
        lost_records_at_most=1,
        container=payload.name,
        offset=0,
    )
