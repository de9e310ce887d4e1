"""A folder with links, empty files and files that cannot be read: each is told, none stops the rest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pastwatch import plugins
from pastwatch.errors import EngineError, SourceError, StorageError, UsageError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect import items as items_room
from pastwatch.stages.collect import wire
from pastwatch.stages.collect.account import Sums
from pastwatch.stages.collect.items import items_of
from pastwatch.stages.collect.readers import Readers

MAIL = (
    b"From a@b Mon Apr  3 10:00:00 2017\nFrom: a@example.org\nSubject: one\n\nthe convoy left\n\n"
)
posix = pytest.mark.skipif(os.name != "posix", reason="links and children need POSIX")


def connectors() -> dict[str, Any]:
    return plugins.every("connectors")


def read(folder: Path, *, count: int = 0) -> dict[str, list[Batch | Gap]]:
    with Readers([folder], count=count) as readers:
        found = readers.read_all(items_of(folder, connectors()), {})
        return {item.name: list(pieces) for item, pieces in found}


@posix
@pytest.mark.parametrize("count", [0, 1])
def test_links_are_told_and_not_followed(tmp_path: Path, count: int) -> None:
    outside = tmp_path / "outside.mbox"
    outside.write_bytes(MAIL)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.mbox").write_bytes(MAIL)
    (folder / "b.mbox").symlink_to(outside)
    (folder / "c").symlink_to(tmp_path)
    found = read(folder, count=count)
    assert [
        (g.reason, g.bytes) for n in ("b.mbox", "c") for g in found[n] if isinstance(g, Gap)
    ] == [("a link: not followed", 0)] * 2
    assert sum(isinstance(piece, Batch) for pieces in found.values() for piece in pieces) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_one_file_that_cannot_be_read_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    for name in "abc":
        (tmp_path / f"{name}.mbox").write_bytes(MAIL)
    whole = items_room.head_of

    def refused(path: Path) -> bytes:
        if path.name == "b.mbox":
            raise SourceError(f'"{path.name}" cannot be read: permission denied')
        return whole(path)

    monkeypatch.setattr(items_room, "head_of", refused)
    found = read(tmp_path, count=count)
    (gap,) = found["b.mbox"]
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.bytes) == ("cannot be read", len(MAIL))
    assert isinstance(found["c.mbox"][0], Batch)


def test_asked_for_alone_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file or folder"):
        items_of(tmp_path / "absent.mbox", connectors())


@pytest.mark.parametrize("count", [0, 1])
def test_a_file_that_goes_away_is_a_gap_without_bytes(tmp_path: Path, count: int) -> None:
    for name in "ab":
        (tmp_path / f"{name}.mbox").write_bytes(MAIL)
    items = items_of(tmp_path, connectors())
    (tmp_path / "a.mbox").unlink()
    with Readers([tmp_path], count=count) as readers:
        found = {item.name: list(pieces) for item, pieces in readers.read_all(items, {})}
    (gap,) = found["a.mbox"]
    assert isinstance(gap, Gap)
    assert gap.reason == "cannot be read"
    assert isinstance(found["b.mbox"][0], Batch)


def test_an_empty_file_holds_nothing_that_could_be_missing(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(MAIL)
    (tmp_path / "b.dat").write_bytes(b"")
    assert read(tmp_path)["b.dat"] == []


def test_the_files_of_a_folder_read_whole_are_counted_once() -> None:
    sums = Sums(folder="md")
    sums.add(Gap(source_id="", reason="r", bytes=7, container="md/cur/1"))
    sums.add(Gap(source_id="", reason="r", bytes=5, container="md"))
    sums.add(Gap(source_id="", reason="r", bytes=99, container="md/cur/1/inner"))
    assert sums.outer_bytes == 12


@pytest.mark.parametrize(
    "told",
    [
        b'{"reason":"r","bytes":9223372036854775808,"lost":0,"span":null,"container":"","offset":0}',
        b'{"reason":"r","bytes":1,"lost":0,"span":[Infinity,3],"container":"","offset":0}',
        b'{"reason":"r","bytes":1,"lost":0,"span":[1e300,1e301],"container":"","offset":0}',
        b'{"reason":"\\ud800","bytes":1,"lost":0,"span":null,"container":"","offset":0}',
    ],
)
def test_numbers_and_words_that_no_account_can_hold_are_refused(told: bytes) -> None:
    with pytest.raises(EngineError):
        wire.unpacked(b"G", told, b"")


def test_of_a_childs_failures_only_a_connectors_own_are_believed() -> None:
    head = wire.packed_error(StorageError("disk \x1b[31mfull"))
    account = head[wire.HEAD.size :]
    with pytest.raises(EngineError) as failure:
        wire.unpacked(b"E", account, b"")
    assert "\x1b" not in str(failure.value)
    with pytest.raises(UsageError):
        wire.unpacked(b"E", wire.packed_error(UsageError("no such order"))[wire.HEAD.size :], b"")
