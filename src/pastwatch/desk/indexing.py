"""The index of a case's slice: built in the background once it pays, and used by every look after."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Protocol

from pastwatch import plugins
from pastwatch.archive.block import BlockRef
from pastwatch.archive.gate import Gate
from pastwatch.casefile.searches import OpenedBlock
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.office import Office
from pastwatch.errors import PastwatchError
from pastwatch.stages.lookback.index import INDEX_FORM, CaseIndex, Indexed, build_index

DUE_AFTER = 2
"""Finished looks from which a slice is indexed by itself …"""
DUE_FROM_RECORDS = 5_000
"""… if it has so many records that it pays …"""
DUE_TO_RECORDS = 50_000
"""… and not so many that somebody would wait for it; a larger slice is indexed when asked."""


class Opened(Protocol):
    """What of an open case an index is built from."""

    office: Office
    gate: Gate
    papers: CaseStore


class Indexing:
    """The index of one case's slice and the thread that builds it, at most one at a time.

    The thread keeps what it makes through a connection of its own. What is kept stays when it is
    cancelled, and the next run adds the rest.
    """

    def __init__(
        self, case: Opened, *, grant_sha256: bytes, papers: Callable[[], CaseStore]
    ) -> None:
        self._case, self._grant, self._papers = case, grant_sha256, papers
        self._index: CaseIndex | None = None
        self._withheld: frozenset[bytes] = frozenset()
        self._thread: threading.Thread | None = None
        self._logged = ExitStack()
        self._cancel = threading.Event()
        self._failed: PastwatchError | None = None
        self.progress = Indexed()
        self.total_blocks = 0

    @property
    def running(self) -> bool:
        """Whether the thread is at work."""
        return self._thread is not None and self._thread.is_alive()

    def index(self) -> CaseIndex | None:
        """What is indexed under the case's grant; None when nothing is.

        Once a record is judged protected, an index that holds its words is dropped.
        """
        if self._thread is not None and not self.running:
            self._settle()
        withheld = frozenset(self._case.papers.protected_ids())
        if withheld != self._withheld:
            self._index, self._withheld = None, withheld
            self._case.papers.drop_segments(but_of=self._key)
        if self._index is None:
            self._index = CaseIndex(self._case.papers, self._key)
        return self._index if self._index.covers_any(self._case.gate.blocks) else None

    @property
    def _key(self) -> bytes:
        """What an index stands under: the grant, what is in it, and what no word of may be."""
        kept_out = b"".join(sorted(self._withheld))
        return hashlib.sha256(INDEX_FORM + self._grant + kept_out).digest()

    def begin_if_due(self) -> bool:
        """Begin when the slice has been looked over often enough and is worth it."""
        case = self._case
        if self.running or not DUE_FROM_RECORDS <= case.gate.records <= DUE_TO_RECORDS:
            return False
        finished = sum(search.ended for search in case.papers.searches())
        return finished >= DUE_AFTER and self.begin()

    def begin(self) -> bool:
        """Begin to index what is not indexed yet; False when nothing is left, or it is running.

        The ledger is told of the blocks before the first is opened.
        """
        if self.running:
            return False
        index = self.index()
        case = self._case
        damaged = case.papers.setting("damaged", otherwise={})
        missing = [
            r
            for r in case.gate.blocks
            if f"{r.pack_id}/{r.block}" not in damaged and (index is None or not index.covers(r))
        ]
        if not missing:
            return False
        key, withheld = self._key, self._withheld
        case.papers.drop_segments(but_of=key)
        opening = self._logged.enter_context(case.gate.opening(missing, purpose="index"))
        self._cancel, self.progress = threading.Event(), Indexed()
        self.total_blocks, self._failed = len(missing), None
        workers = case.office.settings.worker_count
        engine = plugins.load("engines", "local")
        counts, at_us = case.gate.block_counts(), case.office.clock()

        def work() -> None:
            try:
                with self._papers() as papers:

                    def saved(blocks: Sequence[BlockRef]) -> None:
                        papers.add_opened(
                            [
                                OpenedBlock(bytes.fromhex(r.pack_id), r.block, *counts[r])
                                for r in blocks
                            ],
                            at_us=at_us,
                        )

                    build_index(
                        opening,
                        missing,
                        kept=papers,
                        grant_sha256=key,
                        withheld=withheld,
                        engine=engine,
                        workers=workers,
                        progress=self.progress,
                        cancel=self._cancel,
                        saved=saved,
                    )
            except PastwatchError as failed:
                self._failed = failed

        self._thread = threading.Thread(target=work, name="pastwatch-index")
        self._thread.start()
        return True

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is done; False when the time ran out first. A failure is raised here."""
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            return False
        self._settle()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed
        return True

    def cancel(self) -> None:
        """Stop at the next block; segments already kept stay."""
        self._cancel.set()
        if self._thread is not None:
            self._thread.join()
            self._settle()

    def _settle(self) -> None:
        """Tell the ledger what was opened; the next look reads the index anew."""
        self._thread, self._index = None, None
        self._logged.close()
