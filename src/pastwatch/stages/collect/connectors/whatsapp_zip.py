"""Reads a WhatsApp zip: the chat, then every other file as a record of the one who sent it.

Each file is a container of its own (`NAME.zip/photo.jpg`); of the zip, the bytes a file takes there are
framing "member", the rest is framing "zip". A file that does not unpack is a gap of those bytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns, PartRow
from pastwatch.stages.collect.connectors.enclosed import (
    FILE_LIMIT_BYTES,
    Owner,
    as_part,
    seal_whole,
    zip_content,
)
from pastwatch.stages.collect.unpack import FAILURES, zip_files

_CHAT_NAME = re.compile(r"(?:^|/)(?:_chat|WhatsApp[^/]*|Chat[^/]*)\.txt$", re.IGNORECASE)
_UNPACKED_LIMIT_BYTES = 1024 * 1024 * 1024
_UNPACKED_RATIO = 20  # pictures and sound hardly shrink: more is a bomb

# A file named in the chat: its part, and from then on the record that named it.
Media = Callable[[str, Owner], PartRow | None]
ReadChat = Callable[[bytes, Columns, Media], Iterator[Batch | Gap]]


def read_zip(path: Path, size: int, container: str, read_chat: ReadChat) -> Iterator[Batch | Gap]:
    """The chat's records, those of the other files in the zip's order, then the zip's own account."""
    try:
        with zipfile.ZipFile(path) as outer:
            members = zip_files(outer)
            found = [m for m in members if _CHAT_NAME.search(m.filename)]
            texts = found or [m for m in members if m.filename.lower().endswith(".txt")]
            if not texts:
                yield _gap(container, "a zip without a chat", size)
                return
            chat = min(texts, key=lambda m: m.filename.count("/"))
            raw = zip_content(outer, chat)
            files = _Files(outer, [m for m in members if m is not chat], size)
            inner = Columns(f"{container}/{chat.filename}")
            yield from read_chat(raw, inner, files.named)
            account = Columns(container)
            left = _framed(account, chat, size)
            for member in files.members:
                content = files.content(member)
                if content is None:
                    lost = min(max(member.compress_size, 0), left)
                    yield _gap(container, "a file in the zip that does not unpack", lost, records=1)
                    left -= lost
                    continue
                left = _framed(account, member, left)
                within = Columns(f"{container}/{member.filename}")
                if content:
                    seal_whole(within, _name(member), content, files.owners.get(_name(member)))
                yield from within.rest()
            account.frame("zip", left)
            yield from account.rest()
    except FAILURES:
        yield _gap(container, "a damaged or locked zip", size)


class _Files:
    """The files beside the chat, and who sent each."""

    def __init__(self, outer: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int) -> None:
        self.members = members
        self.owners: dict[str, Owner] = {}
        self._outer = outer
        self._by_name = {_name(member): member for member in members}
        self._left = max(_UNPACKED_LIMIT_BYTES, _UNPACKED_RATIO * size)

    def named(self, name: str, owner: Owner) -> PartRow | None:
        """The part of a record that names a file; None where the zip has no such file."""
        member = self._by_name.get(name)
        if member is None or name in self.owners:
            return None if member is None else self._part(member)
        self.owners[name] = owner
        return self._part(member)

    def _part(self, member: zipfile.ZipInfo) -> PartRow | None:
        content = self.content(member)
        return None if content is None else as_part(_name(member), content)

    def content(self, member: zipfile.ZipInfo) -> bytes | None:
        """A file's bytes; None where it is locked, damaged, or more than such a zip may hold."""
        if member.file_size > min(self._left, FILE_LIMIT_BYTES):
            return None
        try:
            content = zip_content(self._outer, member)
        except FAILURES:
            return None
        self._left -= len(content)
        return content


def _framed(account: Columns, member: zipfile.ZipInfo, left: int) -> int:
    """Count the bytes a member takes, no more than are left: a directory may lie."""
    taken = min(max(member.compress_size, 0), left)
    account.frame("member", taken)
    return left - taken


def _name(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).name


def _gap(container: str, reason: str, size: int, *, records: int | None = None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=size,
        lost_records_at_most=records,
        container=container,
        offset=0 if records is None else None,
    )
