"""Runs a live source on a thread of its own, behind a queue that is bounded, and tries it again."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from pastwatch.errors import SourceError
from pastwatch.stages.collect.live.arriving import Arrival, Idle, Live, Trouble

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
WAITING_ARRIVALS = 4  # back-pressure: with these unread, the source is not asked for more
_POLL_S = 0.2


class Pump:
    """Draws from a source until stopped; what fails in it for good is raised to whoever reads."""

    def __init__(self, live: Live, *, stop: threading.Event | None = None) -> None:
        self._live, self._stop = live, stop or threading.Event()
        self._queue: queue.Queue[Arrival | Idle | Trouble] = queue.Queue(WAITING_ARRIVALS)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._running = self._thread.submit(self._run)

    def next(self, timeout_s: float) -> Arrival | Idle | Trouble | None:
        """What came next; None when nothing did for so long, or the source is at its end."""
        try:
            return self._queue.get(timeout=max(timeout_s, 0.0))
        except queue.Empty:
            return None

    @property
    def is_done(self) -> bool:
        """Whether the source has ended and all it gave was taken; raised here if it failed."""
        if not self._running.done() or not self._queue.empty():
            return False
        self._running.result()
        return True

    def stop(self) -> None:
        """Draw no more; what stands in the queue is dropped unread."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._stop.set()
        self._thread.shutdown(wait=True)

    def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stop.is_set():
            try:
                for event in self._arrivals():
                    wait_s = FIRST_WAIT_S if not isinstance(event, Trouble) else wait_s
                    if not self._put(event):
                        return
            except SourceError as wrong:
                if not self._put(Trouble(str(wrong))):
                    return
                self._stop.wait(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            else:
                return

    def _arrivals(self) -> Iterator[Arrival | Idle | Trouble]:
        return self._live.arrivals(self._stop)

    def _put(self, event: Arrival | Idle | Trouble) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(event, timeout=_POLL_S)
            except queue.Full:
                if isinstance(event, Idle):
                    return True
            else:
                return True
        return False
