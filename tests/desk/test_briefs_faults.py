"""Wherever the disk fails a release, the ledger stays whole and the next version follows on it."""

import itertools
import shutil
from pathlib import Path

import pytest
from tests.desk.briefcases import with_findings
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Clock, Desk

from pastwatch.desk.briefs import releasing
from pastwatch.desk.briefs.editions import issued
from pastwatch.errors import StorageError
from pastwatch.stages.brief.verifier import verify
from pastwatch.storage import durable

EVERY = 5
"""One durable call in so many is failed; the rest are of the same sorts."""


def test_a_release_failed_at_any_step_is_followed_by_a_sound_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_fsync", lambda _: None)
    monkeypatch.setattr(durable, "_fsync_directory", lambda _: None)
    pristine = Desk.founded(tmp_path / "pristine")
    with_findings(pristine, tmp_path)
    with at_the_desk(pristine) as work:
        first = work.brief(tmp_path / "one").release_sequence
    outcomes = set()
    for number in range(1, 500, EVERY):
        shutil.copytree(pristine.folder, tmp_path / f"{number}")
        desk = Desk(tmp_path / f"{number}", Clock())
        failed = _released(desk, tmp_path / f"two-{number}", monkeypatch, fail_at=number)
        with at_the_desk(desk) as work:
            made = work.brief(tmp_path / f"three-{number}")
            found = issued(work)
            assert work.office.ledger.torn_bytes == 0
        assert verify(tmp_path / f"three-{number}").problems == ()
        assert [one.version for one in found] == list(range(1, made.version + 1))
        assert found[0].release_sequence == first
        assert all(
            [(t.kind, t.by) for t in one.told] == [("superseded", later.release_sequence)]
            for one, later in itertools.pairwise(found)
        )
        outcomes.add((made.version, found[-2].kept is not None))
        if not failed:
            break
    # Failed before its entry; after it; and not at all.
    assert outcomes == {(2, True), (3, False), (3, True)}


def _released(desk: Desk, out: Path, patch: pytest.MonkeyPatch, *, fail_at: int) -> bool:
    """Release the second version; whether the disk failed it."""
    left = fail_at

    def step(_kind: str, _path: Path) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise StorageError("the disk is full")

    genuine = releasing.write_brief

    def failing(*given: object, **named: object) -> object:
        durable.on_step = step
        try:
            return genuine(*given, **named)  # type: ignore[arg-type]
        finally:
            durable.on_step = None

    with patch.context() as inner, at_the_desk(desk) as work:
        inner.setattr(releasing, "write_brief", failing)
        try:
            work.brief(out)
        except StorageError:
            return True
    return False
