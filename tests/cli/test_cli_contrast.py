"""The contrast command drafts its baseline, prints for a reader, and never says "suspicious"."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pastwatch.cli import contrast as face
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.model.unusual import Contrast, Unusual, UnusualSort


def unusual(sort: UnusualSort = UnusualSort.TERM, **given: object) -> Unusual:
    plain: dict[str, object] = {
        "sort": sort,
        "about": "term",
        "names": ("beacon",),
        "hours": 24,
        "runs": 12,
        "accounts": 12,
        "before": 20,
        "expected": 0.7,
        "odds_ratio": 9.3,
        "odds_ratio_low": 4.1,
        "odds_ratio_high": 20.9,
        "p": 0.012,
        "score": 3.0,
    }
    return Unusual(**{**plain, **given})  # type: ignore[arg-type]


def made(*found: Unusual, **given: object) -> Contrast:
    plain: dict[str, object] = {
        "event_us": 1_500_000_000_000_000,
        "hours": (6, 24),
        "windows": 240,
        "apart": ((6, 60), (24, 60)),
        "tried": 1234,
        "records": 99,
        "reference_records": 4321,
        "inside_slice": False,
        "least": 10,
        "unusual": found,
    }
    return Contrast(**{**plain, **given})  # type: ignore[arg-type]


def printed(capsys: pytest.CaptureFixture[str], contrast: Contrast, *, limit: int = 10) -> str:
    face.print_contrast(contrast, limit=limit, offset_s=0)
    return capsys.readouterr().out


def test_what_is_below_the_level_is_called_unusual_and_the_rest_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed(capsys, made(unusual(), unusual(names=("ferry",), p=0.4)))
    (beacon,) = [line for line in text.splitlines() if "beacon" in line]
    (ferry,) = [line for line in text.splitlines() if "ferry" in line]
    assert beacon.split()[:2] == ["unusual", "beacon"]
    assert "×9.3 [4.1–20.9]" in beacon
    assert "12 accounts" in beacon
    assert "unusual" not in ferry
    assert "1 of them unusual" in text
    assert "suspicious" not in text


def test_a_word_of_two_stands_apart_and_is_flagged(capsys: pytest.CaptureFixture[str]) -> None:
    few = unusual(accounts=2, flag="two speakers", before=None, expected=None)
    text = printed(capsys, made(few))
    assert "Words of one or two accounts" in text
    assert "×9.3 or more" in text
    assert text.count("two speakers") == 1


def test_a_table_says_how_many_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, made(*(unusual(names=(f"w{n}",)) for n in range(5))), limit=2)
    assert "(the first 2 of 5)" in text
    assert "w2" not in text


def test_what_cannot_be_tested_is_said_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    why = "3 matched windows, 200 are needed"
    text = printed(capsys, made(tried=0, untold=(("terms", why), ("pairs", why))))
    assert f"not testable: terms, pairs: {why}" in text
    assert "p ≤" not in text


def test_each_account_is_shown_under_its_shortest_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pair = unusual(
        UnusualSort.PAIR, about="pair", names=("ana / ana@long.example", "omar@b.example")
    )
    assert "ana · omar@b.example " in printed(capsys, made(pair))


@pytest.mark.parametrize("hours", ["six", "6;24", ""])
def test_hours_are_whole_numbers(hours: str) -> None:
    with pytest.raises(Exception, match="no list of hours"):
        face.hours_of(hours)


@pytest.fixture
def archive(tmp_path: Path) -> list[str]:
    """Global options of an archive with a case of one record."""
    options = {
        "archive": str(tmp_path / "archive"),
        "keys": str(tmp_path / "keys"),
        "person": "ana",
    }
    rows = tmp_path / "rows.jsonl"
    row = {"id": "1", "date": "2017-07-01T10:00:00Z", "from": "a", "to": "b", "text": "hello"}
    rows.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with scratch_archive(tmp_path, person="ana") as opened:
        opened.collect(rows, source="rows", basis="own", connector="jsonl")
        opened.add_event("e", "Event", at="2017-07-01T12:00Z", references=("report",))
        open_self_authorised(opened, "e", tmp_path / "grant.toml", ground="own data")[0].close()
    return [part for name, value in options.items() for part in (f"--{name}", value)]


def run(*args: str) -> tuple[int, str]:
    tree = click.Group(commands={"contrast": face.contrast})
    result = CliRunner().invoke(
        tree, ["contrast", *args], obj=Session(), standalone_mode=False, catch_exceptions=False
    )
    return int(result.return_value), result.output


def test_it_writes_a_draft_and_says_what_comes_next(archive: list[str], tmp_path: Path) -> None:
    status, text = run(*archive, "--draft", str(tmp_path / "baseline.toml"))
    assert status == 0
    assert "pastwatch authority sign" in text
    assert 'acts = ["baseline"]' in (tmp_path / "baseline.toml").read_text(encoding="utf-8")


def test_a_slice_of_days_finds_nothing_and_the_lines_are_json(archive: list[str]) -> None:
    status, text = run(*archive, "--json")
    (first,) = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert status == 1
    assert (first["kind"], first["windows"], first["inside_slice"]) == ("contrast", 0, True)
    assert "200 are needed" in first["untold"][0]["why"]
