"""The encrypted file: who opens it, what damage is called, and what lies on the disk."""

import contextlib
import os
import stat
from pathlib import Path

import pytest

from pastwatch.casefile import sqlite
from pastwatch.casefile.sqlite import Connection, check_pages, open_encrypted, transaction
from pastwatch.errors import BadValue, CaseDamaged, StorageError, WrongKey

PAGE_BYTES = 4096
OTHER_KEY = bytes(32)


def make(path: Path, key: bytes, *, rows: int = 40) -> None:
    connection = open_encrypted(path, key, create=True)
    with transaction(connection, of=path.name):
        connection.execute("CREATE TABLE t (no INTEGER PRIMARY KEY, a BLOB)")
        connection.executemany("INSERT INTO t (a) VALUES (?)", [(bytes(1500),)] * rows)
    connection.close()


def count(path: Path, key: bytes) -> int:
    connection = open_encrypted(path, key, create=False)
    try:
        with sqlite.reading(of=path.name):
            row = connection.execute("SELECT sum(length(a)) FROM t").fetchone()
        assert row is not None
        return int(row[0])
    finally:
        connection.close()


def setting(connection: Connection, name: str) -> object:
    row = connection.execute(f"PRAGMA {name}").fetchone()
    assert row is not None
    return row[0]


def test_every_connection_is_durable_and_keeps_nothing_in_temporary_files(
    case_path: Path, key: bytes
) -> None:
    connection = open_encrypted(case_path, key, create=True)
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "temp_store": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "recursive_triggers": 1,
        "busy_timeout": sqlite.BUSY_S * 1000,
    }
    assert {name: setting(connection, name) for name in wanted} == wanted
    connection.close()
    again = open_encrypted(case_path, key, create=False)
    assert {name: setting(again, name) for name in wanted} == wanted
    again.close()


@pytest.mark.skipif(os.name == "nt", reason="file modes are not kept on Windows")
def test_nobody_else_may_read_the_file_or_what_stands_beside_it(
    case_path: Path, key: bytes
) -> None:
    connection = open_encrypted(case_path, key, create=True)
    connection.execute("CREATE TABLE t (a)")
    files = sorted(case_path.parent.iterdir())
    assert [file.name for file in files] == ["case.db", "case.db-shm", "case.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    connection.close()


def test_another_key_is_a_wrong_key(case_path: Path, key: bytes) -> None:
    make(case_path, key)
    with pytest.raises(WrongKey, match=r"case\.db"):
        open_encrypted(case_path, OTHER_KEY, create=False)
    with pytest.raises(WrongKey):
        open_encrypted(case_path, OTHER_KEY, create=True)
    assert count(case_path, key) == 40 * 1500


def test_a_key_is_thirty_two_bytes(case_path: Path) -> None:
    with pytest.raises(BadValue):
        open_encrypted(case_path, b"short", create=True)
    assert not case_path.exists()


def test_a_flipped_bit_on_any_page_is_damage_and_no_wrong_key(
    case_path: Path, key: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    make(case_path, key)
    whole = case_path.read_bytes()
    pages = len(whole) // PAGE_BYTES
    assert pages > 10
    for page in range(pages):
        for offset in (20, 100, 2048, PAGE_BYTES - 90, PAGE_BYTES - 1):
            spoiled = bytearray(whole)
            spoiled[page * PAGE_BYTES + offset] ^= 1
            case_path.write_bytes(spoiled)
            with pytest.raises(CaseDamaged):
                _open_and_check(case_path, key)
    assert capfd.readouterr().err == ""  # the library itself would talk about bad pages


def _open_and_check(path: Path, key: bytes) -> None:
    connection = open_encrypted(path, key, create=False)
    try:
        check_pages(connection, of=path.name)
    finally:
        connection.close()


def test_a_whole_file_passes_the_check(case_path: Path, key: bytes) -> None:
    make(case_path, key)
    _open_and_check(case_path, key)
    assert count(case_path, key) == 40 * 1500


@pytest.mark.parametrize("length", [1, 15, 16, 100, PAGE_BYTES, 3 * PAGE_BYTES + 7, -1])
def test_a_cut_file_is_damage(case_path: Path, key: bytes, length: int) -> None:
    make(case_path, key)
    case_path.write_bytes(case_path.read_bytes()[:length])
    with pytest.raises(CaseDamaged):
        _open_and_check(case_path, key)


def test_two_pages_that_changed_places_are_damage(case_path: Path, key: bytes) -> None:
    make(case_path, key)
    whole = case_path.read_bytes()
    swap = [whole[n * PAGE_BYTES : (n + 1) * PAGE_BYTES] for n in (5, 6)]
    case_path.write_bytes(whole[: 5 * PAGE_BYTES] + swap[1] + swap[0] + whole[7 * PAGE_BYTES :])
    with pytest.raises(CaseDamaged):
        _open_and_check(case_path, key)


def test_a_missing_or_empty_file_is_damage_unless_it_is_being_made(
    case_path: Path, key: bytes
) -> None:
    with pytest.raises(CaseDamaged, match="missing"):
        open_encrypted(case_path, key, create=False)
    assert not case_path.exists()
    case_path.touch()
    with pytest.raises(CaseDamaged, match="empty"):
        open_encrypted(case_path, key, create=False)
    open_encrypted(case_path, key, create=True).close()


def test_a_folder_where_the_file_was_expected_is_a_storage_error(
    tmp_path: Path, key: bytes
) -> None:
    with pytest.raises(StorageError, match="is a directory"):
        open_encrypted(tmp_path, key, create=False)


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path, key: bytes) -> None:
    with pytest.raises(StorageError):
        open_encrypted(tmp_path / "none" / "case.db", key, create=True)


def test_a_full_disk_is_told_and_leaves_what_was_there(case_path: Path, key: bytes) -> None:
    make(case_path, key)
    connection = open_encrypted(case_path, key, create=False)
    pages = setting(connection, "page_count")
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with (
        pytest.raises(StorageError, match="the disk is full"),
        transaction(connection, of=case_path.name),
    ):
        connection.executemany("INSERT INTO t (a) VALUES (?)", [(bytes(1500),)] * 400)
    connection.close()
    assert count(case_path, key) == 40 * 1500


def test_a_file_held_by_another_writer_is_told_as_busy(
    case_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(case_path, key)
    monkeypatch.setattr(sqlite, "BUSY_S", 0)
    one = open_encrypted(case_path, key, create=False)
    two = open_encrypted(case_path, key, create=False)
    with transaction(one, of="case.db"):
        one.execute("DELETE FROM t WHERE no = 1")
        with (
            pytest.raises(StorageError, match="busy in another process"),
            transaction(two, of="case.db"),
        ):
            raise AssertionError
    one.close()
    two.close()


def test_a_block_that_fails_changes_nothing(case_path: Path, key: bytes) -> None:
    make(case_path, key)
    connection = open_encrypted(case_path, key, create=False)
    with contextlib.suppress(KeyboardInterrupt), transaction(connection, of=case_path.name):
        connection.execute("DELETE FROM t")
        raise KeyboardInterrupt
    connection.close()
    assert count(case_path, key) == 40 * 1500
