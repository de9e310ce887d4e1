"""The error rates that the page on transcribing tells are those of the kept run."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN = ROOT / "benchmarks" / "runs" / "2026-11-22-review" / "speech.json"
PAGE = ROOT / "docs" / "transcribing.md"


def told(ratio: float) -> str:
    return f"{100 * ratio:.1f} %"


def test_the_rates_of_english_are_those_of_the_run() -> None:
    models = json.loads(RUN.read_text(encoding="utf-8"))["models"]
    base, tiny = (models[n]["languages"]["en"] for n in ("base", "tiny.en"))
    (row,) = re.findall(r"(?m)^\| English \|(.+)\|$", PAGE.read_text(encoding="utf-8"))
    measured = (base["as it is"], tiny["as it is"], base["telephone line"], base["noise at 7 dB"])
    assert [cell.strip() for cell in row.split("|")] == [
        told(rate["word_error_ratio"]) for rate in measured
    ]


def test_a_language_that_was_not_measured_says_so_in_the_same_table() -> None:
    models = json.loads(RUN.read_text(encoding="utf-8"))["models"]
    unmeasured = [c for c, rows in models["base"]["languages"].items() if isinstance(rows, str)]
    rows = re.findall(r"(?m)^\| (\w[\w ]+) \| never measured \|", PAGE.read_text(encoding="utf-8"))
    assert len(rows) == len(unmeasured) + 1, "one row each, and one for any other"
