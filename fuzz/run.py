"""Fuzzes every target for a time each, a few at once: `python -m fuzz.run [--seconds 20] [NAME …]`.

Inputs that led to new code are kept beside the seeds for the next run when `--keep FOLDER` names
where. An input that fails is left in `fuzz/found/`, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import ROOT, Target, targets

FOUND = Path(__file__).parent / "found"
MEMORY_MIB = 1024
SECONDS_AN_INPUT = 20
LONGEST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a target: runs, peak memory, and the last words where it failed."""

    name: str
    runs: int
    peak_mib: int
    seconds: float
    failure: str


def main() -> int:
    """Run what was asked for and print a line each."""
    options = _options()
    known = targets()
    if options.list:
        print("\n".join(known))
        return 0
    chosen = [known[name] for name in options.names or known]
    if importlib.util.find_spec("atheris") is None:
        print("atheris has no wheel for this system: nothing is fuzzed; the kept inputs are tests")
        return 0
    FOUND.mkdir(exist_ok=True)
    failed = 0
    print(f"{'target':<28}{'runs':>10}{'runs/s':>9}{'peak MiB':>10}")
    with ThreadPoolExecutor(options.jobs) as pool:
        for done in pool.map(lambda t: fuzz(t, options.seconds, options.keep), chosen):
            rate = done.runs / max(done.seconds, 1e-9)
            print(f"{done.name:<28}{done.runs:>10,}{rate:>9,.0f}{done.peak_mib:>10,}", flush=True)
            if done.failure:
                failed += 1
                print(done.failure, flush=True)
    print(f"fuzzed {len(chosen)} targets for {options.seconds} s each; {failed} found a fault")
    return 1 if failed else 0


def fuzz(target: Target, seconds: int, keep: Path | None) -> Outcome:
    """Fuzz one target in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="seeds-") as made:
        seeds = Path(made)
        for number, seed in enumerate(target.seeds):
            (seeds / f"seed-{number}").write_bytes(seed)
        corpus = [str(seeds)]
        if keep is not None:
            (keep / target.name).mkdir(parents=True, exist_ok=True)
            corpus.insert(0, str(keep / target.name))
        started = time.perf_counter()
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "fuzz.one",
                target.name,
                *corpus,
                f"-max_total_time={seconds}",
                f"-rss_limit_mb={MEMORY_MIB}",
                f"-timeout={SECONDS_AN_INPUT}",
                f"-max_len={LONGEST_BYTES}",
                f"-artifact_prefix={FOUND}/{target.name}-",
                "-print_final_stats=1",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + 300,
            check=False,
        )
        took = time.perf_counter() - started
    return Outcome(
        target.name,
        _figure(ended.stderr, "number_of_executed_units"),
        _figure(ended.stderr, "peak_rss_mb"),
        took,
        "" if ended.returncode == 0 else _last_words(ended.stdout + ended.stderr),
    )


def _last_words(told: str) -> str:
    """The traceback and where the input was left, out of all that libFuzzer says."""
    lines = told.splitlines()
    at = next((n for n, line in enumerate(lines) if "Uncaught" in line or "ERROR" in line), 0)
    kept = [line for line in lines[at : at + 40] if not line.startswith(("#", "INFO", "0x"))]
    return "\n".join(f"    {line}" for line in kept)


def _figure(told: str, name: str) -> int:
    found = re.search(rf"stat::{name}:\s+(\d+)", told)
    return int(found[1]) if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seconds", type=int, default=20, help="for each target")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="a folder to keep inputs of new code in")
    parser.add_argument("--list", action="store_true", help="name the targets")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
