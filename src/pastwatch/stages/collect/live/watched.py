"""Watches a folder: a file that has kept its size for a while is read by the connector that knows it.

`folder:PATH?settle=5&poll=10`. What a file holds is recognised by content, as when a folder is
collected; a file is done when it is sealed, and read again when its size or time of change moves:
what is held already is recognised. Names that begin with a dot are left alone.
"""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch.archive.runs import Container
from pastwatch.errors import SourceError, UsageError
from pastwatch.ports import Connector
from pastwatch.stages.collect.account import Sums, left_out
from pastwatch.stages.collect.items import Item, best_of
from pastwatch.stages.collect.live.address import Address
from pastwatch.stages.collect.live.arriving import Arrival, Idle, Keeping, Trouble
from pastwatch.stages.collect.readers import Readers

_AGAIN_LOOKS = 6  # a file that could not be read is tried again after so many looks


@dataclass(frozen=True, slots=True)
class _State:
    """What a file's state on disk says of whether it changed."""

    size_bytes: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """A file that is durable as it stood then, once this is acknowledged."""

    name: str
    state: _State


class Watched:
    """A folder and all below it; nothing in it is changed, moved or removed."""

    name = "folder"
    medium = "mixed"

    def __init__(
        self,
        address: Address,
        connectors: Mapping[str, Connector],
        *,
        options: Mapping[str, Any],
        readers: Readers,
        keeping: Keeping,
    ) -> None:
        address.only("settle", "poll")
        self._folder = Path(address.path)
        if not self._folder.is_dir():
            raise UsageError(f'there is no folder "{self._folder.name}" to watch')
        self._connectors, self._options = connectors, options
        self._readers, self._keeping = readers, keeping
        self._settle_s = address.seconds("settle", 5.0)
        self._poll_s = address.seconds("poll", 10.0)
        self._only = next(iter(connectors.values())) if len(connectors) == 1 else None
        if self._only is not None:
            self.medium = self._only.medium
        self._kept = keeping.get()
        self._read: dict[str, _State] = {}
        self._seen: dict[str, _State] = {}
        self._later: dict[str, int] = {}
        self._lag: int | None = None

    def arrivals(self, stop: threading.Event) -> Iterator[Arrival | Idle | Trouble]:
        """What stands in the folder, by name; then what changes or is added."""
        while not stop.is_set():
            ready, unsettled = self._look()
            self._lag = len(ready) + unsettled
            for name, state in ready:
                if stop.is_set():
                    return
                yield from self._file(name, state)
                self._lag -= 1
            yield Idle(behind=unsettled)
            self._wait(stop, self._settle_s if unsettled else self._poll_s)
            yield Idle(behind=unsettled)

    def acknowledge(self, marks: Sequence[_Mark]) -> None:
        """Keep which files are done, as they stood when they were read; forget those that are gone."""
        for mark in marks:
            self._kept[self._keeping.token(mark.name)] = self._stated(mark.state)
        if marks:
            there = {self._keeping.token(name) for name in {*self._seen, *(m.name for m in marks)}}
            self._kept = {token: state for token, state in self._kept.items() if token in there}
            self._keeping.put(self._kept)

    def lag(self) -> int | None:
        """How many files are seen and not read."""
        return self._lag

    def close(self) -> None:
        """Nothing is held open."""

    def _look(self) -> tuple[list[tuple[str, _State]], int]:
        """The files to read now, and how many others are still changing."""
        now = self._states()
        ready, unsettled = [], 0
        for name, state in now.items():
            if self._read.get(name) == state or self._is_kept(name, state):
                continue
            if self._seen.get(name) != state:
                unsettled += 1
            elif self._later.get(name, 0) > 0:
                self._later[name] -= 1
            else:
                ready.append((name, state))
        self._seen = now
        return ready, unsettled

    def _states(self) -> dict[str, _State]:
        """Every file of the folder by its name below it, sorted; links are not followed."""
        found = {}
        try:
            for path in sorted(self._folder.rglob("*")):
                name = path.relative_to(self._folder)
                if any(part.startswith(".") for part in name.parts):
                    continue
                told = _stat(path)
                if told is not None and stat.S_ISREG(told.st_mode):
                    found[name.as_posix()] = _State(told.st_size, told.st_mtime_ns)
        except OSError as wrong:
            raise SourceError(f"the folder cannot be read: {wrong.strerror}") from None
        if not self._folder.is_dir():
            raise SourceError("the folder is gone")
        return found

    def _is_kept(self, name: str, state: _State) -> bool:
        return self._kept.get(self._keeping.token(name)) == self._stated(state)

    def _stated(self, state: _State) -> str:
        return self._keeping.token(f"{state.size_bytes}/{state.changed_ns}")

    def _file(self, name: str, state: _State) -> Iterator[Arrival | Trouble]:
        """A file in pieces; the last has its mark, unless the file changed while it was read."""
        path = self._folder / name
        try:
            item = Item(path, name, self._only or best_of(path, self._connectors))
            sums = Sums()
            for _, pieces in self._readers.read_all([item], self._options):
                for piece in pieces:
                    sums.add(piece, container=name)
                    yield Arrival(found=(piece,), ended=False)
            container = _hashed(path, name)
        except (SourceError, OSError):
            self._later[name] = _AGAIN_LOOKS
            yield Arrival(found=())
            yield Trouble("a file of the folder cannot be read")
            return
        told = _stat(path)
        if told is None or _State(told.st_size, told.st_mtime_ns) != state:
            yield Arrival(found=(), read=(container,))
            return
        self._read[name] = state
        left = left_out(sums, name, state.size_bytes)
        yield Arrival(found=left, read=(container,), mark=_Mark(name, state))

    def _wait(self, stop: threading.Event, longest_s: float) -> None:
        """Until something changes below the folder, or for so long."""
        try:
            from watchfiles import watch
        except ModuleNotFoundError:
            stop.wait(longest_s)
            return
        if longest_s <= self._settle_s:
            stop.wait(longest_s)
            return
        changes = watch(
            self._folder,
            stop_event=stop,
            rust_timeout=round(longest_s * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            watch_filter=None,
        )
        next(iter(changes), None)


def _stat(path: Path) -> Any:
    try:
        return path.lstat()
    except OSError:
        return None


def _hashed(path: Path, name: str) -> Container:
    with path.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest()
    return Container(name=name, bytes=path.stat().st_size, sha256=whole)
