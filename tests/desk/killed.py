"""Collects in a child that kills itself at the n-th durable call; run as a script by test_kills."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from tests.desk.offices import Clock, Desk

from pastwatch.archive.catalogue import Catalogue
from pastwatch.archive.writer import Writer
from pastwatch.storage import durable

ACKNOWLEDGED, RETURNED = "acknowledged", "returned"


@contextmanager
def announced_catalogue() -> Iterator[None]:
    """Announce the catalogue's transactions as durable calls too: SQLite writes past our primitives."""
    genuine = Catalogue.changing

    @contextmanager
    def changing(self: Catalogue) -> Iterator[None]:
        step("before:transaction")
        with genuine(self):
            yield
        step("after:transaction")

    Catalogue.changing = changing  # type: ignore[method-assign]
    try:
        yield
    finally:
        Catalogue.changing = genuine  # type: ignore[method-assign]


def step(kind: str) -> None:
    """As `durable` announces its own."""
    if durable.on_step is not None:
        durable.on_step(kind, Path("catalogue.db"))


def collect(folder: Path, on_step: Callable[[str, Path], None] | None) -> None:
    """Collect the input; each pack acknowledged is noted in a file of the test's own."""
    note = os.open(folder / ACKNOWLEDGED, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    genuine = Writer._commit  # noqa: SLF001 - the only place that acknowledges

    def noting(self: Writer, *args: object, **kwargs: object) -> None:
        genuine(self, *args, **kwargs)  # type: ignore[arg-type]
        os.write(note, f"{self.taken.packs[-1]}\n".encode())

    with announced_catalogue():
        Writer._commit = noting  # type: ignore[method-assign] # noqa: SLF001
        try:
            with Desk(folder, Clock()).open() as archive:
                durable.on_step = on_step
                archive.collect(
                    folder / "input.jsonl", source="mail", basis="own", connector="jsonl"
                )
                (folder / RETURNED).touch()
        finally:
            durable.on_step = None
            Writer._commit = genuine  # type: ignore[method-assign] # noqa: SLF001
            os.close(note)


def main(root: Path) -> None:
    """Kill a child at call 1, 2, 3 … of its own copy of the archive, until one gets through."""
    with mock.patch.multiple(durable, _fsync=_nothing, _fsync_directory=_nothing):
        each(root)  # a kill is no power cut: no disk is waited for


def each(root: Path) -> None:
    """One child after the other."""
    for number in range(1, 10_000):
        folder = root / f"{number:04d}"
        shutil.copytree(root / "pristine", folder)
        child = os.fork()
        if not child:
            left = number

            def count(_kind: str, _path: Path) -> None:
                nonlocal left
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

            collect(folder, count)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))


def _nothing(_: object) -> None:
    """Stands in for a flush."""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
