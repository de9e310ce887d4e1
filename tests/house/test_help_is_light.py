"""`pastwatch --help` starts without the heavy libraries, so that it answers at once anywhere."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

HEAVY = [
    "cryptography",
    "hyperscan",
    "jinja2",
    "lz4",
    "numpy",
    "polars",
    "pyarrow",
    "pyrage",
    "regex",
    "sqlcipher3",
    "zstandard",
]
SRC = Path(__file__).resolve().parents[2] / "src"


@cache
def loaded_by_help() -> frozenset[str]:
    """Every module that python imports for `pastwatch --help`."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pastwatch", "--help"],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(SRC), "PATH": ""},
    )
    assert "Usage" in done.stdout
    timed = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return frozenset(line.rsplit("|", 1)[1].strip() for line in timed)


def test_help_is_answered_by_the_cli() -> None:
    assert {"pastwatch.cli.main", "click"} <= loaded_by_help()


@pytest.mark.parametrize("heavy", HEAVY)
def test_help_does_not_load(heavy: str) -> None:
    found = {name for name in loaded_by_help() if name == heavy or name.startswith(heavy + ".")}
    assert found == set()
