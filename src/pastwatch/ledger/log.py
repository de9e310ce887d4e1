"""The log itself: appended to under a lock, one fsync a batch, provable at every size."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Self

from pastwatch.errors import BadValue, IntegrityError, LedgerForked
from pastwatch.ledger.entry import Act, Entry, EntryDraft, Signer, sign_entry
from pastwatch.ledger.leafcache import LeafCache
from pastwatch.ledger.lines import lines, offset_of, open_log
from pastwatch.ledger.tree import Tree, leaf_hash
from pastwatch.storage import durable
from pastwatch.storage.lock import FileLock

LOG_NAME = "entries.log"
CACHE_NAME = "hashes"
LOCK_NAME = "ledger.lock"
_FIRST = b'{"act":"'
_TOGETHER = 256

_log = logging.getLogger(__name__)


class Ledger:
    """The ledger in a directory; safe between threads, and between processes through its lock.

    Opening reads, and changes nothing: `torn_bytes` says how much of the file's end is an append
    that a crash cut short. The next `append` cuts it off, with a note in `cut_bytes`; no such
    piece was ever acknowledged. Any other line that does not read raises `IntegrityError` with
    its number. Signatures are not checked here: that is `verify`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / LOG_NAME
        self.torn_bytes = 0
        self.cut_bytes = 0
        self._lock = FileLock(directory / LOCK_NAME)
        self._threads = threading.RLock()
        self._cache = LeafCache(directory / CACHE_NAME)
        self._tree = Tree()
        self._end_bytes = 0
        self._left = 0, 0  # an entry that was to be read next, and where it begins
        self._last_time_us: int | None = None
        self._file: durable.AppendFile | None = None
        self._load()

    @classmethod
    def create(cls, directory: Path) -> Self:
        """A new, empty ledger, durable; refused where one stands already."""
        durable.make_dir(directory)
        durable.write_new(directory / LOG_NAME, b"")
        return cls(directory)

    @property
    def size(self) -> int:
        """How many entries there are, as last read."""
        return self._tree.size

    @property
    def last_time_us(self) -> int | None:
        """When the last entry stands; None in an empty ledger."""
        return self._last_time_us

    def now_us(self, clock_us: int) -> int:
        """The later of the clock and the last entry: a clock set back gains nobody time."""
        return clock_us if self._last_time_us is None else max(clock_us, self._last_time_us)

    def root(self, size: int | None = None) -> bytes:
        """The Merkle root over the first `size` entries, over all without one."""
        return self._tree.root(size)

    def inclusion(self, sequence: int, *, size: int | None = None) -> list[bytes]:
        """The path from an entry to the root at `size`."""
        return self._tree.inclusion(sequence, size=size)

    def consistency(self, old_size: int, *, size: int | None = None) -> list[bytes]:
        """The proof that the ledger at `old_size` is a prefix of the one at `size`."""
        return self._tree.consistency(old_size, size=size)

    def hashes(self, level: int, *, start: int, end: int) -> bytes:
        """The hashes of whole subtrees of 2**level entries, `start` to `end`, concatenated."""
        return self._tree.whole(level, start=start, end=end)

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The entries from `start` on, up to the size as last read, each checked against its leaf."""
        for sequence, line in enumerate(self.raw(start, self.size), start):
            entry = _entry(line, sequence)
            if leaf_hash(line) != self._tree.whole(0, start=sequence, end=sequence + 1):
                raise LedgerForked(f"entry {sequence} is not the one that stood there")
            yield entry

    def told(self, act: Act, start: int = 0) -> Iterator[Entry]:
        """The entries of one act from `start` on; every line is checked against its leaf.

        Of the lines that stand as an entry's bytes must, and do not hold the act's name, nothing
        more is read.
        """
        name = act.value.encode()
        numbered = enumerate(self.raw(start, self.size), start)
        while several := list(islice(numbered, _TOGETHER)):
            first, last = several[0][0], several[-1][0]
            hashes = [leaf_hash(line) for _, line in several]
            if b"".join(hashes) != self._tree.whole(0, start=first, end=last + 1):
                held = (self._tree.whole(0, start=n, end=n + 1) for n in range(first, last + 1))
                at = next(n for n, (a, b) in enumerate(zip(hashes, held, strict=True)) if a != b)
                raise LedgerForked(f"entry {first + at} is not the one that stood there")
            for sequence, line in several:
                if (
                    name in line
                    or b"\\" in line
                    or not line.startswith(_FIRST)
                    or b',"sequence":%d,' % sequence not in line
                ):
                    entry = _entry(line, sequence)
                    if entry.act == act:
                        yield entry

    def entry(self, sequence: int) -> Entry:
        """One entry."""
        for entry in self.entries(sequence):
            return entry
        raise BadValue(f"the ledger has no entry {sequence}", hint=f"it has {self.size}")

    def raw(self, start: int, end: int) -> Iterator[bytes]:
        """The exact bytes of the entries from `start` to before `end`."""
        if not 0 <= start <= end <= self.size:
            raise BadValue(f"the ledger has no entries {start} to {end}")
        if start == end:
            return
        left, at = self._left
        offset = at if start == left else offset_of(self.path, start)
        if offset is None:
            raise IntegrityError(f"entry {start} is not found in the ledger's file")
        for sequence, line in enumerate(lines(self.path, offset=offset), start):
            offset += len(line)
            if sequence == end - 1:
                self._left = end, offset
            yield line.removesuffix(b"\n")
            if sequence == end - 1:
                return

    def append(self, drafts: Sequence[EntryDraft], signer: Signer) -> list[Entry]:
        """Sign the drafts and write them durably, in order; on return they outlive a power cut.

        If they cannot be written `StorageError` is raised, none of them counts, and the ledger
        must be opened anew. The order, and what a crash leaves: lock -> read what others appended
        -> write -> fsync (from here on they stand) -> leaf hashes (derived) -> unlock.
        """
        with self._threads, self._lock.wait():
            file = self._writable()
            signed: list[Entry] = []
            time_us = self._last_time_us
            for sequence, draft in enumerate(drafts, self.size):
                time_us = draft.clock_us if time_us is None else max(draft.clock_us, time_us)
                signed.append(sign_entry(draft, signer, sequence=sequence, time_us=time_us))
            batch = [entry.to_bytes() for entry in signed]
            if batch:
                content = b"\n".join(batch) + b"\n"
                file.append(content)
                for line in batch:
                    self._tree.append(leaf_hash(line))
                self._end_bytes += len(content)
                self._last_time_us = time_us
            if self._cache.count < self.size:
                self._cache.store(self._tree)
            return signed

    def refresh(self) -> None:
        """Read what other processes appended since; `torn_bytes` may be their append under way."""
        with self._threads:
            self._read_on()

    @contextmanager
    def settled(self) -> Iterator[Self]:
        """Hold the ledger still: all that stands is durable, and every leaf is hashed anew.

        A checkpoint must be signed within: without the fsync it might vouch for an entry whose
        writer was killed in between and which a power cut would still take.
        """
        with self._threads, self._lock.wait():
            self._writable().sync()
            self._rehash()
            yield self

    def close(self) -> None:
        """Let go of the file."""
        with self._threads:
            if self._file is not None:
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _load(self) -> None:
        """Take the cached hashes if the last of them is right, then read on from there."""
        open_log(self.path).close()
        hashes = self._cache.load()  # before the log, which can only be longer by then
        self._acknowledged = len(hashes)
        if hashes:
            offset = offset_of(self.path, len(hashes) - 1)
            if offset is not None:
                line = next(lines(self.path, offset=offset))
                if line.endswith(b"\n") and leaf_hash(line[:-1]) == hashes[-1]:
                    self._tree = Tree(hashes)
                    self._cache.count = len(hashes)
                    self._end_bytes = offset + len(line)
                    self._last_time_us = _entry(line[:-1], len(hashes) - 1).time_us
        self._read_on()
        if self.size < self._acknowledged:
            raise LedgerForked(
                f"the ledger ends after entry {self.size - 1} and {self._acknowledged} were written",
                hint=f"is this a copy made during a write? then remove {CACHE_NAME!r} and verify",
            )

    def _read_on(self) -> None:
        """Read the lines beyond the known end into the tree; stop at a torn end."""
        with open_log(self.path) as file:
            length_bytes = os.fstat(file.fileno()).st_size
            if length_bytes < self._end_bytes:
                raise LedgerForked(f"the ledger's file was cut within its {self.size} entries")
            self.torn_bytes = 0
            file.seek(self._end_bytes)
            for line in file:
                try:
                    entry = _whole_entry(line, self.size)
                except LedgerForked:
                    raise
                except IntegrityError:
                    rest = file.read()
                    if not self._is_torn(line, rest):
                        raise
                    self.torn_bytes = len(line) + len(rest)
                    return
                if self._last_time_us is not None and entry.time_us < self._last_time_us:
                    raise LedgerForked(f"entry {self.size} is earlier than the one before it")
                self._tree.append(leaf_hash(line[:-1]))
                self._end_bytes += len(line)
                self._last_time_us = entry.time_us

    def _is_torn(self, line: bytes, rest: bytes) -> bool:
        """Whether an append cut short may look like this, and nothing says it was acknowledged.

        Either it is the file's last line, or it holds a page the disk never wrote: no entry has
        a zero byte.
        """
        return self.size >= self._acknowledged and (not rest or b"\0" in line)

    def _writable(self) -> durable.AppendFile:
        """The file to append to, the tail read and a torn end cut off; call under the lock."""
        if self._file is None:
            self._file = durable.AppendFile(self.path)
        if self._file.size_bytes != self._end_bytes:
            self._read_on()
        if self.torn_bytes:
            self._file.cut(self._end_bytes)
            self.cut_bytes += self.torn_bytes
            _log.warning(
                "the ledger ended in %d bytes of an append cut short after entry %d; cut off",
                self.torn_bytes,
                self.size - 1,
            )
            self.torn_bytes = 0
        return self._file

    def _rehash(self) -> None:
        fresh = bytearray()
        for line in self.raw(0, self.size):
            fresh += leaf_hash(line)
        if fresh != self._tree.whole(0, start=0, end=self.size):
            raise LedgerForked(
                "an entry is not the one that stood there",
                hint=f"'pastwatch verify' names it; if it finds none, remove {CACHE_NAME!r}",
            )


def _whole_entry(line: bytes, sequence: int) -> Entry:
    if not line.endswith(b"\n"):
        raise IntegrityError(f"entry {sequence} has no line end")
    return _entry(line[:-1], sequence)


def _entry(line: bytes, sequence: int) -> Entry:
    try:
        entry = Entry.from_bytes(line)
    except IntegrityError as error:
        raise IntegrityError(f"entry {sequence}: {error}") from error
    if entry.sequence != sequence:
        raise LedgerForked(f"where entry {sequence} should stand there is entry {entry.sequence}")
    return entry
