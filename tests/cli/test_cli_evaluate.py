"""Evaluating a labelled file, as a person meets it: the table, the JSON, what is wrong with the file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.evaluate import evaluate
from pastwatch.cli.session import Session
from pastwatch.errors import BadValue, MissingExtra, SourceError


def run(*args: object, as_json: bool = False) -> Result:
    given = {"json": "1"} if as_json else {}
    return CliRunner().invoke(
        evaluate, [str(a) for a in args], obj=Session(given), catch_exceptions=True
    )


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sets of 160 invented records, one in eight relevant."""
    folder = tmp_path_factory.mktemp("labelled")
    luck = np.random.default_rng(8)
    for name in ("harbour", "market"):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["Title", "abstract", "wanted"])
            for number in range(160):
                relevant = number % 8 == 5
                words = ["grain", "tanker", "port"] if relevant else ["lunch", "van", "keys"]
                extra = [f"w{n}" for n in luck.integers(0, 30, size=5)]
                label = ("yes" if relevant else "No") if number != 100 else "unclear"
                rows.writerow([f"{words[0]} {extra[0]}", " ".join(words + extra[1:]), label])
    return folder


def test_it_says_what_each_system_would_have_read(labelled: Path) -> None:
    result = run(labelled, "--label-column", "wanted", "--runs", 1)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].split() == [
        "set",
        "relevant",
        "system",
        "read",
        "to",
        "95",
        "%",
        "work",
        "saved",
        "re-rank",
    ]
    assert [line.split()[:3] for line in lines[1:5]] == [
        [name, "20", system] for name in ("harbour", "market") for system in ("Pastwatch", "BMI")
    ]
    assert "of 159" in lines[1]
    assert "beside BMI:" in result.output
    assert "one look at the rest" in result.output


def test_readers_who_err_have_lines_of_their_own(labelled: Path) -> None:
    result = run(
        labelled / "harbour.csv", "--label-column", "wanted", "--runs", 1, "--readers",
        "--systems", "ours",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert [word in result.output for word in ("0.7/0.98", "0.85/1", "called so")] == [True] * 3


def test_json_holds_every_run(labelled: Path) -> None:
    result = run(
        labelled / "market.csv", "--label-column", "wanted", "--runs", 2, "--systems", "ours",
        as_json=True,
    )  # fmt: skip
    lines = [json.loads(line) for line in result.output.splitlines()]
    runs = [line for line in lines if "saved_ratio" in line]
    assert [(line["topic"], line["seed"], line["count"]) for line in runs] == [
        ("market", 0, 159),
        ("market", 1, 159),
    ]
    assert len(runs[0]["curve"]) == 101
    assert {line["rule"] for line in lines if "to_least_ratio" in line} == {
        "one look at the rest",
        "control sample",
    }


def test_it_draws_what_it_found(labelled: Path, tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    result = run(labelled, "--label-column", "wanted", "--runs", 1, "--plots", tmp_path / "drawn")
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tmp_path / "drawn").iterdir())
    assert names == ["recall.png", "recall.svg", "work-saved.png", "work-saved.svg"]


@pytest.mark.parametrize(
    ("args", "error", "says"),
    [
        (["--label-column", "verdict"], BadValue, 'no column "verdict"'),
        (["--label-column", "Title"], BadValue, "both kinds"),
        (["--label-column", "wanted", "--systems", "theirs"], BadValue, "ours, bmi or asreview"),
    ],
)
def test_what_is_wrong_is_said(
    labelled: Path, args: list[str], error: type[Exception], says: str
) -> None:
    result = run(labelled / "harbour.csv", *args)
    assert isinstance(result.exception, error)
    assert says in str(result.exception)


def test_a_folder_without_labelled_files_is_no_source(tmp_path: Path) -> None:
    result = run(tmp_path, "--label-column", "wanted")
    assert isinstance(result.exception, SourceError)


def test_asreview_is_named_with_its_extra_where_it_is_absent(
    labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "asreview", None)
    result = run(
        labelled / "harbour.csv", "--label-column", "wanted", "--systems", "asreview", "--runs", 1
    )
    assert isinstance(result.exception, MissingExtra)
    assert "pastwatch[evaluate]" in str(result.exception.hint)
