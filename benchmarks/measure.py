"""Runs one task in a fresh process and gathers what repeated runs say: median and spread."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

ROUNDS = 5
ONE_THREAD = {"POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""For libraries that take all cores unless told before they are loaded."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """What several runs of one thing gave."""

    median: float
    low: float
    high: float
    runs: int

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.low)}–{_short(self.high)})"


def figure(values: Sequence[float]) -> Figure:
    """Median and range of some values."""
    return Figure(statistics.median(values), min(values), max(values), len(values))


def whole_cpu(act: Callable[[], T]) -> tuple[float, T]:
    """CPU-seconds of the process, and of those it started and waited for; and what the act gave."""
    before = _process_s()
    found = act()
    return _process_s() - before, found


def _process_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def peak_bytes() -> int:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def most_held(act: Callable[[], T]) -> tuple[int, T]:
    """The most memory of its own a process and its children held, looked at 50 times a second.

    Pages of a mapped input file are not counted: the system takes them back when it likes.
    """
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, _anonymous_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        found = act()
    finally:
        done.set()
        watcher.join()
    return max(most, _anonymous_bytes()), found


def _anonymous_bytes() -> int:
    """Of this process and all that it started."""
    total, waiting = 0, ["self"]
    while waiting:
        process = Path("/proc") / waiting.pop()
        try:
            for line in (process / "status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    total += int(line.split()[1]) * 1024
            for thread in (process / "task").iterdir():
                waiting += (thread / "children").read_text().split()
        except OSError:  # it has ended meanwhile
            continue
    return total


def child(task: str, *arguments: str, cache: Path, limit_s: float | None = None) -> dict[str, Any]:
    """One task in a process of its own; what it measured."""
    command = [sys.executable, "-m", "benchmarks.child", str(cache), task, *arguments]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, **ONE_THREAD},
        timeout=limit_s,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
