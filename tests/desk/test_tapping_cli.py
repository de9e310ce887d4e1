"""What the command line says of watches: how many records were examined, alerts, and what does not run."""

from __future__ import annotations

import json

import pytest
from tests.desk import taps
from tests.desk.offices import Desk, lines, write_lines
from tests.stages.collect.live.followers import Command

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.following import Rhythm, usual_rhythm
from pastwatch.stages.collect.follow import WATCHED_SEAL_RECORDS

COLLECT = ("collect", "mail.jsonl", "--source", "mail", "--basis", "own", "--connector", "jsonl")


@pytest.fixture
def command(desk: Desk) -> Command:
    taps.start(desk, taps.toml("seven", "7"), taps.toml("torn", "text"))
    WatchPlace.of(desk.place).text("torn", 1).write_bytes(b"torn")
    write_lines(desk.folder / "mail.jsonl", lines(10))
    return Command(desk)


def test_collect_tells_what_watches_examined_and_which_do_not_run(command: Command) -> None:
    done = command.run(*COLLECT, "--watch")
    assert done.returncode == 0, done.stderr
    assert "watched" in done.stdout
    assert "10 records examined by 1 watch · 1 alert · 1 stopped" in done.stdout
    assert (
        "watch torn version 1 does not run: its text does not open for this collector"
        in done.stderr
    )
    again = command.run(*COLLECT)
    assert "watched" not in again.stdout
    refused = command.run(*COLLECT, "--watch", "--depth", "raw")
    assert refused.returncode == 2
    assert "cannot be examined by watches" in refused.stderr


def test_as_json_the_counts_stand_in_one_object(command: Command) -> None:
    done = command.run("--json", *COLLECT, "--watch")
    watched = json.loads(done.stdout)["watched"]
    assert watched == {
        "watches": 1,
        "examined": 10,
        "withheld": 0,
        "unparsed": 0,
        "alerts": 1,
        "stopped": [
            {
                "watch": "torn",
                "version": 1,
                "reason": "its text does not open for this collector",
            }
        ],
    }
    assert json.loads(command.run("--json", *COLLECT).stdout)["watched"] is None


def test_a_folder_is_followed_with_watches(command: Command) -> None:
    folder = command.desk.folder / "drop"
    folder.mkdir()
    write_lines(folder / "a.jsonl", lines(10, first=5))
    words = ("collect", "--source", "live", "--basis", "own", "--connector", "jsonl", "--watch")
    done = command.run(*words, "--until-idle", "--follow", f"folder:{folder}")
    assert done.returncode == 0, done.stderr
    assert "10 records examined by 1 watch · 1 alert" in done.stdout
    assert taps.left(command.desk).texts("seven") == ["text of number 7"]


def test_seals_are_short_where_watches_run() -> None:
    assert usual_rhythm(watch=True).seal_records == WATCHED_SEAL_RECORDS
    assert usual_rhythm(watch=False) == Rhythm()
