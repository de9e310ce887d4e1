"""The coarse token index of a pack: which blocks hold which token, exactly or too often.

One frame covers 16 blocks: a count (4 bytes, little endian), then the sorted 32-bit token hashes,
each as its step from the one before, as four byte planes, lowest byte first, then a 16-bit map of
blocks for each as two byte planes (bit n: the n-th block of the frame). The count's highest bit is
set; frames written before have it clear, and hold the hashes themselves. The next bit says that the
words of senders and recipients are in it as well. The hash is keyed per pack. Two tokens with one
hash only add blocks; no token is ever missing. Compressing and sealing frames is the writer's work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.byteplanes import from_planes, planes
from pastwatch.errors import PackDamaged
from pastwatch.matching.fold import fold, token_bounds

BLOCKS_PER_FRAME: Final = 16
TOKEN_CAP_BYTES: Final = 64
"""Of a longer folded token only its first bytes are hashed, at writing and at looking up."""

Buffer = bytes | bytearray | memoryview
Column = tuple[Buffer, npt.NDArray[np.int64]]
Bytes = npt.NDArray[np.uint8]
Int64s = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]
Maps = npt.NDArray[np.uint16]

_STEPS: Final = 1 << 31
_PEOPLE: Final = 1 << 30
_MASKS: Final = np.array([(1 << (8 * size)) - 1 for size in range(9)], np.uint64)
_SHIFT: Final = np.uint64(29)
_HALF: Final = np.uint64(32)
_WHOLE: Final = (1 << 64) - 1
_FEW: Final = 8
_ASCII_END: Final = 0x80
_LINE_END: Final = 0x0A
_AT_ONCE: Final = 16_384
_NEAR: Final = 1 << 18
"""Words of text, one a byte, that are copied for no more tokens than `_AT_ONCE`."""
_CLASSES: Final = bytes(
    octet if chr(octet).isalnum() or octet == ord("_") or octet >= _ASCII_END else 0
    for octet in bytes(range(256)).lower()
)
"""Each byte lower-cased; ASCII that stands in no token is zero, what is not ASCII stays."""
_BUCKET_BITS: Final = 16
_SORTED: Final = 4096
"""So few values are sorted faster than they are spread over buckets."""


def build(blocks: Sequence[Iterable[Column]], key16: bytes) -> list[bytes]:
    """The frames of a pack's index, one for every 16 blocks, in order.

    A block is all of its searchable columns: subject, text and attachment texts, each one UTF-8
    buffer with n + 1 offsets. A column left out here would be lost to every indexed look.
    """
    found = [block_hashes(columns, key16) for columns in blocks]
    return [
        frame(found[at : at + BLOCKS_PER_FRAME]) for at in range(0, len(found), BLOCKS_PER_FRAME)
    ]


def block_hashes(columns: Iterable[Column], key16: bytes) -> Hashes:
    """The distinct token hashes of one block, sorted; for a writer that meets block by block."""
    found = [_column_hashes(buffer, offsets, key16) for buffer, offsets in columns]
    return distinct(np.concatenate(found)) if found else np.empty(0, np.uint32)


def row_hashes(column: Column, key16: bytes) -> tuple[Hashes, Int64s]:
    """The hash of every token of a column beside the row it stands in; repeated as it occurs."""
    buffer, offsets = column
    first, last = int(offsets[0]), int(offsets[-1])
    octets = b"".join((b"\0", memoryview(buffer)[first:last], bytes(8))).translate(_CLASSES)
    raw = np.frombuffer(octets, np.uint8)
    bounds = np.asarray(offsets, np.int64) - (first - 1)
    starts, ends = _stretches(raw, bounds)
    rows = np.repeat(np.arange(len(bounds) - 1), np.diff(np.searchsorted(starts, bounds)))
    wide = _wide(raw, starts) if len(starts) else np.zeros(0, np.bool_)
    if not wide.any():
        return _hashes(octets, starts, ends, key16), rows
    known: dict[bytes, int] = {}
    places = zip(starts[wide].tolist(), ends[wide].tolist(), strict=True)
    spelt = np.array([known.setdefault(octets[s:e], len(known)) for s, e in places], np.int64)
    hashes, lines = _line_hashes([word.decode() for word in known], key16)
    counts = np.bincount(lines, minlength=len(known))
    # Each occurrence of a spelling stands for all of its tokens: 東京 is two.
    each = counts[spelt]
    begin = (np.cumsum(counts) - counts)[spelt]
    inner = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
    plain = _hashes(octets, starts[~wide], ends[~wide], key16)
    return (
        np.concatenate((plain, hashes[np.repeat(begin, each) + inner])),
        np.concatenate((rows[~wide], np.repeat(rows[wide], each))),
    )


def frame(blocks: Sequence[Hashes], *, people: bool = False) -> bytes:
    """The frame of at most 16 blocks' hashes; `people`: those of senders and recipients are there."""
    marks = _PEOPLE if people else 0
    if not any(map(len, blocks)):
        return marks.to_bytes(4, "little")
    merged = np.concatenate(
        [(block.astype(np.uint64) << 16) | np.uint64(1 << n) for n, block in enumerate(blocks)]
    )
    merged.sort(kind="stable")  # which merges what is in order already, block by block
    keys = (merged >> 16).astype(np.uint32)
    firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    maps = np.bitwise_or.reduceat((merged & 0xFFFF).astype(np.uint16), firsts)
    hashes = keys[firsts]
    steps = np.diff(hashes, prepend=np.uint32(0))  # a third of the two upper planes' bytes
    return b"".join(
        (
            (len(hashes) | _STEPS | marks).to_bytes(4, "little"),
            planes(steps, "<u4"),
            planes(maps, "<u2"),
        )
    )


