"""Blocks being opened under one ledger entry, and how an entry counts what was opened."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from pastwatch.archive.block import BlockRef, OpenBlock
from pastwatch.archive.identity import is_account
from pastwatch.errors import OutsideScope
from pastwatch.ledger.entry import Outcome
from pastwatch.model.record import Record

_TOKENS_IN_ENTRY = 1000
OpenOne = Callable[[BlockRef, bool], OpenBlock]


class Opening:
    """Blocks being opened under one ledger entry; `matched` is told to the closing entry."""

    def __init__(self, open_block: OpenOne, blocks: Iterable[BlockRef]) -> None:
        self._open_block, self._announced = open_block, frozenset(blocks)
        self._lock = threading.Lock()
        self.opened: set[BlockRef] = set()
        self.damaged: dict[BlockRef, str] = {}
        self.records = 0
        self.matched = 0

    def block(self, ref: BlockRef, *, reuse: bool = False) -> OpenBlock:
        """One block's records in scope; with `reuse` valid until this thread opens the next."""
        if ref not in self._announced:
            raise OutsideScope("a block was asked for that the ledger was not told of")
        block = self._open_block(ref, reuse)
        with self._lock:
            self.opened.add(ref)
            self.records += len(block.rows)
        return block

    def end(self) -> None:
        """Open nothing further: the closing entry is about to be written."""
        self._announced = frozenset()

    def outcome(self) -> dict[str, Outcome]:
        """What the closing entry tells."""
        return {
            "blocks": len(self.opened),
            "records": self.records,
            "matched": self.matched,
            "unreadable": len(self.damaged),
            **by_source(self.opened),
        }

    def unreadable(self, ref: BlockRef, why: str) -> None:
        """Note that a block could not be read; it is counted in the coverage."""
        with self._lock:
            self.damaged[ref] = why


def digest_of(names: Iterable[str]) -> str:
    """SHA-256 of a list of names, one a line, in hex."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def by_source(opened: Iterable[BlockRef]) -> dict[str, Outcome]:
    """How many records in scope were opened of each source."""
    counts: Counter[str] = Counter()
    for ref in opened:
        counts[ref.source_id] += ref.inside
    return _listed(counts)


def shown_outcome(records: Sequence[Record], *, context: bool) -> dict[str, Outcome]:
    """What an entry says of records shown: how many, of which sources, by keyed account tokens."""
    accounts: dict[str, int] = {}
    for record in records:
        for token in record.envelope.account_tokens:
            if is_account(token):
                name = f"{record.envelope.source_id}:{token.hex()}"
                accounts[name] = accounts.get(name, 0) + 1
    listed = sorted(accounts)[:_TOKENS_IN_ENTRY]
    return {
        "records": len(records),
        "context": context,
        "accounts": listed,
        "times": [accounts[name] for name in listed],
        "accounts_unlisted": len(accounts) - len(listed),
        **counted(r.envelope.source_id for r in records),
    }


def counted(source_ids: Iterable[str]) -> dict[str, Outcome]:
    """How often each source occurs, as an entry's outcome."""
    return _listed(Counter(source_ids))


def _listed(counts: Counter[str]) -> dict[str, Outcome]:
    names = sorted(counts)
    return {"sources": names, "source_records": [counts[n] for n in names]}
