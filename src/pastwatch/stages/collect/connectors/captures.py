"""Reads what a web archive captured: an HTTP response's status, headers and body, decoded."""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from pastwatch.model.record import Defect

BODY_LIMIT_BYTES = 128 * 1024 * 1024
_STEP_BYTES = 512
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"(?m)^([!-9;-~]{1,100})[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_CHUNK = re.compile(rb"\r?\n?([0-9A-Fa-f]{1,8})[^\r\n]{0,200}\r?\n")


class Response(NamedTuple):
    """A response: its status ("" where none stands), headers by lower-case name, its body in clear."""

    status: str
    headers: dict[str, str]
    body: bytes
    defects: Defect

    @property
    def media_type(self) -> str:
        """The media type alone, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset the header names, or ""."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1] if found else ""


def response(block: bytes) -> Response:
    """A response as captured (RFC 9112): chunks joined, gzip and deflate undone."""
    status = _STATUS.match(block)
    if status is None:
        return Response("", {}, block, Defect.NONE)
    end = _HEAD_END.search(block)
    head = block[: end.start() if end else len(block)]
    headers = fields(head)
    body = block[end.end() :] if end else b""
    defects = Defect.NONE if end else Defect.CUT_SHORT
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body, more = _unchunked(body)
        defects |= more
    for coding in reversed(headers.get("content-encoding", "").lower().split(",")):
        body, more = _uncoded(body, coding.strip())
        defects |= more
    return Response(status[1].decode("ascii"), headers, body, defects)


def fields(head: bytes) -> dict[str, str]:
    """The header fields of a block by lower-case name; of one given twice, the first."""
    found: dict[str, str] = {}
    for field in _FIELD.finditer(head):
        name = field[1].decode("ascii", "replace").lower()
        found.setdefault(name, " ".join(field[2].decode("utf-8", "replace").split()))
    return found


def _unchunked(body: bytes) -> tuple[bytes, Defect]:
    """The body of chunks (RFC 9112 §7.1); as it stands where it has none, as some archives keep it."""
    pieces: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        size = int(found[1], 16)
        if not size:
            return b"".join(pieces), Defect.NONE
        piece = body[found.end() : found.end() + size]
        pieces.append(piece)
        at = found.end() + size
        if len(piece) < size:
            return b"".join(pieces), Defect.CUT_SHORT
    if not pieces:
        return body, Defect.NONE
    return b"".join(pieces) + body[at:], Defect.BAD_ENCODING


def _uncoded(body: bytes, coding: str) -> tuple[bytes, Defect]:
    if coding in {"", "identity"} or not body:
        return body, Defect.NONE
    if coding in {"gzip", "x-gzip"}:
        if not body.startswith(b"\x1f\x8b"):
            return body, Defect.NONE  # undone already by what captured it
        return _inflated(body, 31)
    if coding == "deflate":
        first, defects = _inflated(body, 15)
        return (first, defects) if first else _inflated(body, -15)
    # Brotli and the like are kept as they stand.
    return body, Defect.BAD_ENCODING | Defect.OPAQUE


def _inflated(body: bytes, window: int) -> tuple[bytes, Defect]:
    inflate = zlib.decompressobj(window)
    try:
        text = inflate.decompress(body, BODY_LIMIT_BYTES)
    except zlib.error:
        return _as_far(body, window), Defect.BAD_ENCODING
    if inflate.unconsumed_tail:
        return text, Defect.TEXT_LIMIT
    return text, Defect.NONE if inflate.eof else Defect.CUT_SHORT


def _as_far(body: bytes, window: int) -> bytes:
    """What can be read of damaged bytes before the damage."""
    inflate, text = zlib.decompressobj(window), bytearray()
    for at in range(0, len(body), _STEP_BYTES):
        try:
            text += inflate.decompress(body[at : at + _STEP_BYTES])
        except zlib.error:
            break
        if len(text) > BODY_LIMIT_BYTES:
            break
    return bytes(text[:BODY_LIMIT_BYTES])
