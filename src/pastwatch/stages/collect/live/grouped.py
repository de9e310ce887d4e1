"""Reads a group of payloads by a format's connector; none of them is lost, whatever is in it.

The file is a line of JSON, `[[name, bytes, received_us or null], ...]`, and then the payloads one
after the other. Each name is the payload's own at its transport (stream and sequence, partition
and offset, UIDVALIDITY and UID). The position of a record hangs from that name: a payload given
twice makes the same record id twice, and two equal payloads make two.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pastwatch import plugins
from pastwatch.archive.columns import octets
from pastwatch.archive.layout import FORM_MAIL, NO_BASIS, basis_number
from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, whole
from pastwatch.stages.collect.connectors.mails import Mails, is_raw

HEADER = "payload names"  # the framing that the file has and the transport has not
GROUP_LIMIT_BYTES = 256 * 1024 * 1024
_LINES = frozenset({"jsonl"})
_OPAQUE = int(Defect.OPAQUE | Defect.NO_DATE | Defect.NO_SENDER)
# What a connector should have told as a gap; if it ever raises it, the payload is kept whole.
_POISONED = (SourceError, ValueError, LookupError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of one payload, its name at the transport, and when the server took it in."""

    name: str
    content: bytes
    received_us: int | None = None


def packed(payloads: Sequence[Payload]) -> Iterator[bytes]:
    """The bytes of a group's file."""
    names = [(p.name, len(p.content), p.received_us) for p in payloads]
    yield json.dumps(names).encode() + b"\n"
    for payload in payloads:
        yield payload.content


