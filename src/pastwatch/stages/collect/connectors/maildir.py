"""Reads a Maildir folder (cur/ and new/, and its dotted subfolders); each file holds one mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.eml import Eml
from pastwatch.stages.collect.connectors.files import container_name, unreadable

_FOLDERS = ("cur", "new")


class Maildir:
    """The Maildir connector; options: container, depth. Every file is a container of its own."""

    name = "maildir"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - a folder has no head
        """Sure of a folder with cur/ or new/ in it."""
        return 95 if path.is_dir() and any((path / name).is_dir() for name in _FOLDERS) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The mails, by file name; a file that cannot be read is a gap."""
        if not path.is_dir():
            raise SourceError(f'"{path.name}" is no folder, and a Maildir is one')
        root = container_name(path, options)
        reader = Eml()
        for file in _files(path):
            container = f"{root}/{file.relative_to(path).as_posix()}"
            try:
                yield from reader.read(file, {**options, "container": container})
            except SourceError:
                yield Gap(
                    source_id="",
                    reason="a file that cannot be read",
                    bytes=_size(file),
                    lost_records_at_most=1,
                    container=container,
                    offset=0,
                )


def _files(path: Path) -> list[Path]:
    try:
        boxes = [path, *sorted(p for p in path.iterdir() if p.name[:1] == "." and p.is_dir())]
        folders = [box / name for box in boxes for name in _FOLDERS if (box / name).is_dir()]
        if not folders:
            raise SourceError(
                f'"{path.name}" is a folder without cur/ or new/',
                hint="name a mailbox file, or the Maildir folder itself",
            )
        return [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]
    except OSError as failure:
        raise unreadable(path, failure) from None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


CONNECTOR = Maildir()
