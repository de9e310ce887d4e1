"""How long a look will take: from what earlier looks took, or from a small buffer before the first."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from pastwatch.archive import frames
from pastwatch.matching.compile import Plan
from pastwatch.matching.scanner import BlockScanner, Column
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Regex, Term

Stopwatch = Callable[[], float]

_DECODED_RATIO: Final = 3.6
"""Decoded bytes a sealed byte, before any look has told: mail at the default level."""
_START_S: Final = 0.02
_BLOCK_S: Final = 0.0004
_SAMPLE_ROWS: Final = 48
_SAMPLE_WORDS: Final = 300
_SAMPLE_ROUNDS: Final = 3
_SAMPLE_COPIES: Final = 6
_NEWER: Final = 0.5
_LEAST_START_S: Final = 0.002
_LEAST_BYTE_S: Final = 1e-10
_FEWEST_BLOCKS: Final = 4
_HELD_AT_MOST: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a look of one kind costs: to begin, and for each sealed byte with all workers on it."""

    start_s: float
    byte_s: float
    decoded_ratio: float

    def seconds(self, sealed_bytes: int) -> float:
        """How long a look that opens so many sealed bytes will take."""
        return self.start_s + self.byte_s * sealed_bytes

    def decoded(self, sealed_bytes: int) -> int:
        """How many bytes of text so many sealed bytes hold."""
        return round(self.decoded_ratio * sealed_bytes)

    def to_plain(self) -> dict[str, float]:
        """As the case's settings keep it."""
        return {
            "start_s": self.start_s,
            "byte_s": self.byte_s,
            "decoded_ratio": self.decoded_ratio,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What one finished look took, until its first block and in all, with keeping its hits."""

    blocks: int
    sealed_bytes: int
    decoded_bytes: int
    first_bytes: int
    first_s: float
    seconds: float


def kind_of(plan: Plan, *, workers: int, narrowed: bool = False) -> str:
    """The name under which a query's pace is kept: queries of one kind cost alike.

    `narrowed`: the case index left only some records of each block to judge.
    """
    root = plan.query.root
    if _always(root):
        kind = "every" if not any(isinstance(n, Field) for n in _nodes(root)) else "envelopes"
    elif any(isinstance(n, Regex) for n in _nodes(root)):
        kind = "patterns"
    elif any(isinstance(n, Near) for n in _nodes(root)):
        kind = "near"
    else:
        kind = "words" if plan.required else "pieces"
    return f"{kind}/{workers}" + ("/index" if narrowed else "")


def first_pace(plan: Plan, *, workers: int, stopwatch: Stopwatch) -> Pace:
    """A pace from decoding a made-up text of a hundred kilobytes, and scanning it as one of a block's size."""
    raw, ends = _sample()
    raw = bytes(raw)
    packed = memoryview(frames.encode(raw, level=1))
    scanner = BlockScanner(plan)
    kept = frames.roomy(len(raw))
    wide = raw * _SAMPLE_COPIES
    starts = np.arange(_SAMPLE_COPIES)[:, None] * len(raw)
    wide_ends = np.append((starts + ends[:-1]).ravel(), len(wide))

    def took_s(act: Callable[[], object]) -> float:
        begun = stopwatch()
        act()
        return stopwatch() - begun

    def decode() -> object:
        return frames.decode_kept(packed, kept)

    def scan() -> object:
        return scanner.hits(text=(wide, wide_ends))

    warm_s = took_s(decode) + took_s(scan)
    decode_s = median(took_s(decode) for _ in range(_SAMPLE_ROUNDS))
    scan_s = median(took_s(scan) for _ in range(_SAMPLE_ROUNDS))
    raw_byte_s = decode_s / len(raw) + scan_s / len(wide)
    at_once = 1 + 0.8 * (workers - 1)
    block_bytes = 140_000
    return Pace(
        start_s=_START_S + warm_s,
        byte_s=(raw_byte_s * _DECODED_RATIO + _BLOCK_S / block_bytes) / at_once,
        decoded_ratio=_DECODED_RATIO,
    )


def as_before(pace: Pace, *, sealed_bytes: int, decoded_bytes: int, seconds: float) -> Pace:
    """The pace by which this very query took so long the last time it was asked."""
    start_s = min(pace.start_s, seconds / 2)
    return Pace(
        start_s=start_s,
        byte_s=(seconds - start_s) / sealed_bytes,
        decoded_ratio=decoded_bytes / sealed_bytes,
    )


def learnt(before: Pace | None, took: Took, *, held_s: float) -> Pace | None:
    """The pace after one more look; None where that look tells nothing.

    A short one tells nothing, nor does one that mostly waited, `held_s`, for who asked for its
    hits.
    """
    rest = took.sealed_bytes - took.first_bytes
    if took.blocks < _FEWEST_BLOCKS or rest <= 0 or held_s > _HELD_AT_MOST * took.seconds:
        return None
    seconds = took.seconds - held_s
    byte_s = max(seconds - took.first_s, 0.0) / rest or _LEAST_BYTE_S
    now = Pace(
        start_s=max(seconds - byte_s * took.sealed_bytes, _LEAST_START_S),
        byte_s=byte_s,
        decoded_ratio=took.decoded_bytes / took.sealed_bytes,
    )
    if before is None:
        return now
    # The geometric mean: one look on a busy machine is soon forgotten.
    old, new = before.to_plain(), now.to_plain()
    return Pace(**{name: old[name] ** (1 - _NEWER) * new[name] ** _NEWER for name in new})


def _always(node: Node) -> bool:
    """Whether no scan rules a record out, so that each is judged."""
    match node:
        case Field():
            return node.name != "subject"
        case Not():
            return True
        case And():
            return all(map(_always, node.nodes))
        case Or():
            return any(map(_always, node.nodes))
        case _:
            return False


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Not():
            yield from _nodes(node.node)
        case And() | Or():
            for inner in node.nodes:
                yield from _nodes(inner)
        case Near():
            yield from _nodes(node.left)
            yield from _nodes(node.right)
        case Term() | Phrase() | Regex() | Field():
            pass


def _sample() -> Column:
    draw = random.Random(1)  # noqa: S311 - made-up text, no key
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(draw.choices(letters, k=draw.randrange(2, 9))) for _ in range(4000)]
    weights = [1 / (n + 3) for n in range(len(words))]
    rows = [
        " ".join(draw.choices(words, weights, k=_SAMPLE_WORDS)).encode()
        for _ in range(_SAMPLE_ROWS)
    ]
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    return b"".join(rows), ends
