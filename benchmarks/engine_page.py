"""Writes an engine run: engine.json with all that was measured, engine.md to be read."""

from __future__ import annotations

import dataclasses
import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks import figures
from benchmarks.figures import Row, answers, ratios, searchable_bytes, series, short
from benchmarks.largest import OURS
from benchmarks.measure import figure
from benchmarks.questions import KINDS
from benchmarks.stores import FILTER, NAMES

PACKAGES = (
    "pyarrow",
    "numpy",
    "zstandard",
    "cryptography",
    "hyperscan",
    "tantivy",
    "chdb",
    "duckdb",
    "polars",
)
PLOTS = ("collect", "scan", "queries", "growth")


def write(folder: Path, found: dict[str, Any], words: dict[str, str]) -> None:
    """engine.json and engine.md in the run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    every = figures.rows(found)
    whole = {
        "machine_words": words,
        "rows": [{**dataclasses.asdict(row), "word": row.word} for row in every],
        "measured": found,
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    (folder / "engine.json").write_text(text + "\n", encoding="utf-8")
    (folder / "engine.md").write_text(page(found, every, words), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What a run has found so far, to be measured on in part; nothing where none stands there."""
    path = folder / "engine.json"
    if not path.exists():
        return {}
    measured: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["measured"]
    return measured


