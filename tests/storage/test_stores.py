"""Every store keeps the same promises."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue, StorageError
from pastwatch.ports import ObjectStore
from pastwatch.storage import durable, local, memory
from pastwatch.storage.names import check_key

Store = local.LocalStore | memory.MemoryStore

BAD_KEYS = [
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    ".a",
    "a/.b",
    "a\\b",
    "a b",
    "C:/a",
    "a\0",
    "a" * 513,
    "é",
    "a\n",
]


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory":
        return memory.open_store("memory:")
    return local.open_store(str(tmp_path / "store"))


def test_both_fit_the_door(store: Store) -> None:
    door: ObjectStore = store
    door.put_new("a", [b"1"])
    assert door.get("a") == b"1"


def test_what_was_put_comes_back_in_whole_in_part_and_mapped(store: Store) -> None:
    store.put_new("packs/ab/one.pack", [b"0123", b"", b"456789"])
    assert store.get("packs/ab/one.pack") == b"0123456789"
    assert store.get_range("packs/ab/one.pack", 3, 4) == b"3456"
    assert store.get_range("packs/ab/one.pack", 10, 0) == b""
    assert bytes(store.open_map("packs/ab/one.pack")[2:4]) == b"23"
    assert store.open_map("packs/ab/one.pack").readonly
    assert store.size("packs/ab/one.pack") == 10


def test_an_empty_object_is_an_object(store: Store) -> None:
    store.put_new("empty", [])
    assert store.open_map("empty").nbytes == 0
    assert store.size("empty") == 0


@pytest.mark.parametrize(("start", "length"), [(8, 3), (-1, 1), (0, -1), (11, 1)])
def test_a_range_beyond_the_object_is_an_error(store: Store, start: int, length: int) -> None:
    store.put_new("one", [b"0123456789"])
    with pytest.raises(StorageError, match="ends before"):
        store.get_range("one", start, length)


def test_nothing_is_written_over(store: Store) -> None:
    store.put_new("one", [b"1"])
    with pytest.raises(StorageError, match="already exists"):
        store.put_new("one", [b"2"])
    assert store.get("one") == b"1"


def test_the_names_are_listed_in_order_by_prefix(store: Store) -> None:
    for key in ("b/2", "a", "b/10", "b2/1", "b/c/d"):
        store.put_new(key, [b""])
    assert list(store.list("")) == ["a", "b/10", "b/2", "b/c/d", "b2/1"]
    assert list(store.list("b/")) == ["b/10", "b/2", "b/c/d"]
    assert list(store.list("b/1")) == ["b/10"]
    assert list(store.list("none/")) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.get("x"),
        lambda s: s.size("x"),
        lambda s: s.delete("x"),
        lambda s: s.open_map("x"),
        lambda s: s.get_range("x", 0, 1),
    ],
)
def test_a_missing_object_is_told(store: Store, act: Callable[[Store], object]) -> None:
    with pytest.raises(StorageError, match="no such"):
        act(store)


def test_a_deleted_object_is_gone_and_its_name_free(store: Store) -> None:
    store.put_new("one", [b"1"])
    store.delete("one")
    assert list(store.list("")) == []
    store.put_new("one", [b"2"])
    assert store.get("one") == b"2"


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_name_that_could_leave_the_store_is_refused(store: Store, key: str) -> None:
    with pytest.raises(BadValue, match="not allowed"):
        store.put_new(key, [b""])
    with pytest.raises(BadValue, match="not allowed"):
        store.get(key)


@given(key=st.text())
def test_whatever_name_is_allowed_stays_below_the_root(key: str) -> None:
    try:
        check_key(key)
    except BadValue:
        return
    root = Path("/store")
    assert root in root.joinpath(*key.split("/")).parents


def test_a_listing_shows_no_unfinished_file(tmp_path: Path) -> None:
    store = local.open_store(f"file://{tmp_path}")
    (tmp_path / ".one.0123.unfinished").write_bytes(b"half")
    store.put_new("one", [b"1"])
    assert list(store.list("")) == ["one"]


def test_the_folders_of_an_object_are_durable_before_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packs" / "ab").mkdir(parents=True)  # perhaps by a process killed at once
    synced: list[str] = []
    monkeypatch.setattr(
        durable,
        "on_step",
        lambda kind, path: synced.append(path.name) if kind == "after:fsync-dir" else None,
    )
    local.open_store(str(tmp_path)).put_new("packs/ab/one", [b"1"])
    assert synced == [tmp_path.name, "packs", "ab"]


def test_a_full_disk_leaves_no_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = local.open_store(str(tmp_path))

    def fail(kind: str, _path: Path) -> None:
        if kind == "before:write":
            raise OSError(errno.ENOSPC, "made up")

    monkeypatch.setattr(durable, "on_step", fail)
    with pytest.raises(StorageError, match="the disk is full"):
        store.put_new("one", [b"1"])
    assert list(tmp_path.iterdir()) == []


def test_memory_has_no_place() -> None:
    with pytest.raises(BadValue, match="no location"):
        memory.open_store("memory:one")
