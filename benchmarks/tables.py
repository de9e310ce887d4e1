"""What a run was made on: the machine, and the versions of what was measured."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("pyarrow", "numpy", "zstandard", "cryptography", "hyperscan", "tantivy")


def machine_words(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """What the run was made on."""
    model = platform.processor() or platform.machine()
    lines = Path("/proc/cpuinfo")
    if lines.exists():
        named = [x for x in lines.read_text().splitlines() if x.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else model
    words = {"cpu": model, "python": platform.python_version(), "system": platform.system()}
    return words | {name: _version(name) for name in packages}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
