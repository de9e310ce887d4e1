"""A folder that was filled gets its name durably, and never over what stands there."""

from pathlib import Path

import pytest

from pastwatch.errors import StorageError
from pastwatch.storage import durable


def filled(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a").write_text("one", encoding="utf-8")
    return folder


def test_a_folder_moves_whole_and_both_directories_are_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, steps = filled(tmp_path / ".part"), list[tuple[str, str]]()
    monkeypatch.setattr(durable, "on_step", lambda kind, path: steps.append((kind, path.name)))
    durable.move_folder(part, tmp_path / "out")
    assert (tmp_path / "out" / "a").read_text(encoding="utf-8") == "one"
    assert not part.exists()
    done = [step for step in steps if step[0].startswith("after:")]
    assert done == [
        ("after:fsync-dir", ".part"),
        ("after:rename", "out"),
        ("after:fsync-dir", tmp_path.name),
    ]


def test_an_empty_folder_gives_way_and_a_full_one_or_a_file_does_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    durable.move_folder(filled(tmp_path / "one"), tmp_path / "empty")
    assert (tmp_path / "empty" / "a").exists()
    part = filled(tmp_path / "two")
    (tmp_path / "file").touch()
    for name in ("empty", "file"):
        with pytest.raises(StorageError, match="already exists"):
            durable.move_folder(part, tmp_path / name)
    assert (part / "a").exists()


def test_the_folders_above_are_made(tmp_path: Path) -> None:
    durable.move_folder(filled(tmp_path / "one"), tmp_path / "b" / "c" / "out")
    assert (tmp_path / "b" / "c" / "out" / "a").exists()
