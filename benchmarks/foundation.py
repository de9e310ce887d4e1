"""The foundation's four figures: collecting, size, full scan, memory; each beside its yardstick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.measure import LONG_ROUNDS, LONG_S, SHORT_ROUNDS, child, figure

SMALL_MB, LARGE_MB = 80, 320
TARGETS = {
    "collect ÷ tantivy": 2.0,
    "archive ÷ raw": 0.6,
    "full scan ÷ zstd decode": 0.6,
    "peak memory, MB": 1000.0,
}
Say = Callable[[str], None]


def run(cache: Path, *, rounds: int | None, memory: bool, say: Say) -> dict[str, Any]:
    """Measure everything; competitors take turns, each in a process of its own."""
    names = corpora.real_names()
    say("machine limits")
    found: dict[str, Any] = {"machine": child("machine", cache=cache), "collect": {}, "look": {}}
    large = f"town-{SMALL_MB}MB"
    child("make", large, cache=cache)
    for name in [*names, large]:
        found["collect"][name] = _collected(name, cache, rounds, say)
    for name in [*names, large]:
        say(f"look through {name}")
        found["look"][name] = child("look", name, str(rounds or SHORT_ROUNDS), cache=cache)
    if memory:
        found["memory"] = dict(_memory(cache, say))
    return found


def _collected(name: str, cache: Path, rounds: int | None, say: Say) -> dict[str, Any]:
    sealed: list[dict[str, Any]] = []
    indexed: list[dict[str, Any]] = []
    wanted = rounds or SHORT_ROUNDS
    while len(sealed) < wanted:
        say(f"collect {name}, round {len(sealed) + 1} of {wanted}")
        sealed.append(child("collect", name, cache=cache))
        indexed.append(child("tantivy", name, cache=cache))
        if not rounds and sealed[-1]["wall_s"] > LONG_S:
            wanted = LONG_ROUNDS
    return {"pastwatch": sealed, "tantivy": indexed}


def _memory(cache: Path, say: Say) -> Iterator[tuple[str, dict[str, Any]]]:
    for megabytes in (SMALL_MB, LARGE_MB):
        name = f"town-{megabytes}MB"
        say(f"memory on {name}")
        child("make", name, cache=cache)
        collected = child("collect", name, cache=cache)
        looked = child("look-memory", name, cache=cache)
        indexed = child("tantivy", name, cache=cache)
        yield name, {"collect": collected, "look": looked, "tantivy": indexed}


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """Medians with their spread, and the ratios that are held against the targets."""
    out: dict[str, Any] = {"collect": {}, "look": {}, "memory": {}}
    for name, runs in found["collect"].items():
        out["collect"][name] = _collect_summary(runs["pastwatch"], runs["tantivy"])
    for name, row in found["look"].items():
        decode = figure([row["text_bytes"] / 1e6 / s for s in row["decode_cpu_s"]])
        queries = {
            query: {
                "hits": q["hits"],
                "blocks": q["blocks"],
                "MB/s": figure([row["text_bytes"] / 1e6 / s for s in q["cpu_s"]]),
                "first_ms": figure([s * 1e3 for s in q["first_s"]]),
            }
            for query, q in row["queries"].items()
        }
        pairs = zip(row["queries"]["absent"]["cpu_s"], row["decode_cpu_s"], strict=True)
        out["look"][name] = {
            "decode MB/s": decode,
            "full scan ÷ decode": figure([d / s for s, d in pairs]),
            "text MB": row["text_bytes"] / 1e6,
            "frames": row["frames"],
            "queries": queries,
        }
    for name, row in found.get("memory", {}).items():
        out["memory"][name] = {
            "collect MB": row["collect"]["held_bytes"] / 1e6,
            "look MB": row["look"]["held_bytes"] / 1e6,
            "collect mapped MB": row["collect"]["peak_bytes"] / 1e6,
            "look mapped MB": row["look"]["peak_bytes"] / 1e6,
            "collect MB/s": row["collect"]["raw_bytes"] / 1e6 / row["collect"]["cpu_s"],
            "÷ tantivy": {
                "given": row["tantivy"]["index_cpu_s"] / row["collect"]["cpu_s"],
                "same parser": (row["tantivy"]["index_cpu_s"] + row["tantivy"]["parse_cpu_s"])
                / row["collect"]["cpu_s"],
            },
        }
    return out


def _collect_summary(sealed: list[dict[str, Any]], indexed: list[dict[str, Any]]) -> dict[str, Any]:
    records, raw = sealed[0]["records"], sealed[0]["raw_bytes"]
    ours = [r["cpu_s"] for r in sealed]
    ways = {
        "given": [r["index_cpu_s"] for r in indexed],
        "same parser": [r["index_cpu_s"] + r["parse_cpu_s"] for r in indexed],
        "library": [r["index_cpu_s"] + r["library_cpu_s"] for r in indexed],
    }
    return {
        "records": records,
        "raw MB": raw / 1e6,
        "records/s": figure([records / s for s in ours]),
        "MB/s": figure([raw / 1e6 / s for s in ours]),
        "archive ÷ raw": sealed[0]["archive_bytes"] / raw,
        "tantivy store ÷ raw": indexed[0]["index_bytes"] / raw,
        "tantivy records/s": {w: figure([records / s for s in t]) for w, t in ways.items()},
        "÷ tantivy": {
            w: figure([t / s for t, s in zip(times, ours, strict=True)])
            for w, times in ways.items()
        },
        "parse share": figure([i["parse_cpu_s"] / s for i, s in zip(indexed, ours, strict=True)]),
        "peak MB": max(r["peak_bytes"] for r in sealed) / 1e6,
    }
