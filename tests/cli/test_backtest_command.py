"""The back-test command drafts its authority, prints figures with their limits, and reads no record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.backtest import backtest, sampled, span_of
from pastwatch.cli.session import Session
from pastwatch.desk.scratch import draft_filled, scratch_archive
from pastwatch.errors import UsageError
from pastwatch.model.when import DAY_US

TEXT = """\
watch = "valve"
version = 1
owner = "kim"
purpose = "know of the valve"
authority = "standing-1"
alerts_a_day = 20
horizon = "6h"
query = 'valve'
"""
OVER = ("--over", "2017-07-01/2017-07-21")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("typed")
    said = {3: "the valve turns", 12: "the valve is open"}
    rows = [
        {
            "id": f"m{day}",
            "from": "ana@a.example",
            "text": said.get(day, "bread"),
            "date": f"2017-07-{day:02d}T08:00:00Z",
        }
        for day in range(1, 21)
    ]
    (place / "talk.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (place / "valve.toml").write_text(TEXT)
    (place / "second.toml").write_text(
        TEXT.replace("version = 1", "version = 2").replace("'valve'", "'open valve'")
    )
    with scratch_archive(place, person="kim") as archive:
        archive.collect(place / "talk.jsonl", source="talk", basis="own", connector="jsonl")
        archive.add_event("leak", "A leak", at="2017-07-12T12:00:00Z")
    return place


def ran(folder: Path, command: click.Command, *words: str) -> Result:
    options = ["--archive", str(folder / "archive"), "--keys", str(folder / "keys")]
    given = [*words, *options, "--person", "kim"]
    found = CliRunner().invoke(command, given, obj=Session(), standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found


@pytest.fixture(scope="module")
def baseline(folder: Path) -> Path:
    path = folder / "baseline.toml"
    watch = str(folder / "valve.toml")
    told = ran(folder, backtest, watch, *OVER, "--event", "leak", "--draft", str(path)).stdout
    assert "pastwatch authority sign" in told
    path.write_text(path.read_text().replace('ground = ""', 'ground = "own data"'))
    with scratch_archive(folder, person="kim") as archive:
        archive.sign_authority(path)
    return path


def tried(folder: Path, baseline: Path, *words: str) -> Result:
    watch = str(folder / "valve.toml")
    given = ("--event", "leak", "--baseline", str(baseline), *words)
    return ran(folder, backtest, watch, *OVER, *given)


def test_it_prints_lead_luck_time_under_alarm_and_the_limits(folder: Path, baseline: Path) -> None:
    told = tried(folder, baseline).stdout
    assert "valve v1: retrospective" in told
    assert "4 h" in told
    assert "2.5%" in told  # two alarms of six hours in twenty days
    assert "1 of 1 event bounds detection only at 5 %" in told
    assert "fewer than five events" in told
    assert "20 records counted, not read" in told
    assert "ana@" not in told
    assert "valve turns" not in told


def test_as_json_it_is_one_object_of_times_and_counts(folder: Path, baseline: Path) -> None:
    found: dict[str, Any] = json.loads(tried(folder, baseline, "--json").stdout)
    assert found["claim"] == "retrospective"
    assert [e["lead_s"] for e in found["events"]] == [4 * 3600]
    assert len(found["over"]["alerts_us"]) == 2
    assert found["kept_us"] is None


def test_two_versions_and_a_quiet_span_stand_beside_it_and_are_drawn(
    folder: Path, baseline: Path
) -> None:
    picture = folder / "valve.svg"
    told = tried(
        *(folder, baseline, "--against", str(folder / "second.toml")),
        *("--control", "2017-07-05/2017-07-11", "--picture", str(picture)),
    ).stdout
    assert "1 both, 0 only v1, 0 only v2, 0 neither" in told
    assert "quiet" in told
    svg = picture.read_text()
    assert svg.startswith("<svg")
    assert "leak: lead 4 h" in svg
    assert "% of the time under alarm" in svg


def test_the_sampled_alerts_are_read_blind_in_a_case(folder: Path, baseline: Path) -> None:
    made = json.loads(tried(folder, baseline, "--sample", "2", "--json").stdout)
    with scratch_archive(folder, person="kim") as archive:
        path = draft_filled(
            archive, "leak", folder / "read.toml", ground="own data", span_hours=24 * 12
        )
        case, _, _ = archive.open_case("leak", path)
        name = case.case_id
        case.close()
    words = (made["backtest_id"], "--case", name)
    first = ran(folder, sampled, *words).stdout
    assert "1 of 2" in first
    assert "valve" in first
    assert "2017" not in first
    second = ran(folder, sampled, *words, "--judge", "1", "useful").stdout
    assert "2 of 2" in second
    last = ran(folder, sampled, *words, "--judge", "2", "unsure").stdout
    assert "1 useful, 0 false alarms, 1 unsure, 0 of 2 not read yet" in last


def test_without_an_authority_nothing_is_counted(folder: Path) -> None:
    with pytest.raises(UsageError, match="under an authority"):
        ran(folder, backtest, str(folder / "valve.toml"), *OVER, "--event", "leak")


def test_a_span_is_two_moments_with_a_slash() -> None:
    assert span_of("2017-07-01/2017-07-03").length_us == 2 * DAY_US
    with pytest.raises(UsageError, match="is no span"):
        span_of("2017-07-01")
