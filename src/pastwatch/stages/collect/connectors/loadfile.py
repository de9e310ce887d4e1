"""Reads productions: a Concordance DAT with its OPT, natives and text, as a folder or the DAT alone.

Each row is a record; its text is that of its text file, its natives and images are parts or named.
Of a folder, every other file is a container of its own: a file that a row names is sealed whole and
answers to the row, the image list is framing, and what no row names is sealed whole with its words.
Of a DAT alone, the files beside it give their text and hash, and are not sealed with it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.datlinks import Linked, images, is_image_list
from pastwatch.stages.collect.connectors.datrecords import Files, Records
from pastwatch.stages.collect.connectors.datrows import Table
from pastwatch.stages.collect.connectors.enclosed import (
    FILE_LIMIT_BYTES,
    Owner,
    as_part,
    seal_whole,
)
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.stated import attached
from pastwatch.stages.collect.connectors.webpages import unnamed_charset
from pastwatch.stages.collect.mailcharset import decoded

_HEAD_BYTES = 64 * 1024
_DATA_FOLDERS = frozenset(("data", "dat", "load", "loadfile", "loadfiles", "load files"))
_LISTS = (".opt", ".lfp")


class LoadFile:
    """The connector of productions; options: record fields to columns, zone, order, container."""

    name = "loadfile"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of cells between thorns, of an image list, and of a folder that holds such a DAT."""
        if path.is_dir():
            return 93 if _load_files(path) else 0
        if Table(head).is_one:
            return 95
        return 75 if is_image_list(head) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The rows in file order; of a folder, then its files by name."""
        container = container_name(path, options)
        if path.is_dir():
            yield from _Production(path, container, options).read()
            return
        with opened(path) as view:
            if is_image_list(view[:_HEAD_BYTES]) and not Table(view[:_HEAD_BYTES]).is_one:
                columns = Columns(container)
                columns.frame("image list", len(view))
                yield from columns.rest()
                return
            production = _Production(path.parent, container, options)
            yield from production.rows(view, container, beside="")


def _load_files(folder: Path) -> list[Path]:
    """The DAT files of a production: in the folder itself, or in its folder for them."""
    try:
        named = [file for file in _beside(folder) if file.suffix.lower() == ".dat"]
        return [file for file in named if Table(_head(file)).is_one]
    except OSError:
        return []


def _beside(folder: Path) -> list[Path]:
    """The files in a folder, and in its folder for load files; links left out."""
    try:
        within = [p for p in sorted(folder.iterdir()) if not p.is_symlink()]
        data = [p for p in within if p.is_dir() and p.name.lower() in _DATA_FOLDERS]
        within += [p for place in data for p in sorted(place.iterdir()) if not p.is_symlink()]
        return [p for p in within if p.is_file()]
    except OSError:
        return []


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


class _Production:
    """One production: its files, its image list, and which row each file belongs to."""

    def __init__(self, root: Path, container: str, options: Mapping[str, Any]) -> None:
        self._root = root
        self._container = container
        self._options = options
        self._linked = Linked(root)
        self._owners: dict[str, Owner] = {}
        self._pages: dict[str, list[str]] | None = None

    def read(self) -> Iterator[Batch | Gap]:
        """The rows of every DAT of the folder, then each other file."""
        tables = {file.relative_to(self._root).as_posix(): file for file in _load_files(self._root)}
        if not tables:
            raise SourceError(
                f'"{self._root.name}" is a folder without a load file',
                hint="name the folder that holds the .dat file, or the file itself",
            )
        for name, file in tables.items():
            with opened(file) as view:
                beside = name.rpartition("/")[0]
                yield from self.rows(view, f"{self._container}/{name}", beside=beside)
        for name, file in self._linked.files().items():
            if name not in tables:
                yield from self._file(name, file)

    def rows(
        self, view: mmap.mmap | bytes, container: str, *, beside: str
    ) -> Iterator[Batch | Gap]:
        """The rows of one DAT; the header row and line ends are framing."""
        columns, table = Columns(container), Table(view)
        if not table.is_one:
            if len(view):
                yield Gap(
                    source_id="",
                    reason="no rows of a load file",
                    bytes=len(view),
                    container=container,
                    offset=0,
                )
            return
        records = Records(table.names, self._options)
        records.dates.learn(d for row in table.rows(table.header_end) for d in records.dates_of(row.cells))  # fmt: skip
        columns.frame("header", table.header_end)
        at = table.header_end
        for row in table.rows(table.header_end):
            columns.frame("newline", row.start - at)
            owner, defects = records.owner(row.cells)
            files = self._files(records, row.cells, owner, beside)
            original = view[row.start : row.end]
            defects |= row.defects
            records.add(columns, original, row.cells, owner=owner, files=files, defects=defects)
            at = row.end
            if columns.is_full:
                yield columns.take()
        columns.frame("newline", len(view) - at)
        yield from columns.rest()

    def _files(self, records: Records, cells: list[str], owner: Owner, beside: str) -> Files:
        """What the row's text file says, and its native by hash; one that is not there is told."""
        text, parts, lines, defects = "", [], [], Defect.NONE
        text_path, native_path = records.text_path(cells), records.value(cells, "native_path")
        if text_path:
            content = self._content(text_path, owner, beside)
            if content is None:
                lines.append(("not found", text_path))
                defects |= Defect.BAD_STRUCTURE
            else:
                text, defects = decoded(content, unnamed_charset(content))
                parts.append(attached(_last(text_path), "text/plain", content))
        if native_path:
            content = self._content(native_path, owner, beside)
            if content is None:
                lines.append(("not found", native_path))
                defects |= Defect.BAD_STRUCTURE
            else:
                parts.append(as_part(_last(native_path), content, is_read=not text.strip()))
        for page in self._images().get(owner.native_id, ()):
            name = self._linked.find(page, beside=beside)
            if name:
                self._owners.setdefault(name, owner)
            lines.append(("image", page if name else f"{page} (not found)"))
        return Files(text, parts, lines, defects)

    def _content(self, written: str, owner: Owner, beside: str) -> bytes | None:
        name = self._linked.find(written, beside=beside)
        if not name:
            return None
        self._owners.setdefault(name, owner)
        content, _ = _whole(self._linked.files()[name])
        return content

    def _images(self) -> dict[str, list[str]]:
        """The pages of each row, by the number of its first."""
        if self._pages is None:
            self._pages = {}
            lists = (p for p in _beside(self._root) if p.suffix.lower() == ".opt")
            for path in lists:
                pages: list[str] = []
                for image in images(_whole(path)[0] or b""):
                    if image.begins or not self._pages:
                        pages = self._pages.setdefault(image.key, [])
                    pages.append(image.path)
        return self._pages

    def _file(self, name: str, path: Path) -> Iterator[Batch | Gap]:
        columns = Columns(f"{self._container}/{name}")
        content, size = _whole(path)
        if content is None:
            yield Gap(
                source_id="",
                reason="a file that cannot be read, or larger than is read",
                bytes=size,
                lost_records_at_most=1,
                container=columns.container,
                offset=0,
            )
        elif not content or name.lower().endswith(_LISTS):
            columns.frame("image list", len(content))
        else:
            seal_whole(columns, _last(name), content, self._owners.get(name))
        yield from columns.rest()


def _whole(path: Path) -> tuple[bytes | None, int]:
    """A file's bytes, or None where they cannot be read, and its size."""
    try:
        with opened(path) as view:
            size = len(view)
            return (bytes(view) if size <= FILE_LIMIT_BYTES else None), size
    except SourceError:
        return None, 0


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


CONNECTOR = LoadFile()