def frame_tokens(frame_bytes: Buffer) -> tuple[Hashes, Maps]:
    """The sorted hashes of a frame, and for each the map of the blocks that hold it."""
    told = int.from_bytes(frame_bytes[:4], "little")
    count = told & ~(_STEPS | _PEOPLE)
    if len(frame_bytes) != 4 + 6 * count:
        raise PackDamaged("a token frame is not as long as it says")
    held = from_planes(frame_bytes, 4, count, "<u4").astype(np.uint32, copy=False)
    if told & _STEPS:
        held = np.cumsum(held, dtype=np.uint32)
    return held, from_planes(frame_bytes, 4 + 4 * count, count, "<u2").astype(np.uint16, copy=False)


def tells_people(frame_bytes: Buffer) -> bool:
    """Whether the words of senders and recipients are in a frame."""
    return bool(int.from_bytes(frame_bytes[:4], "little") & _PEOPLE)


def all_of(held: Hashes, maps: Maps, hashes: Hashes, starts: Int64s) -> int:
    """The map of the blocks that may hold a token of every group; the groups start at `starts`."""
    if not len(starts):
        return (1 << BLOCKS_PER_FRAME) - 1
    if not len(held):
        return 0
    if len(hashes) == 1:  # most questions, of which a large archive has thousands of frames
        place = int(held.searchsorted(hashes[0]))
        return maps.item(place) if place < len(held) and held.item(place) == hashes.item() else 0
    at = held.searchsorted(hashes)
    there = held.take(at, mode="clip") == hashes
    if not there.any():
        return 0
    found = np.where(there, maps.take(at, mode="clip"), 0)
    return int(np.bitwise_and.reduce(np.bitwise_or.reduceat(found, starts)))


def lookup(frame_bytes: Buffer, hashes: Hashes) -> Maps:
    """For each hash the map of this frame's blocks that may hold its token; 0 is surely none."""
    held, maps = frame_tokens(frame_bytes)
    if not len(held):
        return np.zeros(len(hashes), np.uint16)
    at = np.minimum(np.searchsorted(held, hashes), len(held) - 1)
    return np.where(held[at] == hashes, maps[at], 0).astype(np.uint16)


def token_hash(token: str, key16: bytes) -> int:
    """The 32-bit hash of one folded token in the pack of this key."""
    return int(WordList([token]).under(key16)[0])


