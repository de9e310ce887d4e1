"""What goes over the pipe between a reader's child and its parent; the parent trusts none of it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from pastwatch.archive.layout import BASES, BATCH, NO_BASIS
from pastwatch.errors import (
    BadValue,
    EngineError,
    MissingExtra,
    PastwatchError,
    SourceError,
    UsageError,
)
from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Span

HEAD = struct.Struct("<cIQ")  # kind, bytes of the account, bytes of the columns
BATCH_KIND, GAP_KIND, ERROR_KIND, DONE_KIND, MANY_KIND = b"B", b"G", b"E", b"D", b"M"
ACCOUNT_LIMIT_BYTES = 1024 * 1024
_TOLD_BYTES = 1024  # of an account, and more than most
_MOST = (1 << 53) - 1  # what every JSON reader holds exactly
_WORDS_LENGTH = 300
_LARGEST_FORM = 255
_FAILURES: dict[str, type[PastwatchError]] = {
    kind.__name__: kind for kind in (SourceError, MissingExtra, BadValue, UsageError)
}
COLUMNS_LIMIT_BYTES = 1024 * 1024 * 1024
_MALFORMED = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
    EOFError,
    OSError,
    BadValue,
    pa.ArrowException,
)


Answer: TypeAlias = Batch | Gap | PastwatchError | None  # None is the end of an item


def packed(piece: Batch | Gap) -> tuple[bytes, pa.Buffer | bytes]:
    """A piece as a head with its account, and its columns as one Arrow message."""
    if isinstance(piece, Gap):
        return _head(GAP_KIND, _told_of(piece), 0), b""
    columns = piece.columns.serialize()
    return _head(BATCH_KIND, _told_of(piece), columns.size), columns


def packed_many(answers: Sequence[tuple[int, Answer]]) -> tuple[bytes, pa.Buffer | bytes]:
    """Answers to the items of a group, each with its item's number, their columns as one message."""
    told, held = [], []
    for number, answer in answers:
        if isinstance(answer, Batch):
            account = {**_told_of(answer), "rows": answer.columns.num_rows}
            told.append([number, "B", account])
            held.append(answer.columns)
        elif isinstance(answer, Gap):
            told.append([number, "G", _told_of(answer)])
        elif isinstance(answer, PastwatchError):
            told.append([number, "E", _told_of(answer)])
        else:
            told.append([number, "D", {}])
    columns = pa.concat_batches(held).serialize() if held else b""
    return _head(MANY_KIND, {"answers": told}, len(columns)), columns


def message_bytes(piece: Batch | Gap) -> int:
    """About how many bytes of a message a piece takes."""
    return _TOLD_BYTES + (piece.columns.nbytes if isinstance(piece, Batch) else 0)


def _told_of(answer: Batch | Gap | PastwatchError) -> dict[str, Any]:
    if isinstance(answer, PastwatchError):
        return {"kind": type(answer).__name__, "message": str(answer), "hint": answer.hint}
    if isinstance(answer, Batch):
        return {
            "container": answer.container,
            "framing": dict(answer.framing),
            "cursor": answer.cursor,
            "form": answer.form,
        }
    return {
        "reason": answer.reason,
        "bytes": answer.bytes,
        "lost": answer.lost_records_at_most,
        "span": [answer.span.start_us, answer.span.end_us] if answer.span else None,
        "container": answer.container,
        "offset": answer.offset,
    }


def packed_error(wrong: PastwatchError) -> bytes:
    """A failure by the name of its class."""
    return _head(ERROR_KIND, _told_of(wrong), 0)


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
            return _batch(told, _rows(columns))
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


