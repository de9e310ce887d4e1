"""The act of repacking: what it needs, what it refuses, and that a grant and a repack never meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.desk import offices

from pastwatch.desk.holding import Archive
from pastwatch.desk.overseeing import verify_path
from pastwatch.desk.repacking import RepackProgress
from pastwatch.errors import ArchiveLocked, UsageError
from pastwatch.storage.lock import FileLock


@pytest.fixture
def archive(desk: offices.Desk, tmp_path: Path) -> Iterator[Archive]:
    """Two sources; a case of one day reaches both, one of mail alone."""
    with desk.open() as opened:
        for name, first in (("mail", 0), ("chat", 100)):
            path = offices.write_lines(tmp_path / f"{name}.jsonl", offices.lines(40, first=first))
            opened.collect(path, source=name, basis="own", connector="jsonl", level="hot")
        opened.add_event("event", "An event", at="2017-07-01T12:00Z", references=("report",))
        yield opened


def case_of(archive: Archive, path: Path, *, sources: str) -> str:
    """An open case over some sources."""
    text = archive.draft_authority("event", path).read_text(encoding="utf-8").splitlines()
    lines = {"ground": '"my own"', "sources": sources}
    done = [f"{k} = {lines[k]}" if (k := x.partition(" =")[0]) in lines else x for x in text]
    path.write_text("\n".join(done) + "\n", encoding="utf-8")
    archive.sign_authority(path)
    with closing(archive.open_case("event", path)[0]) as work:
        return work.case_id


def test_every_text_is_the_same_at_another_level(archive: Archive, desk: offices.Desk) -> None:
    before = sorted(desk.texts())
    seen: list[tuple[int, int]] = []

    def note(progress: RepackProgress) -> None:
        seen.append((progress.read_bytes, progress.records))

    done = archive.repack(level="9", on_progress=note)
    assert (done.packs, done.already, done.records) == (4, 0, 80)
    assert seen[-1] == (done.old_bytes, done.records)
    assert sorted(desk.texts()) == before
    assert verify_path(desk.place.folder).problems == ()


def test_a_dry_run_changes_nothing_and_asks_for_no_key(
    archive: Archive, desk: offices.Desk
) -> None:
    size = archive.office.ledger.size
    (Path(desk.settings.keys) / archive.office.policy.archive_id / "granting.key").unlink()
    done = archive.repack(level="9", dry_run=True)
    assert (done.packs, done.pack_bytes, done.dry_run) == (4, 0, True)
    assert archive.office.ledger.size == size


def test_packs_an_open_case_may_hold_keys_of_are_refused(archive: Archive, tmp_path: Path) -> None:
    case = case_of(archive, tmp_path / "grant.toml", sources='["mail"]')
    with pytest.raises(UsageError, match=f"1 of these packs: {case}"):
        archive.repack(level="9")
    with pytest.raises(UsageError):
        archive.repack(level="9", source="mail")
    assert archive.repack(level="9", source="chat").packs == 2
    with closing(archive.case(case)) as work:
        assert len(list(work.look("number"))) > 0, "its keys open what they opened"
    archive.close_case(case)
    assert archive.repack(level="9").packs == 2


def test_a_source_that_is_collected_from_is_not_repacked(archive: Archive) -> None:
    lock = FileLock(archive.office.place.locks / f"{archive.office.source_id('mail')}.lock")
    with lock.try_now(), pytest.raises(ArchiveLocked):
        archive.repack(level="9")
    assert archive.repack(level="9", source="mail").packs == 2


def test_no_case_is_opened_while_packs_are_replaced(archive: Archive, tmp_path: Path) -> None:
    with (
        FileLock(archive.office.place.granting_lock).try_now(),
        pytest.raises(ArchiveLocked),
    ):
        case_of(archive, tmp_path / "grant.toml", sources='["mail"]')
    with FileLock(archive.office.place.granting_lock).try_now(), pytest.raises(ArchiveLocked):
        archive.repack(level="9")


def test_a_level_that_is_none_is_refused_before_anything_is_read(archive: Archive) -> None:
    with pytest.raises(UsageError, match="no level"):
        archive.repack(level="warm")
    with pytest.raises(UsageError, match="no level"):
        archive.collect("not there", source="new", basis="own", level="0")