class WordList:
    """Folded tokens to be hashed under one key after another."""

    def __init__(self, words: Sequence[str]) -> None:
        octets = [word.encode() for word in words]
        self._ends = np.cumsum([0, *map(len, octets)])
        self._octets = b"".join(octets) + bytes(8)
        self._few = [_eights(word) for word in octets] if len(octets) <= _FEW else None

    def under(self, key16: bytes) -> Hashes:
        """The hash of each."""
        if self._few is not None:  # a tenth of the time of so many calls over arrays
            secrets = [int(each) for each in _secrets(key16)]
            return np.array([_mixed_one(word, *secrets) for word in self._few], np.uint32)
        return _hashes(self._octets, self._ends[:-1], self._ends[1:], key16)


def blocks_with(frame_bytes: Buffer, required: Iterable[Iterable[str]] | None, key16: bytes) -> int:
    """The blocks of a frame that hold a token of every group, as a 16-bit map.

    `required` is a plan's: groups of folded tokens. None or no group excludes nothing.
    """
    kept = (1 << BLOCKS_PER_FRAME) - 1
    for group in required or ():
        wanted = WordList(sorted(group)).under(key16)
        kept &= int(np.bitwise_or.reduce(lookup(frame_bytes, wanted), initial=0))
    return kept


def distinct(values: Hashes) -> Hashes:
    """The distinct values, sorted.

    Most repeat: each is written to the bucket of its high bits, the last one stays there, and only
    those that lost their bucket to another are sorted with the winners.
    """
    if len(values) > _SORTED:
        held = np.zeros(1 << _BUCKET_BITS, np.uint32)
        place = (values >> np.uint32(32 - _BUCKET_BITS)).astype(np.intp)
        held[place] = values
        lost = values[held.take(place) != values]
        none = values[:0] if values.min() else np.zeros(1, np.uint32)
        lost.sort()
        values = np.concatenate((none, held[held != 0], lost))
        values.sort(kind="stable")  # which merges what is in order already
    else:
        values = np.sort(values)
    kept = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=kept[1:])
    return values[kept]


def _column_hashes(buffer: Buffer, offsets: Int64s, key16: bytes) -> Hashes:
    """The distinct hashes of a column: ASCII tokens by bytes, the others through `fold`.

    What stands between ASCII separators folds by itself, for nothing composes across ASCII; so
    only such stretches as hold something else are folded, and each spelling once.
    """
    first, last = int(offsets[0]), int(offsets[-1])
    if first == last:
        return np.empty(0, np.uint32)
    octets = b"".join((b"\0", memoryview(buffer)[first:last], bytes(8))).translate(_CLASSES)
    raw = np.frombuffer(octets, np.uint8)
    starts, ends = _stretches(raw, np.asarray(offsets, np.int64) - (first - 1))
    if not len(starts):
        return np.empty(0, np.uint32)
    if octets.isascii():
        return _hashes(octets, starts, ends, key16)
    wide = np.flatnonzero(_wide(raw, starts))
    places = zip(starts[wide].tolist(), ends[wide].tolist(), strict=True)
    strange = b"\n".join({octets[start:end] for start, end in places})
    plain = np.delete(_hashes(octets, starts, ends, key16), wide)
    return np.concatenate((plain, _folded_hashes(strange.decode(), key16)))


def _wide(raw: Bytes, starts: Int64s) -> npt.NDArray[np.bool_]:
    """Which of the stretches that start here hold more than ASCII."""
    places = np.flatnonzero(raw >= _ASCII_END)
    if len(places) > len(starts):
        return np.maximum.reduceat(raw, starts) >= _ASCII_END
    wide = np.zeros(len(starts), np.bool_)
    wide[np.searchsorted(starts, places, side="right") - 1] = True
    return wide


def _stretches(raw: Bytes, offsets: Int64s) -> tuple[Int64s, Int64s]:
    """Where the runs of bytes that are not zero start and end; each ends where its row ends."""
    inside = raw != 0
    bounds = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    cuts = offsets[1:-1]
    cuts = cuts[inside[cuts] & inside[cuts - 1]]
    if len(cuts):
        cuts = np.unique(cuts).repeat(2)
        bounds = np.insert(bounds, np.searchsorted(bounds, cuts), cuts)
    return bounds[::2], bounds[1::2]


