"""Writes a run: everything measured as run.json, what to read of it as table.md."""

from __future__ import annotations

import dataclasses
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.foundation import TARGETS

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


def write(
    folder: Path, found: dict[str, Any], summary: dict[str, Any], words: dict[str, str]
) -> None:
    """run.json and table.md in the run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"machine_words": words, "targets": TARGETS, "summary": summary, "measured": found}
    text = json.dumps(whole, default=dataclasses.asdict, ensure_ascii=False, indent=1)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")
    (folder / "table.md").write_text(page(found, summary, words), encoding="utf-8")


def page(found: dict[str, Any], summary: dict[str, Any], words: dict[str, str]) -> str:
    """The run as a page: medians, with the lowest and highest in brackets."""
    limits = [
        [name, f"{row['median']:.2f} ({row['low']:.2f}–{row['high']:.2f})"]
        for name, row in found["machine"].items()
    ]
    parts = [
        "# Foundation run",
        ", ".join(f"{k} {v}" for k, v in words.items()) + ".",
        (
            "CPU-seconds of the whole process, one core; medians, lowest and highest in brackets. "
            "Ratios are taken within one round."
        ),
        "## Limits of the machine",
        _table(["on one core", "GB/s"], limits),
        *_collect_part(summary["collect"]),
        *_look_part(summary["look"]),
    ]
    if summary["memory"]:
        rows = [
            [
                name,
                f"{row['collect MB']:,.0f}",
                f"{row['look MB']:,.0f}",
                f"{row['collect mapped MB']:,.0f}",
                f"{row['look mapped MB']:,.0f}",
                f"{row['collect MB/s']:.1f}",
                f"{row['÷ tantivy']['given']:.2f}",
                f"{row['÷ tantivy']['same parser']:.2f}",
            ]
            for name, row in summary["memory"].items()
        ]
        parts += [
            "## Memory",
            (
                "The most memory of its own a process held; the target is "
                f"{TARGETS['peak memory, MB']:,.0f} MB whatever the size. Pages of mapped files, "
                "which the system takes back when it likes, are given beside it."
            ),
            _table(
                [
                    "input",
                    "collect, MB",
                    "look, MB",
                    "collect, mapped file included",
                    "look, mapped packs included",
                    "collect, MB/s",
                    "÷ tantivy given columns",
                    "÷ tantivy with our parser",
                ],
                rows,
            ),
        ]
    return "\n\n".join(parts) + "\n"


def _collect_part(rows: dict[str, Any]) -> list[str]:
    speed = [
        [
            name,
            f"{row['records']:,}",
            f"{row['raw MB']:.1f}",
            str(row["records/s"]),
            str(row["MB/s"]),
            f"{row['archive ÷ raw']:.3f}",
            f"{row['tantivy store ÷ raw']:.3f}",
            f"{row['peak MB']:,.0f}",
        ]
        for name, row in rows.items()
    ]
    against = [
        [name, *(str(row["÷ tantivy"][way]) for way in ("given", "same parser", "library"))]
        for name, row in rows.items()
    ]
    return [
        "## Collect",
        ("Parsing, ids, token index, proofs, sealing, originals kept; every byte synced to disk. "
        f"Target: archive ÷ raw ≤ {TARGETS['archive ÷ raw']}."),
        _table(
            [
                "mail", "records", "raw MB", "records/s", "MB/s",
                "archive ÷ raw", "tantivy ÷ raw", "peak MB",
            ],
            speed,
        ),
        ("Records per CPU-second ÷ tantivy's (stored, positions; no originals, nothing encrypted). "
        f"Target ≥ {TARGETS['collect ÷ tantivy']}."),
        _table(
            [
                "mail",
                "tantivy is given parsed columns",
                "and reads with our parser",
                "and reads with mailbox + email or json",
            ],
            against,
        ),
    ]  # fmt: skip


def _look_part(rows: dict[str, Any]) -> list[str]:
    scans = [
        [
            name,
            f"{row['text MB']:.1f}",
            str(row["decode MB/s"]),
            str(row["queries"]["absent"]["MB/s"]),
            str(row["full scan ÷ decode"]),
        ]
        for name, row in rows.items()
    ]
    queries = [
        [name, query, f"{q['hits']:,}", f"{q['blocks']}", str(q["MB/s"]), str(q["first_ms"])]
        for name, row in rows.items()
        for query, q in row["queries"].items()
    ]
    return [
        "## Look",
        (
            "A query no index can answer, through the gate: ledger, authority, decryption, decoding, "
            "matching, case file; beside decoding the same text frames and nothing else. "
            f"Target ≥ {TARGETS['full scan ÷ zstd decode']}."
        ),
        _table(["mail", "text MB", "decode MB/s", "full scan MB/s", "ratio"], scans),
        "MB/s are of the slice's text, whether opened or skipped.",
        _table(["mail", "query", "hits", "blocks", "MB/s", "first hit, ms"], queries),
    ]


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *(["--:"] * (len(head) - 1))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
