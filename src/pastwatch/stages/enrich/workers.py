"""Enriches in processes of its own, one a core: what was set up by name here is set up there too."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, NamedTuple, Self

from pastwatch import plugins
from pastwatch.errors import EngineError
from pastwatch.model.record import Record
from pastwatch.stages.enrich.run import Made, Ready, made_of, ready

_AHEAD = 2  # batches that wait for each process


class Done(NamedTuple):
    """What came of one batch, and the seconds it took where it was done."""

    name: str
    records: Sequence[Record]
    made: Made
    seconds: float


class Workers:
    """Processes that hold the enrichers; records go to them and values come back, through pipes.

    They end with the process that started them, however it ends.
    """

    def __init__(self, options: Mapping[str, Mapping[str, Any]], *, count: int) -> None:
        """`options` by the name under which an enricher is registered."""
        self._count = count
        self._waiting: dict[Future[tuple[Made, float]], tuple[str, Sequence[Record]]] = {}
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=({name: dict(given) for name, given in options.items()},),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def give(self, name: str, records: Sequence[Record], *, pace_s: float) -> Iterator[Done]:
        """Hand over a batch; gives what is done meanwhile, waiting while enough lies ahead."""
        try:
            future = self._pool.submit(_work, name, list(records), pace_s)
        except BrokenProcessPool as broken:
            raise _died() from broken
        self._waiting[future] = (name, records)
        yield from self._done(down_to=self._count * _AHEAD)

    def rest(self) -> Iterator[Done]:
        """What is not done yet, as it is done."""
        yield from self._done(down_to=0)

    def _done(self, *, down_to: int) -> Iterator[Done]:
        while len(self._waiting) > down_to:
            finished, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                name, records = self._waiting.pop(future)
                try:
                    made, seconds = future.result()
                except BrokenProcessPool as broken:
                    raise _died() from broken
                yield Done(name, records, made, seconds)


def _died() -> EngineError:
    return EngineError(
        "a process that enriches has died; what was kept stands",
        hint="run it again with PASTWATCH_WORKERS=1, and one enricher at a time, to see which",
    )


_options: dict[str, dict[str, Any]] = {}
_made_ready: dict[str, Ready] = {}


def _begin(options: dict[str, dict[str, Any]]) -> None:
    """In the new process: leave interrupts to the parent, and end when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _options.update(options)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _work(name: str, records: list[Record], pace_s: float) -> tuple[Made, float]:
    if name not in _made_ready:
        _made_ready[name] = ready(plugins.load("enrichers", name), _options[name])
    started = time.perf_counter()
    made = made_of(_made_ready[name], records, pace_s=pace_s)
    return made, time.perf_counter() - started
