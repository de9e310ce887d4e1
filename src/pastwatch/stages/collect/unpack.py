"""Unpacks zip, tar, gz, bz2, xz, zst and 7z into a spool; what does not unpack says why."""

from __future__ import annotations

import bz2
import lzma
import mmap
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from pastwatch.errors import MissingExtra
from pastwatch.stages.collect.mailcharset import decoded
from pastwatch.stages.collect.spool import Member, Spool, TooMuch

ZIP, SEVEN = b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c"
STREAMS = {b"\x1f\x8b\x08": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz", b"(\xb5/\xfd": ".zst"}
TAR_AT, TAR_MARK = 257, b"ustar"
DAMAGED, LOCKED, OVERLAPPING = "damaged", "locked with a password", "its members overlap"
AFTER_END, NO_MEMBER = "bytes after its end", "bytes of no member"
_LENGTHS_AT, _LOCAL_BYTES, _DESCRIPTOR_BYTES = 26, 30, 24
_STEP_BYTES = {".zst": 2048}  # without a bound on its output: small steps in
_OUT_BYTES = 1024 * 1024
FAILURES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
    TypeError,
    struct.error,
    OSError,
    TooMuch,
)


def kind_of(head: bytes) -> str:
    """The kind of a bundle by its first bytes, as a suffix: .zip, .7z, .tar, .gz; else nothing."""
    if head.startswith(ZIP):
        return ".zip"
    if head.startswith(SEVEN):
        return ".7z"
    if head[TAR_AT : TAR_AT + len(TAR_MARK)] == TAR_MARK:
        return ".tar"
    return next((suffix for mark, suffix in STREAMS.items() if head.startswith(mark)), "")


def unpacked(path: Path, spool: Spool, kind: str) -> Iterator[Member]:
    """The members of a file, unpacked one after another; each stored byte is in one at most."""
    if kind == ".zip":
        yield from _zip(path, spool)
    elif kind == ".tar":
        yield from _tar(path, spool)
    elif kind == ".7z":
        yield from _seven(path, spool)
    else:
        yield from _stream(path, spool, kind)


def _reason(wrong: BaseException) -> str:
    return str(wrong) if isinstance(wrong, TooMuch) else DAMAGED


def zip_files(outer: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that are files; one without a name is a file too."""
    return [member for member in outer.infolist() if not member.filename.endswith("/")]


def _zip(path: Path, spool: Spool) -> Iterator[Member]:
    size = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as outer:
            members = zip_files(outer)
            if sum(max(member.compress_size, 0) for member in members) > size:
                yield Member("", size, None, OVERLAPPING)
                return
            for member in members:
                yield _zipped(outer, member, spool)
            if hidden := _hidden(outer, path):
                yield Member("", hidden, None, NO_MEMBER)
    except FAILURES as wrong:
        yield Member("", size, None, _reason(wrong))


def _hidden(outer: zipfile.ZipFile, path: Path) -> int:
    """Bytes that lie before, between and after the members, and that the directory does not list."""
    hidden = at = 0
    with path.open("rb") as file:
        for member in sorted(outer.infolist(), key=lambda one: one.header_offset):
            hidden += _beyond(member.header_offset - at)
            file.seek(member.header_offset + _LENGTHS_AT)
            lengths = struct.unpack("<HH", file.read(4))
            at = member.header_offset + _LOCAL_BYTES + sum(lengths) + member.compress_size
    return hidden + _beyond(outer.start_dir - at)


def _beyond(between: int) -> int:
    """What stands between two members beyond the sizes that may follow the first."""
    return between if between > _DESCRIPTOR_BYTES else 0


def _zipped(outer: zipfile.ZipFile, member: zipfile.ZipInfo, spool: Spool) -> Member:
    name, stored = _name(member.filename), max(member.compress_size, 0)
    if member.flag_bits & 1:
        return Member(name, stored, None, LOCKED)
    try:
        with outer.open(member) as content:
            return Member(name, stored, spool.keep(name, content, stored_bytes=stored))
    except FAILURES as wrong:
        return Member(name, stored, None, _reason(wrong))


def _tar(path: Path, spool: Spool) -> Iterator[Member]:
    at, reason = 0, ""
    try:
        with tarfile.open(path, "r:") as outer:
            for member in outer:
                at = outer.offset
                if member.isreg():
                    yield _tarred(outer, member, spool)
    except FAILURES as wrong:
        reason = _reason(wrong)
    left, is_ended = _unread(path, at)  # a header that does not read ends the list without a word
    if left or reason:
        yield Member("", left, None, reason or (AFTER_END if is_ended else DAMAGED))


def _unread(path: Path, at: int) -> tuple[int, bool]:
    """How much stands from a place on beside zeros round it, and whether zeros come first."""
    first = last = 0
    with path.open("rb") as file:
        file.seek(at)
        is_ended = not file.read(tarfile.BLOCKSIZE).strip(b"\0")
        file.seek(at)
        while chunk := file.read(_OUT_BYTES):
            end = at + len(chunk)
            if filled := len(chunk.rstrip(b"\0")):
                first = first or end - len(chunk.lstrip(b"\0")) + 1
                last = at + filled
            at = end
    return (last - first + 1 if last else 0), is_ended


def _tarred(outer: tarfile.TarFile, member: tarfile.TarInfo, spool: Spool) -> Member:
    name, stored = _name(member.name), 0 if member.issparse() else member.size
    try:
        content = outer.extractfile(member)
        if content is None:
            return Member(name, stored, None, DAMAGED)
        with content:
            return Member(name, stored, spool.keep(name, content, stored_bytes=member.size))
    except FAILURES as wrong:
        return Member(name, stored, None, _reason(wrong))


def _stream(path: Path, spool: Spool, kind: str) -> Iterator[Member]:
    """One compressed stream, or several in a row; what follows or breaks it is told apart."""
    name = path.name[: -len(kind)] if path.name.lower().endswith(kind) else path.name
    if path.name.lower().endswith((".tgz", ".tbz2", ".txz", ".tzst")):
        name = f"{path.stem}.tar"
    name = _name(name) or "member"
    size = path.stat().st_size
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        content = _Decoded(view, kind)
        try:
            kept = spool.keep(name, content, stored_bytes=size)
        except FAILURES as wrong:
            yield Member(name, size, None, _reason(wrong))
            return
    if content.at or kept.stat().st_size:
        yield Member(name, content.at, kept)
    if content.at < size or content.reason:
        yield Member("", size - content.at, None, content.reason or AFTER_END)


class _Decoded:
    """Decodes the streams in a row; stops, without a word lost, where one breaks."""

    def __init__(self, view: mmap.mmap, kind: str) -> None:
        self._view, self._kind = view, kind
        self._mark = next(mark for mark, suffix in STREAMS.items() if suffix == kind)
        self._step_bytes = _STEP_BYTES.get(kind, 256 * 1024)
        self._decoder: Any = None
        self._fed = 0
        self._rest = b""
        self.at = 0  # all bytes before are decoded
        self.reason = ""

    def read(self, _size: int, /) -> bytes:
        """The next decoded bytes, none at the end."""
        while not self.reason:
            if self._decoder is None:
                if self._view[self.at : self.at + len(self._mark)] != self._mark:
                    return b""
                self._decoder, self._fed, self._rest = _decoder(self._kind), self.at, b""
            out = self._step()
            if out:
                return out
        return b""

    def _step(self) -> bytes:
        if not self._rest and self._wants_more():
            self._rest = self._view[self._fed : self._fed + self._step_bytes]
            self._fed += len(self._rest)
        is_over = not self._rest and self._wants_more()
        given, self._rest = self._rest, b""
        try:
            out = self._decompressed(given)
        except FAILURES:
            self.reason = DAMAGED
            return b""
        if self._decoder.eof:
            self.at = self._fed - len(self._decoder.unused_data)
            self._decoder = None
        elif is_over and not out:
            self.reason, self.at = "cut short", self._fed
        return out

    def _wants_more(self) -> bool:
        return bool(getattr(self._decoder, "needs_input", True))

    def _decompressed(self, given: bytes) -> bytes:
        if self._kind == ".zst":
            return bytes(self._decoder.decompress(given))
        out = bytes(self._decoder.decompress(given, _OUT_BYTES))
        self._rest = getattr(self._decoder, "unconsumed_tail", b"")
        return out


def _decoder(kind: str) -> Any:
    if kind == ".gz":
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    if kind == ".bz2":
        return bz2.BZ2Decompressor()
    if kind == ".xz":
        return lzma.LZMADecompressor(memlimit=512 * 1024 * 1024)
    return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()


def _seven(path: Path, spool: Spool) -> Iterator[Member]:
    """A 7z stores many members in one compressed run: its stored bytes go to the first of them."""
    from pastwatch.stages.collect.sevenzip import extracted

    size = path.stat().st_size
    try:
        yield from extracted(path, spool, size)
    except MissingExtra as missing:
        yield Member("", size, None, str(missing))


def _name(told: str) -> str:
    """A member's name as it is shown: no leading slash, no control signs."""
    raw = told.encode("utf-8", "surrogateescape")
    text = decoded(raw, "utf-8")[0]
    shown = "".join(letter if letter.isprintable() else "�" for letter in text)
    return shown.replace("\\", "/").strip("/")
