"""What a case needs to read records sealed unparsed: the parser, and where its work is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pastwatch.casefile.store import CaseStore
from pastwatch.stages.collect.rawparse import PARSER, parse_originals

if TYPE_CHECKING:
    import pyarrow as pa


class MailParser:
    """Makes of mails sealed unparsed what collecting them ready would have made."""

    name = PARSER

    def __call__(self, originals: Sequence[bytes], forms: Sequence[int], /) -> pa.RecordBatch:
        """A row for each original, in order."""
        return parse_originals(originals, forms)


class KeptInCase:
    """Keeps parsed blocks in the case's papers; every thread has a connection of its own."""

    def __init__(self, papers: Callable[[], CaseStore]) -> None:
        self._open, self._own = papers, threading.local()

    def get(self, pack_id: str, block: int) -> bytes | None:
        """What was kept for a block."""
        return self._papers().parsed(pack_id, block)

    def put(self, pack_id: str, block: int, parsed: bytes) -> None:
        """Keep what was parsed of a block, durably."""
        self._papers().keep_parsed(pack_id, block, parsed)

    def close(self) -> None:
        """Let go of this thread's connection; another's goes with its thread."""
        held: CaseStore | None = getattr(self._own, "papers", None)
        if held is not None:
            held.close()
            del self._own.papers

    def _papers(self) -> CaseStore:
        held: CaseStore | None = getattr(self._own, "papers", None)
        if held is None:
            held = self._own.papers = self._open()
        return held
