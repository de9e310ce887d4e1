"""A compiled set of hyperscan patterns: every match of a block in one call, a scratch a thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


class Patterns:
    """Patterns with their flags and the number each is reported under; several may share one.

    Raises hyperscan's own error where it takes a pattern not. It does not pickle.
    """

    def __init__(
        self,
        patterns: Sequence[str | bytes],
        flags: Sequence[int],
        ids: Sequence[int] | None = None,
    ) -> None:
        import hyperscan

        self._hyperscan = hyperscan
        self._database: Any = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[p.encode() if isinstance(p, str) else p for p in patterns],
            ids=list(range(len(patterns)) if ids is None else ids),
            flags=list(flags),
        )
        self._threads = threading.local()

    def _scratch(self) -> Any:
        if not hasattr(self._threads, "scratch"):
            self._threads.scratch = self._hyperscan.Scratch(self._database)
        return self._threads.scratch

    def ends(self, data: memoryview, *, cap: int) -> tuple[list[int], list[int], bool]:
        """(pattern, end) of every match; stops and says False after `cap` of them."""
        ids: list[int] = []
        ends: list[int] = []
        if not len(data):
            return ids, ends, True
        told, ended = ids.append, ends.append

        def on_match(pattern: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            told(pattern)
            ended(end)
            return len(ids) >= cap

        try:
            self._database.scan(data, match_event_handler=on_match, scratch=self._scratch())
        except self._hyperscan.ScanTerminated:
            return ids, ends, False
        return ids, ends, True
