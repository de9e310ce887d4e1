"""Which blocks of a slice a query's own limits rule out: its source: and its after: and before:."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import BlockRef, BlockTimes
from pastwatch.archive.scope import NO_TIME
from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.matching.matcher import Matcher, RecordFacts
from pastwatch.model.query import And, Field, Node, Not, Or, Query

Rows = npt.NDArray[np.bool_]
_TIMES = frozenset(("after", "before"))


def limits(root: Node) -> list[Node]:
    """What every hit must fulfil that the envelopes alone decide: times and sources."""
    required = conjuncts(root)
    return [node for node in required if names(node) <= _TIMES | {"source"} and names(node)]


def kept_blocks(
    blocks: Sequence[BlockRef],
    root: Node,
    *,
    index: Callable[[], SliceIndex],
    source_names: Mapping[str, str],
) -> tuple[BlockRef, ...]:
    """The blocks that may hold a record within the limits, in order.

    What the grant tells of a block's times decides. `index` is asked only where a query sets a
    limit in time and the grant does not tell: it opens the envelopes of the slice, and a block
    whose envelopes do not read stays, to be counted as unreadable.
    """
    required = limits(root)
    if not required:
        return tuple(blocks)
    by_source = [node for node in required if not names(node) & _TIMES]
    kept = tuple(
        ref
        for ref in blocks
        if all(_holds(node, ref.source_id, source_names) for node in by_source)
    )
    in_time = [node for node in required if names(node) & _TIMES]
    if not in_time:
        return kept
    if all(ref.times for ref in kept):
        root = And(tuple(in_time))
        return tuple(ref for ref in kept if some_and_all(root, ref, source_names)[0])
    return _by_records(kept, in_time, index(), source_names)


def some_and_all(node: Node, ref: BlockRef, source_names: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether a limit may hold for a record of a block, and whether it surely does for each."""
    told = ref.times
    match node:
        case Field(name="after" | "before") if told is None:
            return True, False
        case Field(name="after") if told is not None:
            at, first, last = node.at_us or 0, told.first_us, told.last_us
            return last is not None and last >= at, _every(told, first) and (first or 0) >= at
        case Field(name="before") if told is not None:
            at, first, last = node.at_us or 0, told.first_us, told.last_us
            return first is not None and first < at, _every(told, last) and (last or 0) < at
        case Not():
            some, every = some_and_all(node.node, ref, source_names)
            return not every, not some
        case And() | Or():
            both = [some_and_all(inner, ref, source_names) for inner in node.nodes]
            join = all if isinstance(node, And) else any
            return join(some for some, _ in both), join(every for _, every in both)
        case _:
            held = _holds(node, ref.source_id, source_names)
            return held, held


def _every(told: BlockTimes, bound_us: int | None) -> bool:
    return told.whole and bound_us is not None


def _by_records(
    kept: Sequence[BlockRef],
    required: Sequence[Node],
    times: SliceIndex,
    source_names: Mapping[str, str],
) -> tuple[BlockRef, ...]:
    """As `kept_blocks`, decided by the time of every record."""
    mask = np.ones(len(times), np.bool_)
    for node in required:
        mask &= _mask(node, times, source_names)
    read, within = _blocks(times, np.ones_like(mask)), _blocks(times, mask)
    return tuple(
        ref
        for ref in kept
        if (ref.pack_id, ref.block) in within or (ref.pack_id, ref.block) not in read
    )


def names(node: Node) -> frozenset[str]:
    """The fields a part of a query asks for; "text" where it asks for anything else."""
    match node:
        case Field():
            return frozenset((node.name,))
        case Not():
            return names(node.node)
        case And() | Or():
            return frozenset().union(*map(names, node.nodes))
        case _:
            return frozenset(("text",))


def conjuncts(node: Node) -> list[Node]:
    """What must all hold for a query to."""
    if isinstance(node, And):
        return [inner for part in node.nodes for inner in conjuncts(part)]
    return [node]


def _holds(node: Node, source_id: str, source_names: Mapping[str, str]) -> bool:
    """Whether a condition on sources alone holds, as the matcher judges it."""
    facts = RecordFacts(source_id=source_id, source_name=source_names.get(source_id, ""))
    return Matcher(Query("", node)).spans({}, facts) is not None


def _mask(node: Node, times: SliceIndex, source_names: Mapping[str, str]) -> Rows:
    match node:
        case Field(name="after"):
            known = times.latest_us != NO_TIME
            return np.asarray(known & (times.latest_us >= (node.at_us or 0)))
        case Field(name="before"):
            known = times.earliest_us != NO_TIME
            return np.asarray(known & (times.earliest_us < (node.at_us or 0)))
        case Not():
            return ~_mask(node.node, times, source_names)
        case And():
            every = [_mask(n, times, source_names) for n in node.nodes]
            return np.asarray(np.logical_and.reduce(every), np.bool_)
        case Or():
            every = [_mask(n, times, source_names) for n in node.nodes]
            return np.asarray(np.logical_or.reduce(every), np.bool_)
        case _:
            held = np.array([_holds(node, s, source_names) for s in times.source], np.bool_)
            return np.asarray(held[times.pack], np.bool_)


def _blocks(times: SliceIndex, mask: Rows) -> set[tuple[str, int]]:
    """Where the chosen records stand."""
    if not len(times):
        return set()
    width = int(times.block.max()) + 1
    counts = np.bincount(times.pack[mask] * width + times.block[mask])
    places = np.flatnonzero(counts).tolist()
    return {(times.packs[place // width], place % width) for place in places}
