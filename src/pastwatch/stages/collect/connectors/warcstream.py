"""Splits a web archive into its records (ISO 28500), plain or in gzip members, however damaged."""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from pastwatch.stages.collect.connectors.captures import fields

RECORD_LIMIT_BYTES = 128 * 1024 * 1024
_HEAD_LIMIT_BYTES = 64 * 1024
_STEP_BYTES = 64 * 1024
_MOST_AT_ONCE = 1024 * 1024
_MAGIC = b"\x1f\x8b\x08"
_VERSION = re.compile(rb"WARC/\d\.\d\r?\n")
_NEXT = re.compile(rb"(?:\A|\r?\n)(?=WARC/\d\.\d\r?\n)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_NEWLINES = re.compile(rb"[\r\n]{1,4}")
_TAIL_BYTES = 16

View = mmap.mmap | bytes


class Member(NamedTuple):
    """A stretch of a compressed file: what it is, and bytes that came out of it."""

    outer_bytes: int = 0
    reason: str = ""  # why the stretch is a gap; "" where it was read
    inner: bytes | None = b""  # None: here the inside breaks off


def members(view: View) -> Iterator[Member]:
    """The gzip members of a file in order, decompressed piece by piece."""
    at, size = 0, len(view)
    while at < size:
        if view[at : at + 3] != _MAGIC:
            after = _magic(view, at + 1)
            yield Member(after - at, "bytes between the gzip members", None)
            at = after
            continue
        inflate, start = zlib.decompressobj(31), at
        reason = ""
        while not inflate.eof and not reason:
            chunk = inflate.unconsumed_tail or view[at : at + _STEP_BYTES]
            if not chunk:
                reason = "a gzip member cut short"
                break
            at += 0 if inflate.unconsumed_tail else len(chunk)
            try:
                inner = inflate.decompress(chunk, _MOST_AT_ONCE)
            except zlib.error:
                reason = "a damaged gzip member"
                break
            if inner:
                yield Member(inner=inner)
        if reason:
            at = _magic(view, start + 1) if reason == "a damaged gzip member" else size
            yield Member(at - start, reason, None)
        else:
            at -= len(inflate.unused_data)
            yield Member(at - start)


def _magic(view: View, at: int) -> int:
    found = view.find(_MAGIC, at)
    return len(view) if found < 0 else found


class Piece(NamedTuple):
    """A stretch of the inside: a record with its headers, a count of framing, or a gap's reason."""

    offset: int
    size_bytes: int
    original: bytes = b""
    head_bytes: int = 0
    headers: dict[str, str] | None = None
    is_whole: bool = True
    reason: str = ""


class Splitter:
    """Takes the inside as it comes, and gives its records; holds no more than one of them."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._offset = 0
        self._skipping = 0

    def feed(self, inner: bytes) -> Iterator[Piece]:
        """The pieces that are complete with these bytes."""
        self._held += inner
        while piece := self._next(is_end=False):
            yield piece

    def end(self) -> Iterator[Piece]:
        """The pieces left where the inside ends or breaks off."""
        while self._held and (piece := self._next(is_end=True)):
            yield piece
        self._skipping = 0

    def _next(self, *, is_end: bool) -> Piece | None:
        held = self._held
        if self._skipping and held:
            size = min(self._skipping, len(held))
            self._skipping -= size
            return self._cut(size, reason="a capture larger than a record may be")
        if newlines := _NEWLINES.match(held):
            return self._cut(newlines.end())
        if not _VERSION.match(held):
            return self._junk(is_end=is_end)
        return self._headed(is_end=is_end)

    def _headed(self, *, is_end: bool) -> Piece | None:
        held = self._held
        end = _HEAD_END.search(held, 0, _HEAD_LIMIT_BYTES)
        if end is None:
            if not is_end and len(held) < _HEAD_LIMIT_BYTES:
                return None
            # No header ends in what was searched: a record begins at its last mark at the earliest.
            last = held.rfind(b"WARC/", 1, _HEAD_LIMIT_BYTES)
            size = last if last > 0 else self._following(1)
            return self._cut(size, reason="a header without an end")
        head = bytes(held[: end.end()])
        headers = fields(head)
        length = headers.get("content-length", "")
        block = int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else -1  # noqa: PLR2004
        size = end.end() + max(block, 0)
        if size > RECORD_LIMIT_BYTES:
            return self._huge(size, end.end(), is_end=is_end)
        if len(held) < size + _TAIL_BYTES and not is_end:
            return None
        return self._record(size, head, headers, is_counted=block >= 0)

    def _huge(self, size: int, at: int, *, is_end: bool) -> Piece | None:
        """Steps over a record too large to hold, or over a header whose length cannot be true."""
        following = self._following(at)
        if following < len(self._held) or is_end:
            return self._cut(following, reason="a record of an impossible size")
        if len(self._held) < _MOST_AT_ONCE:
            return None
        self._skipping = size
        return self._next(is_end=is_end)

    def _record(
        self, size: int, head: bytes, headers: dict[str, str], *, is_counted: bool
    ) -> Piece:
        """The record at the front; where its length does not lead to another, to the next one."""
        held, is_whole = self._held, is_counted and size <= len(self._held)
        tail = bytes(held[size : size + _TAIL_BYTES]).lstrip(b"\r\n")
        if not is_whole or (tail and not tail.startswith(b"WARC/")):
            following = self._following(len(head))
            is_whole, size = False, min(following, size) if is_counted else following
        size = min(size, len(held))
        original = bytes(held[:size])
        piece = Piece(self._offset, size, original, len(head), headers, is_whole)
        self._drop(size)
        return piece

    def _following(self, at: int) -> int:
        """Where the next record begins after a place in what is held; its end without one."""
        found = _NEXT.search(self._held, at)
        return found.end() if found else len(self._held)

    def _junk(self, *, is_end: bool) -> Piece | None:
        held = self._held
        found = _NEXT.search(held)
        if found and found.end():
            return self._cut(found.end(), reason="bytes between the records")
        keep = 0 if is_end else _TAIL_BYTES
        if len(held) <= keep:
            return None
        return self._cut(len(held) - keep, reason="bytes between the records")

    def _cut(self, size: int, *, reason: str = "") -> Piece:
        piece = Piece(self._offset, size, reason=reason)
        self._drop(size)
        return piece

    def _drop(self, size: int) -> None:
        del self._held[:size]
        self._offset += size
