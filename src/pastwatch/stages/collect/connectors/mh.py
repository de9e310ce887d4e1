"""Reads an MH folder (nmh, exmh, Claws, Sylpheed): numbered files, one mail each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.eml import Eml
from pastwatch.stages.collect.connectors.files import container_name, unreadable

_NUMBERED = re.compile(r"[,#]?[0-9]{1,9}\.?")  # with a comma or # before it: marked as deleted
_INDEXES = frozenset(
    (".mh_sequences", ".mh_profile", ".xmhcache", ".mh_context", "context",
     ".sylpheed_cache", ".sylpheed_mark", ".claws_cache", ".claws_mark", ".xmhtoc")
)  # fmt: skip
_HEAD_BYTES = 64 * 1024
_LOOKED_AT = 5


class Mh:
    """The MH connector; options: container, depth. Every file is a container of its own."""

    name = "mh"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - a folder has no head
        """Sure of a folder whose files are numbered and hold mail."""
        if not path.is_dir():
            return 0
        try:
            files = [p for p in path.iterdir() if p.is_file()]
            numbered = sorted(p for p in files if _NUMBERED.fullmatch(p.name))
            others = [p for p in files if p not in numbered and p.name not in _INDEXES]
            if not numbered or len(others) > len(numbered):
                return 0
            if any(p.name == ".mh_sequences" for p in files):
                return 92
            heads = [_head(p) for p in numbered[:_LOOKED_AT]]
        except OSError:
            return 0
        return 85 if any(Eml().recognises(Path("mail"), head) for head in heads) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The mails, by number; the folder's own lists are framing, any other file is a gap."""
        if not path.is_dir():
            raise SourceError(f'"{path.name}" is no folder, and an MH folder is one')
        root = container_name(path, options)
        reader = Eml()
        for file in _files(path):
            container = f"{root}/{file.relative_to(path).as_posix()}"
            if file.name in _INDEXES:
                columns = Columns(container)
                columns.frame("index", _size(file))
                yield from columns.rest()
            elif not _NUMBERED.fullmatch(file.name):
                yield _gap(file, container, "not a mail of the folder")
            else:
                try:
                    yield from reader.read(file, {**options, "container": container})
                except SourceError:
                    yield _gap(file, container, "a file that cannot be read")


def _files(path: Path) -> list[Path]:
    try:
        files = [file for file in path.rglob("*") if file.is_file()]
    except OSError as failure:
        raise unreadable(path, failure) from None
    if not any(_NUMBERED.fullmatch(file.name) for file in files):
        raise SourceError(
            f'"{path.name}" is a folder without numbered files',
            hint="name the folder that holds the files 1, 2, 3",
        )
    return sorted(files, key=lambda file: (file.parent.as_posix(), _number(file.name), file.name))


def _number(name: str) -> int:
    digits = name.strip(",#.")
    return int(digits) if _NUMBERED.fullmatch(name) else -1


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_HEAD_BYTES)


def _gap(file: Path, container: str, reason: str) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=_size(file),
        lost_records_at_most=1,
        container=container,
        offset=0,
    )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


CONNECTOR = Mh()
