"""Writes the newest kept engine run into docs/performance.md and README.md; --check only compares."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
START = "<!-- figures: written by docs/generate_performance.py -->\n"
END = "<!-- /figures -->\n"
SHORTENED = (
    "ready: records per CPU-second ÷ tantivy given parsed columns",
    "archive ÷ text, mail, default level",
    "archive with exact originals ÷ raw, plain mail lists",
    "full scan ÷ decode-only of the same frames",
    "full scan ÷ the best peer that decodes",
    "rare word: chdb tokenbf's time ÷ ours",
    "event → slice of 10,000 records opened and index-searchable, s, two cores",
)
"""The rows the README shows."""
PLOTS = {
    "collect": "CPU a record for each store",
    "scan": "MB of text a CPU-second in a full scan",
    "queries": "CPU milliseconds of each question for each store",
    "growth": "how rate, time and memory grow with the archive",
}


def newest(root: Path = ROOT) -> Path | None:
    """The folder of the newest kept engine run, by its date; None where none is kept."""
    kept = sorted((root / "benchmarks" / "runs").glob("*/engine.json"))
    return kept[-1].parent if kept else None


def page_block(run: dict[str, Any], folder: str, plots: tuple[str, ...]) -> str:
    """The whole table, the machine's limits beside it, and the plots."""
    measured = run["measured"]
    rows = run["rows"]
    judged = [row for row in rows if row["met"] is not None]
    words = run["machine_words"]
    limits = ", ".join(f"{n} {v['median']:.2f}" for n, v in measured["machine"].items())
    lines = [
        (
            f"[The run]({folder}/engine.md) of {_date(folder)} on {words['cpu']}: "
            f"{sum(row['met'] for row in judged)} of {len(judged)} figures met; level "
            f"{measured['level']} unless a tier is named, medians of {measured['rounds']} rounds "
            "with the lowest and highest in brackets."
        ),
        f"The machine's own limits in that run, GB/s on one core: {limits}.",
        _table(
            ["figure", "ours", "peers", "ratio or value", "target", ""],
            [[r["what"], r["ours"], r["peers"], r["ratio"], r["target"], r["word"]] for r in rows],
        ),
        *(f"![{PLOTS[name]}]({folder}/{name}.png)" for name in plots),
    ]
    return "\n\n".join(lines) + "\n"


def readme_block(run: dict[str, Any], folder: str) -> str:
    """A few rows of the table."""
    by_name = {row["what"]: row for row in run["rows"]}
    judged = [row for row in run["rows"] if row["met"] is not None]
    rows = [
        [name, row["ratio"], row["target"], row["word"]]
        for name in SHORTENED
        if (row := by_name.get(name)) and row["met"] is not None
    ]
    met = sum(row["met"] for row in judged)
    words = f"[{_date(folder)}]({folder}/engine.md), {run['machine_words']['cpu']}, one core"
    return (
        _table([f"what ({words})", "measured", "target", ""], rows)
        + f"\n\n{met} of {len(judged)} figures are met; [all of them](docs/performance.md).\n"
    )


def filled(page: str, block: str) -> str:
    """A page with what stands between its markers replaced."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise SystemExit("a page has lost its markers")
    return before + START + block + END + after


def pages(root: Path = ROOT) -> dict[Path, str]:
    """Each page as it should read; none where no run is kept."""
    folder = newest(root)
    if folder is None:
        return {}
    run = json.loads((folder / "engine.json").read_text(encoding="utf-8"))
    plots = tuple(name for name in PLOTS if (folder / f"{name}.png").exists())
    relative = folder.relative_to(root).as_posix()
    blocks = {
        root / "docs" / "performance.md": page_block(run, f"../{relative}", plots),
        root / "README.md": readme_block(run, relative),
    }
    return {path: filled(path.read_text(encoding="utf-8"), b) for path, b in blocks.items()}


def main(args: list[str]) -> None:
    """Write the pages, or with --check exit 1 where one differs."""
    wanted = pages()
    stale = [p for p, text in wanted.items() if p.read_text(encoding="utf-8") != text]
    if "--check" in args:
        if stale:
            raise SystemExit(f"not as the newest run has it: {', '.join(p.name for p in stale)}")
        return
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")


def _date(folder: str) -> str:
    found = re.search(r"\d{4}-\d\d-\d\d", folder)
    return found[0] if found else folder


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *(["--:"] * (len(head) - 1))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main(sys.argv[1:])