def unpacked_many(kind: bytes, account: bytes, columns: pa.Buffer) -> list[tuple[int, Answer]]:
    """The answers to a group's items, checked whole; EngineError when they are none."""
    if kind != MANY_KIND:
        raise EngineError("a reader sent what no connector gives")
    try:
        told = json.loads(account)["answers"]
        rows = _rows(columns) if len(columns) else None
        at, found = 0, list[tuple[int, Answer]]()
        for number, form, said in told:
            answer: Answer = None
            if form == "B":
                count = _count(said["rows"])
                if rows is None or at + count > rows.num_rows:
                    raise ValueError("more rows told than given")
                answer = _batch(said, rows.slice(at, count))
                at += count
            elif form == "G":
                answer = _gap(said)
            elif form == "E":
                answer = _error(said)
            elif form != "D":
                raise ValueError("an answer of no known form")
            found.append((_count(number), answer))
        if rows is not None and at < rows.num_rows:
            raise ValueError("more rows given than told")
    except _MALFORMED as wrong:
        raise EngineError("a reader sent what no connector gives") from wrong
    return found


def _rows(columns: pa.Buffer) -> pa.RecordBatch:
    """The rows of a message, checked whole."""
    rows = pa.ipc.read_record_batch(columns, BATCH)
    rows.validate(full=True)
    for field, column in zip(BATCH, rows.columns, strict=True):
        if column.null_count and not field.nullable:
            raise ValueError("a null where none may be")
    _check(rows)
    return rows


def _batch(told: Mapping[str, Any], rows: pa.RecordBatch) -> Batch:
    cursor, form = told["cursor"], told["form"]
    return Batch(
        columns=rows,
        container=_text(told["container"]),
        framing={_text(kind): _count(size) for kind, size in told["framing"].items()},
        cursor=None if cursor is None else _text(cursor),
        form=_form(form),
    )


def _check(rows: pa.RecordBatch) -> None:
    """ValueError where a number stands for nothing, or a time ends before it starts."""
    if not rows.num_rows:
        return
    basis, kind = (_values(rows.column(name), np.uint8) for name in ("basis", "kind"))
    if int(basis.max()) > len(BASES) or int(kind.max()) > max(Kind):
        raise ValueError("a number that stands for nothing")
    earliest, latest = rows.column("earliest_us"), rows.column("latest_us")
    undated = basis == NO_BASIS
    for times in (earliest, latest):
        if not np.array_equal(_nulls(times), undated):
            raise ValueError("a time without a basis, or a basis without a time")
    earliest_us, latest_us = (_values(times, np.int64) for times in (earliest, latest))
    if ((latest_us < earliest_us) & ~undated).any():
        raise ValueError("a time that ends before it starts")


def _values(column: pa.Array, width: type[np.generic]) -> np.ndarray[Any, Any]:
    """The numbers as they lie; `to_numpy` would first import pandas where that is installed."""
    held = np.frombuffer(column.buffers()[1], width)
    return held[column.offset : column.offset + len(column)]


def _nulls(column: pa.Array) -> np.ndarray[Any, Any]:
    """Whether each is null."""
    told = column.is_null()
    bits = np.unpackbits(np.frombuffer(told.buffers()[1], np.uint8), bitorder="little")
    return bits[told.offset : told.offset + len(told)].astype(bool)


def _gap(told: Mapping[str, Any]) -> Gap:
    lost, span, offset = told["lost"], told["span"], told["offset"]
    return Gap(
        source_id="",
        reason=_text(told["reason"]),
        bytes=_count(told["bytes"]),
        lost_records_at_most=None if lost is None else _count(lost),
        span=Span(start_us=_moment(span[0]), end_us=_moment(span[1])) if span else None,
        container=_text(told["container"]),
        offset=None if offset is None else _count(offset),
    )


def _error(told: Mapping[str, Any]) -> PastwatchError:
    """One of the few failures a connector may end in; anything else is a fault of the reader."""
    kind = _FAILURES.get(_text(told["kind"]), EngineError)
    hint = told["hint"]
    return kind(_plain(told["message"]), hint=None if hint is None else _plain(hint))


def _plain(value: object) -> str:
    """A few words of a child, without what a terminal would obey."""
    return "".join(letter for letter in _text(value) if letter.isprintable())[:_WORDS_LENGTH]


def _form(value: object) -> int:
    form = _count(value)
    if form > _LARGEST_FORM:
        raise ValueError("no such form")
    return form


def _moment(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 63:
        raise TypeError("a moment was expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    value.encode()  # a lone surrogate is no text, and a ValueError
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise TypeError("a count was expected")
    return value
