"""Work on threads of this process, with a bounded number of inputs in flight.

Threads, not processes: decoding, decryption and matching let go of the interpreter lock, and
results are large buffers that would otherwise be copied between processes.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from pastwatch.errors import BadValue, EngineError

CANCEL_POLL_S = 0.05

In = TypeVar("In")
Out = TypeVar("Out")


class LocalEngine:
    """Runs tasks on threads; `queue_depth` inputs may wait beside the `workers` being worked on.

    An input is drawn only when it fits, on the consumer's own thread. A task's exception reaches
    the consumer as it is, and nothing further is started. When `cancel` is set the iteration ends
    with `EngineError`, never quietly: an early end must not pass for a whole answer. Closing the
    iterator returns at once; a task already running finishes in the background, unheard.
    """

    name = "local"

    def map_unordered(
        self,
        task: Callable[[In], Out],
        inputs: Iterable[In],
        *,
        workers: int,
        cancel: threading.Event | None = None,
        queue_depth: int = 2,
    ) -> Iterator[Out]:
        """Results as they are done, in no order."""
        _check(workers, queue_depth)
        return _unordered(task, iter(inputs), workers, cancel, queue_depth)

    def map_ordered(
        self,
        task: Callable[[In], Out],
        inputs: Iterable[In],
        *,
        workers: int,
        cancel: threading.Event | None = None,
        queue_depth: int = 2,
    ) -> Iterator[Out]:
        """Results in the order of the inputs; a slow one holds those behind it back."""
        _check(workers, queue_depth)
        return _ordered(task, iter(inputs), workers, cancel, queue_depth)


ENGINE = LocalEngine()


def _unordered(
    task: Callable[[In], Out],
    inputs: Iterator[In],
    workers: int,
    cancel: threading.Event | None,
    queue_depth: int,
) -> Iterator[Out]:
    done: queue.SimpleQueue[Future[Out]] = queue.SimpleQueue()
    in_flight = 0
    pool = ThreadPoolExecutor(workers, thread_name_prefix="pastwatch")
    try:
        more = True
        while True:
            while more and in_flight < workers + queue_depth:
                _refuse_if_cancelled(cancel)
                try:
                    item = next(inputs)
                except StopIteration:
                    more = False
                    break
                pool.submit(task, item).add_done_callback(done.put)
                in_flight += 1
            if not in_flight:
                return
            future = _wait(done, cancel)
            in_flight -= 1
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ordered(
    task: Callable[[In], Out],
    inputs: Iterator[In],
    workers: int,
    cancel: threading.Event | None,
    queue_depth: int,
) -> Iterator[Out]:
    waiting: deque[Future[Out]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="pastwatch")
    try:
        more = True
        while True:
            while more and len(waiting) < workers + queue_depth:
                _refuse_if_cancelled(cancel)
                try:
                    item = next(inputs)
                except StopIteration:
                    more = False
                    break
                waiting.append(pool.submit(task, item))
            if not waiting:
                return
            done: queue.SimpleQueue[Future[Out]] = queue.SimpleQueue()
            waiting.popleft().add_done_callback(done.put)
            yield _wait(done, cancel).result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _wait(
    done: queue.SimpleQueue[Future[Out]],
    cancel: threading.Event | None,
) -> Future[Out]:
    if cancel is None:
        return done.get()
    while True:
        _refuse_if_cancelled(cancel)
        try:
            return done.get(timeout=CANCEL_POLL_S)
        except queue.Empty:
            continue


def _refuse_if_cancelled(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise EngineError("the work was cancelled before it was done")


def _check(workers: int, queue_depth: int) -> None:
    if workers < 1 or queue_depth < 0:
        raise BadValue("an engine needs at least one worker and no negative queue")
