"""A cursor is kept durably, names nothing in clear, and counts only as its collector left it."""

import json
from pathlib import Path

import pytest

from pastwatch.archive.cursors import Cursor
from pastwatch.archive.identity import Tokens
from pastwatch.archive.place import Place

KEPT = {"a": [1, 2], "b": "c"}


def cursor(folder: Path, *, key: bytes = b"k" * 32) -> Cursor:
    return Cursor(Place(folder), "0123", tokens=Tokens(key))


def test_a_cursor_comes_back_as_it_was_put(tmp_path: Path) -> None:
    assert cursor(tmp_path).get() == {}
    cursor(tmp_path).put({"a": [1, 1]})
    cursor(tmp_path).put(KEPT)
    assert cursor(tmp_path).get() == KEPT


@pytest.mark.parametrize(
    "changed",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"cursor": {"a": [1, 2], "b": "c"}}',
        b'{"cursor": [], "tag": "0"}',
        json.dumps({"cursor": {"a": [1, 3], "b": "c"}, "tag": ""}).encode(),
    ],
)
def test_a_cursor_that_was_changed_counts_as_none(tmp_path: Path, changed: bytes) -> None:
    cursor(tmp_path).put(KEPT)
    (path,) = (tmp_path / "cursors").iterdir()
    path.write_bytes(changed)
    assert cursor(tmp_path).get() == {}


def test_a_moved_place_under_the_old_tag_counts_as_none(tmp_path: Path) -> None:
    cursor(tmp_path).put(KEPT)
    (path,) = (tmp_path / "cursors").iterdir()
    path.write_text(path.read_text().replace("[1, 2]", "[1, 9]"))
    assert cursor(tmp_path).get() == {}


def test_the_cursor_of_another_collector_counts_as_none(tmp_path: Path) -> None:
    cursor(tmp_path).put(KEPT)
    assert cursor(tmp_path, key=b"x" * 32).get() == {}


def test_names_stand_in_it_as_tokens(tmp_path: Path) -> None:
    kept = cursor(tmp_path)
    kept.put({kept.token("the minister's letters"): 1})
    (path,) = (tmp_path / "cursors").iterdir()
    assert "minister" not in path.read_text()
