"""Merkle trees of RFC 6962 §2.1: roots, proofs of inclusion and of consistency, and their checks.

Pure functions over 32-byte hashes; every other part that needs such a tree uses this one. The
checks take the tree's size from their caller, who has it from a signed checkpoint, and never
raise on a malformed proof: it is simply not one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from pastwatch.errors import BadValue

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(content: bytes) -> bytes:
    """SHA-256(0x00 | content)."""
    return _sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 | left | right)."""
    return _sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes; SHA-256 of nothing over none."""
    if not hashes:
        return EMPTY_ROOT
    row, count = list(hashes), len(hashes)
    while count > 1:  # each row is written over the one below it
        above = 0
        for at in range(0, count - 1, 2):
            row[above] = _sha256(b"\x01" + row[at] + row[at + 1]).digest()
            above += 1
        if count & 1:
            row[above] = row[count - 1]
            above += 1
        count = above
    return row[0]


def inclusion_path(index: int, size: int, leaf: Callable[[int], bytes]) -> list[bytes]:
    """The hashes from leaf `index` up to the root of the first `size` leaves (RFC 6962 §2.1.1).

    `leaf(i)` gives the i-th leaf hash, so `hashes.__getitem__` will do; each of the others is read
    once. For many proofs over one tree use `Tree`.
    """
    return _inclusion(index, size, lambda start, end: root([leaf(i) for i in range(start, end)]))


def consistency_path(old_size: int, new_size: int, leaf: Callable[[int], bytes]) -> list[bytes]:
    """The hashes that show the first `old_size` leaves to be a prefix (RFC 6962 §2.1.2)."""
    return _consistency(
        old_size, new_size, lambda start, end: root([leaf(i) for i in range(start, end)])
    )


def verify_inclusion(
    leaf: bytes,
    *,
    index: int,
    size: int,
    path: Sequence[bytes],
    root: bytes,
) -> bool:
    """Whether leaf hash `leaf` stands at `index` in the tree of `size` with `root` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes((leaf, root, *path)):
        return False
    position, last = index, size - 1
    accumulated = leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            accumulated = node_hash(sibling, accumulated)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            accumulated = node_hash(accumulated, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and accumulated == root


def verify_consistency(
    *,
    old_size: int,
    new_size: int,
    old_root: bytes,
    new_root: bytes,
    path: Sequence[bytes],
) -> bool:
    """Whether the tree of `new_size` extends the one of `old_size` (RFC 9162 §2.1.4.2).

    Every tree extends the empty one, whose root must still be the empty root; equal sizes need
    equal roots. In both cases the path must be empty.
    """
    if not 0 <= old_size <= new_size or not _are_hashes((old_root, new_root, *path)):
        return False
    if old_size == 0:
        new_is_right = new_size > 0 or new_root == EMPTY_ROOT
        return not path and old_root == EMPTY_ROOT and new_is_right
    if old_size == new_size:
        return not path and old_root == new_root
    is_whole = old_size & (old_size - 1) == 0
    hashes = [old_root, *path] if is_whole else list(path)
    if not path or not hashes:
        return False
    return _folds(hashes, old_size - 1, new_size - 1, old_root, new_root)


class Frontier:
    """The right edge of a growing tree: O(log n) memory, root at any moment, no proofs."""

    __slots__ = ("_edge", "size")

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        count = self.size
        while count & 1:
            leaf = node_hash(self._edge.pop(), leaf)
            count >>= 1
        self._edge.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._edge:
            return EMPTY_ROOT
        accumulated = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            accumulated = node_hash(left, accumulated)
        return accumulated


class Tree:
    """A growing tree that gives roots and proofs at every size in O(log n); 64 bytes a leaf."""

    __slots__ = ("_rows",)

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        self._rows = [bytearray()]  # row r: the hashes of all whole subtrees of 2**r leaves
        for leaf in hashes:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._rows[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        row = self._rows[0]
        row += leaf
        count = len(row) // HASH_BYTES
        level = 0
        while not count & 1:
            above = _sha256(b"\x01" + row[-2 * HASH_BYTES :]).digest()
            level += 1
            if level == len(self._rows):
                self._rows.append(bytearray())
            row = self._rows[level]
            row += above
            count >>= 1

    def whole(self, level: int, *, start: int, end: int) -> bytes:
        """The hashes of the whole subtrees of 2**level leaves, `start` to `end`, concatenated."""
        row = self._rows[level] if level < len(self._rows) else b""
        if not 0 <= start <= end <= len(row) // HASH_BYTES:
            raise BadValue("a tree was asked for subtrees it does not have")
        return bytes(row[start * HASH_BYTES : end * HASH_BYTES])

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves, over all without one."""
        wanted = self.size if size is None else size
        if not 0 <= wanted <= self.size:
            raise BadValue("a tree was asked for the root of more leaves than it has")
        return self._range(0, wanted) if wanted else EMPTY_ROOT

    def inclusion(self, index: int, *, size: int | None = None) -> list[bytes]:
        """The path from leaf `index` to the root over the first `size` leaves."""
        return _inclusion(index, self._bounded(size), self._range)

    def consistency(self, old_size: int, *, size: int | None = None) -> list[bytes]:
        """The proof that the first `old_size` leaves are a prefix of the first `size`."""
        return _consistency(old_size, self._bounded(size), self._range)

    def _bounded(self, size: int | None) -> int:
        if size is None:
            return self.size
        if size > self.size:
            raise BadValue("a tree was asked for a proof over more leaves than it has")
        return size

    def _range(self, start: int, end: int) -> bytes:
        count = end - start
        if count & (count - 1) == 0:  # the splits of RFC 6962 keep such a range aligned
            level = count.bit_length() - 1
            return self.whole(level, start=start >> level, end=(start >> level) + 1)
        middle = start + _split(count)
        return node_hash(self._range(start, middle), self._range(middle, end))


def _inclusion(index: int, size: int, subtree: Callable[[int, int], bytes]) -> list[bytes]:
    if not 0 <= index < size:
        raise BadValue("a proof was asked for a leaf outside the tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    path.reverse()
    return path


def _consistency(old: int, new: int, subtree: Callable[[int, int], bytes]) -> list[bytes]:
    if not 0 <= old <= new:
        raise BadValue("a tree cannot extend a larger one")
    path: list[bytes] = []
    if old in (0, new):
        return path
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    if start:  # else the old root itself, which the verifier has
        path.append(subtree(start, end))
    path.reverse()
    return path


def _folds(hashes: list[bytes], old: int, new: int, old_root: bytes, new_root: bytes) -> bool:
    """The loop of RFC 9162 §2.1.4.2; `old` and `new` are the indices of the last leaves."""
    while old & 1:
        old >>= 1
        new >>= 1
    old_so_far = new_so_far = hashes[0]
    for sibling in hashes[1:]:
        if new == 0:
            return False
        if old & 1 or old == new:
            old_so_far = node_hash(sibling, old_so_far)
            new_so_far = node_hash(sibling, new_so_far)
            while not old & 1 and old:
                old >>= 1
                new >>= 1
        else:
            new_so_far = node_hash(new_so_far, sibling)
        old >>= 1
        new >>= 1
    return new == 0 and old_so_far == old_root and new_so_far == new_root


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
