"""`python -m benchmarks.run SUITE`: measure, and keep the run under benchmarks/runs/."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import engine, engine_page, plots, profiled, tables
from benchmarks.measure import ROUNDS

RUNS = Path(__file__).parent / "runs"
CACHE = Path(tempfile.gettempdir()) / "pastwatch-benchmarks"


def main() -> None:
    """Run a suite; each machine gives its own figures, and only its ratios travel."""
    parser = argparse.ArgumentParser(description="Measure, beside yardsticks of the same run.")
    parser.add_argument("--cache", type=Path, default=CACHE, help="scratch space, some GB")
    parser.add_argument("--out", type=Path, help="the run's folder, instead of one with the date")
    suites = parser.add_subparsers(dest="suite", required=True)
    table = suites.add_parser("engine", help="every row of the engine's table, beside six peers")
    table.add_argument("--rounds", type=int, default=ROUNDS)
    table.add_argument(
        "--scale", type=float, nargs="+", default=[0.1], help="GB of synthetic mail: 0.1 1 10"
    )
    table.add_argument(
        "--only", nargs="+", choices=engine.PARTS, default=engine.PARTS, metavar="PART",
        help=f"of {', '.join(engine.PARTS)}",
    )  # fmt: skip
    table.add_argument(
        "--again", action="store_true", help="growth: ask what the folder's run holds already"
    )
    deep = suites.add_parser("profile", help="where the time of collecting and looking goes")
    deep.add_argument("--corpus", default="lists")
    for suite in (table, deep):
        suite.add_argument("--cache", type=Path, default=argparse.SUPPRESS)
        suite.add_argument("--out", type=Path, default=argparse.SUPPRESS)
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    if not os.environ.get("PASTWATCH_DATA"):
        _say("PASTWATCH_DATA is not set: real mail is left out")
    folder = given.out or RUNS / f"{datetime.now(UTC):%Y-%m-%d}-engine"
    {"engine": _engine, "profile": _profile}[given.suite](given, folder)


def _engine(given: argparse.Namespace, folder: Path) -> None:
    words = tables.machine_words(engine_page.PACKAGES)

    def keep(found: dict[str, Any]) -> None:
        engine_page.write(folder, found, words)

    suite = engine.Suite(
        found=engine_page.read(folder) if set(given.only) != set(engine.PARTS) else {},
        cache=given.cache,
        rounds=given.rounds,
        scales=tuple(given.scale),
        only=frozenset(given.only),
        again=given.again,
        say=_say,
        keep=keep,
    )
    found = suite.run()
    keep(found)
    plots.draw(folder, found)
    sys.stdout.write((folder / "engine.md").read_text(encoding="utf-8"))


def _profile(given: argparse.Namespace, folder: Path) -> None:
    for path in profiled.run(given.cache, folder, corpus=given.corpus, say=_say):
        sys.stdout.write(f"{path}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {line}\n")


if __name__ == "__main__":
    main()