def _folded_hashes(text: str, key16: bytes) -> Hashes:
    return _hashes_in(fold(text), key16)[0]


def _line_hashes(texts: Sequence[str], key16: bytes) -> tuple[Hashes, Int64s]:
    """The token hashes of several texts without line ends, and the number of the text of each."""
    folded = fold("\n".join(texts))
    hashes, starts = _hashes_in(folded, key16)
    points = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    return hashes, np.searchsorted(np.flatnonzero(points == _LINE_END), starts).astype(np.int64)


def _hashes_in(folded: str, key16: bytes) -> tuple[Hashes, Int64s]:
    """The hash of each token of a folded text, and the character at which it starts."""
    starts, ends = token_bounds(folded)
    octets = folded.encode() + bytes(8)
    raw = np.frombuffer(octets, np.uint8)[:-8]
    at = np.append(np.flatnonzero((raw & 0xC0) != _ASCII_END), len(raw))  # RFC 3629 §3
    return _hashes(octets, at[starts], at[ends], key16), starts


def _eights(token: bytes) -> list[int]:
    """A token's bytes as whole numbers of 8, zero-filled."""
    cut = token[:TOKEN_CAP_BYTES]
    return [int.from_bytes(cut[at : at + 8], "little") for at in range(0, max(len(cut), 1), 8)]


def _mixed_one(token: list[int], start: int, first: int, second: int) -> int:
    """As `_mixed`, of one token."""
    value = start
    for eight in token:
        value = (value ^ eight) * first & _WHOLE
        value ^= value >> int(_SHIFT)
    return (value * second & _WHOLE) >> int(_HALF)


@lru_cache(maxsize=1024)
def _secrets(key16: bytes) -> tuple[np.uint64, np.uint64, np.uint64]:
    """The start value and two odd multipliers of a pack's hash."""
    seed = hashlib.sha256(b"pastwatch token hash 1" + key16).digest()
    start, first, second = (int.from_bytes(seed[n : n + 8], "little") | 1 for n in (0, 8, 16))
    return np.uint64(start), np.uint64(first), np.uint64(second)


def _hashes(raw: bytes, starts: Int64s, ends: Int64s, key16: bytes) -> Hashes:
    """The hash of each token, a cache's worth of them at a time.

    Eight more bytes follow the last token in `raw`.
    """
    words = np.ndarray((len(raw) - 7,), "<u8", buffer=raw, strides=(1,))
    found = np.empty(len(starts), np.uint32)
    for at in range(0, len(starts), _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        begins, lengths = starts[some], ends[some] - starts[some]
        low, high = int(begins[0]), int(begins[-1]) + TOKEN_CAP_BYTES
        near = words[low:high]
        if len(near) < _NEAR:  # read sooner from a copy in which each lies on its border
            near = near.copy()
        found[some] = _mixed(near, begins - low, lengths, key16)
    return found


def _mixed(
    words: npt.NDArray[np.uint64], starts: Int64s, lengths: Int64s, key16: bytes
) -> npt.NDArray[np.uint64]:
    """Each token's bytes, 8 at a time and zero-filled, mixed in one after another.

    No token holds a zero byte, so none is taken for a shorter one.
    """
    start, first, second = _secrets(key16)
    np.minimum(lengths, TOKEN_CAP_BYTES, out=lengths)
    value = words[starts]
    value &= _MASKS.take(np.minimum(lengths, 8))
    value ^= start
    value *= first
    value ^= value >> _SHIFT
    longer = np.flatnonzero(lengths > 8)  # noqa: PLR2004 - the bytes taken already
    for done in range(8, TOKEN_CAP_BYTES, 8):
        if not len(longer):
            break
        rest = lengths.take(longer) - done
        more = words[starts.take(longer) + done]
        more &= _MASKS.take(np.minimum(rest, 8))
        more ^= value.take(longer)
        more *= first
        value[longer] = more ^ (more >> _SHIFT)
        longer = longer[rest > 8]  # noqa: PLR2004 - as above
    value *= second
    mixed: npt.NDArray[np.uint64] = value >> _HALF
    return mixed
