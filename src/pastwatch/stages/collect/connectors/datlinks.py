"""Finds the files a load file names, only among those that stand in its folder: no name is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pastwatch.stages.collect.mailcharset import decoded

_FILES_LIMIT = 2_000_000
_DRIVE = re.compile(r"[A-Za-z]:")
_VOLUMES = 3  # leading folders of a name that may be those of the volume itself
_IMAGE_COLUMNS = 7


class Linked:
    """The files below a folder by their path in it; links to elsewhere are not among them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, Path] | None = None

    def files(self) -> dict[str, Path]:
        """Each regular file by its path from the folder, in order of that path; links left out."""
        if self._files is None:
            found: dict[str, Path] = {}
            for folder, folders, names in os.walk(self._root, followlinks=False):
                folders[:] = sorted(n for n in folders if not (Path(folder) / n).is_symlink())
                for name in names:
                    path = Path(folder) / name
                    if path.is_file() and not path.is_symlink() and len(found) < _FILES_LIMIT:
                        found[path.relative_to(self._root).as_posix()] = path
            self._files = dict(sorted(found.items()))
            self._folded = {name.casefold(): name for name in self._files}
        return self._files

    def find(self, written: str, *, beside: str = "") -> str:
        """The path of the file that a load file in the folder `beside` names; "" where none is.

        What leads out of the folder finds nothing: a drive, a share, a root, or "..".
        """
        name = written.strip().replace("\\", "/")
        if not name or "\n" in name or _DRIVE.match(name) or name.startswith("//"):
            return ""
        if written.strip().startswith("/"):
            return ""
        steps = [step for step in name.split("/") if step not in {"", "."}]
        if not steps or ".." in steps:
            return ""
        self.files()
        for dropped in range(min(_VOLUMES, len(steps) - 1) + 1):
            tail = "/".join(steps[dropped:])
            for candidate in (f"{beside}/{tail}" if beside else tail, tail):
                if found := self._folded.get(candidate.casefold()):
                    return found
        return ""


class Image(NamedTuple):
    """A line of an image list: the page's number, its file, and whether a new paper begins."""

    key: str
    path: str
    begins: bool


def images(raw: bytes) -> Iterator[Image]:
    """The lines of an OPT file: key, volume, path, break, two more, and the count of pages."""
    for line in decoded(raw, "")[0].splitlines():
        cells = line.split(",")
        if len(cells) >= _IMAGE_COLUMNS:
            path = ",".join(cells[2 : len(cells) - 4])
            yield Image(cells[0].strip(), path, cells[-4].strip().upper() == "Y")


def is_image_list(head: bytes) -> bool:
    """Whether bytes begin as an OPT file: seven columns, the fourth "Y" or empty."""
    lines = decoded(head[:4096], "")[0].splitlines()[:3]
    split = [line.split(",") for line in lines if line.strip()]
    if len(head) > 4096 and len(split) > 1:  # noqa: PLR2004 - the last line may be cut
        split = split[:-1]
    return bool(split) and all(
        len(cells) == _IMAGE_COLUMNS
        and cells[0].strip()
        and cells[3].strip().upper() in {"", "Y"}
        and re.search(r"[.](?:tiff?|jpe?g|pdf|png)\s*$", cells[2], re.IGNORECASE)
        for cells in split
    )
