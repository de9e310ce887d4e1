"""How far a long act is, in one line on the terminal, and how a person ends it early."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from pastwatch.cli.show import count, lasting, say, share, size

if TYPE_CHECKING:
    from types import FrameType

_EVERY_S = 0.1
_SETTLED_S = 1.0


class Run(Protocol):
    """What a running act tells of itself."""

    total_bytes: int
    read_bytes: int
    records: int


class ProgressLine:
    """Drawn on stderr at most ten times a second, and only where that is a terminal."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._drawn = 0.0
        self._shown = False

    def __call__(self, run: Run) -> None:
        """Draw the line anew, unless it was drawn a moment ago."""
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._drawn < _EVERY_S:
            return
        self._drawn, self._shown = now, True
        sys.stderr.write("\r\x1b[K" + line(run, elapsed_s=now - self._started))
        sys.stderr.flush()

    def end(self) -> None:
        """Wipe the line, so that the answer stands alone."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class StepLine:
    """A sentence on stderr that replaces itself; only where that is a terminal."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, text: str) -> None:
        """Say it in the place of the last one."""
        if sys.stderr.isatty():
            self._shown = True
            sys.stderr.write("\r\x1b[K" + text)
            sys.stderr.flush()

    def end(self) -> None:
        """Wipe the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def line(run: Run, *, elapsed_s: float) -> str:
    """How far a run is after so many seconds; the time left once the rate has settled."""
    far = share(run.read_bytes, run.total_bytes)
    parts = [
        count(run.records, "record"),
        f"{size(run.read_bytes)} of {size(run.total_bytes)} ({far})",
    ]
    if elapsed_s >= _SETTLED_S and run.read_bytes:
        rate = run.read_bytes / elapsed_s
        left = max(run.total_bytes - run.read_bytes, 0) / rate
        parts += [f"{size(rate)}/s", f"{lasting(left)} left"]
    return " · ".join(parts)


@contextmanager
def stopping(says: str) -> Iterator[threading.Event]:
    """The first Ctrl-C sets the event and says so; the second breaks off."""
    cancel = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()
        say(f"\npastwatch: {says} (again to break off)")

    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)
