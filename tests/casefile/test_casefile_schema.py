"""Versions of the tables, and rows that never change."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from pastwatch.casefile import schema
from pastwatch.casefile.desk import DeskStore
from pastwatch.casefile.schema import Schema, prepare
from pastwatch.casefile.searches import Found
from pastwatch.casefile.sqlite import Connection, open_encrypted
from pastwatch.casefile.store import CaseStore
from pastwatch.errors import CaseDamaged, UsageError

MAY_CHANGE = {"settings", "cases", "slice_index"}


def tables(connection: Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in rows}


@pytest.mark.parametrize("kind", [schema.CASE, schema.DESK], ids=lambda kind: str(kind.name))
def test_every_table_but_three_is_append_only(case_path: Path, key: bytes, kind: Schema) -> None:
    connection = open_encrypted(case_path, key, create=True)
    prepare(connection, kind, of="case.db", create=True)
    guarded = {
        act: {
            row[0]
            for row in connection.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE ?",
                (f"%BEFORE {act}%append-only%",),
            )
        }
        for act in ("UPDATE", "DELETE")
    }
    assert guarded["UPDATE"] == guarded["DELETE"] == tables(connection) - MAY_CHANGE
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE hit_runs SET block = 7",
        "DELETE FROM hit_runs",
        "REPLACE INTO hit_runs SELECT last_no, 1, query_no, pack_id, 9, x'', x'' FROM hit_runs",
    ],
)
def test_past_rows_are_not_changed_deleted_or_replaced(
    case_path: Path, key: bytes, found: Callable[[int], Found], sql: str
) -> None:
    case = CaseStore.open(case_path, key, create=True)
    query_id = case.add_search("a", salt=b"", digest=b"", by="ana", at_us=1, plan={})
    case.add_hits(query_id, [found(1)])
    kept = case.hit("h1")
    connection = open_encrypted(case_path, key, create=False)
    with pytest.raises(dbapi2.IntegrityError, match="hit_runs is append-only"):
        connection.execute(sql)
    connection.close()
    assert case.hit("h1") == kept
    case.close()


def test_a_newer_file_is_refused_with_the_way_out(case_path: Path, key: bytes) -> None:
    connection = open_encrypted(case_path, key, create=True)
    newer = replace(schema.CASE, steps=(*schema.CASE.steps, ("CREATE TABLE later (a)",)))
    prepare(connection, newer, of="case.db", create=True)
    connection.close()
    with pytest.raises(UsageError, match=f"version {len(newer.steps)}") as told:
        CaseStore.open(case_path, key)
    assert told.value.hint == "update pastwatch and try again"


def test_an_older_file_is_brought_forward_with_what_it_holds(case_path: Path, key: bytes) -> None:
    with CaseStore.open(case_path, key, create=True) as store:
        store.put_setting("kept", 1)
    newer = replace(schema.CASE, steps=(*schema.CASE.steps, ("CREATE TABLE later (a)",)))
    connection = open_encrypted(case_path, key, create=False)
    prepare(connection, newer, of="case.db", create=False)
    assert "later" in tables(connection)
    assert connection.execute("SELECT value FROM settings").fetchall() == [("1",)]
    connection.close()


def test_a_step_that_fails_leaves_the_file_at_its_version(case_path: Path, key: bytes) -> None:
    with CaseStore.open(case_path, key, create=True):
        pass
    broken = replace(
        schema.CASE,
        steps=(*schema.CASE.steps, ("CREATE TABLE later (a)", "CREATE TABLE (")),
    )
    connection = open_encrypted(case_path, key, create=False)
    with pytest.raises(dbapi2.OperationalError):
        prepare(connection, broken, of="case.db", create=False)
    assert "later" not in tables(connection)
    connection.close()
    with CaseStore.open(case_path, key) as store:
        assert store.settings() == {}


def test_a_desk_is_no_case(tmp_path: Path, key: bytes) -> None:
    with DeskStore.open(tmp_path / "desk.db", key, create=True):
        pass
    with pytest.raises(UsageError, match="is not a case file"):
        CaseStore.open(tmp_path / "desk.db", key)


def test_a_file_whose_making_was_interrupted_is_finished_only_where_asked(
    case_path: Path, key: bytes
) -> None:
    open_encrypted(case_path, key, create=True).close()
    with pytest.raises(CaseDamaged, match="never finished"):
        CaseStore.open(case_path, key)
    with CaseStore.open(case_path, key, create=True) as store:
        assert store.searches() == []
