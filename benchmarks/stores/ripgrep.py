"""ripgrep over `zstd -dc`: the text alone, one file, matched as it is decoded; lines, not records."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.levels import LEVEL
from benchmarks.questions import Question
from benchmarks.stores import NotInstalled, folder_bytes


class RipgrepStore:
    """Two programs of the system, Debian's packages `ripgrep` and `zstd`."""

    def __init__(self) -> None:
        if not shutil.which("rg") or not shutil.which("zstd"):
            raise NotInstalled("ripgrep or zstd is not installed")

    def load(self, columns: Path) -> bytes:
        """The texts, one after another."""
        import pyarrow.parquet as pq

        return "\n".join(pq.read_table(columns, columns=["body"])["body"].to_pylist()).encode()

    def build(self, loaded: Any, folder: Path) -> None:
        """Compressed at our default level in one thread."""
        subprocess.run(
            ["zstd", f"-{LEVEL}", "-q", "--single-thread", "-o", str(folder / "text.zst")],
            input=loaded,
            check=True,
        )

    def size_bytes(self, folder: Path) -> int:
        """The file."""
        return folder_bytes(folder)

    def opened(self, folder: Path) -> Callable[[Question], int | None]:
        """Lines that match; who wrote and when is not to be asked."""

        def ask(asked: Question) -> int | None:
            words = "|".join(asked.words)
            match asked.kind:
                case "full scan":
                    how = ["-i", "-F", asked.words[0]]
                case "phrase":
                    how = ["-i", "-w", "[^a-z0-9]+".join(asked.words)]
                case "three words" | "window":
                    return None
                case "20 patterns":
                    how = [words]
                case _:
                    how = ["-i", "-w", f"({words})"]
            with subprocess.Popen(
                ["zstd", "-dc", str(folder / "text.zst")], stdout=subprocess.PIPE
            ) as decoding:
                found = subprocess.run(
                    ["rg", "-j1", "-a", "-c", *how],
                    stdin=decoding.stdout,
                    stdout=subprocess.PIPE,
                    check=False,
                )
            return int(found.stdout or 0)

        return ask
