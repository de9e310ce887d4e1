"""One measured task in a process of its own: `python -m benchmarks.child CACHE TASK …`."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any


def main(cache: Path, task: str, *arguments: str) -> dict[str, Any]:  # noqa: PLR0911 - a table of tasks
    """Run the task; imports are done before anything is timed."""
    from benchmarks import corpora

    # Where pandas is installed (a peer brings it) Arrow imports it with its first array: a second
    # that is nobody's work.
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("pandas")
    if task.startswith("engine-"):
        from benchmarks.tasks import run

        return run(cache, task, *arguments)
    if task == "machine":
        from benchmarks.machine import limits

        return limits()
    corpus = corpora.named(arguments[0], cache=cache)
    if task == "make":
        return {"bytes": corpus.path.stat().st_size}
    if task == "tantivy":
        from benchmarks.peers import index

        return index(corpus, cache)
    from benchmarks import sealed

    if task == "collect":
        return sealed.collect(corpus, cache)
    if task == "look":
        return sealed.look(corpus, cache, int(arguments[1]))
    if task == "look-memory":
        return sealed.look_memory(corpus, cache)
    raise SystemExit(f"no such task: {task}")


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *sys.argv[2:])))  # noqa: T201 - the answer
