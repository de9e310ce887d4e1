"""A watched folder: files are read once they stand still, by what they hold, and only once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.desk.offices import Desk, lines, write_lines
from tests.stages.collect.live import followers, servers
from tests.stages.collect.live.scripted import Kept

from pastwatch import plugins
from pastwatch.desk.following import FollowReport, Health, Rhythm, follow_into
from pastwatch.errors import UsageError
from pastwatch.stages.collect.live.address import read_address
from pastwatch.stages.collect.live.arriving import Arrival, Idle
from pastwatch.stages.collect.live.watched import Watched
from pastwatch.stages.collect.readers import Readers

QUICK = Rhythm(seal_records=50, seal_s=0.2, health_s=0.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


def follow(desk: Desk, folder: Path, **given: Any) -> FollowReport:
    settings = {"source": "drop", "basis": "own", "until_idle": True}
    url = f"folder:{folder}?settle=0.05&poll=0.1"
    with desk.open() as archive:
        return follow_into(archive.office, url, rhythm=QUICK, **{**settings, **given})


def test_files_are_read_by_what_they_hold_and_once(desk: Desk, folder: Path) -> None:
    write_lines(folder / "some.data", lines(10))
    (folder / "below").mkdir()
    (folder / "below" / "letter").write_bytes(servers.letter(1))
    first = follow(desk, folder).health
    assert (first.records, first.gaps) == (11, 0)
    assert follow(desk, folder).health.seals == 0
    (folder / "below" / "second").write_bytes(servers.letter(2))
    third = follow(desk, folder).health
    assert (third.records, third.held) == (1, 0)


def test_a_file_that_grew_is_read_again_and_what_is_held_is_recognised(
    desk: Desk, folder: Path
) -> None:
    write_lines(folder / "a.jsonl", lines(4))
    assert follow(desk, folder).health.records == 4
    write_lines(folder / "a.jsonl", lines(6))
    health = follow(desk, folder).health
    assert (health.records, health.held) == (2, 4)


def test_what_is_no_record_is_a_gap_and_read_only_once(desk: Desk, folder: Path) -> None:
    path = write_lines(folder / "a.jsonl", lines(2))
    path.write_text(path.read_text() + "broken\n")
    health = follow(desk, folder).health
    assert (health.records, health.gaps, health.gap_bytes) == (2, 1, 6)
    assert follow(desk, folder).health.seals == 0


def test_a_connector_that_is_named_reads_every_file(desk: Desk, folder: Path) -> None:
    (folder / "x.bin").write_bytes(b"no mail at all")
    health = follow(desk, folder, connector="eml").health
    assert (health.records, health.gaps) == (1, 0)


def test_links_and_hidden_files_are_left_alone(desk: Desk, folder: Path, tmp_path: Path) -> None:
    outside = write_lines(tmp_path / "outside.jsonl", lines(3))
    (folder / "link.jsonl").symlink_to(outside)
    write_lines(folder / ".hidden.jsonl", lines(3))
    assert follow(desk, folder).health.read_bytes == 0


def test_a_file_that_comes_while_it_is_watched_is_read(desk: Desk, folder: Path) -> None:
    stop = threading.Event()
    write_lines(folder / "a.jsonl", lines(3))

    def hear(health: Health) -> None:
        if health.records == 3 and not (folder / "b.jsonl").exists():
            write_lines(folder / "b.jsonl", lines(5, first=10))
        if health.records >= 8:
            stop.set()

    report = follow(desk, folder, until_idle=False, stop=stop, on_health=hear, on_change=hear)
    assert report.health.records == 8
    assert len(followers.account(desk)) == 8


@pytest.fixture
def watched(folder: Path) -> Iterator[tuple[Watched, Kept]]:
    kept = Kept()
    known = {name: plugins.load("connectors", name) for name in ("jsonl", "eml")}
    with Readers([folder], count=0) as readers:
        address = read_address(f"folder:{folder}?settle=0.001&poll=0.001")
        yield Watched(address, known, options={}, readers=readers, keeping=kept), kept


def looks(live: Watched, count: int) -> Iterator[list[Arrival]]:
    """What comes between one look and the next."""
    came: list[Arrival] = []
    quiet = 0
    stop = threading.Event()
    for event in live.arrivals(stop):
        if isinstance(event, Arrival):
            came.append(event)
        elif isinstance(event, Idle):
            quiet += 1
            if quiet % 2 == 0:  # one before the wait, one after it
                yield came
                came = []
        if quiet == 2 * count:
            stop.set()


def test_a_file_that_still_changes_is_left_until_it_stands_still(
    watched: tuple[Watched, Kept], folder: Path
) -> None:
    live, _ = watched
    path = write_lines(folder / "a.jsonl", lines(1))
    seen = looks(live, 4)
    assert next(seen) == []
    write_lines(path, lines(2))
    assert next(seen) == []
    (records, end) = next(seen)
    assert (records.mark, end.mark is not None) == (None, True)
    assert next(seen) == []


def test_a_file_is_done_only_when_it_is_acknowledged(
    watched: tuple[Watched, Kept], folder: Path
) -> None:
    live, kept = watched
    write_lines(folder / "a.jsonl", lines(1))
    seen = looks(live, 2)
    next(seen)
    end = next(seen)[-1]
    assert kept.cursor == {}
    live.acknowledge([end.mark])
    assert list(kept.cursor) == ["t-a.jsonl"]
    (folder / "a.jsonl").unlink()


def test_a_file_that_cannot_be_read_holds_up_no_other(
    watched: tuple[Watched, Kept], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, _ = watched
    write_lines(folder / "a.jsonl", lines(1))
    write_lines(folder / "b.jsonl", lines(2, first=5))
    opened = Path.open

    def refuse(self: Path, *args: Any, **given: Any) -> Any:
        if self.name == "a.jsonl":
            raise PermissionError(13, os.strerror(13))
        return opened(self, *args, **given)

    monkeypatch.setattr(Path, "open", refuse)
    seen = looks(live, 2)
    next(seen)
    marks = [a.mark.name for a in next(seen) if a.mark]
    assert marks == ["b.jsonl"]


def test_a_folder_that_is_not_there_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        follow(desk, tmp_path / "absent")
