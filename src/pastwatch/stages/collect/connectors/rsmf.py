"""Reads RSMF 2.0 (Relativity short message format): a mail with rsmf.zip, or that zip alone.

Layer by layer: of `chat.rsmf` the mail is framing; of `chat.rsmf/rsmf.zip` the zip's structure is; in
`…/rsmf_manifest.json` each event is a record and what lists people and rooms is framing; each
attachment is a container of one record, sealed whole and answering to its event.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.captures import fields
from pastwatch.stages.collect.connectors.enclosed import (
    as_part,
    seal_whole,
    zip_content,
)
from pastwatch.stages.collect.connectors.files import container_name, whole
from pastwatch.stages.collect.connectors.rsmf_events import Events
from pastwatch.stages.collect.mailbody import split_parts, transfer_decoded
from pastwatch.stages.collect.unpack import FAILURES

FILE_LIMIT_BYTES = 1024 * 1024 * 1024
MANIFEST = "rsmf_manifest.json"
_ZIP = b"PK\x03\x04"
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;]{1,200}))", re.IGNORECASE)
_NESTED = 3


class Rsmf:
    """The connector of RSMF files; options: zone, container."""

    name = "rsmf"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content decides
        """Sure of a mail that says its RSMF version, and of a zip that holds the manifest."""
        if head.startswith(_ZIP):
            return 95 if MANIFEST.encode() in head else 0
        header = _HEAD_END.split(head, maxsplit=1)[0]
        return 97 if re.search(rb"(?im)^X-RSMF-Version[ \t]*:", header) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The events in manifest order, then the attachments."""
        container = container_name(path, options)
        raw = whole(path, limit_bytes=FILE_LIMIT_BYTES)
        if raw.startswith(_ZIP):
            yield from _zip(raw, container, options)
            return
        inner = _attached_zip(raw, _NESTED)
        if not inner:
            if raw:
                yield _gap(container, "no readable rsmf.zip in the mail", 0, len(raw))
            return
        mail = Columns(container)
        mail.frame("mail", len(raw))
        yield from mail.rest()
        yield from _zip(inner, f"{container}/rsmf.zip", options)


def _attached_zip(part: bytes, depth: int) -> bytes:
    """The content of the first zip attached to a mail; b"" where there is none to be read."""
    end = _HEAD_END.search(part)
    if end is None or not depth:
        return b""
    header, body = fields(part[: end.start()]), part[end.end() :]
    boundary = _BOUNDARY.search(header.get("content-type", ""))
    if boundary:
        split, _ = split_parts(body, boundary[1] or boundary[2])
        found = (_attached_zip(piece, depth - 1) for piece in (split.parts if split else []))
        return next((content for content in found if content), b"")
    content, _ = transfer_decoded(body, header.get("content-transfer-encoding", ""))
    return content if content.startswith(_ZIP) else b""


def _zip(raw: bytes, container: str, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
    framing, lost = Columns(container), 0
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as outer:
            contents: dict[str, bytes] = {}
            for member in outer.infolist():
                if member.filename.endswith("/"):
                    continue
                try:
                    contents[member.filename] = zip_content(outer, member)
                except FAILURES:
                    stored = min(max(member.compress_size, 0), len(raw) - lost)
                    lost += stored
                    yield _gap(container, "a damaged or too large file in the zip", None, stored)
    except FAILURES:
        yield _gap(container, "a damaged or locked zip", None, len(raw) - lost)
        return
    framing.frame("zip", len(raw) - lost)
    yield from framing.rest()
    manifest = contents.pop(MANIFEST, None)
    events = Events({name: as_part(name, content) for name, content in contents.items()}, options)
    if manifest is not None:
        yield from events.read(manifest, Columns(f"{container}/{MANIFEST}"))
    for name, content in contents.items():
        columns = Columns(f"{container}/{name}")
        owner = events.owners.get(name)
        if not content or (owner is None and name in events.pictures):
            columns.frame("picture of a person or room", len(content))
        else:
            seal_whole(columns, name, content, owner)
        yield from columns.rest()


def _gap(container: str, reason: str, offset: int | None, size: int) -> Gap:
    return Gap(source_id="", reason=reason, bytes=size, container=container, offset=offset)


CONNECTOR = Rsmf()
