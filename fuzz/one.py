"""Fuzzes one target with libFuzzer's options: `python -m fuzz.one NAME CORPUS [-max_total_time=20]`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pastwatch.stages.collect", "pastwatch.matching"]):
    from fuzz.targets import targets


def main() -> None:
    """Fuzz until an option of libFuzzer ends it; a failure is left where the options say."""
    target = targets()[sys.argv[1]]
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))

    def one_input(given: bytes) -> None:
        target.run(folder, given)

    try:
        atheris.Setup([sys.argv[0], *sys.argv[2:]], one_input)
        atheris.Fuzz()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
