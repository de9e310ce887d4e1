"""The parent's end of a reader's child: its process, its pipes, and what it answers in order."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from pastwatch import plugins
from pastwatch.errors import EngineError, PastwatchError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect import wire
from pastwatch.stages.collect.items import Item
from pastwatch.stages.collect.spool import private_folder

CPU_LIMIT_S = 120.0  # of one child between two answers
SILENCE_LIMIT_S = 900.0
_LOOK_EVERY_S = 1.0
_LEAVING_S = 5.0
_PIPE_BYTES = 1024 * 1024
_PROGRAM = "pastwatch.stages.collect.child"
_STOPPED = "its reader was stopped"
_RESIZE_PIPE = 1031


class Child:
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
        self._tell(self._wanted(item, options))

    def ask_many(self, asked: Iterable[tuple[Item, Mapping[str, Any]]]) -> None:
        """Ask for a group of items at once."""
        self._tell([self._wanted(item, options) for item, options in asked])

    def _wanted(self, item: Item, options: Mapping[str, Any]) -> dict[str, Any]:
        name = item.connector.name if item.connector else ""
        return {
            "connector": name,
            "place": plugins.place_of("connectors", name),
            "path": str(item.path.resolve()),
            "options": {**options, "spool": str(self.spool)},
        }

    def answer(self) -> Batch | Gap | None:
        """The next piece, None at the end; EngineError for a child that died, hangs or lies."""
        return wire.unpacked(*self._message())

    def answers(self) -> list[tuple[int, wire.Answer]]:
        """The next answers to a group, each with its item's number; EngineError as in `answer`."""
        return wire.unpacked_many(*self._message())

    def _message(self) -> tuple[bytes, bytes, pa.Buffer]:
        head = self._exactly(wire.HEAD.size)
        kind, account_bytes, columns_bytes = wire.sizes(head.to_pybytes())
        rest = self._exactly(account_bytes + columns_bytes)
        return kind, rest.slice(0, account_bytes).to_pybytes(), rest.slice(account_bytes)

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

    def _tell(self, told: object) -> None:
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
            if filled < size_bytes:
                waited.check()
        return buffer

    def _end(self) -> str:
        """What ended the child, as far as its exit tells."""
        try:
            status = self._process.wait(timeout=_LEAVING_S)
        except subprocess.TimeoutExpired:  # it closed its answers and lives on
            self._process.kill()
            status = self._process.wait()
        if status < 0:
            return f"{_STOPPED}: signal {-status}"
        return f"{_STOPPED}: it failed"


class _Wait:
    """How long a child has been silent, and what it used meanwhile."""

    def __init__(self, process_id: int) -> None:
        self._process_id, self._silent_s, self._cpu_s = process_id, 0.0, 0.0
        self._since_s = time.monotonic()

    def check(self) -> None:
        """EngineError for a message that has been trickling in for too long."""
        if time.monotonic() - self._since_s > SILENCE_LIMIT_S:
            raise EngineError(f"{_STOPPED}: it took too long")

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


class Group:
    """The answers of a child to a group of items, taken from it as they are wanted, in order."""

    def __init__(self, child: Child, count: int) -> None:
        self.child = child
        self.last = count - 1
        self._given: deque[tuple[int, wire.Answer]] = deque()
        self._lost: EngineError | None = None
        self.is_read = False  # to its end

    def answers(self, number: int) -> Iterator[Batch | Gap | PastwatchError]:
        """What the child gives of one item; EngineError for a child that died, hangs or lies.

        What is left of items before it is passed over.
        """
        while True:
            if self._lost is not None:
                raise EngineError(str(self._lost))
            while self._given:
                at, answer = self._given.popleft()
                self.is_read = at == self.last and not isinstance(answer, (Batch, Gap))
                if at > number:
                    self._lost = EngineError("a reader left out the end of a file")
                    break
                if at == number and answer is None:
                    return
                if at == number and answer is not None:
                    yield answer
                    if isinstance(answer, PastwatchError):
                        return
            else:
                self._take()

    def _take(self) -> None:
        try:
            self._given.extend(self.child.answers())
        except EngineError as wrong:
            self._lost = wrong
