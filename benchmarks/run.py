"""`python -m benchmarks.run foundation`: measure, and keep the run under benchmarks/runs/."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import foundation, tables

RUNS = Path(__file__).parent / "runs"
CACHE = Path(tempfile.gettempdir()) / "pastwatch-benchmarks"


def main() -> None:
    """Run a suite; each machine gives its own figures, and only its ratios travel."""
    parser = argparse.ArgumentParser(description="Measure, beside yardsticks of the same run.")
    parser.add_argument("suite", choices=["foundation"])
    parser.add_argument("--rounds", type=int, help="instead of 5, or 3 where one takes over 30 s")
    parser.add_argument("--no-memory", action="store_true", help="leave out the large inputs")
    parser.add_argument("--cache", type=Path, default=CACHE, help="scratch space, some GB")
    parser.add_argument("--out", type=Path, help="folder for run.json and table.md")
    given = parser.parse_args()
    if not os.environ.get("PASTWATCH_DATA"):
        _say("PASTWATCH_DATA is not set: real mail is left out")
    found = foundation.run(given.cache, rounds=given.rounds, memory=not given.no_memory, say=_say)
    folder = given.out or RUNS / f"{datetime.now(UTC):%Y-%m-%d}-{given.suite}"
    tables.write(folder, found, foundation.summary(found), tables.machine_words())
    sys.stdout.write((folder / "table.md").read_text(encoding="utf-8"))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()
