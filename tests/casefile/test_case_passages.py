"""Passages are added and never changed, several of them together or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlcipher3.dbapi2

from pastwatch.casefile.sqlite import transaction
from pastwatch.casefile.store import CaseStore
from pastwatch.errors import UsageError
from pastwatch.model.passage import Passage, PassageKind

KEY = bytes(range(32))
HEARD = Passage(
    record_id=bytes(16),
    part=2,
    start_ms=0,
    end_ms=1000,
    kind=PassageKind.TRANSCRIPT,
    language="ar",
    text="words",
    maker="ana",
    person=True,
    version="1",
    qualification="sworn",
    facts={"brought_by": "omar"},
)


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    return CaseStore.open(tmp_path / "papers.db", KEY, create=True)


def test_a_passage_comes_back_as_it_was_kept(store: CaseStore) -> None:
    translation = replace(HEARD, kind=PassageKind.TRANSLATION, language="en", about=1)
    silent = replace(HEARD, record_id=b"\1" * 16, kind=PassageKind.SILENT, text="", blind=True)
    assert store.add_passages([HEARD, translation, silent], at_us=7) == [1, 2, 3]
    assert [kept.passage for kept in store.passages()] == [HEARD, translation, silent]
    assert [kept.passage_id for kept in store.passages(bytes(16))] == ["p1", "p2"]
    assert store.passage("p3").passage == silent
    with pytest.raises(UsageError, match='no passage "p4"'):
        store.passage("p4")


def test_several_passages_are_kept_together_or_not_at_all(store: CaseStore) -> None:
    orphan = replace(HEARD, kind=PassageKind.TRANSLATION, about=99)
    with pytest.raises(sqlcipher3.dbapi2.IntegrityError):
        store.add_passages([HEARD, orphan], at_us=7)
    assert store.passages() == []


@pytest.mark.parametrize("act", ["UPDATE passages SET text = 'x'", "DELETE FROM passages"])
def test_a_passage_is_never_changed_or_taken_out(store: CaseStore, act: str) -> None:
    store.add_passage(HEARD, at_us=7)
    with (
        pytest.raises(sqlcipher3.dbapi2.IntegrityError),
        transaction(store._connection, of="papers") as change,  # noqa: SLF001 - past our own calls
    ):
        change.execute(act)
    assert store.passages()[0].passage == HEARD