def page(found: dict[str, Any], every: list[Row], words: dict[str, str]) -> str:
    """The run as a page."""
    measured = [row for row in every if row.met is not None]
    met = sum(bool(row.met) for row in measured)
    inputs = "; ".join(
        f"{name}: {row['records']:,} records, {row['words']}"
        for name, row in found["inputs"].items()
    )
    parts = [
        "# Engine run",
        ", ".join(f"{k} {v}" for k, v in words.items()) + ".",
        (
            f"Level {found['level']} in every speed, size and scan row unless a tier is named; "
            f"{found['rounds']} rounds, contenders taking turns, each in a process of its own, in one "
            "thread unless said. CPU-seconds of the whole process and its children; medians, lowest "
            "and highest in brackets; ratios are taken within one round."
        ),
        f"Taken: {', '.join(f'{part} {at}' for part, at in found.get('taken', {}).items())}.",
        f"Inputs: {inputs}. Collected: {found['corpus']}. Searched: {found['searched']}.",
        f"## Figures: {met} of {len(measured)} measured are met",
        table(
            ["figure", "ours", "peers", "ratio or value", "target", ""],
            [[r.what, r.ours, r.peers, r.ratio, r.target, r.word] for r in every],
        ),
        "## Limits of the machine",
        table(["on one core, GB/s", "before", "after"], _limits(found)),
        *_collect(found),
        *_sizes(found),
        *_queries(found),
        *_growth(found),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table whose first column is text and whose others stand to the right."""
    lines = [head, ["---", *(["--:"] * (len(head) - 1))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _limits(found: dict[str, Any]) -> list[list[str]]:
    def said(row: dict[str, float]) -> str:
        return f"{row['median']:.2f} ({row['low']:.2f}–{row['high']:.2f})" if row else ""

    after = found.get("machine after", {})
    return [[name, said(row), said(after.get(name, {}))] for name, row in found["machine"].items()]


def _collect(found: dict[str, Any]) -> list[str]:
    runs = {**found.get("collect", {}), **found.get("raw", {})}
    rows = []
    ours = found.get("collect", {}).get(OURS) or [{}]
    raw, records = ours[0].get("raw_bytes", 0), ours[0].get("records", 0)
    for name, each in runs.items():
        took = series(each, lambda r: r["cpu_s"])
        if not took:
            rows.append([name, "", "", "", each[0].get("missing", "")])
            continue
        held_mb = series(each, lambda r: r.get("held_bytes", 0) / 1e6)
        size = each[0].get("archive_bytes") or each[0].get("store_bytes") or each[0]["packed_bytes"]
        of = each[0].get("raw_bytes") or raw
        rows.append(
            [
                name,
                short(ratios([of / 1e6] * len(took), took)),
                short(ratios([records] * len(took), took)) if records else "",
                f"{size / of:.3f}" if of else "",
                short(max(held_mb)) if max(held_mb) else "",
            ]
        )
    if not rows:
        return []
    head = ["", "MB/s of raw", "records per CPU-second", "store ÷ raw", "most memory, MB"]
    words = (
        "Ours reads the mail, keeps its exact originals, proves and encrypts. Peers are given parsed "
        "columns in memory in the form they take fastest, and keep those alone."
    )
    return ["## Collect", words, table(head, rows)]


def _sizes(found: dict[str, Any]) -> list[str]:
    rows = []
    for name, each in found.get("size", {}).items():
        text = each[OURS]["text_bytes"] or 1
        for who, run in each.items():
            if "missing" in run:
                rows.append([name, who, run["missing"], *[""] * 6])
            elif "sections" in run:
                parts = [f"{run['sections'][n] / text:.4f}" for n in _SECTIONS]
                whole = f"{run['archive_bytes'] / run['raw_bytes']:.3f}"
                rows.append([name, who, f"{searchable_bytes(run) / text:.3f}", *parts, whole])
            else:
                rows.append([name, who, f"{run['store_bytes'] / text:.3f}", *[""] * 6])
    if not rows:
        return []
    head = ["input", "store", "÷ text", *_SECTIONS, "all, originals too ÷ raw"]
    words = "All ÷ the bytes of decoded text; the sum counts text, envelope, token index and ids."
    return ["## Size", words, table(head, rows)]


_SECTIONS = ("text", "envelope", "tokens", "ids", "remainder")


def _queries(found: dict[str, Any]) -> list[str]:
    names = [OURS, "hot", "two workers", *NAMES]
    there = [n for n in names if found.get("look", {}).get("runs", {}).get(n)]
    if not there:
        return []
    rows, hits = [], []
    for kind in KINDS:
        took = {n: answers(found, n, kind) for n in there}
        rows.append([kind, *(_time(found, n, kind) if took[n] else "–" for n in there)])
        counts = {n: answers(found, n, kind, "hits") for n in there}
        hits.append([kind, *(f"{counts[n][0]:,.0f}" if counts[n] else "–" for n in there)])
    words = (
        "CPU milliseconds, median and spread, over all records of the input. Two workers: CPU of both. "
        "“>” marks what was cut after a minute, “–” what a peer has no such question for or takes minutes for."
    )
    how = (
        "Peers search the text alone, ours the subject and attachments too; ripgrep counts lines; "
        "tantivy, FTS5 and ClickHouse split words each in its own way. So counts differ a little."
    )
    missing = [m for m in found["look"]["missing"].values() if m]
    return [
        "## Questions",
        words,
        table(["", *there], rows),
        f"Hits. {how} {' '.join(missing)}".strip(),
        table(["", *there], hits),
    ]


def _time(found: dict[str, Any], who: str, kind: str) -> str:
    took = figure([t * 1e3 for t in answers(found, who, kind)])
    runs = found["look"]["runs"][who]
    cut = any(r["answers"].get(kind, {}).get("cut") for r in runs)
    return f"> {short(took)}" if cut else short(took)


def _typical(asked: list[dict[str, Any]], kind: str, what: str) -> float:
    return float(statistics.median(run["answers"][kind][what] for run in asked))


def growth_rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One line for each scale, as the plot and the table take it."""
    out = []
    for scale, row in found.get("growth", {}).items():
        mine, asked = row["collect"][OURS], row["ask"]
        gigabytes = asked[0]["text_bytes"] / 1e9
        line: dict[str, Any] = {
            "GB": float(scale),
            f"{OURS}, MB/s": mine["raw_bytes"] / 1e6 / mine["cpu_s"],
            "archive ÷ text": searchable_bytes(mine) / mine["text_bytes"],
            "full scan, ms per GB": _typical(asked, "full scan", "cpu_s") * 1e3 / gigabytes,
            "rare word, ms": _typical(asked, "rare word", "wall_s") * 1e3,
            "window, ms": _typical(asked, "window", "wall_s") * 1e3,
            "collect, memory MB": mine["held_bytes"] / 1e6,
            "look, memory MB": row["look memory"]["held_bytes"] / 1e6,
        }
        for kind in ("rare word", "window"):
            if row.get(FILTER):
                line[f"{FILTER}, {kind}, ms"] = _typical(row[FILTER], kind, "wall_s") * 1e3
        for peer in ("tantivy", FILTER):
            run = row["collect"].get(peer, {})
            if "cpu_s" in run:
                line[f"{peer}, MB/s"] = mine["raw_bytes"] / 1e6 / run["cpu_s"]
        out.append(line)
    return out


def _growth(found: dict[str, Any]) -> list[str]:
    lines = growth_rows(found)
    if not lines:
        return []
    names = list(dict.fromkeys(name for line in lines for name in line))
    rows = [[short(line[n]) if n in line else "" for n in names] for line in lines]
    words = (
        "Synthetic mail, fresh text at every size; collected once, times are medians of the rounds."
    )
    return ["## Growth", words, table(names, rows)]
