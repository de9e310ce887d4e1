"""Reads files in children that have nothing to lose: one that dies or hangs is a counted gap."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pastwatch import plugins
from pastwatch.errors import EngineError, MissingExtra, PastwatchError, SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.childpipe import Child, Group
from pastwatch.stages.collect.items import Item
from pastwatch.stages.collect.reading import Pieces, gap_reason, is_gap, read_here, rest_of

MOST_CHILDREN = 4
GROUP_ITEMS = 48  # small files asked for at once
GROUP_FILE_BYTES = 128 * 1024
GROUP_BYTES = 1024 * 1024

Readings = Iterator[tuple[Item, Iterator[Batch | Gap]]]


class Readers:
    """Children that read items, started when first needed; use as a context.

    `roots` are the only folders and files they may read, beside Python's own. `count` 0 reads in
    this very process: as fast for a handful of files, and without the walls.
    """

    def __init__(self, roots: Iterable[Path], *, count: int) -> None:
        self._roots = tuple(root.resolve() for root in roots)
        self._count = min(count, MOST_CHILDREN) if os.name == "posix" else 0
        self._children: set[Child] = set()
        self._idle: list[Child] = []
        self._begun: deque[Sequence[tuple[Item, Pieces]]] = deque()
        self.walls: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._begun.clear()
        self._idle.clear()
        while self._children:
            self._children.pop().stop()

    def read_all(self, items: Iterable[Item], options: Mapping[str, Any]) -> Readings:
        """Each item in order with what it holds; the next ones are being read meanwhile.

        What a connector cannot read at all is raised as its own error.
        """
        waiting = self._asked_together(items)
        while True:
            for group in waiting:
                if len(group) > 1:
                    self._begun.append(self._begin_group(group, options))
                else:
                    self._begun.append([(item, self._begin(item, options)) for item in group])
                if len(self._begun) >= max(self._count, 1):
                    break
            if not self._begun:
                return
            for item, pieces in self._begun.popleft():
                with contextlib.closing(pieces):
                    yield item, pieces

    def _asked_together(self, items: Iterable[Item]) -> Iterator[list[Item]]:
        """Runs of small files, which a child reads for one question; any other item alone.

        Items that come one by one (no sequence) are asked for as they come.
        """
        if not self._count or not isinstance(items, Sequence):
            yield from ([item] for item in items)
            return
        group, group_bytes = list[Item](), 0
        for item in items:
            size_bytes = _small_file_bytes(item)
            is_next = size_bytes is not None and group_bytes + size_bytes <= GROUP_BYTES
            if group and (not is_next or len(group) >= GROUP_ITEMS):
                yield group
                group, group_bytes = [], 0
            if size_bytes is None:
                yield [item]
            else:
                group.append(item)
                group_bytes += size_bytes
        if group:
            yield group

    def _begin(self, item: Item, options: Mapping[str, Any]) -> Pieces:
        wanted = {**options, "container": item.name}
        if not self._count or not _is_registered(item):
            return read_here(item, wanted)
        child = self._ready_child()
        child.ask(item, wanted)
        return self._read(child, item)

    def _begin_group(
        self, items: Sequence[Item], options: Mapping[str, Any]
    ) -> list[tuple[Item, Pieces]]:
        child = self._ready_child()
        child.ask_many([(item, {**options, "container": item.name}) for item in items])
        group = Group(child, len(items))
        return [
            (item, self._read_one_of(group, number, item, options))
            for number, item in enumerate(items)
        ]

    def _ready_child(self) -> Child:
        child = self._idle.pop() if self._idle else Child(self._roots)
        self._children.add(child)
        self.walls = child.walls
        return child

    def _read_one_of(
        self, group: Group, number: int, item: Item, options: Mapping[str, Any]
    ) -> Pieces:
        """What a group's child gives of one item; one that dies is no loss for the others.

        Of these nothing was given yet: each is asked for again, by itself.
        """
        sums, is_begun, reason = item.sums(), False, ""
        try:
            for answer in group.answers(number):
                if isinstance(answer, EngineError):
                    is_begun, reason = True, str(answer)
                    break
                if isinstance(answer, PastwatchError):
                    if not is_gap(answer, item):
                        raise answer
                    is_begun, reason = True, gap_reason(answer)
                    break
                is_begun = True
                sums.add(answer, container=item.name)
                yield answer
        except EngineError as wrong:
            self._drop(group.child)
            reason = str(wrong)
        finally:
            if group.is_read and group.child in self._children and group.child not in self._idle:
                self._idle.append(group.child)
            elif number == group.last and not group.is_read:
                self._drop(group.child)
        if reason and not is_begun:
            yield from self._begin(item, options)
        elif reason:
            yield rest_of(item, sums, reason)

    def _drop(self, child: Child) -> None:
        if child in self._children:
            self._children.discard(child)
            child.stop()

    def _read(self, child: Child, item: Item) -> Pieces:
        sums, is_whole = item.sums(), False
        try:
            while (piece := child.answer()) is not None:
                sums.add(piece, container=item.name)
                yield piece
            is_whole = True
        except EngineError as wrong:
            yield rest_of(item, sums, str(wrong))
        except (SourceError, MissingExtra) as wrong:
            is_whole = True
            if not is_gap(wrong, item):
                raise
            yield rest_of(item, sums, gap_reason(wrong))
        finally:
            if is_whole:
                self._idle.append(child)
            else:
                self._drop(child)


def primed(readings: Readings) -> Readings:
    """The same readings, the first piece read already: what cannot be read at all says so now."""
    for item, pieces in readings:
        first = list(itertools.islice(pieces, 1))
        return itertools.chain([(item, itertools.chain(first, pieces))], readings)
    return iter(())


def _small_file_bytes(item: Item) -> int | None:
    """The size of a file that may be asked for with others; None for any other item."""
    try:
        size_bytes = item.path.stat().st_size
        is_small = size_bytes <= GROUP_FILE_BYTES and item.path.is_file()
    except OSError:
        return None
    return size_bytes if is_small and _is_registered(item) else None


def _is_registered(item: Item) -> bool:
    """Whether a child would load this very connector by its name."""
    name = item.connector.name if item.connector else ""
    return name in plugins.names("connectors") and (
        plugins.load("connectors", name) is item.connector
    )
