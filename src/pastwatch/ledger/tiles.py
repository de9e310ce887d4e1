"""The ledger as C2SP tlog-tiles: immutable files of 256 hashes or entries for mirrors and witnesses."""

from __future__ import annotations

import struct
from pathlib import Path

from pastwatch.errors import LedgerForked
from pastwatch.ledger.log import Ledger
from pastwatch.storage import durable

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_FOLDER = "tile"


def write_tiles(ledger: Ledger, *, since: int = 0) -> list[str]:
    """Write the tiles that the ledger's size needs and size `since` had not; their paths, in order.

    A tile that is there with other bytes raises `LedgerForked`: tiles never change.
    """
    written: list[str] = []
    level = 0
    while (size := ledger.size >> (TILE_HEIGHT * level)) > 0:
        first = (since >> (TILE_HEIGHT * level)) // TILE_WIDTH
        for index in range(first, -(-size // TILE_WIDTH)):
            start = index * TILE_WIDTH
            end = min(start + TILE_WIDTH, size)
            width = end - start
            hashes = ledger.hashes(TILE_HEIGHT * level, start=start, end=end)
            written += _write(ledger.directory, tile_path(str(level), index, width=width), hashes)
            if level == 0:
                bundle = entry_bundle(ledger, start, end)
                path = tile_path("entries", index, width=width)
                written += _write(ledger.directory, path, bundle)
        level += 1
    return written


def tile_path(level: str, index: int, *, width: int = TILE_WIDTH) -> str:
    """`tile/LEVEL/N`, N in groups of three digits (x001/x234/067), `.p/W` for a partial tile."""
    groups = [f"{index % 1000:03}"]
    while index >= 1000:  # noqa: PLR2004  # groups of three digits
        index //= 1000
        groups.append(f"x{index % 1000:03}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"{TILE_FOLDER}/{level}/{'/'.join(reversed(groups))}{partial}"


def entry_bundle(ledger: Ledger, start: int, end: int) -> bytes:
    """The entries' exact bytes, each after its length as a big-endian uint16."""
    return b"".join(struct.pack(">H", len(line)) + line for line in ledger.raw(start, end))


def _write(directory: Path, path: str, content: bytes) -> list[str]:
    file = directory / path
    if file.exists():
        try:
            same = file.read_bytes() == content
        except OSError as error:
            raise durable.storage_error(error, "read", file) from error
        if not same:
            raise LedgerForked(f"{path} holds other bytes than the ledger; tiles never change")
        return []
    durable.make_dir(file.parent)
    durable.write_new(file, content)
    return [path]
