"""The leaf hashes beside the log: derived, so that opening need not read every entry again.

Written after the entries it covers are durable, so that its length is also a lower bound of what
was acknowledged: damage below it is damage, above it perhaps an append cut short by a crash.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from pastwatch.ledger.tree import HASH_BYTES, Tree
from pastwatch.storage.durable import FILE_MODE

_log = logging.getLogger(__name__)


class LeafCache:
    """The file of 32-byte leaf hashes; `count` is how many of them are known to be right."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0

    def load(self) -> list[bytes]:
        """The hashes as they stand in the file, unchecked; none where it cannot be read."""
        try:
            content = self.path.read_bytes()
        except OSError:
            return []
        whole = len(content) - len(content) % HASH_BYTES
        return [content[at : at + HASH_BYTES] for at in range(0, whole, HASH_BYTES)]

    def store(self, tree: Tree) -> None:
        """Bring the file up to the tree; failing costs time at the next opening, nothing else."""
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), FILE_MODE)
            with os.fdopen(fd, "r+b") as file:
                file.seek(self.count * HASH_BYTES)
                file.write(tree.whole(0, start=self.count, end=tree.size))
                file.truncate()
        except OSError as error:
            _log.warning("the ledger's leaf hashes were not kept: errno %s", error.errno)
            return
        self.count = tree.size