class Grouped:
    """The connector of a group's file; options: inner (the payloads' connector), and its own."""

    name = "payloads"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the port's
        """Never: a follower writes such files, and nobody hands them over."""
        return 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records of each payload, in order."""
        content = whole(path, limit_bytes=GROUP_LIMIT_BYTES)
        head = content.partition(b"\n")[0]
        try:
            payloads = _unpacked(head, content)
        except (ValueError, TypeError):
            raise SourceError(f'"{path.name}" is no group of payloads') from None
        container = container_name(path, options)
        spool = Path(str(options.get("spool") or path.parent))
        yield from _Reading(options, container, spool).read(payloads)
        header = Columns(container)
        header.frame(HEADER, len(head) + 1)
        yield header.take()


def _unpacked(head: bytes, content: bytes) -> list[Payload]:
    payloads, at = [], len(head) + 1
    for name, size_bytes, received_us in json.loads(head):
        payloads.append(Payload(str(name), content[at : at + size_bytes], received_us))
        at += size_bytes
    if at != len(content):
        raise ValueError
    return payloads


class _Reading:
    def __init__(self, options: Mapping[str, Any], container: str, spool: Path) -> None:
        self._inner = str(options.get("inner", ""))
        self._options = {k: v for k, v in options.items() if k not in {"inner", "container"}}
        self._container, self._spool = container, spool

    def read(self, payloads: Sequence[Payload]) -> Iterator[Batch | Gap]:
        if not payloads:
            return
        if self._inner == "eml":
            yield from self._mails(payloads)
        elif self._inner in _LINES and all(map(_is_one_line, payloads)):
            yield from self._lines(payloads)
        else:
            for payload in payloads:
                yield from self._one(payload)

    def _mails(self, payloads: Sequence[Payload]) -> Iterator[Batch]:
        """Mails have a reader that takes bytes, and each is one record."""
        mails = Mails(self._container, form=FORM_MAIL, raw=is_raw(self._options))
        for payload in payloads:
            mails.add(payload.content)
        yield placed(mails.take(), payloads)

    def _lines(self, payloads: Sequence[Payload]) -> Iterator[Batch | Gap]:
        """Payloads of one line each, read as one file of lines: a batch for all of them."""
        batches, gaps = self._read(b"\n".join(p.content for p in payloads), self._container)
        originals = [o for b in batches for o in octets(b.columns.column("original"))]
        if gaps or originals != [p.content for p in payloads]:
            for payload in payloads:  # one of them is poison: each by itself
                yield from self._one(payload)
            return
        at = 0
        for batch in batches:
            these = payloads[at : at + batch.columns.num_rows]
            at += len(these)
            yield placed(batch, these, framing={})

    def _one(self, payload: Payload) -> Iterator[Batch | Gap]:
        batches, gaps = self._read(payload.content, payload.name)
        if not any(batch.columns.num_rows for batch in batches):
            yield opaque(payload, self._container)
            return
        rows = 0
        for batch in batches:
            these = [payload] * batch.columns.num_rows
            yield placed(batch, these, first_row=rows, container=self._container)
            rows += len(these)
        yield from gaps

    def _read(self, content: bytes, name: str) -> tuple[list[Batch], list[Gap]]:
        """What the connector makes of some bytes; nothing at all where it cannot read them."""
        batches, gaps = [], []
        connector = plugins.load("connectors", self._inner)
        try:
            with _file(self._spool, content) as path:
                for found in connector.read(path, {**self._options, "container": name}):
                    if isinstance(found, Gap):
                        gaps.append(found)
                    else:
                        batches.append(found)
        except _POISONED:
            return [], []
        return batches, gaps


def position_of(name: str, row: int) -> int:
    """The position of a record: 63 bits of the hash of its payload's name and its row in it."""
    whole_hash = hashlib.sha256(f"{name}\0{row}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(whole_hash[:8], "big") >> 1


def opaque(payload: Payload, container: str) -> Batch:
    """One record that is the payload itself; its text, where the bytes are text, stays findable."""
    rows = Columns(container)
    try:
        text = payload.content.decode().replace("\0", "")
    except UnicodeDecodeError:
        text = ""
    rows.add(payload.content, text=text, defects=_OPAQUE)
    return placed(rows.take(), [payload])


def placed(
    batch: Batch,
    payloads: Sequence[Payload],
    *,
    first_row: int = 0,
    container: str | None = None,
    framing: Mapping[str, int] | None = None,
) -> Batch:
    """The batch with its positions, and with the time of arrival where no time is claimed.

    `payloads` has the payload of each row. `first_row` counts on where one payload has many rows.
    """
    columns = batch.columns
    several = len({p.name for p in payloads}) < len(payloads) or first_row > 0
    rows = range(first_row, first_row + len(payloads)) if several else [0] * len(payloads)
    positions = [position_of(p.name, row) for p, row in zip(payloads, rows, strict=True)]
    columns = _with(columns, "position", pa.array(positions, pa.int64()))
    received = pa.array([payload.received_us for payload in payloads], pa.int64())
    missing = pc.and_(pc.equal(columns.column("basis"), NO_BASIS), pc.is_valid(received))
    if pc.any(missing).as_py():
        for name in ("earliest_us", "latest_us"):
            columns = _with(columns, name, pc.if_else(missing, received, columns.column(name)))
        # Made here, where it is needed: the first scalar imports pandas where that is installed.
        received = pa.scalar(basis_number(Basis.RECEIVED), pa.uint8())
        basis = pc.if_else(missing, received, columns.column("basis"))
        columns = _with(columns, "basis", basis)
    return Batch(
        columns=columns,
        container=container or batch.container,
        framing=batch.framing if framing is None else framing,
        form=batch.form,
    )


def _with(columns: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    at = columns.schema.get_field_index(name)
    return columns.set_column(at, columns.schema.field(at), values)


def _is_one_line(payload: Payload) -> bool:
    content = payload.content
    return content[:1] == b"{" and content[-1:] == b"}" and b"\n" not in content


@contextmanager
def _file(spool: Path, content: bytes) -> Iterator[Path]:
    """A file for connectors that read files; its folder lies in memory where the system has one."""
    path = spool / f"payload-{secrets.token_hex(8)}"
    path.write_bytes(content)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


CONNECTOR = Grouped()
