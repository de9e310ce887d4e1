"""Reads web archives: WARC files, plain or in gzip members, and WACZ files that hold them.

Layer by layer: of `site.warc.gz` the gzip members are framing, and what they hold is the container
`site.warc.gz/site.warc`; of `site.wacz` the zip is framing, and each `archive/…` in it a container
of its own. In the records' own layer a response, resource or conversion is a record (its original is
the whole archive record), a revisit a notice, and requests, metadata and warcinfo are framing.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.articles import Article, add_article
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.captures import response
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.report import read_article
from pastwatch.stages.collect.connectors.warcstream import Piece, Splitter, View, members
from pastwatch.stages.collect.connectors.webpages import host_of
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.collect.mailbody import looks_like_text
from pastwatch.stages.collect.mailcharset import decoded

MEMBER_LIMIT_BYTES = 1024 * 1024 * 1024
_HELD = {"response": Kind.SAID, "resource": Kind.SAID, "conversion": Kind.SAID, "revisit": Kind.NOTICE}  # fmt: skip
_PAGES = frozenset(("text/html", "application/xhtml+xml", "text/plain", ""))
_MUTE = ("css", "javascript", "ecmascript", "font")
_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OSError,
)


class Warc:
    """The connector of web archives; options: zone, order, container."""

    name = "warc"
    medium = "report"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of a WARC record, plain or in gzip, and of a zip that begins as a WACZ does."""
        if head.startswith(b"WARC/1."):
            return 95
        if head.startswith(b"\x1f\x8b"):
            try:
                start = zlib.decompressobj(31).decompress(head, 16)
            except zlib.error:
                return 0
            return 95 if start.startswith(b"WARC/1.") else 0
        if head.startswith(b"PK\x03\x04"):
            is_named = path.suffix.lower() == ".wacz"
            inside = b"archive/" in head and (b".warc" in head or b"pages/pages.jsonl" in head)
            return 95 if is_named and inside else 60 * (is_named or b"pages/pages.jsonl" in head)
        return 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The captures in file order."""
        container = container_name(path, options)
        reader = _Reader(options)
        with opened(path) as view:
            if view[:4] == b"PK\x03\x04":
                yield from _wacz(path, view, container, reader)
            else:
                yield from reader.layer(view, container)


class _Reader:
    """Reads archives under one set of options."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._dates = WrittenDates(options)

    def layer(self, view: View, container: str) -> Iterator[Batch | Gap]:
        """One archive, in gzip or plain."""
        if view[:2] != b"\x1f\x8b":
            columns, splitter = Columns(container), Splitter()
            for at in range(0, len(view), 1 << 20):
                yield from self._pieces(columns, splitter.feed(view[at : at + (1 << 20)]))
            yield from self._pieces(columns, splitter.end())
            yield from columns.rest()
            return
        outer, columns = Columns(container), Columns(_inside(container))
        splitter, at = Splitter(), 0
        for member in members(view):
            if member.inner:
                yield from self._pieces(columns, splitter.feed(member.inner))
            elif member.inner is None:
                yield from self._pieces(columns, splitter.end())
            if member.reason:
                yield _gap(container, member.reason, at, member.outer_bytes)
            else:
                outer.frame("gzip", member.outer_bytes)
            at += member.outer_bytes
        yield from self._pieces(columns, splitter.end())
        yield from columns.rest()
        yield from outer.rest()

    def _pieces(self, columns: Columns, pieces: Iterator[Piece]) -> Iterator[Batch | Gap]:
        for piece in pieces:
            if piece.reason:
                yield _gap(columns.container, piece.reason, piece.offset, piece.size_bytes)
            elif piece.headers is None:
                columns.frame("newline", piece.size_bytes)
            else:
                self._add(columns, piece, piece.headers)
            if columns.is_full:
                yield columns.take()

    def _add(self, columns: Columns, piece: Piece, headers: Mapping[str, str]) -> None:
        kind = _HELD.get(headers.get("warc-type", "").lower())
        if kind is None:
            named = headers.get("warc-type", "").lower()
            known = named if named in {"request", "metadata", "warcinfo"} else "other"
            columns.frame(f"warc-{known}", piece.size_bytes)
            return
        url = headers.get("warc-target-uri", "").strip("<>")
        captured = response(piece.original[piece.head_bytes :])
        media_type = captured.media_type or (
            "" if captured.status else headers.get("content-type", "").partition(";")[0].lower()
        )
        article = Article()
        if kind is Kind.SAID:
            article = self._article(captured.body, media_type, captured.charset, url)
        defects = article.defects | captured.defects
        if not piece.is_whole or headers.get("warc-truncated"):
            defects |= Defect.CUT_SHORT
        stated = (
            ("captured", headers.get("warc-date", "")),
            ("address", url),
            ("status", captured.status),
            ("type", media_type),
            ("refers to", headers.get("warc-refers-to", "")),
            ("digest", headers.get("warc-payload-digest", "")),
        )
        add_article(
            columns,
            piece.original,
            article._replace(
                outlet=article.outlet or host_of(url),
                received=self._dates.read(headers.get("warc-date", "")),
                lines=(*stated, *article.lines),
                defects=defects,
                native_id=headers.get("warc-record-id", "").strip("<>"),
                reply_to=headers.get("warc-refers-to", "").strip("<>"),
                conversation=url,
                kind=int(kind),
            ),
        )

    def _article(self, body: bytes, media_type: str, charset: str, url: str) -> Article:
        """What a capture says; one that is no text is kept whole, without any."""
        is_mute = any(word in media_type for word in _MUTE)
        if is_mute or not body.strip() or not looks_like_text(body):
            return Article(defects=Defect.OPAQUE if body.strip() else Defect.NONE)
        if media_type in _PAGES:
            return read_article(body, self._dates, media_type=media_type, charset=charset, url=url)
        text, defects = decoded(body, charset)
        return Article(text=text, defects=defects)


def _wacz(path: Path, view: View, container: str, reader: _Reader) -> Iterator[Batch | Gap]:
    """The archives in a WACZ; its indexes and page lists, which only repeat them, are framing."""
    framing, size = Columns(container), len(view)
    lost = 0
    try:
        with zipfile.ZipFile(path) as outer:
            for member in outer.infolist():
                if not member.filename.startswith("archive/") or member.filename.endswith("/"):
                    continue
                stored = min(max(member.compress_size, 0), size - lost)
                try:
                    raw = _content(outer, member)
                except _FAILURES:
                    lost += stored
                    yield _gap(container, "a damaged or too large file in the zip", None, stored)
                    continue
                yield from reader.layer(raw, f"{container}/{member.filename}")
    except _FAILURES:
        yield _gap(container, "a damaged or locked zip", lost, size - lost)
        return
    framing.frame("zip", size - lost)
    yield from framing.rest()


def _content(outer: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with outer.open(member) as file:
        raw = file.read(MEMBER_LIMIT_BYTES + 1)
    if len(raw) > MEMBER_LIMIT_BYTES:
        raise ValueError("larger than the limit")
    return raw


def _inside(container: str) -> str:
    name = container.rpartition("/")[2]
    return f"{container}/{name[:-3] if name.lower().endswith('.gz') else 'warc'}"


def _gap(container: str, reason: str, offset: int | None, size: int) -> Gap:
    return Gap(source_id="", reason=reason, bytes=size, container=container, offset=offset)


CONNECTOR = Warc()
