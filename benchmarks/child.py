"""One measured task in a process of its own: `python -m benchmarks.child CACHE TASK …`."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any


def main(cache: Path, task: str, *arguments: str) -> dict[str, Any]:
    """Run the task; imports are done before anything is timed."""
    # Where pandas is installed (a peer brings it) Arrow imports it with its first array: a second
    # that is nobody's work.
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("pandas")
    if task == "machine":
        from benchmarks.machine import limits

        return limits()
    from benchmarks.tasks import run

    return run(cache, task, *arguments)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))  # noqa: T201 - the answer
