"""Adds up what a reader gave, container by container: no byte of a file may be missing from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pastwatch.archive.columns import text_column
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap

UNACCOUNTED = "left out of its reader's account"


def size_of(piece: Batch | Gap) -> int:
    """How many bytes of its container a batch or a gap stands for."""
    if isinstance(piece, Gap):
        return piece.bytes
    at = text_column(piece.columns.column("original"))[1]
    return int(at[-1] - at[0]) + sum(piece.framing.values())


class Sums:
    """Bytes by container, and how many of them belong to the file itself.

    `folder` names an item that is a folder: its files stand in it, and are no bundle's members.
    """

    def __init__(self, *, folder: str = "") -> None:
        self._bytes: Counter[str] = Counter()
        self._folder = folder

    def add(self, piece: Batch | Gap, *, container: str = "") -> None:
        """Count a piece; `container` stands in for a gap that names none."""
        self._bytes[piece.container or container] += size_of(piece)

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers met so far."""
        return tuple(self._bytes)

    def rest(self, container: str, size_bytes: int, reason: str) -> Gap:
        """What of a file of this size was not read, as a gap."""
        done = self.outer_bytes
        left = max(size_bytes - done, 0)
        return Gap(source_id="", reason=reason, bytes=left, container=container, offset=done)

    @property
    def outer_bytes(self) -> int:
        """Bytes of the outermost containers: what is packed inside another is not counted twice."""
        if len(self._bytes) < 2:  # noqa: PLR2004 - none stands in another
            return sum(self._bytes.values())
        sizes = dict(self._bytes)
        own = sizes.pop(self._folder, 0) if self._folder else 0
        return own + sum(outermost(sizes).values())


def left_out(sums: Sums, container: str, size_bytes: int) -> tuple[Gap, ...]:
    """What a reader told nothing of in a file that was read to its end, as a gap."""
    missing = size_bytes - sums.outer_bytes
    return (sums.rest(container, size_bytes, UNACCOUNTED),) if missing > 0 else ()


def outermost(sizes: Mapping[str, int]) -> dict[str, int]:
    """The containers that stand in no other: `a.zip/b.txt` stands in `a.zip`."""
    return {
        name: size
        for name, size in sizes.items()
        if not any(name[:at] in sizes for at in _slashes(name))
    }


def _slashes(name: str) -> list[int]:
    return [at for at, letter in enumerate(name) if letter == "/"]
