"""What a query asks of the envelope alone, judged a block's columns at a time before its text is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.scope import NO_TIME, times
from pastwatch.matching.compile import Plan, compile_query
from pastwatch.matching.matcher import NO_FACTS, Matcher, RecordFacts
from pastwatch.model.query import And, Field, Node, Not, Or, Query
from pastwatch.stages.lookback.prune import conjuncts, names, some_and_all

T = TypeVar("T")
Named = tuple[str | None, str | None]
Flags = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]
ENVELOPE = frozenset(("from", "to", "source", "after", "before"))
_TIMES = frozenset(("after", "before"))
_KEPT = 1 << 16


@dataclass(slots=True)
class Within:
    """The conditions every hit must meet that who, when and where decide; shared by threads."""

    conditions: Sequence[Node]
    source_names: Mapping[str, str]
    _known: dict[Node, dict[Any, bool]] = field(default_factory=dict)

    def rows(self, block: OpenBlock) -> Flags:
        """Which records of an open block meet every condition."""
        found = np.ones(len(block.rows), np.bool_)
        for node in self.conditions:
            at = np.flatnonzero(found)
            if not len(at):
                break
            found[at] = self._holds(node, block, at)
        return found

    def _holds(self, node: Node, block: OpenBlock, at: Int64s) -> Flags:
        match node:
            case Not():
                return ~self._holds(node.node, block, at)
            case And() | Or():
                join = np.logical_and if isinstance(node, And) else np.logical_or
                every = [self._holds(inner, block, at) for inner in node.nodes]
                return np.asarray(join.reduce(every), np.bool_)
            case Field(name="after" | "before"):
                return self._in_time(node, block, at)
            case Field(name="from"):
                return self._each(node, _senders(block, at), _sent_by)
            case Field(name="to"):
                return self._each(node, _receivers(block, at), _sent_to)
            case _:
                name = self.source_names.get(block.ref.source_id, "")
                facts = RecordFacts(source_id=block.ref.source_id, source_name=name)
                return np.repeat(self._each(node, [block.ref.source_id], lambda _: facts), len(at))

    def _in_time(self, node: Field, block: OpenBlock, at: Int64s) -> Flags:
        some, all_of_it = some_and_all(node, block.ref, self.source_names)
        if all_of_it or not some:  # no envelope is opened for that
            return np.full(len(at), all_of_it)
        earliest, latest = times(block.envelope)
        near = (latest if node.name == "after" else earliest)[at]
        wanted = node.at_us or 0
        late = near >= wanted if node.name == "after" else near < wanted
        return np.asarray(late & (near != NO_TIME), np.bool_)

    def _each(self, node: Node, several: Sequence[T], facts: Callable[[T], RecordFacts]) -> Flags:
        """The exact matcher's word on each; the same few are met again and again."""
        known = self._known.get(node)
        if known is None or len(known) > _KEPT:
            known = self._known[node] = {}
        matcher = Matcher(Query("", node))
        for one in set(several).difference(known):
            known[one] = matcher.spans({}, facts(one)) is not None
        return np.fromiter(map(known.__getitem__, several), np.bool_, len(several))


def split(plan: Plan, source_names: Mapping[str, str]) -> tuple[Within | None, Plan | None]:
    """The conditions on who, when and where, and the plan of the rest; None for what there is none of.

    A query that does not say them of every hit stays whole.
    """
    every = conjuncts(plan.query.root)
    conditions = [node for node in every if names(node) and names(node) <= ENVELOPE]
    if not conditions:
        return None, plan
    conditions.sort(key=lambda node: not names(node) <= _TIMES)  # those that cost nothing first
    within = Within(conditions, source_names)
    rest = tuple(node for node in every if node not in conditions)
    if not rest:
        return within, None
    root = rest[0] if len(rest) == 1 else And(rest)
    timeout_s = plan.matcher.regex_timeout_s
    return within, compile_query(replace(plan.query, root=root), regex_timeout_s=timeout_s)


def facts_of(
    block: OpenBlock, row: int, source_names: Mapping[str, str], asked: frozenset[str]
) -> RecordFacts:
    """What of a record's envelope a query asks for; the rest is left out."""
    if not asked:
        return NO_FACTS
    at = np.array([row])
    sender = _sent_by(_senders(block, at)[0]) if "from" in asked else NO_FACTS
    receivers = _sent_to(_receivers(block, at)[0]) if "to" in asked else NO_FACTS
    earliest = latest = None
    if asked & {"after", "before"}:
        earliest = block.envelope.column("earliest_us")[row].as_py()
        latest = block.envelope.column("latest_us")[row].as_py()
    return RecordFacts(
        sender_address=sender.sender_address,
        sender_name=sender.sender_name,
        recipients=receivers.recipients,
        source_id=block.ref.source_id,
        source_name=source_names.get(block.ref.source_id, ""),
        earliest_us=earliest,
        latest_us=latest,
    )


def _sent_by(sender: Named) -> RecordFacts:
    return RecordFacts(sender_address=sender[0] or "", sender_name=sender[1] or "")


def _sent_to(receivers: tuple[Named, ...]) -> RecordFacts:
    return RecordFacts(recipients=tuple((a or "", n or "") for a, n in receivers))


def _senders(block: OpenBlock, at: Int64s) -> list[Named]:
    """The address and the name of the sender of each of these rows."""
    columns = [block.text.column(name) for name in ("sender_address", "sender_name")]
    if len(at) < len(block.rows):
        columns = [column.take(pa.array(at)) for column in columns]
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def _receivers(block: OpenBlock, at: Int64s) -> list[tuple[Named, ...]]:
    held = block.text.column("recipients").take(pa.array(at)).to_pylist()
    return [tuple((p["address"], p["name"]) for p in people or ()) for people in held]
