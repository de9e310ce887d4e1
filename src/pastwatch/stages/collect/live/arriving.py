"""What a live source is, and what it yields: arrivals, a moment of quiet, or a trouble it met."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pastwatch.archive.runs import Container
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap

GROUP_RECORDS = 512  # an arrival is about this many records or bytes at most: the queue is bounded
GROUP_BYTES = 8 * 1024 * 1024
IDLE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Some of what came; `mark` is given back in `acknowledge` once all of it is sealed.

    `read` names what it was read from, for the sealed manifest of the run. `ended` says that the
    containers of its batches are read to their end: equal originals are counted afresh after it.
    """

    found: tuple[Batch | Gap, ...]
    mark: Any = None
    read: tuple[Container, ...] = ()
    ended: bool = True


@dataclass(frozen=True, slots=True)
class Idle:
    """Reached, and nothing came for a second or so; `behind` is what is known to come later."""

    behind: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed and is tried again; counted, and shown in the line of health."""

    reason: str


class Live(Protocol):
    """A source that does not end.

    `arrivals` connects, and yields until `stop` is set; SourceError when the server is out of
    reach: it is then called again after a while, and goes on after what it yielded last. It runs
    on a thread of its own, `acknowledge` and `lag` on the caller's.
    """

    name: str
    medium: str

    def arrivals(self, stop: threading.Event) -> Iterator[Arrival | Idle | Trouble]:
        """Yield what comes, oldest first, in pieces of bounded size."""
        ...

    def acknowledge(self, marks: Sequence[Any]) -> None:
        """Tell the source that these are durable: it need not give them again. SourceError: later."""
        ...

    def lag(self) -> int | None:
        """How many records (or files) wait at the source, where it says so."""
        ...

    def close(self) -> None:
        """Let go of the connection; called once, when no thread runs `arrivals` any more."""
        ...


class Keeping(Protocol):
    """Keeps a source's place between runs, for transports that keep none themselves."""

    def get(self) -> dict[str, Any]:
        """What was put last; empty at first, and where it was tampered with."""
        ...

    def put(self, cursor: dict[str, Any]) -> None:
        """Keep it durably."""
        ...

    def token(self, name: str) -> str:
        """How a name stands in it: names are not kept in clear."""
        ...
