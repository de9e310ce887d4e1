"""What goes over the pipe between a reader's child and its parent; the parent trusts none of it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from pastwatch import errors
from pastwatch.archive.layout import BASES, BATCH, NO_BASIS
from pastwatch.errors import BadValue, EngineError, PastwatchError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Span

HEAD = struct.Struct("<cIQ")  # kind, bytes of the account, bytes of the columns
BATCH_KIND, GAP_KIND, ERROR_KIND, DONE_KIND = b"B", b"G", b"E", b"D"
ACCOUNT_LIMIT_BYTES = 1024 * 1024
COLUMNS_LIMIT_BYTES = 1024 * 1024 * 1024
_MALFORMED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    EOFError,
    OSError,
    BadValue,
    pa.ArrowException,
)


def packed(piece: Batch | Gap) -> tuple[bytes, pa.Buffer | bytes]:
    """A piece as a head with its account, and its columns as one Arrow message."""
    if isinstance(piece, Gap):
        span = [piece.span.start_us, piece.span.end_us] if piece.span else None
        account: dict[str, Any] = {
            "reason": piece.reason,
            "bytes": piece.bytes,
            "lost": piece.lost_records_at_most,
            "span": span,
            "container": piece.container,
            "offset": piece.offset,
        }
        return _head(GAP_KIND, account, 0), b""
    columns = piece.columns.serialize()
    account = {
        "container": piece.container,
        "framing": dict(piece.framing),
        "cursor": piece.cursor,
        "form": piece.form,
    }
    return _head(BATCH_KIND, account, columns.size), columns


def packed_error(wrong: PastwatchError) -> bytes:
    """A failure by the name of its class."""
    account = {"kind": type(wrong).__name__, "message": str(wrong), "hint": wrong.hint}
    return _head(ERROR_KIND, account, 0)


def packed_done() -> bytes:
    """The word that an item is read to its end."""
    return _head(DONE_KIND, {}, 0)


def _head(kind: bytes, account: Mapping[str, Any], columns_bytes: int) -> bytes:
    told = json.dumps(account).encode()
    return HEAD.pack(kind, len(told), columns_bytes) + told


def sizes(head: bytes) -> tuple[bytes, int, int]:
    """Kind and sizes out of a head; EngineError above the limits."""
    kind, account_bytes, columns_bytes = HEAD.unpack(head)
    if account_bytes > ACCOUNT_LIMIT_BYTES or columns_bytes > COLUMNS_LIMIT_BYTES:
        raise EngineError("a reader sent more than it may at once")
    return kind, account_bytes, columns_bytes


def unpacked(kind: bytes, account: bytes, columns: pa.Buffer) -> Batch | Gap | None:
    """The piece a child sent, checked whole; None at the end of an item.

    EngineError when it is not what a connector may give; the child's own errors are raised.
    """
    try:
        told = json.loads(account)
        if kind == BATCH_KIND:
            return _batch(told, columns)
        if kind == GAP_KIND:
            return _gap(told)
        if kind == DONE_KIND:
            return None
        if kind == ERROR_KIND:
            failure = _error(told)
        else:
            raise EngineError("a reader sent what no connector gives")
    except _MALFORMED as wrong:
        raise EngineError("a reader sent what no connector gives") from wrong
    raise failure


def _batch(told: Mapping[str, Any], columns: pa.Buffer) -> Batch:
    rows = pa.ipc.read_record_batch(columns, BATCH)
    rows.validate(full=True)
    for field, column in zip(BATCH, rows.columns, strict=True):
        if column.null_count and not field.nullable:
            raise ValueError("a null where none may be")
    _check(rows)
    framing = {_text(kind): _count(size) for kind, size in told["framing"].items()}
    cursor, form = told["cursor"], told["form"]
    return Batch(
        columns=rows,
        container=_text(told["container"]),
        framing=framing,
        cursor=None if cursor is None else _text(cursor),
        form=_count(form),
    )


def _check(rows: pa.RecordBatch) -> None:
    """ValueError where a number stands for nothing, or a time ends before it starts."""
    basis, kind = (rows.column(name).to_numpy() for name in ("basis", "kind"))
    if not rows.num_rows:
        return
    if int(basis.max()) > len(BASES) or int(kind.max()) > max(Kind):
        raise ValueError("a number that stands for nothing")
    earliest, latest = rows.column("earliest_us"), rows.column("latest_us")
    undated = basis == NO_BASIS
    for times in (earliest, latest):
        if not np.array_equal(_nulls(times), undated):
            raise ValueError("a time without a basis, or a basis without a time")
    if (_numbers(latest) < _numbers(earliest)).any():
        raise ValueError("a time that ends before it starts")


def _nulls(column: pa.Array) -> np.ndarray[Any, Any]:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False))


def _numbers(column: pa.Array) -> np.ndarray[Any, Any]:
    return np.asarray(column.fill_null(0).to_numpy(zero_copy_only=False))


def _gap(told: Mapping[str, Any]) -> Gap:
    lost, span, offset = told["lost"], told["span"], told["offset"]
    return Gap(
        source_id="",
        reason=_text(told["reason"]),
        bytes=_count(told["bytes"]),
        lost_records_at_most=None if lost is None else _count(lost),
        span=Span(start_us=int(span[0]), end_us=int(span[1])) if span else None,
        container=_text(told["container"]),
        offset=None if offset is None else _count(offset),
    )


def _error(told: Mapping[str, Any]) -> PastwatchError:
    named = getattr(errors, _text(told["kind"]), None)
    is_ours = isinstance(named, type) and issubclass(named, PastwatchError)
    kind: type[PastwatchError] = named if is_ours and named is not None else EngineError
    hint = told["hint"]
    return kind(_text(told["message"]), hint=None if hint is None else _text(hint))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("a count was expected")
    return value
