"""Collects with watches in a child that kills itself at the n-th durable call; a script of its tests."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from tests.desk import killed
from tests.desk.offices import Clock, Desk

from pastwatch.storage import durable

TELLING = ("after:write", "before:rename", "after:rename", "after:fsync", "after:transaction")
"""The calls between which what stands on the disk differs."""


def collect(folder: Path, on_step: Callable[[str, Path], None] | None) -> None:
    """Collect the input with every watch."""
    with killed.announced_catalogue(), Desk(folder, Clock()).open() as archive:
        durable.on_step = on_step
        try:
            archive.collect(
                folder / "input.jsonl", source="mail", basis="own", connector="jsonl", watch=True
            )
        finally:
            durable.on_step = None


def main(root: Path) -> None:
    """Kill a child at call 1, 2, 3 … of its own copy of the archive, until one gets through."""
    with mock.patch.multiple(durable, _fsync=_nothing, _fsync_directory=_nothing):
        shutil.copytree(root / "pristine", root / "first")
        collect(root / "first", None)  # so that no child imports anything
        for number in range(1, 10_000):
            folder = root / f"{number:04d}"
            shutil.copytree(root / "pristine", folder)
            child = os.fork()
            if not child:
                left = number

                def count(kind: str, _path: Path) -> None:
                    nonlocal left
                    left -= kind in TELLING
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
