"""Reads files in children that have nothing to lose: one that dies or hangs is a counted gap."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from pastwatch import plugins
from pastwatch.errors import EngineError, SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect import wire
from pastwatch.stages.collect.account import Sums
from pastwatch.stages.collect.items import Item, size_on_disk
from pastwatch.stages.collect.spool import private_folder

MOST_CHILDREN = 4
CPU_LIMIT_S = 120.0  # of one child between two answers
SILENCE_LIMIT_S = 900.0
_LOOK_EVERY_S = 1.0
_PIPE_BYTES = 1024 * 1024
_PROGRAM = "pastwatch.stages.collect.child"
_STOPPED = "its reader was stopped"
_RESIZE_PIPE = 1031

Pieces = Generator[Batch | Gap]
Readings = Iterator[tuple[Item, Iterator[Batch | Gap]]]


class Readers:
    """Children that read items, started when first needed; use as a context.

    `roots` are the only folders and files they may read, beside Python's own. `count` 0 reads in
    this very process: as fast for a handful of files, and without the walls.
    """

    def __init__(self, roots: Iterable[Path], *, count: int) -> None:
        self._roots = tuple(root.resolve() for root in roots)
        self._count = min(count, MOST_CHILDREN) if os.name == "posix" else 0
        self._children: set[_Child] = set()
        self._idle: list[_Child] = []
        self._begun: deque[tuple[Item, Pieces]] = deque()
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
        waiting = iter(items)
        while True:
            for item in waiting:
                self._begun.append((item, self._begin(item, options)))
                if len(self._begun) > self._count:
                    break
            if not self._begun:
                return
            item, pieces = self._begun.popleft()
            with contextlib.closing(pieces):
                yield item, pieces

    def _begin(self, item: Item, options: Mapping[str, Any]) -> Pieces:
        wanted = {**options, "container": item.name}
        if item.connector is None:
            return _unknown(item)
        if not self._count or not _is_registered(item):
            return _here(item, wanted)
        child = self._idle.pop() if self._idle else _Child(self._roots)
        self._children.add(child)
        self.walls = child.walls
        child.ask(item, wanted)
        return self._read(child, item)

    def _read(self, child: _Child, item: Item) -> Pieces:
        sums, is_whole = Sums(), False
        try:
            while (piece := child.answer()) is not None:
                sums.add(piece, container=item.name)
                yield piece
            is_whole = True
        except EngineError as wrong:
            left = size_on_disk(item.path) - sums.outer_bytes
            yield Gap(source_id="", reason=str(wrong), bytes=max(left, 0), container=item.name)
        except SourceError:
            is_whole = True
            raise
        finally:
            if is_whole:
                self._idle.append(child)
            else:
                self._children.discard(child)
                child.stop()


def primed(readings: Readings) -> Readings:
    """The same readings, the first piece read already: what cannot be read at all says so now."""
    for item, pieces in readings:
        first = list(itertools.islice(pieces, 1))
        return itertools.chain([(item, itertools.chain(first, pieces))], readings)
    return iter(())


def _unknown(item: Item) -> Pieces:
    yield Gap(
        source_id="",
        reason="not-recognised",
        bytes=size_on_disk(item.path),
        container=item.name,
    )


def _here(item: Item, options: Mapping[str, Any]) -> Pieces:
    if item.connector is not None:
        yield from item.connector.read(item.path, options)


def _is_registered(item: Item) -> bool:
    """Whether a child would load this very connector by its name."""
    name = item.connector.name if item.connector else ""
    return name in plugins.names("connectors") and (
        plugins.load("connectors", name) is item.connector
    )


class _Child:
    """One child, its pipes and its private folder."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.spool = private_folder()
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-I", "-m", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                "ARROW_DEFAULT_MEMORY_POOL": "system",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            cwd=self.spool,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        assert self._process.stdout is not None  # noqa: S101
        self._asks, self._answers = self._process.stdin, self._process.stdout.fileno()
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            fcntl.fcntl(self._answers, _RESIZE_PIPE, _PIPE_BYTES)
        folders = {"readable": [str(r) for r in roots], "writable": [str(self.spool)]}
        self._tell(folders)
        try:
            self.walls: tuple[str, ...] = tuple(json.loads(self._line()))
        except (EngineError, ValueError) as wrong:
            self.stop()
            raise EngineError("a reader could not be started") from wrong

    def ask(self, item: Item, options: Mapping[str, Any]) -> None:
        """Ask for an item; a child that is gone answers with an EngineError."""
        wanted = {
            "connector": item.connector.name if item.connector else "",
            "path": str(item.path.resolve()),
            "options": {**options, "spool": str(self.spool)},
        }
        self._tell(wanted)

    def answer(self) -> Batch | Gap | None:
        """The next piece, None at the end; EngineError for a child that died, hangs or lies."""
        head = self._exactly(wire.HEAD.size)
        kind, account_bytes, columns_bytes = wire.sizes(head.to_pybytes())
        rest = self._exactly(account_bytes + columns_bytes)
        account = rest.slice(0, account_bytes).to_pybytes()
        return wire.unpacked(kind, account, rest.slice(account_bytes))

    def stop(self) -> None:
        """End the child at once and remove what it unpacked."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self.spool, ignore_errors=True)

    def _tell(self, told: Mapping[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._asks.write(json.dumps(told).encode() + b"\n")
            self._asks.flush()

    def _line(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n") and len(line) < wire.ACCOUNT_LIMIT_BYTES:
            line += self._exactly(1).to_pybytes()
        return bytes(line)

    def _exactly(self, size_bytes: int) -> pa.Buffer:
        """So many bytes from the child, however slowly they come."""
        buffer = pa.allocate_buffer(size_bytes, memory_pool=pa.system_memory_pool())
        view, filled, waited = memoryview(buffer), 0, _Wait(self._process.pid)
        while filled < size_bytes:
            if not select.select([self._answers], [], [], _LOOK_EVERY_S)[0]:
                waited.on()
                continue
            read = os.readv(self._answers, [view[filled:]])
            if not read:
                raise EngineError(self._end())
            filled += read
        return buffer

    def _end(self) -> str:
        """What ended the child, as far as its exit tells."""
        status = self._process.wait()
        if status < 0:
            return f"{_STOPPED}: signal {-status}"
        return f"{_STOPPED}: it failed"


class _Wait:
    """How long a child has been silent, and what it used meanwhile."""

    def __init__(self, process_id: int) -> None:
        self._process_id, self._silent_s, self._cpu_s = process_id, 0.0, 0.0

    def on(self) -> None:
        """Wait once more; EngineError when that is too often."""
        if not self._silent_s:
            self._cpu_s = _cpu_s(self._process_id)
        self._silent_s += _LOOK_EVERY_S
        used_s = _cpu_s(self._process_id) - self._cpu_s
        if used_s > CPU_LIMIT_S or self._silent_s > SILENCE_LIMIT_S:
            raise EngineError(f"{_STOPPED}: it took too long")


def _cpu_s(process_id: int) -> float:
    """CPU seconds a process has used, 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
