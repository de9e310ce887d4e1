"""Finds out what stands at a path: each file or folder, its name, and the connector that knows it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pastwatch.errors import SourceError
from pastwatch.ports import Connector
from pastwatch.stages.collect.account import Sums

HEAD_BYTES = 64 * 1024
LINK, UNREADABLE = "a link: not followed", "cannot be read"
MOST_SURE = 100
LAST_RESORT = 5  # a mark this low counts only among other files, or when chosen by name


@dataclass(frozen=True, slots=True)
class Item:
    """A path to read, the name it goes by, and its connector; None where none recognises it."""

    path: Path
    name: str
    connector: Connector | None
    reason: str = ""  # why it is not read
    is_alone: bool = False  # what cannot be read is then an error, and no gap

    @property
    def size_bytes(self) -> int:
        """Its bytes on the disk; a link that is not followed has none."""
        return 0 if self.reason == LINK else size_on_disk(self.path)

    def sums(self) -> Sums:
        """An account of what is read of it."""
        return Sums(folder=self.name if self.path.is_dir() else "")


def items_of(
    path: Path, connectors: Mapping[str, Connector], *, chosen: str | None = None
) -> list[Item]:
    """What to read at a path: itself, or the files below it, each with the connector that knows it.

    SourceError when the path cannot be read, or when no connector knows a single file.
    """
    if chosen is not None:
        return _chosen_items(path, connectors[chosen])
    best = best_of(path, connectors, above=LAST_RESORT)
    if best is not None or not path.is_dir():
        if best is None:
            raise SourceError(
                f'no connector recognises "{path.name}"',
                hint="--connector file seals it whole; a table is read with --mapping TOML",
            )
        return [Item(path, path.name, best, is_alone=True)]
    items = list(below(path, connectors))
    if not items:
        raise SourceError(f'the folder "{path.name}" is empty')
    return items


def below(
    folder: Path, connectors: Mapping[str, Connector], *, top: Path | None = None
) -> Iterator[Item]:
    """What stands in a folder: a folder that a connector reads whole is one item."""
    before = f"{folder.relative_to(top).as_posix()}/" if top else ""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        path, name = folder / entry.name, before + entry.name
        if entry.is_symlink():
            yield Item(path, name, None, reason=LINK)
        elif entry.is_dir():
            whole = best_of(path, connectors, above=LAST_RESORT)
            if whole is not None:
                yield Item(path, name, whole)
            else:
                yield from below(path, connectors, top=top or folder)
        elif entry.is_file():
            yield _file_item(path, name, connectors)


def _file_item(path: Path, name: str, connectors: Mapping[str, Connector]) -> Item:
    """A file among others: one that cannot be read stops none of them."""
    try:
        return Item(path, name, best_of(path, connectors))
    except SourceError:
        return Item(path, name, None, reason=UNREADABLE)


def _chosen_items(path: Path, connector: Connector) -> list[Item]:
    """The path as one item, or each file below a folder that the connector does not read whole."""
    files = [] if connector.recognises(path, head_of(path)) or not path.is_dir() else files_of(path)
    items = [Item(f, f.relative_to(path).as_posix(), connector) for f in files]
    items += [
        Item(p, p.relative_to(path).as_posix(), None, reason=LINK)
        for p in (sorted(path.rglob("*")) if items else ())
        if p.is_symlink()
    ]
    return items or [Item(path, path.name, connector, is_alone=True)]


def best_of(path: Path, connectors: Mapping[str, Connector], *, above: int = 0) -> Connector | None:
    """The connector that is surest of a path, where one is surer than `above`; of equals the first.

    Those that cannot be surer (`most_sure`) are not asked.
    """
    head, best, best_name = head_of(path), None, ""
    for below_sure, name in sorted((-_most_sure(one), name) for name, one in connectors.items()):
        if -below_sure < above:
            break
        if -below_sure == above and not name < best_name:
            continue
        mark = connectors[name].recognises(path, head)
        if mark > above or (mark == above and name < best_name):
            best, best_name, above = connectors[name], name, mark
    return best


def _most_sure(connector: Connector) -> int:
    """The highest mark a connector gives: 100, unless it says less."""
    return int(getattr(connector, "most_sure", MOST_SURE))


def head_of(path: Path) -> bytes:
    """The first 64 KiB of a file, nothing of a folder; SourceError where it cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise SourceError(f'there is no file or folder "{path.name}"') from None
    except OSError as wrong:
        if path.is_dir():
            return b""
        raise SourceError(f'"{path.name}" cannot be read: {wrong.strerror}') from wrong


def size_on_disk(path: Path) -> int:
    """The bytes of a file, or of all files below a folder."""
    try:
        told = path.stat()
    except OSError:
        if path.exists():
            raise
        return 0
    if stat.S_ISDIR(told.st_mode):
        return sum(p.stat().st_size for p in files_of(path))
    return told.st_size


def files_of(folder: Path) -> Iterator[Path]:
    """The files below a folder, sorted; links are not followed."""
    return (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())
